//! The one error that crosses the wire. Its snake_case variant is the code, and codes are permanent.

use dioxus::fullstack::AsStatusCode;
use dioxus::prelude::{ServerFnError, StatusCode};
use serde::{Deserialize, Serialize};

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What something that was not found is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Room,
    Message,
    Person,
    Request,
    /// A link into a group.
    Invite,
    /// Bytes: never there, removed, or not the caller's to see.
    File,
    Connection,
    Page,
    /// A device that somebody is signed in on.
    Session,
    /// Whose accounts open one here.
    Provider,
    /// A link that was good once.
    Link,
}

/// What is wrong with a field. The texts people read are in `ui`; these are codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    Missing,
    TooShort,
    TooLong,
    BadFormat,
    /// Characters that are not allowed there (control, bidirectional, mixed scripts).
    BadCharacters,
    Taken,
    /// A password that is too easy to guess.
    TooWeak,
    OutOfRange,
    /// A field that the endpoint does not know.
    UnknownField,
    /// Nobody, or nothing, is called that among what the caller knows.
    NoMatch,
}

/// Every failure a caller can see.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Error {
    #[error("sign in first")]
    Unauthenticated,
    /// Wrong name or wrong password: one answer for both.
    #[error("that name and password don't match")]
    BadCredentials,
    #[error("not allowed")]
    Forbidden,
    /// The request did not come from our own page (Origin, Sec-Fetch-Site).
    #[error("the request came from another site")]
    CrossSite,
    /// Also for rooms that the caller may not know of.
    #[error("{what:?} not found")]
    NotFound { what: What },
    /// This person cannot be messaged by the caller; the reason is not told.
    #[error("this person can't be messaged")]
    Unreachable,
    /// Signing in with an account elsewhere was broken off there.
    #[error("signing in there was cancelled")]
    ProviderCancelled,
    /// Signing in with an account elsewhere did not work: no answer from there, or one that can't be trusted.
    #[error("signing in there did not work")]
    ProviderFailed,
    /// Only right after signing in: [`crate::model::limits::FRESH_MS`].
    #[error("sign in again first")]
    NotFresh,
    /// The account was shut out by an admin of the instance.
    #[error("this account is suspended")]
    Banned,
    /// An admin of the instance lets the account read, but not write before `until` (Unix milliseconds).
    #[error("writing is off for this account")]
    Muted { until: i64 },
    /// The state has moved on: a repeated `txn_id` with another body, an answered request.
    #[error("conflict")]
    Conflict,
    /// The caller already has an open request to this person.
    #[error("already asked")]
    AlreadyRequested,
    #[error("too large: at most {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    #[error("unsupported content type or encoding")]
    Unsupported,
    /// A file that is not taken, and why.
    #[error("{refusal}")]
    Refused { refusal: crate::model::Refusal },
    #[error("{field}: {problem:?}")]
    Invalid { field: String, problem: Problem },
    /// A frame or a body that is not what the endpoint takes.
    #[error("malformed request")]
    Malformed,
    #[error("slow down: try again in {retry_after_ms} ms")]
    RateLimited { retry_after_ms: u64 },
    #[error("temporarily unavailable")]
    Unavailable { retry_after_ms: u64 },
    /// The server has no room left for files. Texts go all the same.
    #[error("no room left for files")]
    StorageFull,
    /// The cause is in the log under `incident`, not here.
    #[error("something went wrong")]
    Internal { incident: Option<String> },
    /// Made by the client: no answer came.
    #[error("no answer")]
    Offline,
    /// Made by the client: an answer it cannot read; offer a reload.
    #[error("this page is older than the server")]
    Outdated,
}

impl Error {
    /// An [`Error::Invalid`] of a named field.
    pub fn invalid(field: impl Into<String>, problem: Problem) -> Self {
        Self::Invalid { field: field.into(), problem }
    }

    /// The HTTP status of this error.
    pub fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated | Self::BadCredentials => 401,
            Self::ProviderFailed => 502,
            Self::Forbidden
            | Self::NotFresh
            | Self::ProviderCancelled
            | Self::Banned
            | Self::Muted { .. }
            | Self::CrossSite
            | Self::Unreachable => 403,
            Self::NotFound { .. } => 404,
            Self::Conflict | Self::AlreadyRequested => 409,
            Self::TooLarge { .. } => 413,
            Self::Unsupported => 415,
            Self::Invalid { .. } | Self::Refused { .. } => 422,
            Self::Malformed => 400,
            Self::RateLimited { .. } => 429,
            Self::Internal { .. } | Self::Outdated => 500,
            Self::Unavailable { .. } | Self::Offline => 503,
            Self::StorageFull => 507,
        }
    }

    /// Whether the same request may succeed in a moment without a change: network, 401, 408, 429 and 5xx. Not 507: room does not
    /// come by itself, so people are told, and try again when they want to.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unauthenticated
            | Self::RateLimited { .. }
            | Self::Unavailable { .. }
            | Self::Internal { .. }
            | Self::Offline => true,
            Self::BadCredentials
            | Self::Forbidden
            | Self::ProviderCancelled
            | Self::ProviderFailed
            | Self::NotFresh
            | Self::Banned
            | Self::Muted { .. }
            | Self::CrossSite
            | Self::NotFound { .. }
            | Self::Unreachable
            | Self::Conflict
            | Self::AlreadyRequested
            | Self::TooLarge { .. }
            | Self::Unsupported
            | Self::Refused { .. }
            | Self::Invalid { .. }
            | Self::Malformed
            | Self::StorageFull
            | Self::Outdated => false,
        }
    }

    /// How long to wait before trying again, where the server said so.
    pub fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after_ms } | Self::Unavailable { retry_after_ms } => Some(*retry_after_ms),
            _ => None,
        }
    }
}

impl AsStatusCode for Error {
    fn as_status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// What Dioxus makes itself, by status: arguments that do not decode, a lost connection, an unreadable answer.
impl From<ServerFnError> for Error {
    fn from(error: ServerFnError) -> Self {
        match error {
            ServerFnError::ServerError { code, details, .. } => {
                details.and_then(|body| serde_json::from_value(body).ok()).unwrap_or(match code {
                    401 => Self::Unauthenticated,
                    403 => Self::Forbidden,
                    413 => Self::TooLarge { limit_bytes: 0 },
                    429 => Self::RateLimited { retry_after_ms: 1_000 },
                    400..=499 => Self::Malformed,
                    502..=504 => Self::Unavailable { retry_after_ms: 1_000 },
                    _ => Self::Internal { incident: None },
                })
            }
            ServerFnError::Request(_) => Self::Offline,
            ServerFnError::Deserialization(_) => Self::Outdated,
            _ => Self::Malformed,
        }
    }
}
