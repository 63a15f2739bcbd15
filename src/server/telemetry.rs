//! The log of the process: text on a terminal, JSON elsewhere, always on standard error. Standard output has one line,
//! that the server is ready.
//!
//! Never logged: bodies, tokens, cookies, query values, names, addresses of people. A failure is logged once, where it
//! is handled, under an incident id that the caller is told.

use crate::Error;
use crate::server::config::{Config, LogFormat};
use crate::server::store::StoreError;
use rand::Rng;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts the log. A second call in one process does nothing.
pub fn start(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let text = match config.log_format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if text {
        builder.with_target(false).try_init().is_ok()
    } else {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init().is_ok()
    };
    if started {
        std::panic::set_hook(Box::new(log_panic));
    }
}

/// Where it happened, and what it said only if that is a constant: any other text may quote what someone sent.
fn log_panic(info: &std::panic::PanicHookInfo<'_>) {
    let place = info.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
    let said = info.payload();
    let words = said.downcast_ref::<&'static str>().copied().map(str::to_owned);
    let words = words.or_else(|| said.downcast_ref::<String>().filter(|_| cfg!(debug_assertions)).cloned());
    tracing::error!(place, words, "panicked");
}

/// A short random name that joins what a caller saw with a line in the log: 8 letters or digits.
pub fn incident() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    (0..8).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())])).collect()
}

/// Logs a failure that is nobody's fault but ours, once, and makes what its caller is told.
pub fn internal(cause: impl std::fmt::Display) -> Error {
    let incident = incident();
    tracing::error!(incident, %cause, "internal error");
    Error::Internal { incident: Some(incident) }
}

/// What a caller sees of a failed store. Services turn `Taken`, `Missing` and `TxnConflict` into what they mean there;
/// what is left here are the plain cases.
impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(_) | StoreError::TxnConflict | StoreError::Full => Self::Conflict,
            StoreError::Missing => Self::NotFound { what: crate::error::What::Page },
            StoreError::Unavailable(cause) => {
                tracing::warn!(cause, "store unavailable");
                Self::Unavailable { retry_after_ms: 1_000 }
            }
            StoreError::Other(_) => internal(error),
        }
    }
}
