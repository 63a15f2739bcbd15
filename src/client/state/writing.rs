//! Whether I may write in a room.

use super::State;
use crate::id::RoomId;
use crate::time::Timestamp;

impl State {
    /// Whether I may write, edit, react and pin in a room, as far as is known here.
    pub fn can_write(&self, room_id: RoomId, now: Timestamp) -> bool {
        self.muted_until(now).is_none() && self.rooms.get(&room_id).is_some_and(|room| room.summary.can_send)
    }

    /// Until when an admin has paused my writing.
    pub fn muted_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.me.muted_until.filter(|until| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use crate::client::state::tests::world::{NOW, World};
    use crate::id::RoomId;

    #[test]
    fn a_block_a_mute_and_an_unknown_room_end_writing() {
        let world = World::new(2);
        let (mut state, room_id) = (world.state(), world.room.id);
        assert!(state.can_write(room_id, NOW) && !state.can_write(RoomId::new(), NOW));
        state.me.muted_until = Some(NOW.plus_ms(1));
        assert!(!state.can_write(room_id, NOW) && state.can_write(room_id, NOW.plus_ms(1)));
        state.me.muted_until = None;
        state.rooms.get_mut(&room_id).expect("there").summary.can_send = false;
        assert!(!state.can_write(room_id, NOW));
    }
}
