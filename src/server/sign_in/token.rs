//! What an ID token says, if it may be believed (`OpenID` Connect Core 1.0, 3.1.3.7). Pure.

use super::Failure;
use crate::model::limits::FRESH_MS;
use crate::time::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// Clocks may differ by this much, in seconds.
const LEEWAY: u64 = 30;
/// Seconds since it was made: it comes right after somebody signed in.
const AGE_MAX: i64 = 10 * 60;
/// Characters of a subject (OIDC Core 2).
const SUBJECT_MAX: usize = 255;

/// Signatures by a private key. None by a shared secret: a public key would pass for one.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// What a token has to be for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    pub now: Timestamp,
    /// Whether they were to sign in afresh. A provider that does not say when they did is believed: Google does not.
    pub is_fresh: bool,
}

/// What it says of somebody.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Claims {
    pub sub: String,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    email_verified: Verified,
    #[serde(default)]
    pub name: Option<String>,
}

impl Claims {
    /// The address that the provider vouches for.
    pub fn verified_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified == Verified::Yes)
    }
}

/// A boolean; some providers write it as a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(from = "serde_json::Value")]
enum Verified {
    Yes,
    #[default]
    No,
}

impl From<serde_json::Value> for Verified {
    fn from(value: serde_json::Value) -> Self {
        if value == serde_json::Value::Bool(true) || value == "true" { Self::Yes } else { Self::No }
    }
}

#[derive(Deserialize)]
struct Token {
    #[serde(flatten)]
    claims: Claims,
    /// One or several; that we are among them is checked by `jsonwebtoken`.
    aud: serde_json::Value,
    #[serde(default)]
    azp: Option<String>,
    nonce: String,
    iat: i64,
    #[serde(default)]
    auth_time: Option<i64>,
}

/// The id of the key that a token names, if it is a token at all.
pub fn key_id(token: &str) -> Option<Option<String>> {
    jsonwebtoken::decode_header(token).ok().map(|header| header.kid)
}

/// Whether keys hold the one that a token names.
pub fn has_key(keys: &JwkSet, kid: Option<&str>) -> bool {
    kid.is_none_or(|kid| keys.find(kid).is_some())
}

/// What a token says, if a key of the provider signed it, for this server, for this attempt, a moment ago.
///
/// # Errors
/// [`Failure::Untrusted`], with the first reason.
pub fn check(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Claims, Failure> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Failure::Untrusted("the ID token is no token"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(Failure::Untrusted("the ID token is not signed by a private key"));
    }
    let key = key_for(keys, header.kid.as_deref(), header.alg)
        .ok_or(Failure::Untrusted("the ID token's key is not known"))?;
    let key = DecodingKey::from_jwk(key).map_err(|_| Failure::Untrusted("the provider's key is not readable"))?;
    let mut validation = Validation::new(header.alg);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.client_id]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let token = jsonwebtoken::decode::<Token>(token, &key, &validation).map_err(|error| untrusted(&error))?.claims;
    let is_for_many = token.aud.as_array().is_some_and(|all| all.len() > 1);
    match token.azp.as_deref() {
        Some(azp) if azp != expected.client_id => {
            return Err(Failure::Untrusted("the ID token was given to another client"));
        }
        None if is_for_many => return Err(Failure::Untrusted("the ID token does not say whom it was given to")),
        _ => {}
    }
    if !bool::from(subtle::ConstantTimeEq::ct_eq(token.nonce.as_bytes(), expected.nonce.as_bytes())) {
        return Err(Failure::Untrusted("the ID token is of another attempt"));
    }
    let now = expected.now.0 / 1_000;
    let age = now - token.iat;
    if age < -(LEEWAY as i64) || age > AGE_MAX {
        return Err(Failure::Untrusted("the ID token was not made now"));
    }
    if let Some(auth_time) = token.auth_time.filter(|_| expected.is_fresh)
        && now - auth_time > FRESH_MS / 1_000
    {
        return Err(Failure::Untrusted("they did not sign in afresh"));
    }
    let sub = &token.claims.sub;
    if sub.is_empty() || sub.len() > SUBJECT_MAX || !sub.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return Err(Failure::Untrusted("the ID token names nobody"));
    }
    Ok(token.claims)
}

/// The key of this id, or the only one that fits where the token names none.
fn key_for<'a>(keys: &'a JwkSet, kid: Option<&str>, algorithm: Algorithm) -> Option<&'a Jwk> {
    let mut fitting = keys.keys.iter().filter(|key| fits(key, algorithm));
    match kid {
        Some(kid) => fitting.find(|key| key.common.key_id.as_deref() == Some(kid)),
        None => fitting.next().filter(|_| fitting.next().is_none()),
    }
}

fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let for_signatures = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let is_public = !matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
    let own = key
        .common
        .key_algorithm
        .is_none_or(|own: KeyAlgorithm| own.to_string().parse::<Algorithm>().is_ok_and(|own| own == algorithm));
    for_signatures && is_public && own
}

fn untrusted(error: &jsonwebtoken::errors::Error) -> Failure {
    use jsonwebtoken::errors::ErrorKind as Kind;
    Failure::Untrusted(match error.kind() {
        Kind::InvalidSignature => "the ID token's signature is wrong",
        Kind::ExpiredSignature => "the ID token has expired",
        Kind::ImmatureSignature => "the ID token is not valid yet",
        Kind::InvalidIssuer => "the ID token is of another issuer",
        Kind::InvalidAudience => "the ID token is for another client",
        Kind::InvalidAlgorithm => "the ID token's key is of another kind",
        _ => "the ID token lacks something",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::{EncodingKey, Header};
    use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
    use serde_json::{Value, json};

    const ISSUER: &str = "https://id.example.org";
    const NOW: i64 = 1_750_000_000;

    struct Signer {
        pair: KeyPair,
        kid: &'static str,
    }

    impl Signer {
        fn new(kid: &'static str) -> Self {
            Self { pair: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key"), kid }
        }

        fn jwk(&self) -> Value {
            let point = self.pair.public_key_raw();
            let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
            json!({ "kty": "EC", "crv": "P-256", "kid": self.kid, "x": part(1..33), "y": part(33..65) })
        }

        fn sign(&self, header: &Header, claims: &Value) -> String {
            let key = EncodingKey::from_ec_der(&self.pair.serialize_der());
            jsonwebtoken::encode(header, claims, &key).expect("it is signed")
        }

        fn header(&self) -> Header {
            Header { kid: Some(self.kid.to_owned()), ..Header::new(Algorithm::ES256) }
        }
    }

    fn keys(all: &[Value]) -> JwkSet {
        serde_json::from_value(json!({ "keys": all })).expect("keys")
    }

    /// Made now: the crate's own clock is the real one.
    fn claims() -> (Value, Timestamp) {
        let now = Timestamp::now();
        let seconds = now.0 / 1_000;
        let claims = json!({
            "iss": ISSUER, "aud": "lavender", "sub": "1001", "nonce": "n", "iat": seconds, "exp": seconds + 300,
            "email": "ada@example.org", "email_verified": true, "name": "Ada",
        });
        (claims, now)
    }

    fn expected(now: Timestamp) -> Expected<'static> {
        Expected { issuer: ISSUER, client_id: "lavender", nonce: "n", now, is_fresh: false }
    }

    #[test]
    fn a_good_token_says_who_it_is() {
        let signer = Signer::new("a");
        let (claims, now) = claims();
        let set = keys(&[Signer::new("b").jwk(), signer.jwk()]);
        let found = check(&signer.sign(&signer.header(), &claims), &set, &expected(now)).expect("good");
        assert_eq!((found.sub.as_str(), found.verified_email()), ("1001", Some("ada@example.org")));
        let alone =
            check(&signer.sign(&Header::new(Algorithm::ES256), &claims), &keys(&[signer.jwk()]), &expected(now));
        assert!(alone.is_ok(), "without the id of a key, where there is one");
        let many = json!(["lavender", "other"]);
        let mut for_many = claims.clone();
        for_many["aud"] = many;
        assert!(check(&signer.sign(&signer.header(), &for_many), &set, &expected(now)).is_err());
        for_many["azp"] = "lavender".into();
        assert!(check(&signer.sign(&signer.header(), &for_many), &set, &expected(now)).is_ok());
    }

    #[test]
    fn an_address_counts_only_if_it_is_vouched_for() {
        let signer = Signer::new("a");
        let (claims, now) = claims();
        let set = keys(&[signer.jwk()]);
        for (verified, counts) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!(1), false),
            (Value::Null, false),
        ] {
            let mut claims = claims.clone();
            claims["email_verified"] = verified.clone();
            let found = check(&signer.sign(&signer.header(), &claims), &set, &expected(now)).expect("good");
            assert_eq!(found.verified_email().is_some(), counts, "{verified}");
        }
        let mut without = claims;
        without.as_object_mut().expect("an object").remove("email_verified");
        let found = check(&signer.sign(&signer.header(), &without), &set, &expected(now)).expect("good");
        assert_eq!(found.verified_email(), None);
    }

    #[test]
    fn signing_in_afresh_is_checked_where_it_is_told() {
        let signer = Signer::new("a");
        let (claims, now) = claims();
        let set = keys(&[signer.jwk()]);
        let fresh = Expected { is_fresh: true, ..expected(now) };
        for (seconds_ago, is_good) in [(None, true), (Some(5), true), (Some(299), true), (Some(3_600), false)] {
            let mut claims = claims.clone();
            if let Some(seconds_ago) = seconds_ago {
                claims["auth_time"] = (now.0 / 1_000 - seconds_ago).into();
            }
            let token = signer.sign(&signer.header(), &claims);
            assert_eq!(check(&token, &set, &fresh).is_ok(), is_good, "{seconds_ago:?}");
            assert!(check(&token, &set, &expected(now)).is_ok(), "only where it was asked for");
        }
    }

    #[test]
    fn nothing_else_is_believed() {
        let signer = Signer::new("a");
        let (good, now) = claims();
        let set = keys(&[signer.jwk()]);
        let seconds = now.0 / 1_000;
        let refused = |token: &str, what: &str| {
            let refused = check(token, &set, &expected(now));
            assert!(matches!(refused, Err(Failure::Untrusted(_))), "{what}: {refused:?}");
        };
        let changed = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            signer.sign(&signer.header(), &claims)
        };
        assert!(check(&changed("extra", json!(1)), &set, &expected(now)).is_ok(), "the control passes");
        for (name, value) in [
            ("iss", json!("https://evil.example.org")),
            ("iss", json!("https://id.example.org/")),
            ("aud", json!("another")),
            ("aud", json!(["another"])),
            ("aud", json!([])),
            ("azp", json!("another")),
            ("nonce", json!("m")),
            ("nonce", json!("")),
            ("exp", json!(seconds - 60)),
            ("iat", json!(seconds - 3_600)),
            ("iat", json!(seconds + 120)),
            ("nbf", json!(seconds + 120)),
            ("sub", json!("")),
            ("sub", json!("x".repeat(256))),
            ("sub", json!("1\n2")),
            ("sub", json!(1001)),
        ] {
            refused(&changed(name, value.clone()), &format!("{name} = {value}"));
        }
        for name in ["iss", "aud", "sub", "nonce", "iat", "exp"] {
            let mut lacking = good.clone();
            lacking.as_object_mut().expect("an object").remove(name);
            refused(&signer.sign(&signer.header(), &lacking), &format!("without {name}"));
        }
        let other = Signer::new("a");
        refused(&other.sign(&other.header(), &good), "another key of the same id");
        let unknown = Signer::new("z");
        refused(&unknown.sign(&unknown.header(), &good), "an unknown key");
        let token = signer.sign(&signer.header(), &good);
        let body = token.split('.').nth(1).expect("a body");
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"none","kid":"a"}"#, r#"{"alg":"None","kid":"a"}"#] {
            refused(&format!("{}.{body}.", URL_SAFE_NO_PAD.encode(header)), header);
        }
        // The public key as if it were a shared secret.
        let public = EncodingKey::from_secret(signer.pair.public_key_raw());
        let header = Header { kid: Some("a".to_owned()), ..Header::new(Algorithm::HS256) };
        refused(&jsonwebtoken::encode(&header, &good, &public).expect("signed"), "HS256 with the public key");
        let secret = json!({ "kty": "oct", "kid": "a", "k": URL_SAFE_NO_PAD.encode(signer.pair.public_key_raw()) });
        let with_secret =
            check(&jsonwebtoken::encode(&header, &good, &public).expect("signed"), &keys(&[secret]), &expected(now));
        assert!(with_secret.is_err(), "even where a shared secret is published");
        refused(&token[..token.len() - 4], "a cut signature");
        refused("", "nothing");
        refused("a.b.c", "no token");
        let mut sealing = signer.jwk();
        sealing["use"] = "enc".into();
        assert!(check(&token, &keys(&[sealing]), &expected(now)).is_err(), "a key for something else");
        assert!(check(&token, &keys(&[]), &expected(now)).is_err(), "no key at all");
        let later = Timestamp((NOW + 100_000_000) * 1_000);
        assert!(check(&token, &set, &expected(later)).is_err(), "made long ago");
    }
}
