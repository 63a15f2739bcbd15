//! What things are, and their pure rules. Both sides use it; nothing here does I/O.

pub mod bootstrap;
pub mod limits;
pub mod message;
pub mod pattern;
pub mod person;
pub mod request;
pub mod room;
pub mod text;
pub mod tick;

pub use bootstrap::{Bootstrap, FormState, Start};
pub use message::{Body, Draft, Message, Page};
pub use person::{Me, Person, PersonHit, Presence, Relation, Theme};
pub use request::{MessageRequest, RequestOutcome, RequestState};
pub use room::{Member, Role, Room, RoomKind, RoomSummary, Seq, Unread};
pub use tick::Tick;
