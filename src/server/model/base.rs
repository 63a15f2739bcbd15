//! Where a server is: the base of its API.

use reqwest::Url;

/// The base of an API, such as `https://api.openai.com/v1`. An administrator sets it; people in rooms never do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaseUrl(Url);

/// Why a text is no base. Quotes nothing: a password may be in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadBase {
    #[error("is not a URL such as http://localhost:8081/v1")]
    NoUrl,
    #[error("must begin with http:// or https://")]
    Scheme,
    #[error("must not hold a name or a password: the key has a setting of its own")]
    Userinfo,
    #[error("must not hold a ? or a #")]
    Extra,
}

impl BaseUrl {
    /// Reads a base, with or without a slash at its end. One without a path gets `/v1`; any other path is kept, for not all
    /// servers have that one (`…/v1beta/openai`). The address that requests go to may also be given whole.
    ///
    /// # Errors
    /// [`BadBase`].
    pub fn parse(text: &str) -> Result<Self, BadBase> {
        let mut url = Url::parse(text.trim()).map_err(|_| BadBase::NoUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BadBase::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadBase::Userinfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BadBase::Extra);
        }
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/chat/completions").unwrap_or(path).trim_end_matches('/');
        let path = if path.is_empty() { "/v1" } else { path }.to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Whether what is asked stays on this machine.
    pub fn is_loopback(&self) -> bool {
        // Also of an IPv6 address, which the URL has in brackets.
        let host = self.0.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The host that reads what is asked.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address of one of its services, such as `models`.
    pub(super) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path()));
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_are_the_same_with_and_without_their_ends() {
        for (text, address) in [
            ("http://localhost:8081", "http://localhost:8081/v1/chat/completions"),
            ("http://localhost:8081/", "http://localhost:8081/v1/chat/completions"),
            ("http://localhost:8081/v1", "http://localhost:8081/v1/chat/completions"),
            (" http://localhost:8081/v1// ", "http://localhost:8081/v1/chat/completions"),
            ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1/chat/completions"),
            ("https://example.com/chat/completions/", "https://example.com/v1/chat/completions"),
            ("HTTPS://Example.com:443/api/v1", "https://example.com/api/v1/chat/completions"),
            ("https://example.com/v1beta/openai/", "https://example.com/v1beta/openai/chat/completions"),
            ("http://[::1]:80", "http://[::1]/v1/chat/completions"),
        ] {
            assert_eq!(BaseUrl::parse(text).expect(text).join("chat/completions").as_str(), address, "{text}");
        }
    }

    #[test]
    fn other_addresses_are_refused_without_being_quoted() {
        for (text, problem) in [
            ("", BadBase::NoUrl),
            ("localhost", BadBase::NoUrl),
            ("localhost:8081", BadBase::Scheme),
            ("file:///etc/passwd", BadBase::Scheme),
            ("ftp://example.com", BadBase::Scheme),
            ("http://hunter2@example.com", BadBase::Userinfo),
            ("http://:hunter2@example.com", BadBase::Userinfo),
            ("http://example.com/v1?api-version=hunter2", BadBase::Extra),
            ("http://example.com/v1#hunter2", BadBase::Extra),
            ("http://", BadBase::NoUrl),
        ] {
            assert_eq!(BaseUrl::parse(text), Err(problem), "{text}");
            assert!(!problem.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn this_machine_has_several_names() {
        let is_loopback = |text| BaseUrl::parse(text).expect(text).is_loopback();
        for text in ["http://localhost:1", "http://127.9.9.9", "http://[::1]:1", "http://a.localhost"] {
            assert!(is_loopback(text), "{text}");
        }
        for text in ["http://example.com", "http://localhost.example.com", "http://10.0.0.1", "http://[2001:db8::1]"] {
            assert!(!is_loopback(text), "{text}");
        }
    }
}
