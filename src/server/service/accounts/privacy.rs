//! What people let others know and do.

use crate::error::{Error, Result};
use crate::id::UserId;
use crate::live::LiveEvent;
use crate::model::{Presence, Privacy, RequestsFrom};
use crate::server::App;
use crate::server::access;
use crate::server::limits::Rule;
use crate::server::session::Session;

/// See [`crate::api::account::privacy`].
pub async fn privacy(app: &App, session: &Session) -> Result<Privacy> {
    Ok(app.db.user(session.user_id).await?.ok_or(Error::Unauthenticated)?.privacy)
}

/// See [`crate::api::account::set_privacy`].
pub async fn set_privacy(app: &App, session: &Session, privacy: Privacy) -> Result<Privacy> {
    let me = session.user_id;
    app.limits.check(Rule::Prefs, me)?;
    app.db.set_privacy(me, &privacy).await?;
    app.hub.forget_person(me);
    // Who sees this person as away has another word for it now.
    if !app.hub.is_here(me) {
        let row = app.db.user(me).await?.ok_or(Error::Unauthenticated)?;
        let presence = Presence::Offline { last_seen: row.shown_last_seen() };
        let people = access::acquaintances(app, me).await?;
        app.hub.tell_users(&people, &LiveEvent::Presence { user_id: me, presence });
    }
    Ok(privacy)
}

/// Whether somebody lets this person ask them to talk.
pub async fn may_ask(app: &App, from: UserId, to: UserId) -> Result<bool> {
    let wants = app.db.user(to).await?.map(|row| row.privacy.requests).unwrap_or_default();
    match wants {
        RequestsFrom::Everyone => Ok(true),
        RequestsFrom::Nobody => Ok(false),
        RequestsFrom::Shared => {
            let rooms = app.db.rooms_of(from).await?;
            Ok(access::cards(app, &rooms).await?.iter().any(|card| card.has(to)))
        }
    }
}
