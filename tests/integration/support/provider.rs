//! An `OpenID` provider that a test rules: it does what the standard asks for, but for the one thing that it is told to do wrong.

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lavender::server::config::Provider;
use lavender::time::Timestamp;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use url::Url;

pub const CLIENT: &str = "lavender";
const SECRET: &str = "s3cret of the tests";

/// The one thing that is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flaw {
    Nothing,
    Audience,
    Issuer,
    Nonce,
    NoNonce,
    AlgorithmNone,
    PublicKeyAsSecret,
    Expired,
    OldIssue,
    UnknownKey,
    ForgedKey,
    NoSubject,
    NoIdToken,
    NoJson,
    Endless,
    Refuses,
    Breaks,
    UserInfoOfAnother,
    /// They signed in there an hour ago.
    StaleSignIn,
}

/// Somebody who signs in there.
#[derive(Clone, Debug)]
pub struct Someone {
    pub sub: &'static str,
    pub email: Option<&'static str>,
    pub is_verified: bool,
    pub name: Option<&'static str>,
}

impl Someone {
    pub fn new(sub: &'static str, email: &'static str) -> Self {
        Self { sub, email: Some(email), is_verified: true, name: Some("Ada Lovelace") }
    }
}

struct Code {
    nonce: String,
    challenge: String,
    redirect: String,
    someone: Someone,
    flaw: Flaw,
}

struct Inner {
    issuer: String,
    pair: KeyPair,
    codes: Mutex<HashMap<String, Code>>,
    /// What `/userinfo` says to whom.
    told: Mutex<HashMap<String, Value>>,
    metadata: Mutex<Value>,
    /// Whether addresses are told in the ID token, or only when asked for.
    tells_at_once: bool,
}

#[derive(Clone)]
pub struct OpenId(Arc<Inner>);

impl OpenId {
    pub async fn start() -> Self {
        Self::start_with(true).await
    }

    pub async fn start_with(tells_at_once: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("it listens"));
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "authorization_response_iss_parameter_supported": true,
        });
        let own = Self(Arc::new(Inner {
            issuer,
            pair: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key"),
            codes: Mutex::default(),
            told: Mutex::default(),
            metadata: Mutex::new(metadata),
            tells_at_once,
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata_of))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(user_info))
            .with_state(own.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        own
    }

    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// What it says of itself from now on.
    pub fn say(&self, name: &str, value: Value) {
        self.0.metadata.lock().expect("no panic")[name] = value;
    }

    /// As it is configured at a server.
    pub fn config(&self) -> Provider {
        Provider {
            key: "oidc",
            name: "Example".to_owned(),
            issuer: self.0.issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.to_owned().into(),
        }
    }

    /// What a browser does that was sent here with this address: somebody signs in. Returns the path that it comes back to.
    pub fn visit(&self, address: &str, someone: &Someone, flaw: Flaw) -> String {
        let url = Url::parse(address).expect("a URL");
        assert!(address.starts_with(&format!("{}/authorize?", self.0.issuer)), "{address}");
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let of = |name: &str| query.get(name).unwrap_or_else(|| panic!("{name} in {address}")).clone();
        assert_eq!((of("response_type").as_str(), of("client_id").as_str()), ("code", CLIENT));
        assert_eq!(of("code_challenge_method"), "S256");
        assert!(of("scope").split(' ').any(|scope| scope == "openid"));
        assert!(of("state").len() >= 22 && of("nonce").len() >= 22, "too short to be kept from guessing");
        let code = uuid::Uuid::now_v7().simple().to_string();
        let redirect = of("redirect_uri");
        let kept = Code {
            nonce: of("nonce"),
            challenge: of("code_challenge"),
            redirect: redirect.clone(),
            someone: someone.clone(),
            flaw,
        };
        self.0.codes.lock().expect("no panic").insert(code.clone(), kept);
        let mut back = Url::parse(&redirect).expect("a URL");
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &of("state"));
        back.query_pairs_mut().append_pair("iss", &self.0.issuer);
        format!("{}?{}", back.path(), back.query().expect("a query"))
    }
}

async fn metadata_of(State(own): State<OpenId>) -> Json<Value> {
    Json(own.0.metadata.lock().expect("no panic").clone())
}

fn jwk(pair: &KeyPair) -> Value {
    let point = pair.public_key_raw();
    let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
    json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "own", "x": part(1..33), "y": part(33..65) })
}

async fn keys(State(own): State<OpenId>) -> Json<Value> {
    // One of a kind that nobody knows is no reason to know none.
    Json(json!({ "keys": [{ "kty": "LATTICE", "kid": "new" }, jwk(&own.0.pair)] }))
}

fn wrong(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

async fn token(State(own): State<OpenId>, headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> Response {
    let basic = STANDARD.encode(format!("{CLIENT}:{}", SECRET.replace(' ', "+")));
    if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some(&format!("Basic {basic}")) {
        return wrong("invalid_client");
    }
    let code = form.get("code").and_then(|code| own.0.codes.lock().expect("no panic").remove(code));
    let Some(code) = code else { return wrong("invalid_grant") };
    let verifier = form.get("code_verifier").cloned().unwrap_or_default();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    if challenge != code.challenge || form.get("redirect_uri") != Some(&code.redirect) {
        return wrong("invalid_grant");
    }
    match code.flaw {
        Flaw::Refuses => return wrong("access_denied"),
        Flaw::Breaks => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Flaw::NoJson => return "<html>".into_response(),
        Flaw::Endless => return "x".repeat(2_000_000).into_response(),
        _ => {}
    }
    let access = uuid::Uuid::now_v7().simple().to_string();
    let id_token = own.id_token(&code);
    let mut told =
        json!({ "sub": code.someone.sub, "email": code.someone.email, "email_verified": code.someone.is_verified });
    if code.flaw == Flaw::UserInfoOfAnother {
        told["sub"] = "another".into();
    }
    own.0.told.lock().expect("no panic").insert(access.clone(), told);
    let mut answer = json!({ "access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": id_token });
    if code.flaw == Flaw::NoIdToken {
        answer.as_object_mut().expect("an object").remove("id_token");
    }
    Json(answer).into_response()
}

async fn user_info(State(own): State<OpenId>, headers: HeaderMap) -> Response {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match bearer.and_then(|token| own.0.told.lock().expect("no panic").get(token).cloned()) {
        Some(told) => Json(told).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

impl OpenId {
    fn id_token(&self, code: &Code) -> String {
        let now = Timestamp::now().0 / 1_000;
        let mut claims = json!({
            "iss": self.0.issuer, "aud": CLIENT, "sub": code.someone.sub, "nonce": code.nonce, "iat": now, "exp": now + 300,
        });
        if self.0.tells_at_once {
            claims["email"] = json!(code.someone.email);
            claims["email_verified"] = json!(code.someone.is_verified);
        }
        if let Some(name) = code.someone.name {
            claims["name"] = name.into();
        }
        let mut header = Header { kid: Some("own".to_owned()), ..Header::new(Algorithm::ES256) };
        let mut key = EncodingKey::from_ec_der(&self.0.pair.serialize_der());
        match code.flaw {
            Flaw::Audience => claims["aud"] = "another".into(),
            Flaw::Issuer => claims["iss"] = "https://accounts.google.com".into(),
            Flaw::Nonce => claims["nonce"] = "of another attempt".into(),
            Flaw::NoNonce => drop(claims.as_object_mut().expect("an object").remove("nonce")),
            Flaw::StaleSignIn => claims["auth_time"] = (now - 3_600).into(),
            Flaw::Expired => claims["exp"] = (now - 60).into(),
            Flaw::OldIssue => claims["iat"] = (now - 7_200).into(),
            Flaw::NoSubject => claims["sub"] = "".into(),
            Flaw::UnknownKey => header.kid = Some("unknown".to_owned()),
            Flaw::ForgedKey => {
                let other = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
                key = EncodingKey::from_ec_der(&other.serialize_der());
            }
            Flaw::PublicKeyAsSecret => {
                header.alg = Algorithm::HS256;
                key = EncodingKey::from_secret(self.0.pair.public_key_raw());
            }
            Flaw::AlgorithmNone => {
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                return format!("{}.{}.", part(&json!({ "alg": "none", "kid": "own" })), part(&claims));
            }
            _ => {}
        }
        jsonwebtoken::encode(&header, &claims, &key).expect("it is signed")
    }
}
