//! The keys of this installation: made at first start, kept in `keys.json` (0600) of the data folder (0700).
//!
//! `keys.json` is `{"keys": [{"kid": …, "secret": <base64 of 32 bytes>}, …]}`. The first key signs, all of them verify:
//! to rotate without signing anybody out, put a new one in front and take the old one out after a quarter of an hour.

use crate::id::{MessageId, SessionId, UserId};
use crate::model::Bytes32;
use crate::server::blobs::Links;
use crate::server::bus::Seal;
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

const FILE: &str = "keys.json";
/// Who may use an access token.
const AUDIENCE: &str = "lavender";
/// What the token is; another kind of token under the same key is refused.
const ACCESS: &str = "access";
/// Clocks of several processes may differ by this much.
const LEEWAY_SECONDS: u64 = 10;

/// The keys of this installation.
pub struct Keys {
    kid: String,
    signing: EncodingKey,
    verifying: Vec<(String, DecodingKey)>,
    /// For values that only this server reads back from a cookie.
    mac: [u8; 32],
    /// For links to files.
    links: [u8; 32],
    /// For the seeds of coins: one for each key, so that those of before a rotation still land.
    seeds: Vec<[u8; 32]>,
    /// For what processes tell each other: one for each key.
    bus: Vec<[u8; 32]>,
    issuer: String,
}

/// What a valid access token says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claims {
    pub user_id: UserId,
    pub session_id: SessionId,
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    keys: Vec<KeyEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyEntry {
    kid: String,
    secret: String,
}

/// The body of an access token (RFC 7519). Every field is required.
#[derive(Serialize, Deserialize)]
struct Token {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    typ: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Keys {
    /// Reads the keys of a data folder, which it makes, with one new key, when there are none.
    ///
    /// `issuer` is the origin of this installation: tokens of another one are refused.
    ///
    /// # Errors
    /// The folder or the file cannot be made or read, or the file is not what this type writes.
    pub fn open(folder: &Path, issuer: &str) -> io::Result<Self> {
        make_folder(folder)?;
        let path = folder.join(FILE);
        if !path.exists() {
            create(folder, &path)?;
        }
        // A copied or unpacked file may have come out readable by others.
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        let damaged = |what: &str| io::Error::new(ErrorKind::InvalidData, format!("{FILE} {what}"));
        let file: KeyFile =
            serde_json::from_slice(&std::fs::read(&path)?).map_err(|_| damaged("is not a list of keys"))?;
        let mut secrets = Vec::with_capacity(file.keys.len());
        for entry in file.keys {
            let secret = STANDARD.decode(&entry.secret).map_err(|_| damaged("holds a key that is not base64"))?;
            if secret.len() < 32 {
                return Err(damaged("holds a key of less than 256 bits"));
            }
            secrets.push((entry.kid, secret));
        }
        let (kid, first) = secrets.first().ok_or_else(|| damaged("holds no key"))?;
        Ok(Self {
            kid: kid.clone(),
            signing: EncodingKey::from_secret(first),
            mac: hmac(first, &[b"lavender cookies"]),
            links: hmac(first, &[b"lavender links"]),
            seeds: secrets.iter().map(|(_, secret)| hmac(secret, &[b"lavender games"])).collect(),
            bus: secrets.iter().map(|(_, secret)| hmac(secret, &[b"lavender bus"])).collect(),
            verifying: secrets.iter().map(|(kid, secret)| (kid.clone(), DecodingKey::from_secret(secret))).collect(),
            issuer: issuer.to_owned(),
        })
    }

    /// A signed access token (HS256).
    pub fn sign(&self, claims: &Claims, now: Timestamp) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::HS256) };
        let token = Token {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: claims.user_id,
            sid: claims.session_id,
            typ: ACCESS.to_owned(),
            iat: now.0 / 1_000,
            nbf: now.0 / 1_000,
            exp: claims.expires_at.0 / 1_000,
        };
        jsonwebtoken::encode(&header, &token, &self.signing).expect("a plain struct and an HMAC key")
    }

    /// What a token says if we signed it, for this purpose, and it is neither too old nor too young.
    pub fn verify(&self, token: &str) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let kid = header.kid?;
        let (_, key) = self.verifying.iter().find(|(known, _)| *known == kid)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        let token = jsonwebtoken::decode::<Token>(token, key, &validation).ok()?.claims;
        (token.typ == ACCESS).then_some(Claims {
            user_id: token.sub,
            session_id: token.sid,
            expires_at: Timestamp(token.exp.saturating_mul(1_000)),
        })
    }

    /// What signs links to files of this installation.
    pub fn links(&self) -> Links {
        Links::new(self.links)
    }

    /// The secret half of a coin's chance. It follows from the message's id, so that nothing secret is stored.
    pub fn seed(&self, id: MessageId) -> Bytes32 {
        seed(&self.seeds[0], id)
    }

    /// The seed that a coin's server was bound to, by this or an older key.
    pub fn seed_of(&self, id: MessageId, commitment: &Bytes32) -> Option<Bytes32> {
        self.seeds.iter().map(|key| seed(key, id)).find(|seed| seed.hashed() == *commitment)
    }

    /// What seals notices between the processes of this installation.
    pub fn seal_of_bus(&self) -> Seal {
        Seal::new(self.bus.clone())
    }

    /// `value` for a cookie that only this server reads back, in `[A-Za-z0-9_.-]`. Signed, not hidden; `purpose` keeps one
    /// kind from passing for another.
    pub fn seal(&self, purpose: &str, value: &[u8], expires_at: Timestamp) -> String {
        let expiry = expires_at.0.to_string();
        let mac = hmac(&self.mac, &[purpose.as_bytes(), expiry.as_bytes(), value]);
        format!("{}.{expiry}.{}", URL_SAFE_NO_PAD.encode(value), URL_SAFE_NO_PAD.encode(mac))
    }

    /// What [`Keys::seal`] was given, if it was us, for this purpose, and it has not expired.
    pub fn unseal(&self, purpose: &str, sealed: &str, now: Timestamp) -> Option<Vec<u8>> {
        let mut parts = sealed.splitn(3, '.');
        let (value, expiry, mac) = (parts.next()?, parts.next()?, parts.next()?);
        let (value, mac) = (URL_SAFE_NO_PAD.decode(value).ok()?, URL_SAFE_NO_PAD.decode(mac).ok()?);
        let expected = hmac(&self.mac, &[purpose.as_bytes(), expiry.as_bytes(), &value]);
        let authentic = bool::from(subtle::ConstantTimeEq::ct_eq(&expected[..], &mac[..]));
        (authentic && expiry.parse::<i64>().ok()? > now.0).then_some(value)
    }
}

/// Makes the data folder, for its owner only, unless it is there.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes the file whole or not at all; of several processes that start at once, one wins and all use its key.
fn create(folder: &Path, path: &Path) -> io::Result<()> {
    let mut secret = [0; 32];
    rand::rng().fill_bytes(&mut secret);
    let entry = KeyEntry { kid: crate::server::telemetry::incident(), secret: STANDARD.encode(secret) };
    let text = serde_json::to_vec_pretty(&KeyFile { keys: vec![entry] }).map_err(io::Error::other)?;
    let draft = folder.join(format!(".{FILE}.{}", uuid::Uuid::now_v7()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(&text)?;
        file.sync_all()?;
        match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    })();
    std::fs::remove_file(&draft).ok();
    written?;
    File::open(folder)?.sync_all()
}

fn seed(key: &[u8; 32], id: MessageId) -> Bytes32 {
    Bytes32(hmac(key, &[id.0.as_bytes()]))
}

/// HMAC-SHA256 over the parts, each with its length in front, so that none can flow into the next.
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC key may have any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(folder: &Path) -> Keys {
        Keys::open(folder, "http://localhost:1").expect("keys")
    }

    fn claims(expires_at: Timestamp) -> Claims {
        Claims { user_id: UserId::new(), session_id: SessionId::new(), expires_at }
    }

    #[test]
    fn keys_are_private_and_survive_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("data");
        let now = Timestamp::now();
        let told = claims(Timestamp(now.0 / 1_000 * 1_000 + 60_000));
        let token = keys(&folder).sign(&told, now);
        assert_eq!(keys(&folder).verify(&token), Some(told));
        let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join(FILE))), (0o700, 0o600));
        assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 1, "no draft is left");
    }

    #[test]
    fn processes_that_start_together_share_one_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let path = folder.path().to_owned();
                std::thread::spawn(move || keys(&path).kid)
            })
            .collect();
        let kids: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("it ends")).collect();
        assert!(kids.iter().all(|kid| *kid == kids[0]), "{kids:?}");
    }

    #[test]
    fn anything_but_our_own_fresh_token_is_refused() {
        let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let (own, foreign) = (keys(here.path()), keys(there.path()));
        let now = Timestamp::now();
        let told = claims(now.plus_ms(60_000));
        let good = own.sign(&told, now);
        assert!(own.verify(&good).is_some());
        assert!(foreign.verify(&good).is_none(), "another key");
        assert!(own.verify(&own.sign(&claims(now.plus_ms(-60_000)), now)).is_none(), "expired");
        assert!(own.verify(&own.sign(&told, now.plus_ms(60_000))).is_none(), "not yet");
        let elsewhere = Keys::open(here.path(), "https://other.example").expect("keys");
        assert!(elsewhere.verify(&good).is_none(), "another issuer");

        let signed = |header: &Header, token: &serde_json::Value| {
            jsonwebtoken::encode(header, token, &own.signing).expect("it encodes")
        };
        let header = Header { kid: Some(own.kid.clone()), ..Header::new(Algorithm::HS256) };
        let body: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(good.split('.').nth(1).expect("a body")).expect("base64"))
                .expect("JSON");
        assert!(own.verify(&signed(&header, &body)).is_some(), "the control passes");
        for claim in ["iss", "aud", "sub", "sid", "typ", "iat", "nbf", "exp"] {
            let mut lacking = body.clone();
            lacking.as_object_mut().expect("an object").remove(claim);
            assert!(own.verify(&signed(&header, &lacking)).is_none(), "without {claim}");
        }
        let mut other = body.clone();
        other["typ"] = "refresh".into();
        assert!(own.verify(&signed(&header, &other)).is_none(), "another type");
        assert!(own.verify(&signed(&Header::new(Algorithm::HS256), &body)).is_none(), "without kid");
        let stronger = Header { alg: Algorithm::HS512, ..header };
        assert!(own.verify(&signed(&stronger, &body)).is_none(), "another algorithm");
        let none = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"none","kid":"{}"}}"#, own.kid)),
            good.split('.').nth(1).expect("a body")
        );
        assert!(own.verify(&none).is_none(), "no algorithm");
        for index in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[index] ^= 1;
            let flipped = String::from_utf8(bytes).expect("still ASCII");
            // The last character of unpadded base64 may hold bits that say nothing.
            assert!(index + 1 == good.len() || own.verify(&flipped).is_none(), "bit flipped at {index}");
        }
    }

    #[test]
    fn an_older_key_verifies_until_its_tokens_end_and_signs_no_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let old = keys(folder.path());
        let path = folder.path().join(FILE);
        let mut file: KeyFile = serde_json::from_slice(&std::fs::read(&path).expect("read")).expect("keys");
        file.keys.insert(0, KeyEntry { kid: "next".into(), secret: STANDARD.encode([9; 32]) });
        std::fs::write(&path, serde_json::to_vec(&file).expect("JSON")).expect("written");
        let rotated = keys(folder.path());

        let now = Timestamp::now();
        let told = claims(Timestamp(now.0 / 1_000 * 1_000 + 60_000));
        assert_eq!(rotated.verify(&old.sign(&told, now)), Some(told));
        let ended = claims(now.plus_ms(-60_000));
        assert_eq!(rotated.verify(&old.sign(&ended, now.plus_ms(-120_000))), None, "expired all the same");
        assert_eq!(old.verify(&rotated.sign(&told, now)), None, "signed by the new one");
        let coin = MessageId::new();
        assert_ne!(old.seed(coin), rotated.seed(coin));
        let bound = [old.seed(coin), rotated.seed(coin), Bytes32::random()].map(|seed| (seed, seed.hashed()));
        let found = bound.map(|(seed, commitment)| rotated.seed_of(coin, &commitment) == Some(seed));
        assert_eq!(found, [true, true, false]);
        assert_eq!(rotated.seed_of(MessageId::new(), &bound[0].1), None, "another coin");

        file.keys.pop();
        std::fs::write(&path, serde_json::to_vec(&file).expect("JSON")).expect("written");
        assert_eq!(keys(folder.path()).verify(&old.sign(&told, now)), None, "taken out");
    }

    #[test]
    fn a_damaged_file_is_refused() {
        for text in ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"kid":"a","secret":"c2hvcnQ="}]}"#] {
            let folder = tempfile::tempdir().expect("a folder");
            std::fs::write(folder.path().join(FILE), text).expect("it is written");
            assert!(Keys::open(folder.path(), "x").is_err(), "{text}");
        }
    }

    #[test]
    fn a_sealed_value_is_bound_to_its_purpose_and_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = keys(folder.path());
        let now = Timestamp(1_000);
        let sealed = keys.seal("form", b"value", Timestamp(2_000));
        assert_eq!(keys.unseal("form", &sealed, now).as_deref(), Some(&b"value"[..]));
        assert_eq!(keys.unseal("device", &sealed, now), None);
        assert_eq!(keys.unseal("form", &sealed, Timestamp(2_000)), None);
        assert_eq!(keys.unseal("form", &sealed.replace(".2000.", ".9000."), now), None);
        assert_eq!(keys.unseal("form", "", now), None);
    }
}
