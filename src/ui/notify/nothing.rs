use super::{News, Permission};
use crate::id::RoomId;
use crate::model::Seq;

/// Shows nothing: there is nobody on the server.
pub struct Desk;

impl Desk {
    pub fn new(_: impl Fn(RoomId, Seq) + 'static) -> Self {
        Self
    }

    pub fn permission() -> Permission {
        Permission::Unsupported
    }

    pub async fn ask() {}

    pub fn claim(&self) {}

    pub fn is_chosen(&self) -> bool {
        false
    }

    pub fn show(&self, _: &News, _: &str) {}

    pub fn tidy(&self, _: impl Fn(RoomId, Seq) -> bool) {}

    pub fn chime(&self) {}
}
