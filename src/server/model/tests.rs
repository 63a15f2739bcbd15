//! The client against a server that answers with bytes.

use super::answer::{ANSWER_MAX_BYTES, Deadlines, deltas};
use super::wire::Decoder;
use super::*;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::future::Future;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout};

const KEY: &str = "hunter2-key";
const HELLO: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
const END: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
/// Longer than anything here takes, on the slowest machine.
const LONG: Duration = Duration::from_secs(60);
/// For waits that have to run out.
const SHORT: Duration = Duration::from_millis(60);

/// What the server does with a connection, once it has read the request.
#[derive(Clone)]
enum Reply {
    /// Sends these bytes and closes.
    Send(Vec<u8>),
    /// Sends these bytes and then waits until the client closes.
    Hold(Vec<u8>),
}

struct Asked {
    head: String,
    body: Value,
}

/// A server for one test. The n-th connection gets the n-th reply, and further ones the last.
struct Site {
    address: SocketAddr,
    asked: UnboundedReceiver<Asked>,
    /// Says when a client closed a connection that was held.
    closed: UnboundedReceiver<()>,
}

impl Site {
    async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let ((ask, asked), (close, closed)) = (unbounded_channel(), unbounded_channel());
        tokio::spawn(async move {
            for index in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let reply = replies[index.min(replies.len() - 1)].clone();
                tokio::spawn(serve(stream, reply, ask.clone(), close.clone()));
            }
        });
        Self { address, asked, closed }
    }

    fn model(&self) -> HttpModel {
        self.model_with(|_| {})
    }

    fn model_with(&self, change: impl FnOnce(&mut Patience)) -> HttpModel {
        let mut endpoint = endpoint(self.address);
        change(&mut endpoint.patience);
        HttpModel::new(endpoint).expect("a client")
    }

    async fn next(&mut self) -> Asked {
        within(self.asked.recv()).await.expect("a request")
    }

    /// How many requests have come that nobody looked at. All that were answered have.
    fn count(&mut self) -> usize {
        std::iter::from_fn(|| self.asked.try_recv().ok()).count()
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, ask: UnboundedSender<Asked>, close: UnboundedSender<()>) {
    let Some(asked) = read_request(&mut stream).await else { return };
    ask.send(asked).ok();
    let (Reply::Send(bytes) | Reply::Hold(bytes)) = &reply;
    // A client that has read enough does not read the rest.
    if stream.write_all(bytes).await.is_ok() && matches!(reply, Reply::Hold(_)) {
        let mut rest = [0; 64];
        while stream.read(&mut rest).await.is_ok_and(|count| count > 0) {}
        close.send(()).ok();
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.lines().next().and_then(|line| line.parse::<usize>().ok()).expect("a length"));
            if bytes.len() >= end + 4 + length {
                let body = serde_json::from_slice(&bytes[end + 4..]).unwrap_or(Value::Null);
                return Some(Asked { head, body });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn endpoint(address: SocketAddr) -> Endpoint {
    let base = BaseUrl::parse(&format!("http://{address}")).expect("a base");
    let patience = Patience {
        connect: LONG,
        first_byte: LONG,
        idle: LONG,
        whole: LONG,
        backoff: Duration::from_millis(1),
        ..Patience::with(&base)
    };
    Endpoint { base, model: "m".to_owned(), key: Some(SecretString::from(KEY)), reasoning_effort: None, patience }
}

/// A response whose body ends with the connection.
fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n{body}").into_bytes()
}

fn events(body: &str) -> Vec<u8> {
    response("200 OK", "Content-Type: text/event-stream; charset=utf-8\r\n", body)
}

fn refusal(status: &str, body: &str) -> Reply {
    Reply::Send(response(status, "Content-Type: application/json\r\n", body))
}

fn good() -> Reply {
    Reply::Send(events(&format!("{HELLO}{END}")))
}

fn question() -> ChatRequest {
    ChatRequest {
        messages: vec![Turn { role: Role::User, content: "our secret".to_owned() }],
        max_tokens: 8,
        seed: Some(7),
        ..ChatRequest::default()
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(LONG, future).await.expect("in time")
}

async fn answer(model: &HttpModel) -> Result<Answer, ModelError> {
    within(async { Answer::gather(model.stream(question()).await?).await }).await
}

/// The deltas of an answer that began.
async fn all(model: &HttpModel) -> Vec<Result<Delta, ModelError>> {
    within(async { model.stream(question()).await.expect("an answer").collect().await }).await
}

fn hello() -> Result<Delta, ModelError> {
    Ok(Delta::Text("Hello".to_owned()))
}

#[tokio::test]
async fn a_request_says_who_asks_and_an_answer_streams() {
    let mut site = Site::start(vec![good()]).await;
    let model = site.model();
    assert_eq!(all(&model).await, [hello(), Ok(Delta::Done(StopReason::Stop))]);
    let Asked { head, body } = site.next().await;
    assert!(head.starts_with("post /v1/chat/completions http/1.1\r\n"), "{head}");
    for header in [
        "authorization: bearer hunter2-key",
        concat!("user-agent: lavender/", env!("CARGO_PKG_VERSION")),
        "content-type: application/json",
        "accept: text/event-stream, application/json;q=0.5",
    ] {
        assert!(head.lines().any(|line| line == header), "{header} in {head}");
    }
    assert_eq!((&body["model"], &body["stream"]), (&json!("m"), &json!(true)));
    assert_eq!(model.name(), "m");
}

#[tokio::test]
async fn a_refused_key_is_not_tried_again() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let mut site = Site::start(vec![refusal(status, "{}")]).await;
        assert_eq!(answer(&site.model()).await, Err(ModelError::Auth));
        assert_eq!(site.count(), 1);
    }
}

#[tokio::test]
async fn a_busy_server_is_asked_again_twice_at_most() {
    let busy = || Reply::Send(response("429 Too Many Requests", "Retry-After: 0\r\n", ""));
    let mut site = Site::start(vec![busy(), refusal("503 Service Unavailable", "{}"), good()]).await;
    assert_eq!(answer(&site.model()).await.expect("an answer").text, "Hello");
    assert_eq!(site.count(), 3);
    let mut site = Site::start(vec![busy()]).await;
    assert_eq!(answer(&site.model()).await, Err(ModelError::Busy { retry_after: Some(Duration::ZERO) }));
    assert_eq!(site.count(), 3);
    let mut site = Site::start(vec![refusal("500 Internal Server Error", "oops")]).await;
    assert_eq!(answer(&site.model()).await, Err(ModelError::Broken("its server failed")));
    assert_eq!(site.count(), 3);
}

#[tokio::test]
async fn a_server_is_given_the_time_it_asks_for_up_to_ten_seconds() {
    let base = BaseUrl::parse("http://localhost").expect("a base");
    let patience = Patience::with(&base);
    let endpoint = Endpoint { base, model: "m".into(), key: None, reasoning_effort: None, patience };
    let model = HttpModel::new(endpoint).expect("a client");
    let pause = |retries, seconds: Option<u64>| {
        model.pause(retries, &ModelError::Busy { retry_after: seconds.map(Duration::from_secs) }).as_millis()
    };
    for _ in 0..100 {
        assert!((3_000..3_250).contains(&pause(0, Some(3))));
        assert!((10_000..10_250).contains(&pause(1, Some(3_600))));
        assert!((500..750).contains(&pause(0, None)));
        assert!((1_000..1_250).contains(&pause(1, None)));
    }
}

#[tokio::test]
async fn a_field_that_is_refused_is_left_out_and_stays_so() {
    let named = r#"{"error":{"message":"Unrecognized request argument supplied: stream_options"}}"#;
    let mut site = Site::start(vec![refusal("400 Bad Request", named), good()]).await;
    let model = site.model();
    assert_eq!(answer(&model).await.expect("an answer").text, "Hello");
    assert_eq!(answer(&model).await.expect("another").text, "Hello");
    let bodies = [site.next().await.body, site.next().await.body, site.next().await.body];
    assert_eq!(bodies.each_ref().map(|body| body.get("stream_options").is_some()), [true, false, false]);
    assert_eq!(bodies.each_ref().map(|body| &body["seed"]), [&json!(7); 3]);
    assert_eq!(site.count(), 0);
}

#[tokio::test]
async fn without_a_name_all_optional_fields_are_left_out_at_once() {
    let mut site = Site::start(vec![refusal("422 Unprocessable Entity", r#"{"detail":"no"}"#), good()]).await;
    assert!(answer(&site.model()).await.is_ok());
    let (first, second) = (site.next().await.body, site.next().await.body);
    assert!(first.get("seed").is_some() && second.get("seed").is_none() && second.get("stream_options").is_none());
}

#[tokio::test]
async fn what_did_not_help_is_not_remembered() {
    let bad = || refusal("400 Bad Request", "{}");
    let mut site = Site::start(vec![bad(), bad(), good()]).await;
    let model = site.model();
    assert_eq!(answer(&model).await, Err(ModelError::BadRequest { status: 400, code: "unknown".to_owned() }));
    assert_eq!(site.count(), 2);
    assert!(answer(&model).await.is_ok());
    assert!(site.next().await.body.get("seed").is_some());
}

#[tokio::test]
async fn the_other_name_of_the_limit_is_learnt() {
    let said = r#"{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}"#;
    let mut site = Site::start(vec![refusal("400 Bad Request", said), good()]).await;
    let model = site.model();
    assert!(answer(&model).await.is_ok() && answer(&model).await.is_ok());
    for name in ["max_tokens", "max_completion_tokens", "max_completion_tokens"] {
        let body = site.next().await.body;
        let limits: Vec<_> =
            body.as_object().expect("a body").iter().filter(|(key, _)| key.starts_with("max_")).collect();
        assert_eq!(limits, [(&name.to_owned(), &json!(8))]);
    }
}

#[tokio::test]
async fn an_overflow_and_a_missing_model_are_said_after_one_request() {
    let overflow = r#"{"error":{"code":400,"message":"x","type":"exceed_context_size_error","n_prompt_tokens":9032,"n_ctx":8192}}"#;
    let missing = r#"{"error":{"message":"The model 'our secret' does not exist","code":"model_not_found"}}"#;
    for (reply, error) in [
        (refusal("400 Bad Request", overflow), ModelError::Overflow { prompt: Some(9_032), ctx: Some(8_192) }),
        (refusal("404 Not Found", missing), ModelError::BadRequest { status: 404, code: "model_not_found".to_owned() }),
    ] {
        let mut site = Site::start(vec![reply]).await;
        assert_eq!(answer(&site.model()).await, Err(error));
        assert_eq!(site.count(), 1);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let mut elsewhere = Site::start(vec![good()]).await;
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("Location: http://{}/v1/chat/completions\r\n", elsewhere.address);
        let mut site = Site::start(vec![Reply::Send(response(status, &location, ""))]).await;
        assert_eq!(answer(&site.model()).await, Err(ModelError::Broken("its server sends us elsewhere")));
        assert_eq!((site.count(), elsewhere.count()), (1, 0));
    }
}

#[tokio::test]
async fn json_is_an_answer_and_a_page_is_none() {
    let json = r#"{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}"#;
    let site = Site::start(vec![Reply::Send(response("200 OK", "Content-Type: application/json\r\n", json))]).await;
    assert_eq!(all(&site.model()).await, [hello(), Ok(Delta::Done(StopReason::Stop))]);
    let page = Reply::Send(response("200 OK", "Content-Type: text/html\r\n", "<h1>Sign in to the network</h1>"));
    let mut site = Site::start(vec![page]).await;
    assert_eq!(answer(&site.model()).await, Err(ModelError::Broken("neither events nor JSON")));
    assert_eq!(site.count(), 1);
}

#[tokio::test]
async fn a_server_that_does_not_begin_is_given_up() {
    for bytes in [Vec::new(), events("")] {
        let mut site = Site::start(vec![Reply::Hold(bytes)]).await;
        let model = site.model_with(|patience| patience.first_byte = SHORT);
        assert_eq!(answer(&model).await, Err(ModelError::Timeout(Phase::FirstByte)));
        within(site.closed.recv()).await.expect("the connection is closed");
        assert_eq!(site.count(), 1, "not tried again");
    }
}

#[tokio::test]
async fn of_a_server_that_stalls_what_came_is_kept() {
    let mut site = Site::start(vec![Reply::Hold(events(HELLO))]).await;
    let model = site.model_with(|patience| patience.idle = SHORT);
    assert_eq!(all(&model).await, [hello(), Err(ModelError::Timeout(Phase::Idle))]);
    within(site.closed.recv()).await.expect("the connection is closed");
    assert_eq!(site.count(), 1, "after the first byte nothing is tried again");
}

#[tokio::test]
async fn the_whole_has_an_end() {
    let mut site = Site::start(vec![Reply::Hold(Vec::new())]).await;
    let model = site.model_with(|patience| patience.whole = SHORT);
    assert_eq!(answer(&model).await, Err(ModelError::Timeout(Phase::Whole)));
    within(site.closed.recv()).await.expect("the connection is closed");
    let nothing = futures_util::stream::pending::<Result<Vec<u8>, ()>>();
    let deadlines = Deadlines { idle: LONG, whole: Instant::now() + SHORT };
    let out: Vec<_> = within(deltas(nothing, Decoder::of_events(), deadlines).collect()).await;
    assert_eq!(out, [Err(ModelError::Timeout(Phase::Whole))]);
}

#[tokio::test]
async fn of_a_connection_that_breaks_off_what_came_is_kept() {
    // Two bytes more are promised than come.
    let length = format!("Content-Type: text/event-stream\r\nContent-Length: {}\r\n", HELLO.len() + 2);
    for (bytes, error) in
        [(response("200 OK", &length, HELLO), "the connection broke off"), (events(HELLO), "it broke off")]
    {
        let mut site = Site::start(vec![Reply::Send(bytes)]).await;
        assert_eq!(all(&site.model()).await, [hello(), Err(ModelError::Broken(error))]);
        assert_eq!(site.count(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_off_before_the_first_byte_is_tried_again() {
    let mut site = Site::start(vec![Reply::Send(Vec::new()), Reply::Send(events("")), good()]).await;
    assert_eq!(answer(&site.model()).await.expect("an answer").text, "Hello");
    assert_eq!(site.count(), 3);
    let mut site = Site::start(vec![Reply::Send(Vec::new())]).await;
    assert_eq!(answer(&site.model()).await, Err(ModelError::Unreachable));
    assert_eq!(site.count(), 3);
}

#[tokio::test]
async fn where_nobody_listens_nobody_is_reached() {
    let address = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let model = HttpModel::new(endpoint(address)).expect("a client");
    assert_eq!(answer(&model).await, Err(ModelError::Unreachable));
    assert_eq!(within(model.reach()).await, Err(ModelError::Unreachable));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn where_nobody_accepts_connecting_has_an_end() {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let listener = socket.listen(1).expect("a short queue");
    let address = listener.local_addr().expect("an address");
    // Fills the queue: Linux lets in one more than it says, and answers no further one.
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = timeout(SHORT, TcpStream::connect(address)).await {
        waiting.push(stream);
    }
    let mut endpoint = endpoint(address);
    endpoint.patience.connect = SHORT;
    let model = HttpModel::new(endpoint).expect("a client");
    assert_eq!(answer(&model).await, Err(ModelError::Timeout(Phase::Connect)));
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let flood = format!("{HELLO}{}", ": x\n".repeat(ANSWER_MAX_BYTES / 4 + 1));
    let mut site = Site::start(vec![Reply::Hold(events(&flood))]).await;
    assert_eq!(all(&site.model()).await, [hello(), Err(ModelError::Broken("more than an answer may be"))]);
    assert_eq!(site.count(), 1);
}

#[tokio::test]
async fn who_drops_an_answer_closes_the_connection() {
    let mut site = Site::start(vec![Reply::Hold(events(HELLO))]).await;
    let model = site.model();
    let mut deltas = within(model.stream(question())).await.expect("an answer");
    assert_eq!(within(deltas.next()).await, Some(hello()));
    assert!(site.closed.try_recv().is_err());
    drop(deltas);
    within(site.closed.recv()).await.expect("the server sees it");
}

#[tokio::test]
async fn who_drops_a_question_closes_the_connection() {
    let mut site = Site::start(vec![Reply::Hold(Vec::new())]).await;
    let model = site.model();
    let asking = tokio::spawn(async move { model.stream(question()).await.map(|_| ()) });
    site.next().await;
    asking.abort();
    within(site.closed.recv()).await.expect("the server sees it");
}

#[tokio::test]
async fn a_finished_answer_closes_the_connection_although_the_server_does_not() {
    let mut site = Site::start(vec![Reply::Hold(events(&format!("{HELLO}{END}")))]).await;
    let model = site.model();
    let mut deltas = within(model.stream(question())).await.expect("an answer");
    assert_eq!(within(deltas.next()).await, Some(hello()));
    assert_eq!(within(deltas.next()).await, Some(Ok(Delta::Done(StopReason::Stop))));
    within(site.closed.recv()).await.expect("the server sees it");
    assert_eq!(within(deltas.next()).await, None);
}

#[tokio::test]
async fn a_list_of_models_shows_that_a_server_is_there() {
    for (status, reached) in [
        ("200 OK", Ok(())),
        ("404 Not Found", Ok(())),
        ("401 Unauthorized", Err(ModelError::Auth)),
        ("502 Bad Gateway", Err(ModelError::Broken("its server failed"))),
    ] {
        let mut site = Site::start(vec![refusal(status, "{}")]).await;
        assert_eq!(within(site.model().reach()).await, reached, "{status}");
        let head = site.next().await.head;
        assert!(head.starts_with("get /v1/models http/1.1\r\n") && head.contains("bearer hunter2-key"), "{head}");
    }
}

#[tokio::test]
async fn neither_the_key_nor_the_prompt_is_ever_said() {
    let echo = format!(r#"{{"error":{{"message":"our secret {KEY}","type":"our secret","code":"{KEY}"}}}}"#);
    for status in ["400 Bad Request", "401 Unauthorized", "404 Not Found", "429 Too Many Requests", "500 Oops"] {
        let site = Site::start(vec![refusal(status, &echo)]).await;
        let error = answer(&site.model()).await.expect_err(status);
        let said = format!("{error} {error:?}");
        assert!(!said.contains("secret") && !said.contains("hunter2"), "{said}");
    }
    let endpoint = endpoint("127.0.0.1:1".parse().expect("an address"));
    assert!(!format!("{endpoint:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_key_that_no_header_may_hold_is_refused_at_once() {
    let key = Some(SecretString::from("a\nb"));
    let endpoint = Endpoint { key, ..endpoint("127.0.0.1:1".parse().expect("an address")) };
    assert_eq!(HttpModel::new(endpoint).err(), Some(BadEndpoint::Key));
}
