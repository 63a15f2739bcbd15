//! The variables of accounts elsewhere that people sign in with.

use super::{BadConfig, bad};
use secrecy::SecretString;

const GOOGLE: &str = "https://accounts.google.com";
/// Characters of a name on a button.
const NAME_MAX: usize = 40;

/// An `OpenID` provider whose accounts open one here.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its part of addresses, `google` or `oidc`: `<LAVENDER_URL>/auth/<key>/callback` is what has to be registered there.
    pub key: &'static str,
    /// `OIDC_NAME` (default the host of `OIDC_ISSUER`; "Google" for Google): what its button says, at most 40 characters.
    pub name: String,
    /// `OIDC_ISSUER` (default none): the provider's identifier, an https URL such as `https://login.example.org/realms/main`;
    /// below it is `/.well-known/openid-configuration`. http only on this machine.
    pub issuer: String,
    /// `GOOGLE_CLIENT_ID`, `OIDC_CLIENT_ID`: who this server is to the provider.
    pub client_id: String,
    /// `GOOGLE_CLIENT_SECRET`, `OIDC_CLIENT_SECRET`: how it proves that.
    pub client_secret: SecretString,
}

impl Provider {
    /// Reads the variables through `value`, which gives no empty ones: Google first.
    pub(super) fn read(value: impl Fn(&str) -> Option<String>) -> Result<Vec<Self>, BadConfig> {
        let mut providers = Vec::new();
        match (value("GOOGLE_CLIENT_ID"), value("GOOGLE_CLIENT_SECRET")) {
            (None, None) => {}
            (Some(id), Some(secret)) => providers.push(Self {
                key: "google",
                name: "Google".to_owned(),
                issuer: GOOGLE.to_owned(),
                client_id: client_id("GOOGLE_CLIENT_ID", id)?,
                client_secret: secret.into(),
            }),
            (Some(_), None) => return Err(bad("GOOGLE_CLIENT_SECRET", "is needed beside GOOGLE_CLIENT_ID")),
            (None, Some(_)) => return Err(bad("GOOGLE_CLIENT_ID", "is needed beside GOOGLE_CLIENT_SECRET")),
        }
        let beside = ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME"];
        let Some(issuer) = value("OIDC_ISSUER") else {
            return match beside.iter().find(|name| value(name).is_some()) {
                None => Ok(providers),
                Some(name) => Err(bad("OIDC_ISSUER", format!("is needed beside {name}"))),
            };
        };
        let host = host_of(&issuer).map_err(|problem| bad("OIDC_ISSUER", problem))?;
        let needed =
            |name: &'static str| value(name).ok_or_else(|| bad(name, "is needed beside OIDC_ISSUER".to_owned()));
        let name = value("OIDC_NAME").unwrap_or(host);
        if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            return Err(bad("OIDC_NAME", format!("must be plain text of at most {NAME_MAX} characters")));
        }
        providers.push(Self {
            key: "oidc",
            name,
            issuer,
            client_id: client_id("OIDC_CLIENT_ID", needed("OIDC_CLIENT_ID")?)?,
            client_secret: needed("OIDC_CLIENT_SECRET")?.into(),
        });
        Ok(providers)
    }
}

fn client_id(name: &'static str, text: String) -> Result<String, BadConfig> {
    let is_one = text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_one { Ok(text) } else { Err(bad(name, "is not the id of a client")) }
}

/// The host of an issuer that may be one (`OpenID` Connect Discovery 1.0: https, no query, no fragment).
fn host_of(issuer: &str) -> Result<String, String> {
    const EXAMPLE: &str = "such as https://login.example.org";
    let url = url::Url::parse(issuer).map_err(|_| format!("is not a URL {EXAMPLE}"))?;
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("must be a URL {EXAMPLE}, without a query, a fragment or a password"));
    }
    match (url.scheme(), url.host_str()) {
        ("https", Some(host)) => Ok(host.to_owned()),
        ("http", Some(host)) if is_loopback(&url) => Ok(host.to_owned()),
        ("http", _) => Err("must be https: what it says is believed (but on this machine)".to_owned()),
        _ => Err("must begin with https://".to_owned()),
    }
}

/// Whether what a URL leads to is on this machine.
pub fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::collections::HashMap;

    fn read(pairs: &[(&str, &str)]) -> Result<Vec<Provider>, BadConfig> {
        let map: HashMap<String, String> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Provider::read(|name| map.get(name).cloned())
    }

    #[test]
    fn both_may_be_there_and_google_is_first() {
        assert!(read(&[]).expect("none").is_empty());
        let google = [("GOOGLE_CLIENT_ID", "a.apps"), ("GOOGLE_CLIENT_SECRET", "s")];
        let own = [("OIDC_ISSUER", "https://id.example.org/a/"), ("OIDC_CLIENT_ID", "b"), ("OIDC_CLIENT_SECRET", "t")];
        let both = read(&[google.as_slice(), own.as_slice()].concat()).expect("both");
        let seen: Vec<_> = both.iter().map(|one| (one.key, one.name.as_str(), one.issuer.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("google", "Google", "https://accounts.google.com"),
                ("oidc", "id.example.org", "https://id.example.org/a/")
            ]
        );
        assert_eq!(both[1].client_secret.expose_secret(), "t");
        assert!(!format!("{both:?}").contains("\"t\""), "secrets are not printed");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let problem = |pairs: &[(&str, &str)]| read(pairs).expect_err("refused").to_string();
        assert_eq!(problem(&[("GOOGLE_CLIENT_ID", "a")]), "GOOGLE_CLIENT_SECRET: is needed beside GOOGLE_CLIENT_ID");
        assert_eq!(
            problem(&[("GOOGLE_CLIENT_SECRET", "hidden")]),
            "GOOGLE_CLIENT_ID: is needed beside GOOGLE_CLIENT_SECRET"
        );
        assert_eq!(problem(&[("OIDC_CLIENT_ID", "a")]), "OIDC_ISSUER: is needed beside OIDC_CLIENT_ID");
        let own = |issuer| problem(&[("OIDC_ISSUER", issuer), ("OIDC_CLIENT_ID", "b"), ("OIDC_CLIENT_SECRET", "t")]);
        for issuer in
            ["id.example.org", "ftp://id.example.org", "https://a:b@id.example.org", "https://id.example.org?x"]
        {
            assert!(own(issuer).starts_with("OIDC_ISSUER: "), "{issuer}");
        }
        assert!(own("http://id.example.org").contains("must be https"));
        assert!(
            read(&[("OIDC_ISSUER", "http://127.0.0.1:9"), ("OIDC_CLIENT_ID", "b"), ("OIDC_CLIENT_SECRET", "t")])
                .is_ok()
        );
        assert!(
            problem(&[("OIDC_ISSUER", "https://id.example.org"), ("OIDC_CLIENT_ID", "b")])
                .starts_with("OIDC_CLIENT_SECRET: ")
        );
        assert!(problem(&[("GOOGLE_CLIENT_ID", "a b"), ("GOOGLE_CLIENT_SECRET", "s")]).contains("GOOGLE_CLIENT_ID"));
    }
}
