//! The one registry of named patterns. Both sides use it; all are anchored and linear in time (`regex-lite`).

use crate::Error;
use crate::error::{Problem, Result};
use crate::model::limits::{
    DISPLAY_NAME_MAX_CHARS, EMAIL_MAX_CHARS, PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS, ROOM_NAME_MAX_CHARS,
    STATUS_MAX_CHARS, USERNAME_MAX_CHARS, USERNAME_MIN_CHARS,
};
use regex_lite::Regex;
use std::sync::LazyLock;

/// Lower-case ASCII letters, digits, `_` and `.`; begins with a letter; no two dots together, none at the end.
pub const USERNAME: &str = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$";
/// What is accepted as an address; whether it exists only a mail can tell.
pub const EMAIL: &str =
    r"^[^\s@<>(),;:\\]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$";

static USERNAME_RE: LazyLock<Regex> = LazyLock::new(|| Regex::new(USERNAME).expect("a constant pattern"));
static EMAIL_RE: LazyLock<Regex> = LazyLock::new(|| Regex::new(EMAIL).expect("a constant pattern"));

/// The username of the assistant that comes with a server.
pub const ASSISTANT: &str = "lavender";
/// Names that would look like the service itself.
const RESERVED: [&str; 12] = [
    "admin",
    "administrator",
    ASSISTANT,
    "system",
    "support",
    "root",
    "moderator",
    "everyone",
    "all",
    "here",
    "sprig",
    "deleted",
];

/// A username in its stored form (lower case).
///
/// # Errors
/// [`Error::Invalid`] of field `username`.
pub fn username(text: &str) -> Result<String> {
    let name = written_username(text)?;
    if RESERVED.contains(&name.as_str()) { Err(Error::invalid("username", Problem::Taken)) } else { Ok(name) }
}

/// The username that follows an `@` in a text: also the assistant's, which nobody can register.
pub fn mentioned_username(text: &str) -> Option<String> {
    let name = written_username(text).ok()?;
    (name == ASSISTANT || !RESERVED.contains(&name.as_str())).then_some(name)
}

fn written_username(text: &str) -> Result<String> {
    let name = text.trim().trim_start_matches('@').to_lowercase();
    let fail = |problem| Err(Error::invalid("username", problem));
    match name.chars().count() {
        0 => fail(Problem::Missing),
        n if n < USERNAME_MIN_CHARS => fail(Problem::TooShort),
        n if n > USERNAME_MAX_CHARS => fail(Problem::TooLong),
        _ if !USERNAME_RE.is_match(&name) => fail(Problem::BadFormat),
        _ => Ok(name),
    }
}

/// An e-mail address as typed, trimmed. Its key for uniqueness is the lower-case form.
///
/// # Errors
/// [`Error::Invalid`] of field `email`.
pub fn email(text: &str) -> Result<String> {
    let address = text.trim();
    let fail = |problem| Err(Error::invalid("email", problem));
    match address.chars().count() {
        0 => fail(Problem::Missing),
        n if n > EMAIL_MAX_CHARS => fail(Problem::TooLong),
        _ if !EMAIL_RE.is_match(address) => fail(Problem::BadFormat),
        _ => Ok(address.to_owned()),
    }
}

/// The length rule of a password; how guessable it is, the server judges.
///
/// # Errors
/// [`Error::Invalid`] of field `password`.
pub fn password_length(text: &str) -> Result<()> {
    match text.chars().count() {
        0 => Err(Error::invalid("password", Problem::Missing)),
        n if n < PASSWORD_MIN_CHARS => Err(Error::invalid("password", Problem::TooShort)),
        n if n > PASSWORD_MAX_CHARS => Err(Error::invalid("password", Problem::TooLong)),
        _ => Ok(()),
    }
}

/// A display name, white space folded. The server also normalises it (NFC) and refuses invisible characters.
///
/// # Errors
/// [`Error::Invalid`] of field `display_name`.
pub fn display_name(text: &str) -> Result<String> {
    one_line(text, "display_name", DISPLAY_NAME_MAX_CHARS)
}

/// The name of a group, by the rules of a display name.
///
/// # Errors
/// [`Error::Invalid`] of field `name`.
pub fn room_name(text: &str) -> Result<String> {
    one_line(text, "name", ROOM_NAME_MAX_CHARS)
}

/// A person's short line about themselves; may be empty.
///
/// # Errors
/// [`Error::Invalid`] of field `status`.
pub fn status(text: &str) -> Result<String> {
    if text.trim().is_empty() { Ok(String::new()) } else { one_line(text, "status", STATUS_MAX_CHARS) }
}

/// What a group is about, or a person says of themselves: some lines, ends trimmed; may be empty.
///
/// # Errors
/// [`Error::Invalid`] of `field`.
pub fn lines(text: &str, field: &str, max_chars: usize) -> Result<String> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    let fail = |problem| Err(Error::invalid(field, problem));
    match text.chars().count() {
        n if n > max_chars => fail(Problem::TooLong),
        // Joiners are part of emoji and of some scripts.
        _ if text.chars().any(|c| is_invisible(c) && !matches!(c, '\n' | '\u{200c}' | '\u{200d}')) => {
            fail(Problem::BadCharacters)
        }
        _ => Ok(text.to_owned()),
    }
}

fn one_line(text: &str, field: &str, max_chars: usize) -> Result<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fail = |problem| Err(Error::invalid(field, problem));
    match name.chars().count() {
        0 => fail(Problem::Missing),
        n if n > max_chars => fail(Problem::TooLong),
        _ if name.chars().any(is_invisible) => fail(Problem::BadCharacters),
        _ => Ok(name),
    }
}

/// Control and direction characters, and others that take no room.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{00ad}' | '\u{061c}')
}
