//! What a page that a message links to says of itself.

use serde::{Deserialize, Serialize};

/// Characters (graphemes) of the parts of a [`LinkPreview`]; what was longer is cut and ends in "…".
pub const SITE_MAX_CHARS: usize = 60;
pub const TITLE_MAX_CHARS: usize = 140;
pub const DESCRIPTION_MAX_CHARS: usize = 300;

/// The card under a message with a link. All of it is plain text from a foreign page: bounded, each part one line, and without
/// control, invisible or bidirectional characters.
///
/// What a page says of itself may be a lie. The host of `url` is not, so it is always shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkPreview {
    /// The message's first link in its normal form: http or https, the host in ASCII.
    pub url: String,
    /// What the site calls itself; its host when it does not say.
    pub site: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl LinkPreview {
    /// The host that [`LinkPreview::url`] leads to, without a leading `www.` and without a port.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let end = host.find(']').map_or_else(|| host.find(':').unwrap_or(host.len()), |bracket| bracket + 1);
        let host = &host[..end];
        host.strip_prefix("www.").unwrap_or(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_where_the_address_leads() {
        for (url, host) in [
            ("https://example.org/", "example.org"),
            ("https://www.example.org/a?b#c", "example.org"),
            ("http://example.org:8080/a", "example.org"),
            ("http://example.org?x=https://other.example/", "example.org"),
            ("https://bank.example@evil.example/", "evil.example"),
            ("https://[2001:db8::1]:443/", "[2001:db8::1]"),
            ("https://xn--mnchen-3ya.de/", "xn--mnchen-3ya.de"),
            ("nonsense", "nonsense"),
            ("", ""),
        ] {
            let (site, title) = (String::new(), String::new());
            let preview = LinkPreview { url: url.to_owned(), site, title, description: None };
            assert_eq!(preview.host(), host, "{url}");
        }
    }
}
