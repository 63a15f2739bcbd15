//! The start and the end of the process.

use crate::server::bus::{self, Bus, Notice};
use crate::server::config::{self, Config};
use crate::server::http::accept;
use crate::server::hub::Hub;
use crate::server::keys::{self, Keys};
use crate::server::limits::Limits;
use crate::server::log::Log;
use crate::server::mail::Mailer;
use crate::server::model::{Endpoint, HttpModel, Patience};
use crate::server::outbound::{Outbound, Reach};
use crate::server::preview::Previews;
use crate::server::service::accounts::Passwords;
use crate::server::service::previews::Desk;
use crate::server::service::{answers, mails};
use crate::server::sign_in::SignIn;
use crate::server::store::embedded::{self, Embedded};
use crate::server::store::mongo::Mongo;
use crate::server::store::{Database, StoreError};
use crate::server::{App, Parts, blobs, http, service, session, telemetry};
use crate::time::Timestamp;
use axum::Router;
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How the process ends when its command line or its configuration is wrong.
const BAD_USAGE: u8 = 2;
/// How it ends when something else keeps it from starting.
const FAILED: u8 = 1;
/// How long sockets, requests in flight and the append queue may take to finish, each.
const DRAIN_TIME: Duration = Duration::from_secs(3);
/// How often a model is asked what it can do, and how soon again when it does not answer.
const PROBE: Duration = Duration::from_secs(24 * 3_600);
const PROBE_AGAIN: Duration = Duration::from_secs(300);
/// The embedded store, in the data folder.
const STORE_FILE: &str = "lavender.db";
const SWEEP: Duration = Duration::from_secs(60);
const SWEEP_ANSWERS: Duration = Duration::from_secs(5);
const SWEEP_FILES: Duration = Duration::from_secs(3_600);

/// What the command line asked for.
#[derive(PartialEq, Eq, Debug)]
enum Command {
    Serve,
    Help,
    Version,
    Backup(PathBuf),
}

/// Reads the command line and the configuration, and serves until SIGTERM or SIGINT.
pub fn run() -> ExitCode {
    let command = match parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(problem) => return complain(&problem, BAD_USAGE),
    };
    match command {
        Command::Help => return say(&help()),
        Command::Version => return say(concat!("lavender ", env!("CARGO_PKG_VERSION"))),
        Command::Backup(target) => return back_up(&target),
        Command::Serve => {}
    }
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => return complain(&error.to_string(), BAD_USAGE),
    };
    telemetry::start(&config);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("cannot start threads: {error}"), FAILED),
    };
    match runtime.block_on(serve_until_signal(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => complain(&problem, FAILED),
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let command = match arguments.next().as_deref() {
        None => Command::Serve,
        Some("--help" | "-h" | "help") => Command::Help,
        Some("--version" | "-V") => Command::Version,
        Some("backup") => Command::Backup(arguments.next().ok_or("backup needs the name of a new file")?.into()),
        Some(other) => return Err(format!("unknown argument \"{other}\": see lavender --help")),
    };
    match arguments.next() {
        None => Ok(command),
        Some(extra) => Err(format!("unexpected argument \"{extra}\": see lavender --help")),
    }
}

fn help() -> String {
    format!(
        "Lavender, a real-time chat people run themselves.\n\nUsage:\n  lavender                  serve\n  \
         lavender backup FILE      copy the embedded store into a new file, also while a server runs\n  \
         lavender --version        print the version\n\nSettings, from the environment or .env in the working \
         folder:\n{}",
        config::HELP
    )
}

/// A closed standard output is no reason to fail.
fn say(text: &str) -> ExitCode {
    writeln!(std::io::stdout(), "{text}").ok();
    ExitCode::SUCCESS
}

fn complain(problem: &str, code: u8) -> ExitCode {
    writeln!(std::io::stderr(), "lavender: {problem}").ok();
    ExitCode::from(code)
}

async fn serve_until_signal(mut config: Config) -> Result<(), String> {
    let mut signals = Signals::new().map_err(|error| format!("cannot listen to signals: {error}"))?;
    let (listener, address) = listen(config.address).await?;
    if config.address.port() == 0 {
        config.set_origin(config.origin.replace(":0", &format!(":{}", address.port())));
    }
    if let Some(redis) = &config.redis {
        bus::check(redis).await?;
    }
    let db = open_store(&config).await?;
    let origin = config.origin.clone();
    let (app, router) = build(config, db)?;
    service::assistant::begin(&app).await.map_err(|error| format!("the assistant's account: {error}"))?;
    probe(&app);
    app.hub.bus().settle().await;
    say(&format!("Lavender is ready at {origin}"));
    tracing::info!(%address, store = app.db.name(), version = env!("CARGO_PKG_VERSION"), "ready");
    serve(listener, app, router, signals.next()).await;
    Ok(())
}

/// Finds out what the language model can do, if there is one: now, every day, and where it does not answer again and again.
fn probe(app: &App) {
    let parts = Arc::downgrade(&app.0);
    tokio::spawn(async move {
        loop {
            let Some(parts) = parts.upgrade() else { break };
            let Some(desk) = &parts.answers else { break };
            let pause = match desk.probe().await {
                Ok(caps) => {
                    tracing::info!(model = desk.model(), ?caps, "the model was probed");
                    PROBE
                }
                Err(error) => {
                    tracing::warn!(%error, "what the model can do is not known");
                    PROBE_AGAIN
                }
            };
            drop(parts);
            tokio::time::sleep(pause).await;
        }
    });
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), String> {
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!("PORT: {address} is in use; set PORT to another one"),
        ErrorKind::PermissionDenied => format!("PORT: not allowed to listen on {address}"),
        _ => format!("IP: cannot listen on {address}: {error}"),
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok((listener, address))
}

/// The store that a configuration names.
///
/// # Errors
/// One plain line.
pub async fn open_store(config: &Config) -> Result<Arc<dyn Database>, String> {
    if let Some(uri) = config.mongodb_uri() {
        return connect(uri).await;
    }
    keys::make_folder(&config.data).map_err(|error| about_data(config, &error))?;
    let path = config.data.join(STORE_FILE);
    let opened = tokio::task::spawn_blocking(move || Embedded::open(&path)).await.map_err(|error| error.to_string())?;
    opened.map(|store| Arc::new(store) as Arc<dyn Database>).map_err(|error| about_data(config, &plain(error)))
}

/// The MongoDB replica set and database that a URI names.
///
/// # Errors
/// One plain line.
pub async fn connect(uri: &str) -> Result<Arc<dyn Database>, String> {
    let connected = Mongo::connect(uri).await.map_err(|error| format!("MONGODB_URI: {}", plain(error)))?;
    Ok(Arc::new(connected))
}

/// The sentence of a driver, without what [`StoreError`] puts in front of it.
fn plain(error: StoreError) -> String {
    match error {
        StoreError::Unavailable(text) | StoreError::Other(text) => text,
        StoreError::Taken(_) | StoreError::Missing | StoreError::TxnConflict | StoreError::Full => error.to_string(),
    }
}

fn about_data(config: &Config, problem: &dyn std::fmt::Display) -> String {
    format!("LAVENDER_DATA: {}: {problem}", config.data.display())
}

/// A copy of the embedded store, also while a server runs on it.
fn back_up(target: &Path) -> ExitCode {
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => return complain(&error.to_string(), BAD_USAGE),
    };
    if config.mongodb_uri().is_some() {
        return complain("MONGODB_URI: the messages are in MongoDB; back it up with mongodump", BAD_USAGE);
    }
    match embedded::backup(&config.data.join(STORE_FILE), target) {
        Ok(()) => say(&format!("Copied to {}. keys.json of {} is not in it.", target.display(), config.data.display())),
        Err(error) => complain(&plain(error), FAILED),
    }
}

/// Puts the parts together. Needs a runtime: it starts the tasks that keep tables small.
///
/// # Errors
/// One plain line: the data folder cannot be used, or its keys cannot be read.
pub fn build(config: Config, db: Arc<dyn Database>) -> Result<(App, Router), String> {
    let keys = Keys::open(&config.data, &config.origin).map_err(|error| about_data(&config, &error))?;
    let passwords = Passwords::new().map_err(|error| error.to_string())?;
    let sign_in = SignIn::new(&config)?;
    let blobs = blobs::open(&config, &keys)?;
    let mails = config.mail.as_ref().map(Mailer::new).transpose()?.map(mails::Desk::new);
    let (hub, heard) = match config.redis.clone() {
        None => (Hub::new(), None),
        Some(redis) => {
            let (bus, heard) = Bus::start(redis, keys.seal_of_bus());
            (Hub::on(bus), Some(heard))
        }
    };
    let app = App(Arc::new(Parts {
        log: Log::start(db.clone(), hub.clone()),
        limits: Limits::on(hub.bus().clone(), config.limit_scale),
        sessions: session::Cache::default(),
        sanctions: Default::default(),
        previews: previews(&config),
        files: Default::default(),
        exports: Default::default(),
        pictures: Default::default(),
        assistant: Default::default(),
        answers: answers(&config)?,
        mails,
        draining: AtomicBool::new(false),
        storage_up: AtomicBool::new(true),
        storage_full: AtomicBool::new(false),
        blobs,
        config,
        db,
        hub,
        keys,
        passwords,
        sign_in,
    }));
    mails::start(&app);
    if let Some(heard) = heard {
        service::heard::start(&app, heard);
    }
    let parts = Arc::downgrade(&app.0);
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(SWEEP);
        loop {
            tick.tick().await;
            let Some(parts) = parts.upgrade() else { break };
            parts.limits.forget_idle();
            parts.sessions.sweep();
        }
    });
    let parts = Arc::downgrade(&app.0);
    tokio::spawn(async move {
        let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + SWEEP, SWEEP);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let Some(parts) = parts.upgrade() else { break };
            if let Err(error) = service::requests::sweep(&App(parts), Timestamp::now()).await {
                tracing::warn!(%error, "old requests stay for another minute");
            }
        }
    });
    let parts = Arc::downgrade(&app.0);
    tokio::spawn(async move {
        // By itself: an account that wrote much takes a while.
        let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + SWEEP, SWEEP);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let Some(parts) = parts.upgrade() else { break };
            if let Err(error) = service::accounts::sweep(&App(parts), Timestamp::now()).await {
                tracing::warn!(%error, "accounts that are to go stay for another minute");
            }
        }
    });
    let parts = Arc::downgrade(&app.0);
    tokio::spawn(async move {
        // At once: what an ended process was writing is often its own.
        let mut tick = tokio::time::interval(SWEEP_ANSWERS);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let Some(parts) = parts.upgrade() else { break };
            if let Err(error) = service::answers::sweep(&App(parts), Timestamp::now()).await {
                tracing::warn!(%error, "answers that nobody writes stay as they are for a moment");
            }
        }
    });
    blobs::watch::start(&app);
    let parts = Arc::downgrade(&app.0);
    tokio::spawn(async move {
        let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + SWEEP, SWEEP_FILES);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let Some(parts) = parts.upgrade() else { break };
            let (app, now) = (App(parts), Timestamp::now());
            if let Err(error) = service::files::sweep(&app, now).await {
                tracing::warn!(%error, "files that nobody shows stay for another hour");
            }
            if let Err(error) = service::usage::sweep(&app, now).await {
                tracing::warn!(%error, "old counts of answers stay for another hour");
            }
        }
    });
    let router = http::router(&app);
    Ok((app, router))
}

/// The desk for previews of links, if the configuration wants any.
fn previews(config: &Config) -> Option<Desk> {
    let reach = Reach { denied: config.outbound_deny.clone(), exceptions: config.outbound_exceptions.clone() };
    config.previews.then(|| Desk::new(Previews::new(Outbound::new(reach))))
}

/// The desk for answers, if a model is configured.
fn answers(config: &Config) -> Result<Option<answers::Desk>, String> {
    let Some(model) = &config.model else { return Ok(None) };
    let endpoint = Endpoint {
        base: model.url.clone(),
        model: model.name.clone(),
        key: model.key.clone(),
        reasoning_effort: None,
        patience: Patience::with(&model.url),
    };
    let limits = answers::Limits { context: model.context, answer: model.answer, at_once: model.at_once.into() };
    Ok(Some(answers::Desk::new(
        Arc::new(HttpModel::new(endpoint).map_err(|problem| format!("LAVENDER_MODEL_KEY: {problem}"))?),
        limits,
    )))
}

/// Serves until `shutdown` resolves, then ends in order: no new connections, sockets are told to come back, requests in
/// flight are answered, what the append queue took is stored, the other processes hear of it, the store is closed. Each of these takes 3 s at most.
pub async fn serve(listener: TcpListener, app: App, router: Router, shutdown: impl Future<Output = ()>) {
    let (stop, stopped) = watch::channel(false);
    let accepting = accept::run(listener, &app, router, stopped);
    let mut accepting = std::pin::pin!(accepting);
    tokio::select! {
        () = &mut accepting => {}
        () = shutdown => {}
    }
    tracing::info!("going down");
    app.draining.store(true, Ordering::Relaxed);
    app.hub.bus().publish(|| Notice::Bye);
    stop.send_replace(true);
    if let Some(desk) = &app.answers
        && tokio::time::timeout(DRAIN_TIME, desk.shutdown()).await.is_err()
    {
        tracing::warn!("some answers were not ended in time");
    }
    let quiet = async { tokio::join!(accepting, app.hub.shutdown()) };
    if tokio::time::timeout(DRAIN_TIME, quiet).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    if tokio::time::timeout(DRAIN_TIME, service::presence::write_down(&app)).await.is_err() {
        tracing::warn!("not everybody's last moment was written down");
    }
    if tokio::time::timeout(DRAIN_TIME, app.log.shutdown()).await.is_err() {
        tracing::warn!("the append queue did not empty in time");
    }
    app.hub.bus().flush().await;
    if tokio::time::timeout(DRAIN_TIME, app.db.close()).await.is_err() {
        tracing::warn!("the store did not close in time");
    }
    tracing::info!("gone");
}

/// SIGTERM (from whoever supervises the process) and SIGINT (Ctrl-C).
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_small() {
        let parse = |words: &[&str]| super::parse(words.iter().map(|word| (*word).to_owned()));
        assert_eq!(parse(&[]), Ok(Command::Serve));
        assert_eq!(parse(&["--help"]), Ok(Command::Help));
        assert_eq!(parse(&["-V"]), Ok(Command::Version));
        assert_eq!(parse(&["backup", "copy.db"]), Ok(Command::Backup("copy.db".into())));
        assert!(parse(&["backup"]).is_err());
        assert!(parse(&["serve"]).is_err() && parse(&["--help", "x"]).is_err());
        assert!(help().contains("LAVENDER_DATA"));
    }
}
