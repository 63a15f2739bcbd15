//! Every bound that both sides know. The server enforces them; the page shows them.

/// Characters of one message (Unicode scalar values, after trimming the ends).
pub const MESSAGE_MAX_CHARS: usize = 8_000;
/// Characters of a message request's one intro.
pub const INTRO_MAX_CHARS: usize = 300;
/// People that one message can call by name.
pub const MENTIONS_MAX: usize = 50;
/// Messages of one page when the caller does not say.
pub const PAGE_DEFAULT: u16 = 50;
/// Messages of one page at most.
pub const PAGE_MAX: u16 = 100;
/// Missed messages per room that a reconnect brings; more than that and the page reloads the newest ones.
pub const CATCH_UP_MAX: u16 = 100;
pub const USERNAME_MIN_CHARS: usize = 3;
pub const USERNAME_MAX_CHARS: usize = 30;
/// Graphemes of a display name.
pub const DISPLAY_NAME_MAX_CHARS: usize = 64;
pub const EMAIL_MAX_CHARS: usize = 254;
pub const PASSWORD_MIN_CHARS: usize = 10;
pub const PASSWORD_MAX_CHARS: usize = 128;
/// How long after signing in an account without a password may be given one.
pub const FRESH_MS: i64 = 5 * 60_000;
/// Characters of a people search, and of the words of a message search.
pub const SEARCH_MAX_CHARS: usize = 64;
/// Characters of a message search with its filters.
pub const SEARCH_QUERY_MAX_CHARS: usize = 256;
/// Messages that one search answers with when the caller does not say, and at most.
pub const SEARCH_DEFAULT: u16 = 20;
pub const SEARCH_MAX: u16 = 50;
/// Matches in one room that are counted; more are "999+".
pub const ROOM_HITS_MAX: usize = 999;
/// People that one search answers with.
pub const PEOPLE_MAX: usize = 20;
/// How long a declined request keeps its sender from asking again: 7 days.
pub const REQUEST_COOLDOWN_MS: i64 = 7 * 24 * 3_600_000;
/// How long a request waits for an answer: 30 days.
pub const REQUEST_EXPIRY_MS: i64 = 30 * 24 * 3_600_000;
/// Open outgoing requests of an account younger than 72 hours, and of an older one.
pub const REQUESTS_OPEN_NEW: usize = 5;
pub const REQUESTS_OPEN: usize = 10;
/// Bytes of one frame on the socket, either way.
pub const FRAME_MAX_BYTES: usize = 64 * 1024;
/// A typing notice is repeated at most this often, and believed this long.
pub const TYPING_REPEAT_MS: u64 = 3_000;
pub const TYPING_EXPIRY_MS: u64 = 6_000;
/// Characters of a group's name, and of its description.
pub const ROOM_NAME_MAX_CHARS: usize = 64;
pub const ROOM_DESCRIPTION_MAX_CHARS: usize = 500;
/// Rooms with more members carry no member list and no live watermarks.
pub const LISTED_MEMBERS_MAX: usize = 50;
/// Members of a group.
pub const MEMBERS_MAX: usize = 1_000;
/// People named in one call that creates a group or adds to it.
pub const ADD_MAX: usize = 100;
/// Invite links of a group that work at a time.
pub const INVITES_MAX: usize = 20;
/// People that one invite link may let in, when it says how many.
pub const INVITE_USES_MAX: u32 = 1_000;
/// Pinned messages of a room.
pub const PINS_MAX: usize = 50;
/// Notes that the assistant keeps of a room, and characters of one.
pub const NOTES_MAX: usize = 40;
pub const NOTE_MAX_CHARS: usize = 200;
/// Sides of a die.
pub const DICE_SIDES: std::ops::RangeInclusive<u8> = 2..=100;
/// How long a game waits for somebody to accept, and for each move: a day.
pub const GAME_TURN_MS: i64 = 24 * 3_600_000;
/// Different emoji on one message.
pub const REACTIONS_MAX: usize = 20;
/// Messages that one member may have deleted for themselves in one room; more want "Clear chat".
pub const HIDDEN_MAX: usize = 1_000;
/// Messages named in one command.
pub const SELECT_MAX: usize = 100;
/// Earlier texts kept of a message.
pub const EDITS_MAX: usize = 50;
/// Seconds of slow mode at most: an hour.
pub const SLOW_MODE_MAX_S: u32 = 3_600;
pub const STATUS_MAX_CHARS: usize = 80;
pub const ABOUT_MAX_CHARS: usize = 500;
/// Bytes of a picture that becomes somebody's, or a group's.
pub const PICTURE_MAX_BYTES: u64 = 10_000_000;
/// Files of one message.
pub const FILES_MAX: usize = 10;
/// Characters of a file's name, its extension included.
pub const FILE_NAME_MAX_CHARS: usize = 120;
/// Characters of the words that stand for a picture.
pub const ALT_MAX_CHARS: usize = 500;
/// Steps of the waveform of something spoken.
pub const WAVEFORM_MAX_CHARS: usize = 96;
/// Files of one person on their way up at a time.
pub const UPLOADS_MAX: usize = 3;
/// Messages of one page of a room's files.
pub const MEDIA_PAGE: u16 = 50;
