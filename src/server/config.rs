//! The configuration: one struct from the environment and `.env`, checked at start. The only reader of the environment.
//!
//! A variable of the process wins over the same one in `.env`. An empty value is the same as none.

mod mail;
mod model;
mod redis;
mod s3;
mod sign_in;

pub use mail::{Mail, Security};
pub use model::Model;
pub use redis::{Place, Redis};
pub use s3::S3;
pub use sign_in::{Provider, is_loopback};

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// What the environment said, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// `IP` (default `127.0.0.1`; `0.0.0.0` or `::` for every network) and `PORT` (default `8080`, 0 to 65535; 0 takes a
    /// free one): where to listen. dx sets both when it serves.
    pub address: SocketAddr,
    /// `LAVENDER_URL` (default `http://localhost:<PORT>`): the origin people open, such as `https://chat.example.org`;
    /// no path. `http` only for `localhost` and loopback addresses: browsers keep secure cookies from anything else.
    pub origin: String,
    /// Every origin a request may come from: [`Config::origin`] and, when it is on this machine, its other loopback names.
    pub origins: Vec<String>,
    /// `LAVENDER_DATA` (default `./data`): the folder for keys, the embedded store and files. Made when missing, 0700.
    pub data: PathBuf,
    /// `MONGODB_URI` (default none): use this replica set instead of the embedded store. Names a database. TLS unless
    /// every host is on this machine.
    pub mongodb_uri: Option<SecretString>,
    /// The `S3_…` variables (default none): keep the bytes of files in this bucket instead of `blobs/` in [`Config::data`].
    pub s3: Option<S3>,
    /// The `REDIS_…` variables (default none): several processes on one MongoDB tell each other what happens.
    pub redis: Option<Redis>,
    /// The `SMTP_…` variables (default none): this server writes e-mail. Without them nobody is offered what needs it.
    pub mail: Option<Mail>,
    /// `LAVENDER_TRUSTED_PROXIES` (default none): addresses or networks in CIDR form, separated by commas, whose
    /// `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `LAVENDER_REGISTRATION` (`open` or `closed`, default `open`): whether strangers may make accounts.
    pub registration: bool,
    /// The `GOOGLE_…` and `OIDC_…` variables (default none): whose accounts open one here.
    pub providers: Vec<Provider>,
    /// `LAVENDER_PREVIEWS` (`on` or `off`, default `off`): whether this server fetches the pages that messages link to, to show
    /// what they say of themselves. Their owners then see requests from this server's address.
    pub previews: bool,
    /// `LAVENDER_ASSISTANT` (`on` or `off`, default `on`): whether the assistant answers. It sends nothing to anybody else.
    pub assistant: bool,
    /// The `LAVENDER_MODEL…` variables (default none): a language model behind the assistant.
    pub model: Option<Model>,
    /// `LAVENDER_OUTBOUND_DENY` (default none): addresses or networks in CIDR form, separated by commas, that this server never
    /// fetches anything from, beside those that are not public: an organisation's own public addresses.
    pub outbound_deny: Vec<IpNet>,
    /// Addresses that may be fetched from although they are not public. No variable sets it: a test gives its own site here.
    pub outbound_exceptions: Vec<SocketAddr>,
    /// `LAVENDER_FILE_MAX_MB` (default 25, 1 to 10,000): the largest file, in megabytes of 1,000,000 bytes. Kept in bytes.
    pub file_max: u64,
    /// `LAVENDER_FILE_QUOTA_MB` (default 1000, 1 to 10,000,000): what one person's files may take together. Kept in bytes.
    pub file_quota: u64,
    /// `LAVENDER_LIMIT_SCALE` (default 1, 1 to 1,000,000): multiplies every rate limit (benchmarks, tests).
    pub limit_scale: u32,
    /// `LAVENDER_LOG` (default `info,dioxus_server=warn`): a tracing filter, such as `info,lavender=debug`.
    pub log: String,
    /// `LAVENDER_LOG_FORMAT` (`text`, `json` or `auto`, default `auto`: text on a terminal, JSON elsewhere).
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LogFormat {
    #[default]
    Auto,
    Text,
    Json,
}

/// A value the process cannot start with. Displays as one line that names the variable and holds no secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadConfig {
    pub variable: &'static str,
    pub problem: String,
}

impl fmt::Display for BadConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.problem)
    }
}

/// The variables that [`Config`] is made of, for `--help`.
pub const HELP: &str = "\
  IP                        where to listen (default 127.0.0.1)
  PORT                      where to listen (default 8080; 0: a free one)
  LAVENDER_URL              the origin people open (default http://localhost:<PORT>)
  LAVENDER_DATA             folder for keys and the embedded store (default ./data)
  MONGODB_URI               a MongoDB replica set and database (default: the embedded store)
  S3_BUCKET                 a private bucket for files (default: a folder in LAVENDER_DATA)
  S3_ENDPOINT               where its storage is (default: Amazon's in S3_REGION)
  S3_PUBLIC_ENDPOINT        where browsers reach it (default: S3_ENDPOINT)
  S3_REGION                 its region (default us-east-1, if there is S3_ENDPOINT)
  S3_ACCESS_KEY_ID          a key for this bucket only
  S3_SECRET_ACCESS_KEY      its secret
  S3_PATH_STYLE             on or off: the bucket is in the path (default on, if there is S3_ENDPOINT)
  REDIS_URL                 tells several processes on one MongoDB of each other (default none)
  REDIS_PREFIX              what every key and channel there begins with (default lavender:)
  REDIS_CA                  a file with the certificate that signs its own, for rediss://
  SMTP_URL                  a mail server: smtps://USER:PASSWORD@HOST, or smtp:// with STARTTLS (default: no e-mail)
  SMTP_FROM                 whose letters they are: Lavender <chat@example.org>
  SMTP_CA                   a file with the certificate that signs its own (default: what browsers trust)
  LAVENDER_TRUSTED_PROXIES  networks whose X-Forwarded-For is believed, in CIDR form, separated by commas (default none)
  LAVENDER_REGISTRATION     open or closed (default open)
  GOOGLE_CLIENT_ID          people sign in with their Google accounts
  GOOGLE_CLIENT_SECRET      its secret
  OIDC_ISSUER               people sign in with their accounts of this OpenID provider
  OIDC_CLIENT_ID            who this server is to it
  OIDC_CLIENT_SECRET        its secret
  OIDC_NAME                 what its button says (default: the host of OIDC_ISSUER)
  LAVENDER_PREVIEWS         on or off: fetch the pages that messages link to, for previews (default off)
  LAVENDER_ASSISTANT        on or off: the built-in assistant answers (default on)
  LAVENDER_MODEL_URL        a server that speaks OpenAI Chat Completions: a language model behind the assistant
  LAVENDER_MODEL            the name of the model there
  LAVENDER_MODEL_KEY        what that server asks for as a bearer token
  LAVENDER_MODEL_CONTEXT    tokens that it reads and writes in one go (default 4096)
  LAVENDER_MODEL_ANSWER     tokens of one answer (default 400)
  LAVENDER_MODEL_AT_ONCE    answers written side by side (default 1 on this machine, else 8)
  LAVENDER_MODEL_PER_PERSON answers that one person gets in a day (default 100)
  LAVENDER_MODEL_PER_ROOM   tokens that the answers in one room take in a day (default 1000000)
  LAVENDER_MODEL_PER_DAY    tokens that all answers take in a day (default as many as it takes)
  LAVENDER_MODEL_PRICES     dollars for a million tokens read and written, as 0.15,0.6: admins see what it costs
  LAVENDER_OUTBOUND_DENY    public networks that nothing is fetched from, in CIDR form, separated by commas (default none)
  LAVENDER_FILE_MAX_MB      the largest file, in MB (default 25)
  LAVENDER_FILE_QUOTA_MB    what one person's files may take together, in MB (default 1000)
  LAVENDER_LIMIT_SCALE      multiplies every rate limit (default 1)
  LAVENDER_LOG              a tracing filter (default info,dioxus_server=warn)
  LAVENDER_LOG_FORMAT       text, json or auto (default auto: text on a terminal)";

impl Config {
    /// Reads the environment of the process, and `.env` in the working directory for what it lacks.
    ///
    /// # Errors
    /// The first bad value.
    pub fn from_env() -> Result<Self, BadConfig> {
        let file = read_dotenv()?;
        Self::read(|name| std::env::var(name).ok().or_else(|| file.get(name).cloned()))
    }

    /// Reads variables through `lookup`.
    ///
    /// # Errors
    /// The first bad value.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, BadConfig> {
        let value = |name: &str| lookup(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let ip: IpAddr = match value("IP") {
            None => IpAddr::from([127, 0, 0, 1]),
            Some(text) => text.parse().map_err(|_| bad("IP", format!("\"{text}\" is not an IP address")))?,
        };
        let port: u16 = match value("PORT") {
            None => 8080,
            Some(text) => text.parse().map_err(|_| bad("PORT", format!("\"{text}\" is not a port, 0 to 65535")))?,
        };
        // Under `dx serve` people open dx's own port, and dx passes their requests on to ours.
        let shown = value("DIOXUS_DEVSERVER_PORT").and_then(|text| text.parse().ok()).unwrap_or(port);
        let origin = match value("LAVENDER_URL") {
            None => format!("http://localhost:{shown}"),
            Some(text) => origin_of(&text).map_err(|problem| bad("LAVENDER_URL", problem))?,
        };
        let mut origins = with_loopback_names(&origin);
        if shown != port {
            // And it names our port, not its own, as their `Host`.
            origins.extend(with_loopback_names(&format!("http://localhost:{port}")));
        }
        let s3 = S3::read(value)?;
        if let Some(s3) = &s3 {
            s3.check(&origins, origin.starts_with("https://"))?;
        }
        let redis = Redis::read(value)?;
        if redis.is_some() && value("MONGODB_URI").is_none() {
            return Err(bad("REDIS_URL", "is for several processes, and those need MONGODB_URI"));
        }
        Ok(Self {
            address: SocketAddr::new(ip, port),
            redis,
            mail: Mail::read(value)?,
            s3,
            origins,
            origin,
            data: value("LAVENDER_DATA").map_or_else(|| PathBuf::from("data"), PathBuf::from),
            mongodb_uri: value("MONGODB_URI")
                .map(|text| check_mongodb_uri(&text).map(|()| SecretString::from(text)))
                .transpose()
                .map_err(|problem| bad("MONGODB_URI", problem))?,
            trusted_proxies: value("LAVENDER_TRUSTED_PROXIES")
                .map_or_else(|| Ok(Vec::new()), |text| networks(&text))
                .map_err(|problem| bad("LAVENDER_TRUSTED_PROXIES", problem))?,
            registration: match value("LAVENDER_REGISTRATION").as_deref() {
                None | Some("open") => true,
                Some("closed") => false,
                Some(text) => {
                    return Err(bad("LAVENDER_REGISTRATION", format!("\"{text}\" is neither \"open\" nor \"closed\"")));
                }
            },
            providers: Provider::read(value)?,
            previews: switch("LAVENDER_PREVIEWS", value("LAVENDER_PREVIEWS"), false)?,
            assistant: switch("LAVENDER_ASSISTANT", value("LAVENDER_ASSISTANT"), true)?,
            model: Model::read(value)?,
            outbound_deny: value("LAVENDER_OUTBOUND_DENY")
                .map_or_else(|| Ok(Vec::new()), |text| networks(&text))
                .map_err(|problem| bad("LAVENDER_OUTBOUND_DENY", problem))?,
            outbound_exceptions: Vec::new(),
            file_max: megabytes(value("LAVENDER_FILE_MAX_MB"), 25, 10_000)
                .map_err(|problem| bad("LAVENDER_FILE_MAX_MB", problem))?,
            file_quota: megabytes(value("LAVENDER_FILE_QUOTA_MB"), 1_000, 10_000_000)
                .map_err(|problem| bad("LAVENDER_FILE_QUOTA_MB", problem))?,
            limit_scale: match value("LAVENDER_LIMIT_SCALE") {
                None => 1,
                Some(text) => text.parse().ok().filter(|scale| (1..=1_000_000).contains(scale)).ok_or_else(|| {
                    bad("LAVENDER_LIMIT_SCALE", format!("\"{text}\" is not a whole number from 1 to 1000000"))
                })?,
            },
            log: match value("LAVENDER_LOG") {
                None => "info,dioxus_server=warn".to_owned(),
                Some(text) if tracing_subscriber::EnvFilter::try_new(&text).is_ok() => text,
                Some(text) => return Err(bad("LAVENDER_LOG", format!("\"{text}\" is not a tracing filter"))),
            },
            log_format: match value("LAVENDER_LOG_FORMAT").as_deref() {
                None | Some("auto") => LogFormat::Auto,
                Some("text") => LogFormat::Text,
                Some("json") => LogFormat::Json,
                Some(text) => {
                    return Err(bad(
                        "LAVENDER_LOG_FORMAT",
                        format!("\"{text}\" is not \"text\", \"json\" or \"auto\""),
                    ));
                }
            },
        })
    }

    /// Whether people reach this server over https.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// Sets [`Config::origin`] and what follows from it (tests, which learn their port late).
    pub fn set_origin(&mut self, origin: String) {
        self.origins = with_loopback_names(&origin);
        self.origin = origin;
    }

    /// Whether `authority` (a `Host` header) is one that people open.
    pub fn is_own_host(&self, authority: &str) -> bool {
        self.origins.iter().any(|origin| {
            let (scheme, own) = origin.split_once("://").unwrap_or(("", origin));
            let default = if scheme == "https" { ":443" } else { ":80" };
            let given = authority.strip_suffix(default).unwrap_or(authority);
            given.eq_ignore_ascii_case(own)
        })
    }

    /// The URI of the MongoDB replica set, for the driver only.
    pub fn mongodb_uri(&self) -> Option<&str> {
        self.mongodb_uri.as_ref().map(ExposeSecret::expose_secret)
    }
}

fn bad(variable: &'static str, problem: impl Into<String>) -> BadConfig {
    BadConfig { variable, problem: problem.into() }
}

/// `.env` of the working directory. Its lines are never quoted: they may hold secrets.
fn read_dotenv() -> Result<HashMap<String, String>, BadConfig> {
    let lines = match dotenvy::from_path_iter(".env") {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(HashMap::new()),
        Err(_) => return Err(bad(".env", "cannot be read")),
    };
    lines
        .enumerate()
        .map(|(index, line)| line.map_err(|_| bad(".env", format!("entry {} is not NAME=value", index + 1))))
        .collect()
}

/// The origin in `text` that people open: scheme, host and port, nothing else.
fn origin_of(text: &str) -> Result<String, String> {
    let (origin, local) = origin_in(text, "https://chat.example.org")?;
    if origin.starts_with("http://") && !local {
        return Err("must be https: browsers keep secure cookies from plain http (but on localhost)".into());
    }
    Ok(origin)
}

/// The http or https origin that `text` is, and whether it is on this machine.
fn origin_in(text: &str, example: &str) -> Result<(String, bool), String> {
    // Not quoted before it is known to hold no password.
    let url = url::Url::parse(text).map_err(|_| format!("is not a URL such as {example}"))?;
    let extra = !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some();
    if extra || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("must be an origin such as {example}, without a path, a query or a password"));
    }
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(format!("\"{text}\" names no host")),
    };
    match url.scheme() {
        "https" | "http" => Ok((url.origin().ascii_serialization(), local)),
        _ => Err("must begin with https://".into()),
    }
}

/// On one's own machine `localhost` and the loopback addresses are the same place, and people type either.
fn with_loopback_names(origin: &str) -> Vec<String> {
    const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
    let mut origins = vec![origin.to_owned()];
    let Some((scheme, authority)) = origin.split_once("://") else { return origins };
    if let Some(own) = NAMES.iter().find(|name| authority.strip_prefix(**name).is_some_and(is_port)) {
        let port = &authority[own.len()..];
        origins.extend(NAMES.iter().filter(|name| *name != own).map(|name| format!("{scheme}://{name}{port}")));
    }
    origins
}

fn is_port(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(':')
}

/// Networks in CIDR form or single addresses, separated by commas.
fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| item.parse().or_else(|_| item.parse::<IpAddr>().map(IpNet::from)).map_err(|_| item))
        .collect::<Result<_, _>>()
        .map_err(|item| format!("\"{item}\" is not a network such as 10.0.0.0/8"))
}

/// `on` or `off`.
fn switch(name: &'static str, text: Option<String>, default: bool) -> Result<bool, BadConfig> {
    match text.as_deref() {
        None => Ok(default),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(text) => Err(bad(name, format!("\"{text}\" is neither \"on\" nor \"off\""))),
    }
}

/// A whole number of megabytes, in bytes.
fn megabytes(text: Option<String>, default: u64, max: u64) -> Result<u64, String> {
    let count = match text {
        None => default,
        Some(text) => text
            .parse()
            .ok()
            .filter(|count| (1..=max).contains(count))
            .ok_or_else(|| format!("\"{text}\" is not a whole number of megabytes from 1 to {max}"))?,
    };
    Ok(count * 1_000_000)
}

/// What can be judged before connecting: the scheme, a database name, encryption, and options that would lose
/// acknowledged writes. No part of the URI is quoted.
fn check_mongodb_uri(uri: &str) -> Result<(), String> {
    let (srv, rest) = match uri.split_once("://") {
        Some(("mongodb", rest)) => (false, rest),
        Some(("mongodb+srv", rest)) => (true, rest),
        _ => return Err("must begin with mongodb:// or mongodb+srv://".into()),
    };
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = before.split_once('/').unwrap_or((before, ""));
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    if hosts.is_empty() || hosts.split(',').any(str::is_empty) {
        return Err("names no host".into());
    }
    if database.is_empty() {
        return Err("names no database: add one after the hosts, such as mongodb://host:27017/lavender".into());
    }
    let mut tls = srv;
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = value.to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "tls" | "ssl" => tls = value == "true",
            "tlsinsecure" | "tlsallowinvalidcertificates" | "tlsallowinvalidhostnames" if value != "false" => {
                return Err(format!("{name} would accept a forged server"));
            }
            "retrywrites" if value == "false" => return Err("retryWrites=false would lose writes at a failover".into()),
            "w" if value != "majority" => return Err("w must be majority: less loses acknowledged messages".into()),
            "journal" | "j" if value == "false" => return Err("journal=false loses acknowledged messages".into()),
            _ => {}
        }
    }
    if !tls && !hosts.split(',').all(is_local_host) {
        return Err("must use TLS (add tls=true): a host is not on this machine".into());
    }
    Ok(())
}

/// Whether a host of a MongoDB URI is this machine: loopback, or a percent-encoded socket path.
fn is_local_host(host: &str) -> bool {
    if host.starts_with("%2F") || host.starts_with("%2f") {
        return true;
    }
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => host.split(':').next().unwrap_or(host),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, BadConfig> {
        Config::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    fn refused(name: &'static str, value: &str) -> String {
        let error = read(&[(name, value)]).expect_err("this value is bad");
        assert_eq!(error.variable, name);
        let line = error.to_string();
        assert!(line.starts_with(&format!("{name}: ")) && !line.contains('\n'), "{line}");
        line
    }

    #[test]
    fn the_help_and_the_example_name_every_variable() {
        let names = [
            "IP",
            "PORT",
            "LAVENDER_URL",
            "LAVENDER_DATA",
            "MONGODB_URI",
            "S3_BUCKET",
            "S3_ENDPOINT",
            "S3_PUBLIC_ENDPOINT",
            "S3_REGION",
            "S3_ACCESS_KEY_ID",
            "S3_SECRET_ACCESS_KEY",
            "S3_PATH_STYLE",
            "LAVENDER_TRUSTED_PROXIES",
            "LAVENDER_REGISTRATION",
            "LAVENDER_PREVIEWS",
            "LAVENDER_ASSISTANT",
            "LAVENDER_MODEL_URL",
            "LAVENDER_MODEL",
            "LAVENDER_MODEL_KEY",
            "LAVENDER_MODEL_CONTEXT",
            "LAVENDER_MODEL_ANSWER",
            "LAVENDER_MODEL_AT_ONCE",
            "LAVENDER_MODEL_PER_PERSON",
            "LAVENDER_MODEL_PER_ROOM",
            "LAVENDER_MODEL_PER_DAY",
            "LAVENDER_MODEL_PRICES",
            "LAVENDER_OUTBOUND_DENY",
            "LAVENDER_FILE_MAX_MB",
            "LAVENDER_FILE_QUOTA_MB",
            "LAVENDER_LIMIT_SCALE",
            "LAVENDER_LOG",
            "LAVENDER_LOG_FORMAT",
            "GOOGLE_CLIENT_ID",
            "GOOGLE_CLIENT_SECRET",
            "OIDC_ISSUER",
            "OIDC_CLIENT_ID",
            "OIDC_CLIENT_SECRET",
            "OIDC_NAME",
            "REDIS_URL",
            "REDIS_PREFIX",
            "REDIS_CA",
            "SMTP_URL",
            "SMTP_FROM",
            "SMTP_CA",
        ];
        let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
        Config::read(|name| {
            asked.borrow_mut().insert(name.to_owned());
            None
        })
        .expect("the defaults are good");
        asked.borrow_mut().remove("DIOXUS_DEVSERVER_PORT");
        assert_eq!(asked.into_inner(), names.map(str::to_owned).into());
        for name in names {
            assert!(HELP.lines().any(|line| line.trim_start().starts_with(&format!("{name} "))), "{name}");
            let example = include_str!("../../.env.example");
            assert!(example.lines().any(|line| line.starts_with(&format!("# {name}="))), "{name}");
        }
    }

    #[test]
    fn nothing_set_serves_this_machine_only() {
        let config = read(&[]).expect("the defaults are good");
        assert_eq!(config.address, "127.0.0.1:8080".parse().expect("an address"));
        assert_eq!(config.origin, "http://localhost:8080");
        assert!(config.registration && config.mongodb_uri.is_none() && config.trusted_proxies.is_empty());
        assert!(!config.previews && config.outbound_deny.is_empty());
        assert!(config.is_own_host("127.0.0.1:8080") && config.is_own_host("LOCALHOST:8080"));
        assert!(!config.is_own_host("localhost") && !config.is_own_host("evil.example:8080"));
    }

    #[test]
    fn a_public_origin_has_no_other_names() {
        let config = read(&[("LAVENDER_URL", "https://Chat.example.org/")]).expect("a good origin");
        assert_eq!(config.origins, ["https://chat.example.org"]);
        assert!(config.is_own_host("chat.example.org") && config.is_own_host("chat.example.org:443"));
        assert!(!config.is_own_host("chat.example.org:80") && config.is_https());
    }

    #[test]
    fn bad_values_name_their_variable_in_one_line() {
        refused("IP", "localhost");
        refused("PORT", "65536");
        refused("LAVENDER_URL", "chat.example.org");
        refused("LAVENDER_URL", "http://chat.example.org");
        refused("LAVENDER_URL", "https://chat.example.org/chat");
        refused("LAVENDER_URL", "ftp://chat.example.org");
        refused("LAVENDER_TRUSTED_PROXIES", "10.0.0.0/33");
        refused("LAVENDER_REGISTRATION", "yes");
        refused("LAVENDER_PREVIEWS", "yes");
        refused("LAVENDER_OUTBOUND_DENY", "example.org");
        refused("LAVENDER_LIMIT_SCALE", "0");
        refused("LAVENDER_LOG", "lavender=loud");
        refused("LAVENDER_LOG_FORMAT", "xml");
    }

    #[test]
    fn a_bad_mongodb_uri_is_refused_without_its_password() {
        for uri in [
            "postgres://u:hunter2@localhost/x",
            "mongodb://u:hunter2@localhost",
            "mongodb://u:hunter2@/x",
            "mongodb://u:hunter2@db.example/x",
            "mongodb://u:hunter2@localhost,db.example/x",
            "mongodb+srv://u:hunter2@db.example/x?tlsInsecure=true",
            "mongodb://u:hunter2@localhost/x?w=1",
            "mongodb://u:hunter2@localhost/x?retryWrites=false",
            "mongodb://u:hunter2@localhost/x?journal=false",
        ] {
            assert!(!refused("MONGODB_URI", uri).contains("hunter2"));
        }
        for uri in [
            "mongodb://127.0.0.1:27017,127.0.0.1:27018/lavender?replicaSet=rs0",
            "mongodb://[::1]:27017/lavender",
            "mongodb://db.example.org/lavender?tls=true&w=majority",
            "mongodb+srv://u:p@db.example.org/lavender",
        ] {
            let config = read(&[("MONGODB_URI", uri)]).expect("a good uri");
            assert_eq!(config.mongodb_uri(), Some(uri));
            assert!(!format!("{config:?}").contains(uri), "debug output hides the uri");
        }
    }

    #[test]
    fn proxies_are_networks_or_addresses() {
        let config = read(&[("LAVENDER_TRUSTED_PROXIES", "10.0.0.0/8, ::1")]).expect("good networks");
        assert_eq!(config.trusted_proxies.len(), 2);
        assert!(config.trusted_proxies[1].contains(&"::1".parse::<IpAddr>().expect("an address")));
    }

    #[test]
    fn no_variable_opens_a_way_inwards() {
        let config = Config::read(|name| match name {
            "PORT"
            | "IP"
            | "LAVENDER_URL"
            | "MONGODB_URI"
            | "S3_BUCKET"
            | "S3_ENDPOINT"
            | "S3_PUBLIC_ENDPOINT"
            | "S3_REGION"
            | "S3_ACCESS_KEY_ID"
            | "S3_SECRET_ACCESS_KEY"
            | "S3_PATH_STYLE"
            | "LAVENDER_REGISTRATION"
            | "LAVENDER_PREVIEWS"
            | "LAVENDER_ASSISTANT"
            | "LAVENDER_MODEL_URL"
            | "LAVENDER_MODEL"
            | "LAVENDER_MODEL_KEY"
            | "LAVENDER_MODEL_CONTEXT"
            | "LAVENDER_MODEL_ANSWER"
            | "LAVENDER_MODEL_AT_ONCE"
            | "LAVENDER_MODEL_PER_PERSON"
            | "LAVENDER_MODEL_PER_ROOM"
            | "LAVENDER_MODEL_PER_DAY"
            | "LAVENDER_MODEL_PRICES"
            | "LAVENDER_LOG"
            | "LAVENDER_LOG_FORMAT"
            | "DIOXUS_DEVSERVER_PORT"
            | "LAVENDER_FILE_MAX_MB"
            | "LAVENDER_FILE_QUOTA_MB"
            | "LAVENDER_LIMIT_SCALE"
            | "GOOGLE_CLIENT_ID"
            | "GOOGLE_CLIENT_SECRET"
            | "OIDC_ISSUER"
            | "OIDC_CLIENT_ID"
            | "OIDC_CLIENT_SECRET"
            | "OIDC_NAME"
            | "REDIS_URL"
            | "REDIS_PREFIX"
            | "REDIS_CA"
            | "SMTP_URL"
            | "SMTP_FROM"
            | "SMTP_CA" => None,
            _ => Some("127.0.0.1".to_owned()),
        });
        assert_eq!(config.expect("addresses are good where addresses are meant").outbound_exceptions, []);
    }

    #[test]
    fn under_dx_people_open_its_port() {
        let config = read(&[("PORT", "51234"), ("DIOXUS_DEVSERVER_PORT", "8080")]).expect("good");
        assert_eq!(config.origin, "http://localhost:8080");
        assert_eq!(config.address.port(), 51234);
        assert!(config.is_own_host("127.0.0.1:51234") && config.is_own_host("localhost:8080"));
    }
}
