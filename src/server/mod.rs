//! Everything that never reaches a browser.

pub mod access;
pub mod archive;
pub mod assistant;
pub mod audit;
pub mod blobs;
pub mod bus;
pub mod config;
pub mod emoji;
pub mod find;
pub mod http;
pub mod hub;
pub mod keys;
pub mod limits;
pub mod log;
pub mod mail;
pub mod model;
pub mod outbound;
pub mod pictures;
pub mod preview;
pub mod service;
pub mod session;
pub mod sign_in;
pub mod startup;
pub mod store;
pub mod telemetry;

use std::sync::Arc;

/// What a request may use. Cheap to clone.
#[derive(Clone)]
pub struct App(pub Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    pub config: config::Config,
    pub db: Arc<dyn store::Database>,
    /// The bytes of files.
    pub blobs: Arc<dyn blobs::Blobs>,
    /// Whether [`Parts::blobs`] answered when last asked, a few seconds ago at most. Without it people still read and write.
    pub storage_up: std::sync::atomic::AtomicBool,
    /// Whether it had no room left then.
    pub storage_full: std::sync::atomic::AtomicBool,
    /// The append queue: every new message goes through it.
    pub log: log::Log,
    pub hub: hub::Hub,
    pub keys: keys::Keys,
    pub limits: limits::Limits,
    pub sessions: session::Cache,
    pub passwords: service::accounts::Passwords,
    /// Whose accounts open one here.
    pub sign_in: sign_in::SignIn,
    /// Where pictures are read and made anew.
    pub pictures: pictures::Worker,
    /// Uploads under way.
    pub files: service::files::Desk,
    /// Whose data are being packed.
    pub exports: service::export::Desk,
    /// Who is banned or muted.
    pub sanctions: service::moderation::Sanctions,
    /// Where previews of links are made, when they are switched on.
    pub previews: Option<service::previews::Desk>,
    /// The account that the assistant writes as, once it is there; see [`service::assistant::begin`].
    pub assistant: std::sync::OnceLock<crate::id::UserId>,
    /// The language model behind it and the answers that are being written here, where one is configured.
    pub answers: Option<service::answers::Desk>,
    /// Where letters are carried from, if there is a mail server.
    pub mails: Option<service::mails::Desk>,
    /// The process is going down: not ready for new work.
    pub draining: std::sync::atomic::AtomicBool,
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Reads the configuration, serves until a signal, shuts down in order. Ends the process with one plain line on a bad start.
pub fn run() -> std::process::ExitCode {
    startup::run()
}
