//! The `SMTP_…` variables: who carries this server's letters.

use super::{BadConfig, bad};
use secrecy::SecretString;

/// A mail server that takes letters for anybody.
#[derive(Clone, Debug)]
pub struct Mail {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// A user and their password.
    pub credentials: Option<(String, SecretString)>,
    /// `SMTP_FROM`: whose letters they are, `chat@example.org` or `Lavender <chat@example.org>`.
    pub from: String,
    /// `SMTP_CA` (default: the authorities that browsers trust): a file with the certificate (PEM) that signs the mail server's. Its bytes.
    pub ca: Option<Vec<u8>>,
}

/// How the connection is kept from others. Certificates are always checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    /// `smtps://`: TLS from the first byte.
    Tls,
    /// `smtp://`: STARTTLS, or no letter.
    StartTls,
    /// `smtp://` on this machine: STARTTLS if it is offered.
    Offered,
}

const EXAMPLE: &str = "such as smtps://USER:PASSWORD@mail.example.org or smtp://USER:PASSWORD@mail.example.org:587";

impl Mail {
    pub(super) fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, BadConfig> {
        let Some(url) = value("SMTP_URL") else {
            return match ["SMTP_FROM", "SMTP_CA"].into_iter().find(|name| value(name).is_some()) {
                Some(name) => Err(bad(name, "means nothing without SMTP_URL")),
                None => Ok(None),
            };
        };
        let wrong = |problem: &str| bad("SMTP_URL", problem);
        // Never quoted: it may hold a password.
        let url = url::Url::parse(&url).map_err(|_| wrong(&format!("is not a URL {EXAMPLE}")))?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("may have nothing behind the port"));
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Tls, 465),
            "smtp" if is_here(&host) => (Security::Offered, 587),
            "smtp" => (Security::StartTls, 587),
            _ => return Err(wrong(&format!("is not a URL {EXAMPLE}"))),
        };
        let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
        let credentials = match url.password() {
            None if url.username().is_empty() => None,
            None => return Err(wrong("names a user and no password")),
            Some(password) => {
                let user = plain(url.username()).map_err(|_| wrong("holds a user that is not UTF-8"))?;
                let password = plain(password).map_err(|_| wrong("holds a password that is not UTF-8"))?;
                Some((user, SecretString::from(password)))
            }
        };
        let from = value("SMTP_FROM").ok_or_else(|| bad("SMTP_FROM", "is missing: whose letters are they?"))?;
        if from.parse::<lettre::message::Mailbox>().is_err() {
            return Err(bad("SMTP_FROM", format!("\"{from}\" is not an address such as Lavender <chat@example.org>")));
        }
        let ca = match value("SMTP_CA") {
            None => None,
            Some(path) => match std::fs::read(&path) {
                Ok(pem) => Some(pem),
                Err(error) => return Err(bad("SMTP_CA", format!("{path} cannot be read: {error}"))),
            },
        };
        Ok(Some(Self { port: url.port().unwrap_or(port), host, security, credentials, from, ca }))
    }
}

/// Schemes that the URL standard does not know have hosts that are only text.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Config;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<Mail>, BadConfig> {
        let value = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Config::read(value).map(|config| config.mail)
    }

    #[test]
    fn what_is_not_on_this_machine_is_spoken_to_with_tls() {
        let mail = |url: &str| {
            read(&[("SMTP_URL", url), ("SMTP_FROM", "Chat <chat@example.org>")]).expect("good").expect("there")
        };
        let told = |mail: Mail| (mail.host, mail.port, mail.security);
        assert_eq!(told(mail("smtps://mail.example.org")), ("mail.example.org".into(), 465, Security::Tls));
        assert_eq!(told(mail("smtp://mail.example.org")), ("mail.example.org".into(), 587, Security::StartTls));
        assert_eq!(told(mail("smtp://192.168.1.9:25")), ("192.168.1.9".into(), 25, Security::StartTls));
        assert_eq!(told(mail("smtp://localhost:1025")), ("localhost".into(), 1025, Security::Offered));
        assert_eq!(told(mail("smtp://[::1]:1025")), ("::1".into(), 1025, Security::Offered));
        let (user, _) = mail(&format!("smtps://a%40b:p%3Aw{}mail.example.org", '@')).credentials.expect("both");
        assert_eq!(user, "a@b");
    }

    #[test]
    fn a_bad_value_names_its_variable_and_hides_the_password() {
        let secret = format!("smtps://me:hunter2{}mail.example.org", '@');
        let from = ("SMTP_FROM", "chat@example.org");
        for (name, pairs) in [
            ("SMTP_URL", vec![("SMTP_URL", "mail.example.org"), from]),
            ("SMTP_URL", vec![("SMTP_URL", "https://mail.example.org"), from]),
            ("SMTP_URL", vec![("SMTP_URL", "smtp://"), from]),
            ("SMTP_URL", vec![("SMTP_URL", "smtps://me@mail.example.org"), from]),
            ("SMTP_URL", vec![("SMTP_URL", "smtps://mail.example.org/inbox"), from]),
            ("SMTP_URL", vec![("SMTP_URL", "smtp://mail.example.org?tls=none"), from]),
            ("SMTP_FROM", vec![("SMTP_URL", secret.as_str())]),
            ("SMTP_FROM", vec![("SMTP_URL", secret.as_str()), ("SMTP_FROM", "nobody")]),
            ("SMTP_FROM", vec![from]),
            ("SMTP_CA", vec![("SMTP_URL", secret.as_str()), from, ("SMTP_CA", "/nowhere/ca.pem")]),
        ] {
            let error = read(&pairs).expect_err(name);
            assert_eq!(error.variable, name, "{error}");
            assert!(!error.to_string().contains("hunter2") && !error.to_string().contains('\n'), "{error}");
        }
        let config = read(&[("SMTP_URL", secret.as_str()), from]).expect("good");
        assert!(!format!("{config:?}").contains("hunter2"), "debug output hides the password");
    }
}
