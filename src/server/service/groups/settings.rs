//! What a group is called, what it is about, and what its admins set.

use super::{allowed, say, tell};
use crate::error::{Error, Problem, Result};
use crate::id::{RoomId, TxnId};
use crate::model::limits::{ROOM_DESCRIPTION_MAX_CHARS, SLOW_MODE_MAX_S};
use crate::model::{Act, Picture, Room, RoomChange, SystemLine, pattern};
use crate::server::App;
use crate::server::limits::Rule;
use crate::server::session::Session;
use unicode_normalization::UnicodeNormalization;

/// See [`crate::api::groups::change_room`].
pub async fn change(app: &App, session: &Session, room_id: RoomId, wish: RoomChange) -> Result<()> {
    let me = session.user_id;
    let change = checked(wish)?;
    app.limits.check(Rule::Manage, me)?;
    let before = allowed(app, room_id, me, Act::ChangeRoom).await?.room;
    let Some(room) = app.db.update_room(room_id, &change).await? else { return Ok(()) };
    tell(app, &room, &[], &[]).await?;
    for line in lines(&change, &before, &room) {
        say(app, room_id, me, TxnId::new(), line).await;
    }
    Ok(())
}

/// Sets the picture of a group, or takes it away, and tells its members. Whether the caller may was asked before.
pub(in crate::server::service) async fn set_picture(
    app: &App,
    room_id: RoomId,
    picture: Option<&Picture>,
) -> Result<()> {
    match app.db.set_room_picture(room_id, picture).await? {
        Some(room) => tell(app, &room, &[], &[]).await,
        None => Ok(()),
    }
}

fn checked(change: RoomChange) -> Result<RoomChange> {
    if change.slow_mode_s.is_some_and(|seconds| seconds > SLOW_MODE_MAX_S) {
        return Err(Error::invalid("slow_mode_s", Problem::OutOfRange));
    }
    let name = change.name.map(|name| pattern::room_name(&name.nfc().collect::<String>())).transpose()?;
    let description = change.description.map(|text| text.nfc().collect::<String>());
    let description =
        description.map(|text| pattern::lines(&text, "description", ROOM_DESCRIPTION_MAX_CHARS)).transpose()?;
    Ok(RoomChange { name, description, ..change })
}

/// What there is to say of a change: of what was asked for, and is another now.
fn lines(change: &RoomChange, before: &Room, after: &Room) -> Vec<SystemLine> {
    let mut lines = Vec::new();
    if let Some(name) = change.name.clone().filter(|_| before.name != after.name) {
        lines.push(SystemLine::Renamed { name });
    }
    if change.description.is_some() && before.description != after.description {
        lines.push(SystemLine::Described);
    }
    let (old, new) = (before.settings, after.settings);
    if change.history_for_all.is_some() && old.history_for_all != new.history_for_all {
        lines.push(SystemLine::HistoryShown { all: new.history_for_all });
    }
    if change.slow_mode_s.is_some() && old.slow_mode_s != new.slow_mode_s {
        lines.push(SystemLine::SlowMode { seconds: new.slow_mode_s });
    }
    if change.pins_by.is_some() && old.pins_by != new.pins_by {
        lines.push(SystemLine::PinsBy { who: new.pins_by });
    }
    lines
}
