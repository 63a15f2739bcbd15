//! What a role may do in a room: the one table, used by the server to decide and by the page to show only what works.

use crate::model::{Role, RoomKind, RoomSettings, Who};

/// Something a member does to a room or to what others wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Name, description, settings.
    ChangeRoom,
    AddMembers,
    /// Make, see and revoke invite links.
    Invite,
    Pin,
    /// Delete a message of someone else, for everyone.
    DeleteOthers,
    MentionAll,
    /// Remove a member of this role.
    Remove(Role),
    /// Give a member of the first role the second one.
    SetRole(Role, Role),
    /// Give the ownership away.
    Transfer,
    Leave,
}

/// Whether a member of `role` may. Deny is the default: what is not said here is refused.
pub fn may(kind: RoomKind, settings: &RoomSettings, role: Role, act: Act) -> bool {
    if kind == RoomKind::Direct {
        return act == Act::Pin;
    }
    let leads = role >= Role::Admin;
    match act {
        Act::ChangeRoom | Act::Invite | Act::DeleteOthers | Act::MentionAll => leads,
        Act::AddMembers => leads,
        Act::Pin => leads || settings.pins_by == Who::Everyone,
        Act::Remove(other) => leads && other < role,
        Act::SetRole(from, to) => role == Role::Owner && from < Role::Owner && to < Role::Owner,
        Act::Transfer => role == Role::Owner,
        Act::Leave => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_removes_their_equal_and_only_an_owner_gives_roles() {
        let may = |role, act| may(RoomKind::Group, &RoomSettings::default(), role, act);
        assert!(may(Role::Owner, Act::Remove(Role::Admin)) && may(Role::Admin, Act::Remove(Role::Member)));
        assert!(!may(Role::Admin, Act::Remove(Role::Admin)) && !may(Role::Admin, Act::Remove(Role::Owner)));
        assert!(!may(Role::Member, Act::Remove(Role::Member)));
        assert!(may(Role::Owner, Act::SetRole(Role::Member, Role::Admin)));
        assert!(!may(Role::Owner, Act::SetRole(Role::Member, Role::Owner)));
        assert!(!may(Role::Admin, Act::SetRole(Role::Member, Role::Admin)) && !may(Role::Admin, Act::Transfer));
    }

    #[test]
    fn pins_follow_the_setting_and_direct_rooms_know_only_pins() {
        let admins = RoomSettings { pins_by: Who::Admins, ..RoomSettings::default() };
        assert!(may(RoomKind::Group, &RoomSettings::default(), Role::Member, Act::Pin));
        assert!(!may(RoomKind::Group, &admins, Role::Member, Act::Pin));
        assert!(may(RoomKind::Group, &admins, Role::Admin, Act::Pin));
        assert!(may(RoomKind::Direct, &admins, Role::Member, Act::Pin));
        assert!(!may(RoomKind::Direct, &RoomSettings::default(), Role::Owner, Act::Leave));
    }
}
