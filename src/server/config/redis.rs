//! The `REDIS_…` variables: how several processes tell each other what happens.

use super::{BadConfig, bad};
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;

/// Redis or Valkey, 6 or newer.
#[derive(Clone, Debug)]
pub struct Redis {
    /// `REDIS_URL` (default none): `redis://USER:PASSWORD@HOST:PORT` on a private network, `rediss://…` (TLS) anywhere,
    /// `redis+unix:///PATH?user=USER&pass=PASSWORD` on this machine.
    url: SecretString,
    /// `REDIS_PREFIX` (default `lavender:`, 1 to 64 of `a-z 0-9 : - _`): what every key and channel begins with.
    pub prefix: String,
    /// `REDIS_CA` (default: those this machine trusts): a file with the certificate (PEM) that signs Redis's own. Its bytes.
    pub ca: Option<Vec<u8>>,
    pub place: Place,
}

/// Where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// Whoever is between can read along: private addresses only, which is looked up whenever it is connected to.
    Plain {
        host: String,
        port: u16,
    },
    Tls,
    Socket,
}

const PREFIX_MAX: usize = 64;
const EXAMPLE: &str = "such as redis://lavender:PASSWORD@127.0.0.1:6379";

impl Redis {
    pub(super) fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, BadConfig> {
        let Some(url) = value("REDIS_URL") else {
            return match ["REDIS_PREFIX", "REDIS_CA"].into_iter().find(|name| value(name).is_some()) {
                Some(name) => Err(bad(name, "means nothing without REDIS_URL")),
                None => Ok(None),
            };
        };
        let place = place(&url).map_err(|problem| bad("REDIS_URL", problem))?;
        let prefix = value("REDIS_PREFIX").unwrap_or_else(|| "lavender:".to_owned());
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, ':' | '-' | '_');
        if prefix.len() > PREFIX_MAX || !prefix.chars().all(is_plain) {
            return Err(bad("REDIS_PREFIX", format!("is not 1 to {PREFIX_MAX} of a-z, 0-9, \":\", \"-\" and \"_\"")));
        }
        let ca = match value("REDIS_CA") {
            None => None,
            Some(_) if place != Place::Tls => return Err(bad("REDIS_CA", "means nothing without rediss://")),
            Some(path) => match std::fs::read(&path) {
                Ok(pem) => Some(pem),
                Err(error) => return Err(bad("REDIS_CA", format!("{path} cannot be read: {error}"))),
            },
        };
        Ok(Some(Self { url: SecretString::from(url), prefix, ca, place }))
    }

    /// For the driver only: it holds the password.
    pub(in crate::server) fn url(&self) -> &str {
        self.url.expose_secret()
    }
}

/// Never quotes the URL: it may hold a password.
fn place(url: &str) -> Result<Place, String> {
    let parsed = url::Url::parse(url).map_err(|_| format!("is not a URL {EXAMPLE}"))?;
    if parsed.fragment().is_some() {
        return Err("may have nothing behind \"#\"".to_owned());
    }
    match parsed.scheme() {
        "redis+unix" | "unix" if parsed.path().len() > 1 => Ok(Place::Socket),
        "redis+unix" | "unix" => Err("names no socket".to_owned()),
        "redis" | "rediss" => {
            let host = parsed.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            let port = parsed.port().unwrap_or(6_379);
            if parsed.scheme() == "rediss" {
                let is_known = parsed.password().is_some_and(|password| !password.is_empty());
                return if is_known { Ok(Place::Tls) } else { Err("names no password".to_owned()) };
            }
            // Names are looked up when it is connected to.
            if host.parse::<IpAddr>().is_ok_and(|ip| !crate::server::bus::is_private(ip)) {
                return Err("is a public address: use rediss:// there, or a private one".to_owned());
            }
            Ok(Place::Plain { host, port })
        }
        _ => Err(format!("is not a URL {EXAMPLE}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Config;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<Redis>, BadConfig> {
        let pairs = [&[("MONGODB_URI", "mongodb://127.0.0.1/test?replicaSet=rs0")], pairs].concat();
        let value = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Config::read(value).map(|config| config.redis)
    }

    #[test]
    fn places_are_told_apart() {
        let place = |url: &str| read(&[("REDIS_URL", url)]).expect("good").expect("there").place;
        let plain = |host: &str, port| Place::Plain { host: host.to_owned(), port };
        assert_eq!(place("redis://127.0.0.1"), plain("127.0.0.1", 6_379));
        assert_eq!(place("redis://u:p@redis:7000/"), plain("redis", 7_000));
        assert_eq!(place("redis://[::1]:7000"), plain("::1", 7_000));
        assert_eq!(place("rediss://u:p@cache.example.org"), Place::Tls);
        assert_eq!(place("redis+unix:///run/redis.sock?user=u&pass=p"), Place::Socket);
        assert!(read(&[]).expect("good").is_none());
        let other = read(&[("REDIS_URL", "redis://10.0.0.1"), ("REDIS_PREFIX", "chat-2:")]).expect("good");
        assert_eq!(other.expect("there").prefix, "chat-2:");
    }

    #[test]
    fn one_process_on_its_own_store_has_nobody_to_tell() {
        let alone = |name: &str| (name == "REDIS_URL").then(|| "redis://127.0.0.1".to_owned());
        assert_eq!(Config::read(alone).expect_err("useless").variable, "REDIS_URL");
    }

    #[test]
    fn a_bad_value_names_its_variable_and_hides_the_password() {
        let good = ("REDIS_URL", "redis://127.0.0.1");
        for (name, pairs) in [
            ("REDIS_URL", vec![("REDIS_URL", "127.0.0.1:6379")]),
            ("REDIS_URL", vec![("REDIS_URL", "http://u:hunter2@127.0.0.1")]),
            ("REDIS_URL", vec![("REDIS_URL", "redis://u:hunter2@8.8.8.8")]),
            ("REDIS_URL", vec![("REDIS_URL", "redis://u:hunter2@[2001:4860::1]")]),
            ("REDIS_URL", vec![("REDIS_URL", "rediss://cache.example.org")]),
            ("REDIS_URL", vec![("REDIS_URL", "rediss://u:hunter2@cache.example.org#insecure")]),
            ("REDIS_URL", vec![("REDIS_URL", "redis+unix://")]),
            ("REDIS_PREFIX", vec![good, ("REDIS_PREFIX", "Chat*")]),
            ("REDIS_PREFIX", vec![("REDIS_PREFIX", "chat:")]),
            ("REDIS_CA", vec![good, ("REDIS_CA", "/nowhere/ca.pem")]),
            ("REDIS_CA", vec![("REDIS_URL", "rediss://u:hunter2@cache.example.org"), ("REDIS_CA", "/nowhere/ca.pem")]),
        ] {
            let error = read(&pairs).expect_err(name);
            assert_eq!(error.variable, name, "{error}");
            assert!(!error.to_string().contains("hunter2") && !error.to_string().contains('\n'), "{error}");
        }
        let config = read(&[("REDIS_URL", "redis://u:hunter2@127.0.0.1")]).expect("good");
        assert!(!format!("{config:?}").contains("hunter2"), "debug output hides the password");
    }
}
