//! Who asks: the extractors of server functions. The request layer puts the session in; these take it out.

use crate::Error;
use crate::id::{SessionId, UserId};
use crate::model::FormState;
use crate::server::App;
use crate::time::Timestamp;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// A valid session. Its absence answers 401.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Session {
    pub user_id: UserId,
    pub session_id: SessionId,
    /// When the access token ends.
    pub access_until: Timestamp,
}

/// A session if there is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MaybeSession(pub Option<Session>);

/// What a form that came back holds, from its short-lived cookie.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FormFlash(pub FormState);

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().copied().ok_or(Error::Unauthenticated)
    }
}

impl<S: Sync> FromRequestParts<S> for MaybeSession {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parts.extensions.get::<Session>().copied()))
    }
}

impl<S: Sync> FromRequestParts<S> for FormFlash {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

impl<S: Sync> FromRequestParts<S> for App {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::Internal { incident: None })
    }
}
