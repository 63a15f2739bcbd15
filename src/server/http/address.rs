//! Where a request really comes from.

use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// The other end of the TCP connection: a browser, or a proxy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer(pub SocketAddr);

/// The address of the person, as far as it can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ClientAddress(pub IpAddr);

/// Walks `X-Forwarded-For` from the right, over the proxies that are trusted: the first address that is none of them is
/// the client's. What stands left of it came from the client and may be a lie. Without a trusted peer the header is
/// ignored; at something that is no address the walk ends with the last proxy that was sure.
pub fn client_address(peer: IpAddr, forwarded: &[&str], trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut address = peer.to_canonical();
    let hops: Vec<&str> = forwarded.iter().flat_map(|line| line.split(',')).collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(address) {
            break;
        }
        match parse(hop.trim()) {
            Some(next) => address = next,
            None => break,
        }
    }
    address
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().expect("a network")).collect();
        client_address(peer.parse().expect("an address"), forwarded, &trusted).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_header_is_ignored() {
        assert_eq!(client("198.51.100.7", &["192.0.2.1"], &[]), "198.51.100.7");
        assert_eq!(client("198.51.100.7", &["192.0.2.1"], &["10.0.0.0/8"]), "198.51.100.7");
    }

    #[test]
    fn the_right_most_untrusted_address_counts_whatever_the_client_put_in_front() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(client("10.0.0.1", &["203.0.113.9, 192.0.2.1"], &trusted), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["203.0.113.9", "192.0.2.1, 10.1.1.1"], &trusted), "192.0.2.1");
        assert_eq!(client("::ffff:10.0.0.1", &["[2001:db8::1]:443"], &trusted), "2001:db8::1");
        assert_eq!(client("10.0.0.1", &["192.0.2.1:4711"], &trusted), "192.0.2.1");
    }

    #[test]
    fn nonsense_ends_the_walk() {
        assert_eq!(client("10.0.0.1", &["192.0.2.1, unknown"], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[], &["10.0.0.0/8"]), "10.0.0.1");
    }
}
