//! What things are, and their pure rules. Both sides use it; nothing here does I/O.

pub mod account;
pub mod agent;
pub mod answer;
pub mod attachment;
pub mod bootstrap;
pub mod catch_up;
pub mod colour;
pub mod extra;
pub mod game;
pub mod gifs;
pub mod invite;
pub mod limits;
pub mod markup;
pub mod memory;
pub mod message;
pub mod pattern;
pub mod permission;
pub mod person;
pub mod picture;
pub mod prefs;
pub mod preview;
pub mod program;
pub mod refusal;
pub mod report;
pub mod request;
pub mod room;
pub mod search;
pub mod slips;
pub mod text;
pub mod tick;
pub mod usage;

pub use account::{
    EmailView, ExportProgress, LEAVING_DAYS, Privacy, Proof, RequestsFrom, SessionView, SignInWays, Way,
};
pub use answer::{Answer, AnswerAct, AnswerProblem, AnswerState};
pub use attachment::{
    Attachment, AttachmentKind, Crop, FileHints, FileUsage, MediaKind, MediaPage, SentFile, Variant, file_url,
};
pub use bootstrap::{Bootstrap, FormState, Joining, Provider, Start};
pub use catch_up::{CatchUp, CatchUpLine};
pub use colour::{COLOUR_VERSION, PictureColour, Rgb, ThemeColour};
pub use extra::{Extra, Gif, NewExtra};
pub use game::{Bytes32, Coin, GameAct, Roll, TicTacToe};
pub use invite::{Invite, InvitePreview, InviteTerm};
pub use memory::{Memory, MemoryAct, MemoryView, Note, NoteCard, Seen, SeenView};
pub use message::{Body, Deleted, DeliveryCounts, Edit, Mentions, Message, Page, Reaction, ReplyTo, SystemLine};
pub use permission::{Act, may};
pub use person::{DELETED_NAME, Me, Person, PersonHit, Presence, Profile, Relation, Theme};
pub use picture::{PICTURE_SIZES, Picture};
pub use prefs::{
    MUTED_FOR_GOOD, Notify, PrefsChange, RoomPrefs, WALLPAPER_OWN, WALLPAPERS, Wallpaper, WallpaperPicture,
};
pub use preview::LinkPreview;
pub use refusal::Refusal;
pub use request::{InvitedTo, MessageRequest, RequestOutcome, RequestState};
pub use room::{
    Added, Member, MembersPage, NewRoom, Pin, Role, Room, RoomChange, RoomKind, RoomSettings, RoomSummary, Seq, Unread,
    Who,
};
pub use search::{Covered, Found, FoundFile, Has, MatchRange, RoomHit, RoomSearch, SearchPage};
pub use tick::Tick;
