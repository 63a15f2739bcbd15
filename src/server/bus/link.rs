//! The link to Redis: one connection that publishes, one that listens. It works while the process hears its own pulse; a link that
//! is only open, slow or half closed does not.

use super::notice::Notice;
use super::{Heard, Inner, Item};
use crate::server::config::{self, Place};
use bytes::Bytes;
use futures_util::StreamExt;
use redis::aio::{MultiplexedConnection, PubSubStream};
use redis::{AsyncConnectionConfig, Client, ErrorKind, RedisError, ServerErrorKind, TlsCertificates};
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

const PULSE: Duration = Duration::from_secs(1);
/// Without an own pulse for this long the link is down.
const ECHO_TIME: Duration = Duration::from_secs(3);
const CONNECT_TIME: Duration = Duration::from_secs(2);
/// How long Redis may take to publish what is given to it at once.
const PUBLISH_TIME: Duration = Duration::from_millis(500);
/// Notices given to it at once.
const BATCH_MAX: usize = 128;
/// Pauses between tries, by how many failed.
const PAUSES_MS: [u64; 5] = [100, 250, 500, 1_000, 2_000];

/// Why there is no link.
#[derive(Debug)]
enum Problem {
    /// It may be better in a moment.
    Away(String),
    /// It is so until somebody changes the configuration.
    Wrong(String),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Away(text) | Self::Wrong(text) => f.write_str(text),
        }
    }
}

/// What can be told at start: a wrong password, a certificate that is not trusted, missing rights. A Redis that does not answer
/// now is no reason not to start.
///
/// # Errors
/// One plain line that names the variable.
pub async fn check(settings: &config::Redis) -> Result<(), String> {
    match try_out(settings).await {
        Ok(()) => Ok(()),
        Err(Problem::Wrong(text)) => Err(format!("REDIS_URL: {text}")),
        Err(Problem::Away(text)) => {
            tracing::warn!(problem = text, "Redis does not answer: other processes are not told yet");
            Ok(())
        }
    }
}

async fn try_out(settings: &config::Redis) -> Result<(), Problem> {
    let (mut connection, _listening) = connect(settings).await?;
    let name: Result<String, _> = ask(redis::cmd("ACL").arg("WHOAMI"), &mut connection).await;
    if name.is_ok_and(|name| name == "default") {
        tracing::warn!("REDIS_URL: the user \"default\" may do everything; make one for this prefix (docs/redis.md)");
    }
    let channel = channel(&settings.prefix);
    let published: Result<u32, _> = ask(redis::cmd("PUBLISH").arg(&channel).arg(""), &mut connection).await;
    published?;
    let key = format!("{}start", settings.prefix);
    let script = "redis.call('SET', KEYS[1], '1', 'PX', '1000') return redis.call('TIME')[1]";
    let told: Result<String, _> = ask(redis::cmd("EVAL").arg(script).arg(1).arg(&key), &mut connection).await;
    told.map(drop)
}

async fn ask<T: redis::FromRedisValue>(
    command: &redis::Cmd,
    connection: &mut MultiplexedConnection,
) -> Result<T, Problem> {
    match timeout(CONNECT_TIME, command.query_async(connection)).await {
        Ok(answer) => answer.map_err(|error| problem(&error)),
        Err(_) => Err(Problem::Away("it does not answer".to_owned())),
    }
}

pub(super) fn channel(prefix: &str) -> String {
    format!("{prefix}bus")
}

/// Keeps the link up until the bus is gone.
pub(super) async fn run(inner: Weak<Inner>, settings: config::Redis, mut sending: Receiver<Item>, hear: Sender<Heard>) {
    let mut failures = 0;
    while inner.strong_count() > 0 {
        let problem = match connect(&settings).await {
            Ok((connection, listening)) => {
                // What waits is from before.
                while sending.try_recv().is_ok() {}
                let began = Instant::now();
                let ended = serve(&inner, connection, listening, &mut sending, &hear, &settings.prefix).await;
                if began.elapsed() > ECHO_TIME * 2 {
                    failures = 0;
                }
                ended
            }
            Err(problem) => Err(problem),
        };
        let Some(inner) = inner.upgrade() else { return };
        let Err(problem) = problem else { return };
        inner.connection.store(None);
        if inner.is_up.swap(false, Ordering::SeqCst) || failures == 0 {
            tracing::warn!(%problem, "Redis cannot be used: other processes are not told, each looks for itself");
        }
        drop(inner);
        sleep(Duration::from_millis(PAUSES_MS[failures.min(PAUSES_MS.len() - 1)])).await;
        failures += 1;
    }
}

/// Until something goes wrong, or (`Ok`) nobody needs it any more.
async fn serve(
    inner: &Weak<Inner>,
    connection: MultiplexedConnection,
    listening: PubSubStream,
    sending: &mut Receiver<Item>,
    hear: &Sender<Heard>,
    prefix: &str,
) -> Result<(), Problem> {
    tokio::select! {
        ended = speak(inner, connection, sending, prefix) => ended,
        ended = listen(inner, listening, hear) => ended,
    }
}

async fn speak(
    inner: &Weak<Inner>,
    mut connection: MultiplexedConnection,
    sending: &mut Receiver<Item>,
    prefix: &str,
) -> Result<(), Problem> {
    let channel = channel(prefix);
    let mut pulse = interval(PULSE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut batch = Vec::with_capacity(BATCH_MAX);
    loop {
        tokio::select! {
            _ = pulse.tick() => {
                let Some(inner) = inner.upgrade() else { return Ok(()) };
                inner.publish(&Notice::Pulse, &[]);
            }
            count = sending.recv_many(&mut batch, BATCH_MAX) => {
                if count == 0 {
                    return Ok(());
                }
                let (mut pipe, mut flushes) = (redis::pipe(), Vec::new());
                for item in batch.drain(..) {
                    match item {
                        Item::Notice(bytes) => {
                            pipe.cmd("PUBLISH").arg(&channel).arg(bytes).ignore();
                        }
                        Item::Flush(done) => flushes.push(done),
                    }
                }
                match timeout(PUBLISH_TIME, pipe.query_async::<()>(&mut connection)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => return Err(problem(&error)),
                    Err(_) => return Err(Problem::Away("it takes too long to publish".to_owned())),
                }
                for done in flushes {
                    done.send(()).ok();
                }
                let Some(inner) = inner.upgrade() else { return Ok(()) };
                if inner.connection.load().is_none() {
                    inner.connection.store(Some(Arc::new(connection.clone())));
                }
            }
        }
    }
}

async fn listen(inner: &Weak<Inner>, mut listening: PubSubStream, hear: &Sender<Heard>) -> Result<(), Problem> {
    let mut echo = Instant::now();
    loop {
        let message = match timeout(ECHO_TIME.saturating_sub(echo.elapsed()), listening.next()).await {
            Ok(Some(message)) => message,
            Ok(None) => return Err(Problem::Away("it closed the connection".to_owned())),
            Err(_) => return Err(Problem::Away("it does not pass on what is published".to_owned())),
        };
        let Some(inner) = inner.upgrade() else { return Ok(()) };
        let Some(heard) = inner.open(&Bytes::copy_from_slice(message.get_payload_bytes())) else {
            tracing::debug!("a notice was not believed");
            continue;
        };
        if heard.from == inner.process {
            echo = Instant::now();
            if !inner.is_up.swap(true, Ordering::SeqCst) {
                // Whatever was said meanwhile was not heard.
                inner.is_doubtful.store(true, Ordering::SeqCst);
                tracing::info!("linked with the other processes by Redis");
            }
        } else if hear.try_send(heard).is_err() {
            inner.is_doubtful.store(true, Ordering::SeqCst);
        }
    }
}

async fn connect(settings: &config::Redis) -> Result<(MultiplexedConnection, PubSubStream), Problem> {
    stay_private(settings).await?;
    let client = client(settings)?;
    let connecting = async {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIME))
            .set_response_timeout(Some(PUBLISH_TIME));
        let connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        let mut listening = client.get_async_pubsub().await?;
        listening.subscribe(channel(&settings.prefix)).await?;
        Ok((connection, listening.into_on_message()))
    };
    match timeout(CONNECT_TIME * 2, connecting).await {
        Ok(connected) => connected.map_err(|error: RedisError| problem(&error)),
        Err(_) => Err(Problem::Away("it does not answer".to_owned())),
    }
}

fn client(settings: &config::Redis) -> Result<Client, Problem> {
    // There is more than one provider among the crates, and rustls does not choose.
    tokio_rustls::rustls::crypto::ring::default_provider().install_default().ok();
    let made = match &settings.ca {
        Some(pem) => {
            let certificates = TlsCertificates { client_tls: None, root_cert: Some(pem.clone()) };
            Client::build_with_tls(settings.url(), certificates)
        }
        None => Client::open(settings.url()),
    };
    made.map_err(|error| match error.kind() {
        ErrorKind::InvalidClientConfig => Problem::Wrong("is not understood".to_owned()),
        _ => Problem::Wrong("REDIS_CA holds no certificate".to_owned()),
    })
}

/// Without TLS nothing goes to an address that others can reach.
async fn stay_private(settings: &config::Redis) -> Result<(), Problem> {
    let Place::Plain { host, port } = &settings.place else { return Ok(()) };
    let Ok(found) = timeout(CONNECT_TIME, tokio::net::lookup_host((host.as_str(), *port))).await else {
        return Err(Problem::Away(format!("the name {host} is not answered")));
    };
    let addresses = found.map_err(|_| Problem::Away(format!("there is no address for {host}")))?;
    for address in addresses {
        if !is_private(address.ip()) {
            return Err(Problem::Wrong(format!("{host} is a public address: use rediss:// there, or a private one")));
        }
    }
    Ok(())
}

/// Whether only this machine or its own network reaches it: loopback, RFC 1918, RFC 6598, RFC 4193 and link-local.
pub(in crate::server) fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]);
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Never with what Redis said of a password, a user or a command.
fn problem(error: &RedisError) -> Problem {
    let no_rights = "its user may not do what is needed: give it the rights of docs/redis.md";
    match error.kind() {
        ErrorKind::AuthenticationFailed => Problem::Wrong("the user or the password is wrong".to_owned()),
        ErrorKind::Server(ServerErrorKind::NoPerm) => Problem::Wrong(no_rights.to_owned()),
        ErrorKind::InvalidClientConfig => Problem::Wrong("is not understood".to_owned()),
        _ if matches!(error.code(), Some("NOAUTH")) => Problem::Wrong("it asks for a user and a password".to_owned()),
        _ if matches!(error.code(), Some("WRONGPASS")) => {
            Problem::Wrong("the user or the password is wrong".to_owned())
        }
        _ if error.to_string().contains("certificate") => {
            Problem::Wrong("its certificate is not trusted: name the authority in REDIS_CA".to_owned())
        }
        _ if error.is_timeout() => Problem::Away("it does not answer".to_owned()),
        _ if error.is_io_error() || error.is_connection_dropped() => {
            Problem::Away("it cannot be reached, or broke off".to_owned())
        }
        kind => Problem::Away(format!("it answers with an error ({kind:?})")),
    }
}

#[cfg(test)]
mod tests {
    use super::is_private;

    #[test]
    fn only_what_the_own_network_reaches_is_private() {
        let yes = ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.9", "169.254.1.1", "100.64.0.1", "::1", "fd00::1"];
        let no = ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860::1", "::ffff:8.8.8.8", "0.0.0.0"];
        assert!(yes.iter().all(|ip| is_private(ip.parse().unwrap())));
        assert!(no.iter().all(|ip| !is_private(ip.parse().unwrap())));
    }
}
