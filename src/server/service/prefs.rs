//! What a member sets for themselves in a room: told to their own devices only.

use super::files::wallpapers;
use super::messages;
use crate::error::{Error, Problem, Result, What};
use crate::id::{RoomId, UserId};
use crate::live::LiveEvent;
use crate::model::limits::SELECT_MAX;
use crate::model::{MUTED_FOR_GOOD, PrefsChange, Unread, WALLPAPER_OWN, WALLPAPERS, Wallpaper};
use crate::server::limits::Rule;
use crate::server::store::StoreError;
use crate::server::{App, access};
use crate::time::Timestamp;

/// Darker than this nothing of a wallpaper is left: per cent.
const DIM_MAX: u8 = 80;

/// Changes the caller's own settings of a room. Their devices are told what is now true, also when nothing changed.
///
/// # Errors
/// [`Error::NotFound`] of a room that the caller is not in; [`Error::Invalid`] of the field that is wrong, and of `hidden` when
/// more messages are hidden than fit.
pub async fn change(app: &App, me: UserId, room_id: RoomId, change: PrefsChange) -> Result<()> {
    check(&change)?;
    app.limits.check(Rule::Prefs, me)?;
    if let PrefsChange::Wallpaper { wallpaper } = change {
        return wallpapers::choose(app, me, room_id, wallpaper).await;
    }
    store(app, me, room_id, change).await
}

/// Carries a checked change out and tells the devices of the caller.
///
/// # Errors
/// As of [`change`].
pub(super) async fn store(app: &App, me: UserId, room_id: RoomId, change: PrefsChange) -> Result<()> {
    let card = access::member(app, room_id, me).await?;
    let change = match change {
        // Nothing that is still to come is cleared.
        PrefsChange::Cleared { upto } => PrefsChange::Cleared { upto: upto.min(messages::head(app, room_id).await?) },
        PrefsChange::UnreadFrom { seq: Some(seq) } if seq > messages::head(app, room_id).await? => {
            PrefsChange::UnreadFrom { seq: None }
        }
        other => other,
    };
    let changed = app.db.set_prefs(room_id, me, &change, Timestamp::now()).await;
    let (member, prefs) = changed.map_err(|error| match error {
        StoreError::Missing => Error::NotFound { what: What::Room },
        StoreError::Full => Error::invalid("hidden", Problem::OutOfRange),
        other => other.into(),
    })?;
    let is_blocked = match card.peer(me) {
        Some(peer) => access::blocks(app, me).await?.between(me, peer),
        None => false,
    };
    // Behind a block nothing is counted, as in the list.
    let unread = if is_blocked { Unread::default() } else { messages::unread(app, room_id, &member, &prefs).await? };
    app.hub.tell_user(me, &LiveEvent::Prefs { room_id, prefs, member, unread });
    Ok(())
}

fn check(change: &PrefsChange) -> Result<()> {
    let invalid = |field: &'static str| Err(Error::invalid(field, Problem::OutOfRange));
    match change {
        PrefsChange::Wallpaper { wallpaper: Some(Wallpaper { key, hue, dim, picture: _ }) } => {
            if !WALLPAPERS.contains(&key.as_str()) && key != WALLPAPER_OWN {
                Err(Error::invalid("key", Problem::BadFormat))
            } else if hue.is_some_and(|hue| hue >= 360) {
                invalid("hue")
            } else if *dim > DIM_MAX {
                invalid("dim")
            } else {
                Ok(())
            }
        }
        PrefsChange::Muted { until: Some(until) } if *until > MUTED_FOR_GOOD => invalid("until"),
        PrefsChange::UnreadFrom { seq: Some(0) } => invalid("seq"),
        PrefsChange::Hidden { seqs, .. } if seqs.is_empty() || seqs.len() > SELECT_MAX || seqs.contains(&0) => {
            invalid("seqs")
        }
        _ => Ok(()),
    }
}
