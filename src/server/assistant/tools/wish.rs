//! What a call means, if it means anything.

use super::{Offer, Tool};
use crate::model::limits::DICE_SIDES;
use crate::server::assistant::intent::QUERY_MAX;
use crate::server::assistant::prompt::clean;
use crate::server::assistant::words;
use serde_json::{Map, Value};

/// Bytes of the arguments of a call. The longest that mean something are a tenth of it.
const ARGS_MAX: usize = 4_096;
/// Characters of a note, as a prompt shows them.
const NOTE_MAX: usize = 200;
/// Characters of a search in the room.
const SEARCH_MAX: usize = 100;
/// Bytes of the longest emoji, and some room.
const EMOJI_MAX: usize = 64;
/// Marks around words that mean nothing to a search.
const MARKS: &str = ".,!?:;()#\"…“”„«»";
/// A die, if no sides are said.
const SIDES: u8 = 6;

/// Names that models write for an emoji, with or without colons, as GitHub and Slack have them. The others are refused.
const NAMES: [(&str, &[&str]); 20] = [
    ("👍", &["thumbsup", "thumbs_up", "+1", "like"]),
    ("👎", &["thumbsdown", "thumbs_down", "-1"]),
    ("❤\u{fe0f}", &["heart", "red_heart", "love"]),
    ("💜", &["purple_heart"]),
    ("🎉", &["tada", "party_popper", "party"]),
    ("😂", &["joy"]),
    ("🤣", &["rofl"]),
    ("😄", &["smile", "smiley"]),
    ("😍", &["heart_eyes"]),
    ("😮", &["open_mouth", "wow"]),
    ("🤔", &["thinking", "thinking_face"]),
    ("😢", &["cry", "sad"]),
    ("🔥", &["fire"]),
    ("⭐", &["star"]),
    ("💯", &["100"]),
    ("✅", &["white_check_mark", "check"]),
    ("👀", &["eyes"]),
    ("👏", &["clap"]),
    ("🙏", &["pray"]),
    ("🚀", &["rocket"]),
];

/// What is asked for, checked in itself. Messages and notes are the numbers of their aliases, from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wish {
    /// 1 to [`QUERY_MAX`] letters, digits and single spaces.
    Gif {
        query: String,
    },
    /// What looks like one emoji, skin tone and all. Whether it is one is for the caller to check.
    React {
        message: usize,
        emoji: String,
    },
    /// One line of 1 to 200 visible characters, in the model's words. Where rules find the asker's own, store those.
    Remember {
        text: String,
    },
    Forget {
        note: usize,
    },
    Flip,
    /// 2 to 100.
    Roll {
        sides: u8,
    },
    TicTacToe,
    /// One line of 1 to 100 visible characters.
    Search {
        query: String,
    },
}

impl Wish {
    pub fn tool(&self) -> Tool {
        match self {
            Self::Gif { .. } => Tool::Gif,
            Self::React { .. } => Tool::React,
            Self::Remember { .. } => Tool::Remember,
            Self::Forget { .. } => Tool::Forget,
            Self::Flip => Tool::Flip,
            Self::Roll { .. } => Tool::Roll,
            Self::TicTacToe => Tool::TicTacToe,
            Self::Search { .. } => Tool::Search,
        }
    }
}

/// Why a call does nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    Unknown,
    NotOffered,
    BadArguments,
    NoSuchMessage,
    NoSuchNote,
    /// A reaction of the assistant to itself.
    OwnMessage,
    /// The asker's words allow nothing of the kind.
    NotAsked,
    Capped,
}

impl Refused {
    /// For logs and metrics. Permanent.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotOffered => "not_offered",
            Self::BadArguments => "bad_arguments",
            Self::NoSuchMessage => "no_such_message",
            Self::NoSuchNote => "no_such_note",
            Self::OwnMessage => "own_message",
            Self::NotAsked => "not_asked",
            Self::Capped => "capped",
        }
    }

    /// For the model, so that it does not claim what was not done.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Unknown => "there is no such tool",
            Self::NotOffered => "not available in this room",
            Self::BadArguments => "the arguments are wrong",
            Self::NoSuchMessage => "there is no such message",
            Self::NoSuchNote => "there is no such note",
            Self::OwnMessage => "not on your own messages",
            Self::NotAsked => "the question does not ask for it",
            Self::Capped => "no more of it in one answer",
        }
    }
}

/// What the prompt showed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen<'a> {
    /// One for each message, from `m1` on: whether the assistant wrote it.
    pub own: &'a [bool],
    /// How many notes, from `f1` on.
    pub notes: usize,
    /// The alias of the question, which is reacted to if no message is named.
    pub question: usize,
}

/// Reads a call, as a model wrote it.
///
/// Forgiving in form: numbers may be texts, aliases may lack their letter or stand in brackets, fields that we do not
/// know are left alone, and of two with one name the last counts. What remains must be right, or nothing is done.
///
/// # Errors
/// [`Refused`], but [`Refused::NotAsked`] and [`Refused::Capped`].
pub fn wish(name: &str, args: &str, offer: &Offer, seen: &Seen) -> Result<Wish, Refused> {
    let tool = Tool::named(name).ok_or(Refused::Unknown)?;
    if !offer.has(tool) {
        return Err(Refused::NotOffered);
    }
    let args = object(args).ok_or(Refused::BadArguments)?;
    let text = |field: &str| args.get(field).and_then(Value::as_str);
    let wish = match tool {
        Tool::Gif => text("query").and_then(plain_words).map(|query| Wish::Gif { query }),
        Tool::Remember => text("text").and_then(|text| one_line(text, NOTE_MAX)).map(|text| Wish::Remember { text }),
        Tool::Search => text("query").and_then(|text| one_line(text, SEARCH_MAX)).map(|query| Wish::Search { query }),
        Tool::React => {
            let emoji = text("emoji").and_then(emoji).ok_or(Refused::BadArguments)?;
            return Ok(Wish::React { message: message(field(&args, "message"), seen)?, emoji });
        }
        Tool::Forget => {
            let note = field(&args, "note").and_then(|value| number(value, 'f')).ok_or(Refused::BadArguments)?;
            return if (1..=seen.notes).contains(&note) { Ok(Wish::Forget { note }) } else { Err(Refused::NoSuchNote) };
        }
        Tool::Flip => Some(Wish::Flip),
        Tool::Roll => sides(field(&args, "sides")).map(|sides| Wish::Roll { sides }),
        Tool::TicTacToe => Some(Wish::TicTacToe),
    };
    wish.ok_or(Refused::BadArguments)
}

/// Some models write `null` or nothing where there are no arguments.
fn object(args: &str) -> Option<Map<String, Value>> {
    if args.len() > ARGS_MAX {
        return None;
    }
    if args.trim().is_empty() {
        return Some(Map::new());
    }
    match serde_json::from_str(args).ok()? {
        Value::Object(args) => Some(args),
        Value::Null => Some(Map::new()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    }
}

/// A field that says something.
fn field<'a>(args: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    args.get(name).filter(|value| !value.is_null())
}

fn message(value: Option<&Value>, seen: &Seen) -> Result<usize, Refused> {
    let message = match value {
        Some(value) => number(value, 'm').ok_or(Refused::BadArguments)?,
        None => seen.question,
    };
    match message.checked_sub(1).and_then(|at| seen.own.get(at)) {
        Some(false) => Ok(message),
        Some(true) => Err(Refused::OwnMessage),
        None => Err(Refused::NoSuchMessage),
    }
}

fn sides(value: Option<&Value>) -> Option<u8> {
    let Some(value) = value else { return Some(SIDES) };
    u8::try_from(number(value, 'd')?).ok().filter(|sides| DICE_SIDES.contains(sides))
}

/// `12`, `"12"`, and with its letter `"m12"` or `"[m12]"`. At most four digits, without zeros before them.
fn number(value: &Value, letter: char) -> Option<usize> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let alias = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(&text);
    let digits = alias.strip_prefix(letter).unwrap_or(alias);
    let is_plain = digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_plain && (digits == "0" || !digits.starts_with('0')))
}

/// Words to search the web's GIFs with: no address, no markup. Marks around and hyphens between words are let go.
fn plain_words(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_')).map(|word| {
        let word = word.trim_matches(|c| MARKS.contains(c));
        word.replace(['\'', '’'], "")
    });
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    let query = words.join(" ");
    let is_plain = words.iter().all(|word| word.chars().all(char::is_alphanumeric));
    (is_plain && !query.is_empty() && query.chars().count() <= QUERY_MAX).then_some(query)
}

/// A text in one line, without what nobody sees.
fn one_line(text: &str, chars_max: usize) -> Option<String> {
    let seen = text.chars().map(|c| if clean::is_break(c) { ' ' } else { c }).filter(|c| !clean::is_hidden(*c));
    let line = seen.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty() && line.chars().count() <= chars_max).then_some(line)
}

fn emoji(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > EMOJI_MAX {
        return None;
    }
    let name = text.trim_matches(':').to_ascii_lowercase().replace(' ', "_");
    if let Some((emoji, _)) = NAMES.iter().find(|(_, names)| names.contains(&name.as_str())) {
        return Some((*emoji).to_owned());
    }
    let clauses = words::clauses(text);
    let [clause] = clauses.as_slice() else { return None };
    let [word] = clause.as_slice() else { return None };
    (word.typed == text && text.starts_with(words::is_emoji)).then(|| text.to_owned())
}
