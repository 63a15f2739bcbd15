//! The one registry of named patterns. Both sides use it; all are linear in time. What is written as a regular expression
//! here is checked by hand, and against the expression in tests: an engine for two patterns would be 26 KiB of every first start.

use crate::Error;
use crate::error::{Problem, Result};
use crate::model::limits::{
    DISPLAY_NAME_MAX_CHARS, EMAIL_MAX_CHARS, PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS, ROOM_NAME_MAX_CHARS,
    STATUS_MAX_CHARS, USERNAME_MAX_CHARS, USERNAME_MIN_CHARS,
};

/// Lower-case ASCII letters, digits, `_` and `.`; begins with a letter; no two dots together, none at the end.
pub const USERNAME: &str = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$";
/// What is accepted as an address; whether it exists only a mail can tell.
pub const EMAIL: &str =
    r"^[^\s@<>(),;:\\]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$";

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
        _ if !is_username(&name) => fail(Problem::BadFormat),
        _ => Ok(name),
    }
}

/// [`USERNAME`].
fn is_username(name: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('.').all(is_part)
}

/// [`EMAIL`].
fn is_email(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let is_refused = |c: char| is_space(c) || "<>(),;:\\".contains(c);
    let is_label = |label: &str| {
        label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !(label.is_empty() || label.starts_with('-') || label.ends_with('-'))
    };
    !local.is_empty() && !local.contains(is_refused) && domain.split('.').all(is_label)
}

/// `\s` of a regular expression without Unicode.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
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
        _ if !is_email(address) => fail(Problem::BadFormat),
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex_lite::Regex;

    #[test]
    fn only_the_assistant_has_its_name_and_it_can_be_called() {
        assert_eq!(username("Lavender"), Err(Error::invalid("username", Problem::Taken)));
        assert_eq!(mentioned_username("Lavender").as_deref(), Some("lavender"));
        assert_eq!(mentioned_username("support"), None);
    }

    #[test]
    fn addresses_are_told_from_what_is_none() {
        for address in ["a@b", "ana.b+c@ex-ample.org", "ä@b.c", "\"a\"@b", "x@1.2"] {
            assert!(is_email(address), "{address}");
        }
        for text in
            ["", "@", "a@", "@b", "a@b@c", "a b@c", "a@b.", "a@.b", "a@-b", "a@b-", "a@b..c", "a@ä", "a@b\n", "a;b@c"]
        {
            assert!(!is_email(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_checks_say_what_the_expressions_say(text in "[a-cA-C0-9_.@\\-:;,<> \\t\\n\u{b}\u{85}ä(]{0,12}", pick in 0..3) {
            // Few random texts are near enough to be either.
            let text = match pick {
                0 => text,
                1 => text.chars().filter(|c| matches!(c, 'a'..='c' | '0'..='9' | '_' | '.')).collect(),
                _ => format!("{}@{}", text, text.replace('@', "")),
            };
            prop_assert_eq!(is_username(&text), Regex::new(USERNAME).expect("constant").is_match(&text));
            prop_assert_eq!(is_email(&text), Regex::new(EMAIL).expect("constant").is_match(&text));
        }
    }
}
