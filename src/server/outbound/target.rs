//! Addresses of fetches: which are taken, where they lead, and the request that goes there.

use crate::server::outbound::resolve::Resolve;
use crate::server::outbound::{Failure, Reach, Result, USER_AGENT};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::Empty;
use std::net::{IpAddr, SocketAddr};
use url::{Host, Position, Url};

/// Bytes of an address.
const URL_MAX_BYTES: usize = 2_048;

/// An address that may be asked for, its name not looked up yet.
pub(super) struct Target {
    /// In ASCII, lower case, no dot at the end; a literal IPv6 address without brackets.
    pub host: String,
    pub port: u16,
    pub is_https: bool,
    literal: Option<IpAddr>,
    /// Host and, if not the usual one, port.
    authority: String,
    path: String,
}

/// Judges an address by its look: scheme, credentials, port, and a literal address in it. The parser has already turned the
/// decimal, octal, hexadecimal and shortened spellings of IPv4 addresses into plain ones.
pub(super) fn check(url: &Url, reach: &Reach) -> Result<Target> {
    let is_https = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(Failure::Address),
    };
    if url.as_str().len() > URL_MAX_BYTES || !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::Address);
    }
    let port = url.port_or_known_default().filter(|port| reach.allows_port(*port)).ok_or(Failure::Address)?;
    let (host, literal) = match url.host() {
        Some(Host::Domain(name)) => (name.trim_end_matches('.').to_owned(), None),
        Some(Host::Ipv4(ip)) => (ip.to_string(), Some(IpAddr::V4(ip))),
        Some(Host::Ipv6(ip)) => (ip.to_string(), Some(IpAddr::V6(ip))),
        None => return Err(Failure::Address),
    };
    if host.is_empty() {
        return Err(Failure::Address);
    }
    if literal.is_some_and(|ip| !reach.allows(SocketAddr::new(ip, port))) {
        return Err(Failure::NotPublic);
    }
    Ok(Target {
        host,
        port,
        is_https,
        literal,
        authority: url[Position::BeforeHost..Position::AfterPort].to_owned(),
        path: url[Position::BeforePath..Position::AfterQuery].to_owned(),
    })
}

impl Target {
    /// The addresses behind the host, all of them allowed. One that is not refuses the whole name: who mixes public and private
    /// ones is up to something.
    pub async fn addresses(&self, resolver: &dyn Resolve, reach: &Reach) -> Result<Vec<SocketAddr>> {
        let ips = match self.literal {
            Some(ip) => vec![ip],
            None => resolver.resolve(&self.host).await.map_err(|_| Failure::Unresolved)?,
        };
        let addresses: Vec<_> = ips.into_iter().map(|ip| SocketAddr::new(ip, self.port)).collect();
        if addresses.is_empty() {
            return Err(Failure::Unresolved);
        }
        if addresses.iter().any(|address| !reach.allows(*address)) {
            return Err(Failure::NotPublic);
        }
        Ok(addresses)
    }

    pub fn request(&self, accept: &str) -> Result<Request<Empty<Bytes>>> {
        Request::get(&self.path)
            .header(header::HOST, &self.authority)
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::ACCEPT, accept)
            .header(header::ACCEPT_ENCODING, "gzip")
            .header(header::CONNECTION, "close")
            .body(Empty::new())
            .map_err(|_| Failure::Address)
    }
}

/// Where a redirect leads. Not checked yet, but that it does not give up encryption.
pub(super) fn onward(from: &Url, location: &[u8]) -> Result<Url> {
    let location = std::str::from_utf8(location).map_err(|_| Failure::Malformed)?;
    let mut next = from.join(location).map_err(|_| Failure::Address)?;
    if from.scheme() == "https" && next.scheme() != "https" {
        return Err(Failure::Insecure);
    }
    next.set_fragment(None);
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(text: &str) -> Result<()> {
        let url = Url::parse(text).map_err(|_| Failure::Address)?;
        check(&url, &Reach::default()).map(drop)
    }

    #[test]
    fn only_plain_web_addresses_are_taken() {
        for text in [
            "https://example.org",
            "http://example.org:80/a?b",
            "https://example.org:443",
            "http://example.org:443/",
            "https://münchen.example/ü",
            "https://example.org./",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
        ] {
            assert_eq!(judge(text), Ok(()), "{text}");
        }
        for text in [
            "ftp://example.org/",
            "file:///etc/passwd",
            "gopher://example.org/",
            "data:text/html,hello",
            "javascript:alert(1)",
            "ws://example.org/",
            "unix:/run/docker.sock",
            "https://user@example.org/",
            concat!("https://user:", "password@example.org/"),
            "https://:password@example.org/",
            "http://example.org:22/",
            "http://example.org:8080/",
            "https://example.org:6379/",
            "http://example.org:0/",
            "http:///",
            "http://./",
            "http://1.2.3.4.5/",
            "http://256.1.1.1/",
            "http://exa mple.org/",
        ] {
            assert_eq!(judge(text), Err(Failure::Address), "{text}");
        }
        assert_eq!(judge(&format!("https://example.org/{}", "a".repeat(URL_MAX_BYTES))), Err(Failure::Address));
    }

    #[test]
    fn a_private_address_is_recognised_however_it_is_spelled() {
        for text in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.0x0.0x0.0x1/",
            "http://0177.0.0.1/",
            "http://017700000001/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://127。0。0。1/",
            "http://①②⑦.⓪.⓪.①/",
            "http://0/",
            "http://0.0.0.0/",
            "http://10.0.0.1/",
            "http://167772161/",
            "http://169.254.169.254/latest/meta-data/",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://192.168.1.1/",
            "http://[::1]/",
            "http://[::]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::169.254.169.254]/",
            "http://[2002:7f00:1::]/",
            "http://[fe80::1]/",
            "http://[fd00:ec2::254]/latest/",
        ] {
            assert_eq!(judge(text), Err(Failure::NotPublic), "{text}");
        }
    }

    #[test]
    fn a_redirect_never_gives_up_encryption_and_keeps_no_fragment() {
        let from = Url::parse("https://example.org/a/b").expect("a url");
        let next = |location: &str| onward(&from, location.as_bytes()).map(|url| url.to_string());
        assert_eq!(next("c#top"), Ok("https://example.org/a/c".into()));
        assert_eq!(next("//other.example/"), Ok("https://other.example/".into()));
        assert_eq!(next("http://example.org/a/b"), Err(Failure::Insecure));
        assert_eq!(next("ftp://example.org/"), Err(Failure::Insecure));
        assert_eq!(next("http://["), Err(Failure::Address));
        assert_eq!(onward(&from, b"/\xff"), Err(Failure::Malformed));
        let plain = Url::parse("http://example.org/").expect("a url");
        assert!(onward(&plain, b"https://example.org/").is_ok());
    }

    #[test]
    fn the_request_says_nothing_but_what_is_asked() {
        let url = Url::parse("https://Example.org/a%20b?q=1#part").expect("a url");
        let target = check(&url, &Reach::default()).expect("a good target");
        let request = target.request("text/html").expect("a request");
        assert_eq!(request.uri(), "/a%20b?q=1");
        assert_eq!(request.headers()[header::HOST], "example.org");
        let mut names: Vec<_> = request.headers().keys().map(header::HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "connection", "host", "user-agent"]);
    }
}
