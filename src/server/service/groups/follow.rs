//! What another process changed in rooms that are listened to here. Processes tell each other; where they cannot, or something was
//! missed, the store is asked: a room's revision says that something has changed.

use super::tell_whole_here;
use crate::error::Result;
use crate::id::RoomId;
use crate::live::LiveEvent;
use crate::server::App;
use crate::server::access::{self, Card};

/// A room is asked for once in so many looks, which come every second.
const PERIOD: u64 = 5;
/// Rooms of one question.
const ROOMS_MAX: usize = 1_000;

/// Looks at a part of the rooms each time.
#[derive(Default)]
pub struct Follower {
    look: u64,
}

impl Follower {
    /// At a fifth of the rooms, or all of them.
    pub async fn look(&mut self, app: &App, all: bool) {
        self.look += 1;
        let turn = |room_id: &RoomId| all || (u64::from(room_id.0.as_bytes()[15]) + self.look).is_multiple_of(PERIOD);
        let rooms: Vec<RoomId> = app.hub.rooms().into_iter().filter(turn).collect();
        for part in rooms.chunks(ROOMS_MAX) {
            let revisions = match app.db.revisions(part).await {
                Ok(revisions) => revisions,
                // The next look says it.
                Err(error) => return tracing::warn!(%error, "revisions of rooms were not read"),
            };
            for (room_id, revision) in revisions {
                if app.hub.has_followed(room_id, revision) {
                    continue;
                }
                match settle(app, room_id).await {
                    Ok(()) => app.hub.follow(room_id, revision),
                    Err(error) => tracing::warn!(%error, "a changed room was not read"),
                }
            }
        }
    }
}

/// Makes what is heard here follow what the store says.
pub(in crate::server::service) async fn settle(app: &App, room_id: RoomId) -> Result<()> {
    app.hub.access().forget_room(room_id);
    let Some(card) = access::refreshed(app, room_id).await? else { return Ok(()) };
    part_with_strangers(app, &card);
    tell_whole_here(app, &card).await
}

/// Who listens to a room here and is not in it hears no more of it.
pub(super) fn part_with_strangers(app: &App, card: &Card) {
    let room_id = card.id;
    for user_id in app.hub.listeners(room_id).into_iter().filter(|user_id| !card.has(*user_id)) {
        app.hub.leave_here(room_id, user_id);
        app.hub.tell_user_here(user_id, &LiveEvent::RoomGone { room_id });
    }
}
