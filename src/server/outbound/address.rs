//! Which addresses on the internet a fetch may go to.
//!
//! IPv4: everything but the special-purpose registry of IANA (<https://www.iana.org/assignments/iana-ipv4-special-registry>),
//! multicast, the reserved top, and the one metadata address that clouds keep among public ones. IPv6: only what is handed out
//! to networks (2000::/3), less the parts of it that are special or carry an IPv4 address inside; so mapped, compatible,
//! NAT64, unique local, link-local, site-local and multicast addresses fall out by themselves.

use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::LazyLock;

const V4_REFUSED: [&str; 16] = [
    "0.0.0.0/8",        // this network
    "10.0.0.0/8",       // private
    "100.64.0.0/10",    // carrier-grade NAT; the metadata address of Alibaba Cloud
    "127.0.0.0/8",      // loopback
    "168.63.129.16/32", // the host agent of Azure
    "169.254.0.0/16",   // link-local; the metadata address of nearly every cloud
    "172.16.0.0/12",    // private
    "192.0.0.0/24",     // protocol assignments; the metadata address of Oracle Cloud
    "192.0.2.0/24",     // documentation
    "192.88.99.0/24",   // 6to4 relays
    "192.168.0.0/16",   // private
    "198.18.0.0/15",    // benchmarks
    "198.51.100.0/24",  // documentation
    "203.0.113.0/24",   // documentation
    "224.0.0.0/4",      // multicast
    "240.0.0.0/4",      // reserved, broadcast
];
const V6_ALLOWED: &str = "2000::/3";
const V6_REFUSED: [&str; 4] = [
    "2001::/23",     // protocol assignments: Teredo, benchmarks, ORCHID
    "2001:db8::/32", // documentation
    "2002::/16",     // 6to4: an IPv4 address inside
    "3fff::/20",     // documentation
];

/// Whether anybody on the internet may reach this address, and no one else's network hides behind it.
pub fn is_global(ip: IpAddr) -> bool {
    static V4: LazyLock<Vec<IpNet>> = LazyLock::new(|| nets(&V4_REFUSED));
    static V6: LazyLock<Vec<IpNet>> = LazyLock::new(|| nets(&V6_REFUSED));
    static V6_UNICAST: LazyLock<Vec<IpNet>> = LazyLock::new(|| nets(&[V6_ALLOWED]));
    let within = |nets: &[IpNet]| nets.iter().any(|net| net.contains(&ip));
    match ip {
        IpAddr::V4(_) => !within(&V4),
        IpAddr::V6(_) => within(&V6_UNICAST) && !within(&V6),
    }
}

fn nets(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().map(|text| text.parse().expect("a network of the table above")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_global() {
        let refused = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.1.2.3",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::2",
            "::127.0.0.1",
            "::10.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:8.8.8.8",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "100:0:0:1::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a00:1::",
            "2002:808:808::1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fd12:3456::1",
            "fe80::1",
            "fe80::a9fe:a9fe",
            "febf::1",
            "fec0::1",
            "feff::1",
            "ff02::1",
            "ff0e::1",
        ];
        let allowed = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450:4001::200e",
            "2003::1",
            "3ffe::1",
            "3fff:1000::1",
        ];
        for text in refused {
            assert!(!is_global(text.parse().expect(text)), "{text} is refused");
        }
        for text in allowed {
            assert!(is_global(text.parse().expect(text)), "{text} is allowed");
        }
    }
}
