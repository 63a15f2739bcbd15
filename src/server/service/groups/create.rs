//! New groups, and who of those named may be put into one without being asked.

use super::{arrive, is_group, say, txn_of};
use crate::error::{Error, Problem, Result, What};
use crate::id::{RoomId, UserId};
use crate::model::limits::{ADD_MAX, ROOM_DESCRIPTION_MAX_CHARS};
use crate::model::{Added, NewRoom, Role, SystemLine, pattern};
use crate::server::App;
use crate::server::access;
use crate::server::limits::Rule;
use crate::server::service::{requests, rooms};
use crate::server::session::Session;
use crate::server::store::{UserRow, distinct};
use crate::time::Timestamp;
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;

/// See [`crate::api::groups::create_room`].
pub async fn create(
    app: &App,
    session: &Session,
    room_id: RoomId,
    name: &str,
    description: &str,
    members: &[UserId],
) -> Result<NewRoom> {
    let (me, now) = (session.user_id, Timestamp::now());
    let name = pattern::room_name(&name.nfc().collect::<String>())?;
    let description =
        pattern::lines(&description.nfc().collect::<String>(), "description", ROOM_DESCRIPTION_MAX_CHARS)?;
    app.limits.check(Rule::Create, me)?;
    let wanted = Wanted::sort(app, me, members, "members").await?;
    let description = Some(description.as_str()).filter(|text| !text.is_empty());
    let first = [&[me], wanted.contacts.as_slice()].concat();
    let room = app.db.create_group(room_id, &name, description, &first, now).await?;
    // The id is the caller's choice: it must not lead into a room that was there before, unless this is a repetition.
    let own = app.db.member(room_id, me).await?;
    if !is_group(&room) || own.is_none_or(|own| own.role != Role::Owner) {
        return Err(Error::Conflict);
    }
    let line = SystemLine::Created { name: room.name.clone().unwrap_or_default() };
    say(app, room_id, me, txn_of(room_id.0, "created"), line).await;
    let all = app.db.members(&[room_id]).await?.pop().map(|(_, members)| members).unwrap_or_default();
    arrive(app, &room, &all).await?;
    let added = wanted.ask(app, me, room_id).await?;
    Ok(NewRoom { room: rooms::summary(app, me, room_id).await?, added })
}

/// People named by someone who wants them in a group.
pub(super) struct Wanted {
    /// They share a direct room with who names them, or are bots: they are put in.
    pub(super) contacts: Vec<UserId>,
    /// They do not: they are asked.
    strangers: Vec<UserId>,
    /// There is a block that who names them knows of.
    refused: Vec<UserId>,
}

impl Wanted {
    /// # Errors
    /// [`Error::Invalid`] of `field`; [`Error::NotFound`] when there is no such person.
    pub(super) async fn sort(app: &App, me: UserId, users: &[UserId], field: &str) -> Result<Self> {
        let mut users = distinct(users);
        users.retain(|user_id| *user_id != me);
        if users.len() > ADD_MAX {
            return Err(Error::invalid(field, Problem::OutOfRange));
        }
        let mut wanted = Self { contacts: Vec::new(), strangers: Vec::new(), refused: Vec::new() };
        if users.is_empty() {
            return Ok(wanted);
        }
        let (rows, blocks, rooms) = tokio::join!(app.db.users(&users), access::blocks(app, me), app.db.rooms_of(me));
        let (rows, blocks, rooms) = (rows?, blocks?, rooms?);
        let cards = access::cards(app, &rooms).await?;
        let peers: HashSet<UserId> = cards.iter().filter_map(|card| card.peer(me)).collect();
        for user_id in users {
            let row: &UserRow =
                rows.iter().find(|row| row.id == user_id).ok_or(Error::NotFound { what: What::Person })?;
            if row.deleted_at.is_some() {
                wanted.refused.push(user_id);
                continue;
            }
            let is_contact = peers.contains(&user_id) || row.person().is_bot;
            let group = if blocks.made(me, user_id) || (is_contact && blocks.made(user_id, me)) {
                // In a direct room a block of the other shows anyway.
                &mut wanted.refused
            } else if is_contact {
                &mut wanted.contacts
            } else {
                // Also those who blocked who asks: from outside there is no difference.
                &mut wanted.strangers
            };
            group.push(user_id);
        }
        Ok(wanted)
    }

    /// Asks the strangers, and says what became of everybody.
    pub(super) async fn ask(self, app: &App, me: UserId, room_id: RoomId) -> Result<Added> {
        let mut added = Added { added: self.contacts, invited: Vec::new(), refused: self.refused };
        for user_id in self.strangers {
            match requests::ask_into(app, me, user_id, room_id).await {
                Ok(()) => added.invited.push(user_id),
                Err(Error::RateLimited { .. }) => added.refused.push(user_id),
                Err(error) => return Err(error),
            }
        }
        Ok(added)
    }
}
