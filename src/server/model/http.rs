//! A model behind an HTTP server.

use super::answer::{Deadlines, deltas};
use super::base::BaseUrl;
use super::quirks::Quirks;
use super::request::Body;
use super::wire::Decoder;
use super::{ChatModel, ChatRequest, Deltas, ModelError, Phase, refusal};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// Requests that failed are sent again so often, and only before the first byte of an answer.
const RETRIES: u32 = 2;
/// Bytes of a refusal that are read.
const REFUSAL_MAX_BYTES: usize = 65_536;
/// The longest that a server may ask for, for what it says is used in sums.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);
/// How long a server may take to list its models.
const LIST_TIME: Duration = Duration::from_secs(5);

/// A server and one of its models.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub base: BaseUrl,
    /// The name by which the server knows the model.
    pub model: String,
    /// Sent as a bearer token.
    pub key: Option<SecretString>,
    /// `low`, `medium`, `high`: for models that think. `None` for the server's own.
    pub reasoning_effort: Option<String>,
    pub patience: Patience,
}

/// How long a server is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    pub connect: Duration,
    /// From the request to the first byte of the answer's body, for each time it is sent.
    pub first_byte: Duration,
    /// Between two pieces.
    pub idle: Duration,
    /// All of it, also what was sent again.
    pub whole: Duration,
    /// Before a request is sent again. Twice as long before the second time.
    pub backoff: Duration,
    /// What a server may ask for at most before a request is sent again.
    pub retry_after: Duration,
}

impl Patience {
    /// What is usual for a server at `base`. One on this machine may have to read its model from the disk first.
    pub fn with(base: &BaseUrl) -> Self {
        Self {
            connect: Duration::from_secs(3),
            first_byte: Duration::from_secs(if base.is_loopback() { 60 } else { 30 }),
            idle: Duration::from_secs(20),
            whole: Duration::from_secs(120),
            backoff: Duration::from_millis(500),
            retry_after: Duration::from_secs(10),
        }
    }
}

/// Why there can be no client.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadEndpoint {
    #[error("the key has characters that no header may hold")]
    Key,
    #[error("no HTTP client can be made")]
    Client,
}

/// A model behind HTTP. What its server refuses is learnt and left out from then on, until the process ends.
pub struct HttpModel {
    client: Client,
    endpoint: Endpoint,
    quirks: Mutex<Quirks>,
}

/// An answer of which the first byte is here.
struct Begun {
    bytes: BoxStream<'static, reqwest::Result<Bytes>>,
    decoder: Decoder,
}

/// Why there is no answer.
struct Refused {
    error: ModelError,
    /// What the server says, if it may be about a field.
    said: Option<String>,
    may_pass: bool,
}

impl HttpModel {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// [`BadEndpoint`].
    pub fn new(endpoint: Endpoint) -> Result<Self, BadEndpoint> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &endpoint.key {
            let mut bearer =
                HeaderValue::try_from(format!("Bearer {}", key.expose_secret())).map_err(|_| BadEndpoint::Key)?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let client = Client::builder()
            .user_agent(concat!("lavender/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(endpoint.patience.connect)
            // What people write goes where it is configured to go, and nowhere else.
            .no_proxy()
            .redirect(redirect::Policy::none())
            // Answers end with [DONE] and not with the last byte, so that few connections could be used again. A stale one
            // would look like a server that broke off.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|_| BadEndpoint::Client)?;
        Ok(Self { client, endpoint, quirks: Mutex::default() })
    }

    /// Whether there is a server that takes the key: asks for the list of models, which costs nothing. For trials of a
    /// [`super::Breaker`].
    ///
    /// # Errors
    /// [`ModelError`]. Not every server has a list: one that knows none is there.
    pub async fn reach(&self) -> Result<(), ModelError> {
        let exchange = async {
            let response = self.client.get(self.endpoint.base.join("models")).send().await.map_err(Refused::unsent)?;
            match response.status().as_u16() {
                200..300 | 404 | 405 | 501 => Ok(()),
                _ => Err(Refused::of(response).await),
            }
        };
        let reached = timeout(LIST_TIME, exchange).await.unwrap_or(Err(Refused::late()));
        reached.map_err(|refused| refused.error)
    }

    /// Sends a request until an answer begins: otherwise if the server does not take it as it is, and again if that may help.
    async fn begin(&self, request: &ChatRequest) -> Result<Begun, ModelError> {
        let mut quirks = self.known_quirks();
        let mut retries = 0;
        loop {
            let body = Body::new(&self.endpoint.model, self.endpoint.reasoning_effort.as_deref(), request, &quirks);
            let refused = match timeout(self.endpoint.patience.first_byte, self.ask(&body)).await {
                Ok(Ok(begun)) => {
                    // Only now: what helped nothing was not the fault.
                    self.remember(quirks);
                    return Ok(begun);
                }
                Ok(Err(refused)) => refused,
                Err(_) => Refused::late(),
            };
            if let Some(next) = refused.said.as_deref().and_then(|said| quirks.after(said, &body.optional())) {
                quirks = next;
            } else if refused.may_pass && retries < RETRIES {
                sleep(self.pause(retries, &refused.error)).await;
                retries += 1;
            } else {
                return Err(refused.error);
            }
        }
    }

    /// Sends a request once.
    async fn ask(&self, body: &Body<'_>) -> Result<Begun, Refused> {
        let response = self.post(body)?.send().await.map_err(Refused::unsent)?;
        if !response.status().is_success() {
            return Err(Refused::of(response).await);
        }
        let decoder = decoder(&response)?;
        let mut bytes = response.bytes_stream();
        match bytes.next().await {
            Some(Ok(first)) => Ok(Begun { bytes: stream::iter([Ok(first)]).chain(bytes).boxed(), decoder }),
            Some(Err(_)) | None => Err(Refused::passing(ModelError::Broken("it broke off before it began"))),
        }
    }

    fn post(&self, body: &Body<'_>) -> Result<RequestBuilder, Refused> {
        let json =
            serde_json::to_vec(body).map_err(|_| Refused::lasting(ModelError::Broken("the request is no JSON")))?;
        let url = self.endpoint.base.join("chat/completions");
        let post = self.client.post(url).header(CONTENT_TYPE, "application/json");
        Ok(post.header(ACCEPT, "text/event-stream, application/json;q=0.5").body(json))
    }

    /// As long as the server asks for, or twice as long each time; and not all who wait at the same moment.
    pub(super) fn pause(&self, retries: u32, error: &ModelError) -> Duration {
        let patience = &self.endpoint.patience;
        let asked = match error {
            ModelError::Busy { retry_after } => *retry_after,
            _ => None,
        };
        let pause = asked.map_or(patience.backoff * 2_u32.pow(retries), |asked| asked.min(patience.retry_after));
        pause + patience.backoff.mul_f64(rand::random_range(0.0..0.5))
    }

    fn known_quirks(&self) -> Quirks {
        self.quirks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, quirks: Quirks) {
        *self.quirks.lock().unwrap_or_else(PoisonError::into_inner) = quirks;
    }
}

#[async_trait::async_trait]
impl ChatModel for HttpModel {
    fn name(&self) -> &str {
        &self.endpoint.model
    }

    async fn stream(&self, request: ChatRequest) -> Result<Deltas, ModelError> {
        let whole = Instant::now() + self.endpoint.patience.whole;
        let begun = timeout_at(whole, self.begin(&request)).await.unwrap_or(Err(ModelError::Timeout(Phase::Whole)))?;
        Ok(deltas(begun.bytes, begun.decoder, Deadlines { idle: self.endpoint.patience.idle, whole }))
    }
}

/// How the body has to be read. Anything but the two is some other server's page.
fn decoder(response: &Response) -> Result<Decoder, Refused> {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("text/event-stream") {
        Ok(Decoder::of_events())
    } else if kind.eq_ignore_ascii_case("application/json") {
        Ok(Decoder::of_whole())
    } else {
        Err(Refused::lasting(ModelError::Broken("neither events nor JSON")))
    }
}

impl Refused {
    fn lasting(error: ModelError) -> Self {
        Self { error, said: None, may_pass: false }
    }

    fn passing(error: ModelError) -> Self {
        Self { error, said: None, may_pass: true }
    }

    fn late() -> Self {
        Self::lasting(ModelError::Timeout(Phase::FirstByte))
    }

    /// The request got no response at all.
    fn unsent(error: reqwest::Error) -> Self {
        // Connecting is the only thing that the client has a time of its own for.
        Self::passing(if error.is_timeout() { ModelError::Timeout(Phase::Connect) } else { ModelError::Unreachable })
    }

    /// The response is no answer.
    async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let body = start_of(response).await;
        let error = refusal::of_status(status, retry_after, &body);
        // An overflow and the like are understood; leaving out fields would not help.
        let is_about_fields = matches!(error, ModelError::BadRequest { status: 400 | 422, .. });
        let said = is_about_fields.then(|| String::from_utf8_lossy(&body).into_owned());
        let may_pass = refusal::may_pass(status) && !matches!(error, ModelError::Auth | ModelError::Overflow { .. });
        Self { error, said, may_pass }
    }
}

/// Seconds only; a date would trust the server's clock.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// The first bytes of a body, as far as they come.
async fn start_of(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        body.extend_from_slice(&piece[..piece.len().min(REFUSAL_MAX_BYTES - body.len())]);
        if body.len() == REFUSAL_MAX_BYTES {
            break;
        }
    }
    body
}
