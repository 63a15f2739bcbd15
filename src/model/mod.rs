//! What things are, and their pure rules. Both sides use it; nothing here does I/O.

pub mod bootstrap;
pub mod limits;
pub mod message;
pub mod pattern;
pub mod permission;
pub mod person;
pub mod prefs;
pub mod preview;
pub mod request;
pub mod room;
pub mod text;
pub mod tick;

pub use bootstrap::{Bootstrap, FormState, Start};
pub use message::{Body, Deleted, Draft, Edit, Mentions, Message, Page, Reaction, ReplyTo, SystemLine};
pub use permission::{Act, may};
pub use person::{Me, Person, PersonHit, Presence, Profile, Relation, Theme};
pub use prefs::{Notify, PrefsChange, RoomPrefs, Wallpaper};
pub use preview::LinkPreview;
pub use request::{MessageRequest, RequestOutcome, RequestState};
pub use room::{Member, Pin, Role, Room, RoomKind, RoomSettings, RoomSummary, Seq, Unread, Who};
pub use tick::Tick;
