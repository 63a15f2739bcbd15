//! What people say of themselves.

use super::people::Standing;
use crate::error::{Error, Problem, Result, What};
use crate::id::UserId;
use crate::live::LiveEvent;
use crate::model::limits::ABOUT_MAX_CHARS;
use crate::model::{Me, Person, Presence, Profile, pattern};
use crate::server::App;
use crate::server::access;
use crate::server::limits::Rule;
use crate::server::session::Session;
use crate::server::store::{ProfileChange, UserRow};
use std::collections::BTreeSet;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

/// People of one question.
const IDS_MAX: usize = 100;

/// See [`crate::api::people::profile`].
pub async fn profile(app: &App, session: &Session, user_id: UserId) -> Result<Profile> {
    let me = session.user_id;
    app.limits.check(Rule::History, me)?;
    let no_person = Error::NotFound { what: What::Person };
    let (row, standing) = tokio::join!(app.db.user(user_id), Standing::of(app, me));
    let (row, standing) = (row?.ok_or(no_person.clone())?, standing?);
    let shared: Vec<_> = standing.cards.iter().filter(|card| user_id != me && card.has(user_id)).collect();
    if standing.is_hidden(user_id) && shared.is_empty() {
        return Err(no_person);
    }
    let is_blocked = standing.blocks.between(me, user_id);
    let presence = match app.hub.is_here(user_id) {
        _ if is_blocked || user_id == me || !shared.iter().any(|card| card.is_small()) => None,
        true => Some(Presence::Online),
        false => Some(Presence::Offline { last_seen: row.shown_last_seen() }),
    };
    let mut person = row.person();
    person.status = person.status.filter(|_| !is_blocked);
    Ok(Profile {
        person,
        about: row.about.filter(|_| !is_blocked),
        relation: standing.relation(user_id),
        rooms: shared.iter().map(|card| card.id).collect(),
        presence,
    })
}

/// See [`crate::api::people::people_by_ids`].
pub async fn people(app: &App, session: &Session, ids: &str) -> Result<Vec<Person>> {
    app.limits.check(Rule::History, session.user_id)?;
    let ids = ids.split(',').filter(|id| !id.is_empty()).map(UserId::from_str).collect::<Result<BTreeSet<_>, _>>();
    let ids = ids.map_err(|_| Error::invalid("ids", Problem::BadFormat))?;
    if ids.len() > IDS_MAX {
        return Err(Error::invalid("ids", Problem::OutOfRange));
    }
    let (found, blocks) = tokio::join!(access::people(app, ids), access::blocks(app, session.user_id));
    let (found, blocks) = (found?, blocks?);
    let seen = |known: &access::Known| {
        let mut person = known.person.clone();
        person.status = person.status.filter(|_| !blocks.between(session.user_id, person.id));
        person
    };
    Ok(found.values().map(|known| seen(known)).collect())
}

/// See [`crate::api::people::set_profile`].
pub async fn change(
    app: &App,
    session: &Session,
    display_name: Option<String>,
    status: Option<String>,
    about: Option<String>,
) -> Result<Me> {
    let me = session.user_id;
    let normal = |text: String| text.nfc().collect::<String>();
    let change = ProfileChange {
        display_name: display_name.map(normal).map(|name| pattern::display_name(&name)).transpose()?,
        status: status.map(normal).map(|text| pattern::status(&text)).transpose()?,
        about: about.map(normal).map(|text| pattern::lines(&text, "about", ABOUT_MAX_CHARS)).transpose()?,
        ..ProfileChange::default()
    };
    app.limits.check(Rule::Manage, me)?;
    store(app, me, &change).await
}

/// Makes a change that was checked, and tells those who see it.
pub(super) async fn store(app: &App, me: UserId, change: &ProfileChange) -> Result<Me> {
    let row = app.db.set_profile(me, change).await?;
    announce(app, &row).await?;
    Ok(row.me(app.sanctions.muted_until(me)))
}

/// Tells those who see somebody what is to be seen now.
pub(super) async fn announce(app: &App, row: &UserRow) -> Result<()> {
    let me = row.id;
    app.hub.forget_person(me);
    let (rooms, blocks) = tokio::join!(app.db.rooms_of(me), access::blocks(app, me));
    let (cards, blocks) = (access::cards(app, &rooms?).await?, blocks?);
    let mut audience: Vec<UserId> = cards.iter().flat_map(|card| card.members.iter().copied()).collect();
    audience.push(me);
    audience.sort_unstable();
    audience.dedup();
    // A block hides what is new about someone, both ways.
    audience.retain(|other| app.hub.may_listen(*other) && !blocks.between(me, *other));
    app.hub.tell_users(&audience, &LiveEvent::Person { person: row.person() });
    Ok(())
}
