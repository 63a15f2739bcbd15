//! What happened to accounts, and what was refused: one line of the log each, of the target `audit`, with the id of its request. Lines
//! name accounts by their ids and addresses by their network; nothing that people wrote is in them, so none can hold a line break.
//!
//! | event | outcome |
//! |---|---|
//! | `account_made`, `signed_in`, `signed_out`, `session_ended` | `ok` |
//! | `sign_in` | `refused`: `password`, `banned`, `slowed` |
//! | `token_copied` | `refused`: an old refresh token came, the session ended |
//! | `password_changed`, `password_reset`, `reset_asked`, `address_confirmed`, `address_changed` | `ok` |
//! | `export_asked`, `exported`, `leaving`, `staying`, `account_erased` | `ok` |
//! | `role_changed`, `member_removed`, `admin_action` | `ok` |
//! | `denied`, `limited`, `cross_site`, `upload` | `refused`, with the path or what was wrong |
//! | `socket` | `refused`: `flood`, `malformed`, `protocol`: the connection was closed |
//! | `tool` | `refused`: what the assistant was told to do, and may not |

use crate::id::{RoomId, SessionId, UserId};
use std::net::IpAddr;
use tracing::field::display;

/// A line that is not written yet.
#[must_use = "a line is written by `note`"]
pub struct Line<'a> {
    event: &'static str,
    is_ok: bool,
    user: Option<UserId>,
    session: Option<SessionId>,
    room: Option<RoomId>,
    network: Option<String>,
    reason: Option<&'a str>,
    action: Option<&'a str>,
    about: Option<UserId>,
}

/// Something that was done.
pub fn done<'a>(event: &'static str) -> Line<'a> {
    Line {
        event,
        is_ok: true,
        user: None,
        session: None,
        room: None,
        network: None,
        reason: None,
        action: None,
        about: None,
    }
}

/// Something that was not.
pub fn refused<'a>(event: &'static str, reason: &'a str) -> Line<'a> {
    Line { is_ok: false, reason: Some(reason), ..done(event) }
}

impl<'a> Line<'a> {
    pub fn user(self, id: impl Into<Option<UserId>>) -> Self {
        Self { user: id.into(), ..self }
    }

    pub fn session(self, id: impl Into<Option<SessionId>>) -> Self {
        Self { session: id.into(), ..self }
    }

    pub fn room(self, id: RoomId) -> Self {
        Self { room: Some(id), ..self }
    }

    /// What an admin did.
    pub fn action(self, action: &'a str) -> Self {
        Self { action: Some(action), ..self }
    }

    /// Whom it was done to.
    pub fn about(self, id: impl Into<Option<UserId>>) -> Self {
        Self { about: id.into(), ..self }
    }

    /// Shortened: see [`crate::server::service::accounts::shortened`].
    pub fn from(self, address: IpAddr) -> Self {
        Self { network: Some(crate::server::service::accounts::shortened(address)), ..self }
    }

    pub fn note(self) {
        let Self { event, is_ok, user, session, room, network, reason, action, about } = self;
        let (user, session, room, about) =
            (user.map(display), session.map(display), room.map(display), about.map(display));
        let network = network.as_deref();
        if is_ok {
            tracing::info!(target: "audit", { event, outcome = "ok", user.id = user, session.id = session, room.id = room, about.id = about, action, network }, "audit");
        } else {
            tracing::warn!(target: "audit", { event, outcome = "refused", reason, user.id = user, session.id = session, room.id = room, about.id = about, action, network }, "audit");
        }
    }
}
