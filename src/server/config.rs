//! The configuration: one struct from the environment and `.env`.

use ipnet::IpNet;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What the environment said, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// `IP`, `PORT`: where to listen.
    pub address: SocketAddr,
    /// `LAVENDER_URL`: the origin people open, such as `https://chat.example.org`.
    pub origin: String,
    /// `LAVENDER_DATA`: the folder for keys, the embedded store and files.
    pub data: PathBuf,
    /// `MONGODB_URI`: use this replica set instead of the embedded store.
    pub mongodb_uri: Option<SecretString>,
    /// `LAVENDER_TRUSTED_PROXIES`: networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `LAVENDER_REGISTRATION`: whether strangers may make accounts.
    pub registration: bool,
    /// `LAVENDER_LIMIT_SCALE`: multiplies every rate limit (benchmarks, tests).
    pub limit_scale: u32,
    /// `LAVENDER_LOG`: a tracing filter.
    pub log: String,
}
