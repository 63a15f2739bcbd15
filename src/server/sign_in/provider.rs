//! One provider: what it publishes of itself, the way there, and what is made of who comes back.

use super::answer::{self, Broken};
use super::token::{self, Expected};
use super::{Attempt, Failure, Identity};
use crate::id::UserId;
use crate::server::config::{self, is_loopback};
use crate::time::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// How long metadata and keys are believed.
const KNOWN: Duration = Duration::from_secs(3_600);
/// How soon keys are asked for again because a token names another one.
const KEYS_AGAIN: Duration = Duration::from_secs(10);
/// What one answer may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// Characters of what a provider says in an error.
const CODE_MAX: usize = 40;
/// Characters of a name: far more than a display name may have.
const NAME_MAX: usize = 200;

/// What a provider says of itself (`OpenID` Connect Discovery 1.0, RFC 8414, RFC 9207).
#[derive(Clone, Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    #[serde(default)]
    userinfo_endpoint: Option<Url>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// RFC 7517, 5.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

struct Known {
    metadata: Metadata,
    keys: JwkSet,
    read_at: Instant,
}

/// What a provider's redirect to us says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Returned {
    pub code: Option<String>,
    pub state: Option<String>,
    pub iss: Option<String>,
    pub error: Option<String>,
}

/// The way to a provider, and what to remember until somebody comes back.
pub struct Begun {
    pub url: Url,
    pub attempt: Attempt,
}

/// What `OpenID` adds to the answer for a code.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct WithIdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for WithIdToken {}

type Tokens = StandardTokenResponse<WithIdToken, BasicTokenType>;
/// Without addresses yet.
type Bare = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;
type Client = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What a provider says of somebody when it is asked (`OpenID` Connect Core 1.0, 5.3).
type UserInfo = token::Claims;

/// A provider, its metadata and keys as last read.
pub struct Provider {
    config: config::Provider,
    redirect: RedirectUrl,
    http: reqwest::Client,
    known: Mutex<Place>,
}

/// What is known, and when it was asked for last.
#[derive(Default)]
struct Place {
    known: Option<Arc<Known>>,
    asked_at: Option<Instant>,
}

impl Provider {
    /// `origin` is where people open this server.
    ///
    /// # Errors
    /// The HTTP client can't be made.
    pub fn new(config: &config::Provider, origin: &str) -> Result<Self, String> {
        let redirect = RedirectUrl::new(format!("{origin}/auth/{}/callback", config.key));
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .map_err(|error| format!("no HTTP client: {error}"))?;
        Ok(Self {
            config: config.clone(),
            redirect: redirect.map_err(|_| "LAVENDER_URL: no address to come back to".to_owned())?,
            http,
            known: Mutex::default(),
        })
    }

    pub fn key(&self) -> &'static str {
        self.config.key
    }

    pub fn name(&self) -> &str {
        &self.config.name
    }

    pub fn issuer(&self) -> &str {
        &self.config.issuer
    }

    /// The way to the provider, for one browser. With `again` it is asked to have people sign in there once more; with `connect` to
    /// have them choose an account, whoever is signed in there.
    ///
    /// # Errors
    /// [`Failure`]: what the provider says of itself can't be had.
    pub async fn begin(&self, next: &str, connect: Option<UserId>, again: bool) -> Result<Begun, Failure> {
        let known = self.known(None).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = CsrfToken::new_random();
        let client = self.client(&known.metadata)?;
        let mut way = client
            .authorize_url(CsrfToken::new_random)
            .add_scopes(["openid", "email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .add_extra_param("nonce", nonce.secret())
            .set_pkce_challenge(challenge);
        if again {
            way = way.add_extra_param("prompt", "login").add_extra_param("max_age", "0");
        } else if connect.is_some() {
            // Not every provider can do the first.
            let prompt = if self.config.key == "google" { "select_account" } else { "login" };
            way = way.add_extra_param("prompt", prompt);
        }
        let (url, state) = way.url();
        let attempt = Attempt {
            provider: self.config.key.to_owned(),
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
            next: next.to_owned(),
            connect,
            again,
        };
        Ok(Begun { url, attempt })
    }

    /// Who came back. The state is checked by the caller.
    pub(super) async fn finish(&self, attempt: &Attempt, returned: &Returned) -> Result<Identity, Failure> {
        let known = self.known(None).await?;
        // RFC 9207: else an answer of another provider could be passed on to this one.
        let wants_issuer = known.metadata.authorization_response_iss_parameter_supported;
        match returned.iss.as_deref() {
            Some(issuer) if issuer != self.config.issuer => {
                return Err(Failure::Untrusted("the answer is of another issuer"));
            }
            None if wants_issuer => return Err(Failure::Untrusted("the answer names no issuer")),
            _ => {}
        }
        if let Some(error) = &returned.error {
            return Err(refused(error));
        }
        let code = returned.code.clone().ok_or(Failure::Untrusted("the answer holds no code"))?;
        let tokens = self.exchange(&known.metadata, code, attempt.verifier.clone()).await?;
        let id_token = tokens.extra_fields().id_token.as_deref().ok_or(Failure::Untrusted("there is no ID token"))?;
        let kid = token::key_id(id_token).ok_or(Failure::Untrusted("the ID token is no token"))?;
        let known =
            if token::has_key(&known.keys, kid.as_deref()) { known } else { self.known(kid.as_deref()).await? };
        let expected = Expected {
            issuer: &self.config.issuer,
            client_id: &self.config.client_id,
            nonce: &attempt.nonce,
            now: Timestamp::now(),
            is_fresh: attempt.again,
        };
        let mut claims = token::check(id_token, &known.keys, &expected)?;
        if claims.email.is_none()
            && let Some(endpoint) = &known.metadata.userinfo_endpoint
        {
            let more = self.user_info(endpoint, tokens.access_token().secret(), &claims.sub).await?;
            let name = claims.name.take();
            claims = more;
            claims.name = name.or(claims.name);
        }
        Ok(Identity {
            issuer: self.config.issuer.clone(),
            email: claims.verified_email().map(str::to_owned),
            name: claims.name.map(|name| name.chars().take(NAME_MAX).collect()),
            subject: claims.sub,
        })
    }

    async fn exchange(&self, metadata: &Metadata, code: String, verifier: String) -> Result<Tokens, Failure> {
        let own = self.http.clone();
        let http = move |request: HttpRequest| send(own.clone(), request);
        let client = self.client(metadata)?;
        let exchange =
            client.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(PkceCodeVerifier::new(verifier));
        exchange.request_async(&http).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(answer) => refused(answer.error().as_ref()),
            RequestTokenError::Request(Broken(failure)) => failure,
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                Failure::Untrusted("the answer for the code is not readable")
            }
        })
    }

    /// Some providers say only there what address somebody has.
    async fn user_info(&self, endpoint: &Url, access_token: &str, sub: &str) -> Result<UserInfo, Failure> {
        let info: UserInfo = answer::json(self.http.get(endpoint.clone()).bearer_auth(access_token)).await?;
        // OIDC Core 5.3.4: else a token of somebody else could have been slipped in.
        if info.sub == sub { Ok(info) } else { Err(Failure::Untrusted("who is described is somebody else")) }
    }

    fn client(&self, metadata: &Metadata) -> Result<Client, Failure> {
        let unusable = |_| Failure::Untrusted("an address of the provider is not usable");
        // Without a word of it, the standard's default is Basic.
        let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
        let by_basic = methods.is_none_or(|all| all.iter().any(|one| one == "client_secret_basic"));
        Ok(Bare::new(ClientId::new(self.config.client_id.clone()))
            .set_client_secret(ClientSecret::new(self.config.client_secret.expose_secret().to_owned()))
            .set_auth_type(if by_basic { AuthType::BasicAuth } else { AuthType::RequestBody })
            .set_auth_uri(AuthUrl::new(metadata.authorization_endpoint.to_string()).map_err(unusable)?)
            .set_token_uri(TokenUrl::new(metadata.token_endpoint.to_string()).map_err(unusable)?)
            .set_redirect_uri(self.redirect.clone()))
    }

    /// What is known of the provider, read again when it is old, or lacks a key that a token names.
    async fn known(&self, missing_key: Option<&str>) -> Result<Arc<Known>, Failure> {
        let mut place = self.known.lock().await;
        if let Some(known) = &place.known {
            let is_old = known.read_at.elapsed() >= KNOWN;
            let lacks = missing_key.is_some_and(|kid| !token::has_key(&known.keys, Some(kid)));
            let was_asked = place.asked_at.is_some_and(|at| at.elapsed() < KEYS_AGAIN);
            if !is_old && !lacks || was_asked {
                return Ok(known.clone());
            }
        }
        place.asked_at = Some(Instant::now());
        match self.read().await {
            Ok(known) => {
                let known = Arc::new(known);
                place.known = Some(known.clone());
                Ok(known)
            }
            // Old keys are still the provider's; what they sign is dated.
            Err(failure) => place.known.clone().ok_or(failure),
        }
    }

    async fn read(&self) -> Result<Known, Failure> {
        let issuer = &self.config.issuer;
        let well_known = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let metadata: Metadata = answer::json(self.http.get(well_known)).await?;
        if metadata.issuer != *issuer {
            return Err(Failure::Untrusted("the provider calls itself by another name"));
        }
        let is_local = Url::parse(issuer).is_ok_and(|url| is_loopback(&url));
        let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        for endpoint in endpoints.into_iter().chain(&metadata.userinfo_endpoint) {
            if endpoint.scheme() != "https" && !(is_local && endpoint.scheme() == "http" && is_loopback(endpoint)) {
                return Err(Failure::Untrusted("an address of the provider is not https"));
            }
        }
        let set: KeySet = answer::json(self.http.get(metadata.jwks_uri.clone())).await?;
        // Kinds of keys that nobody here knows are no reason to know none.
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        Ok(Known { metadata, keys: JwkSet { keys }, read_at: Instant::now() })
    }
}

/// What `oauth2` has sent.
async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Broken> {
    let request = reqwest::Request::try_from(request).map_err(|error| Broken(answer::unreachable(&error)))?;
    let response = client.execute(request).await.map_err(|error| Broken(answer::unreachable(&error)))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut whole = http::Response::new(answer::body(response).await.map_err(Broken)?);
    *whole.status_mut() = status;
    *whole.headers_mut() = headers;
    Ok(whole)
}

/// An error code of a provider (RFC 6749 4.1.2.1 and 5.2, OIDC Core 3.1.2.6).
fn refused(code: &str) -> Failure {
    match code {
        "access_denied" | "login_required" | "consent_required" | "interaction_required" => Failure::Cancelled,
        code => {
            let plain = |c: &char| c.is_ascii_alphanumeric() || "_-.".contains(*c);
            Failure::Refused(code.chars().filter(plain).take(CODE_MAX).collect())
        }
    }
}
