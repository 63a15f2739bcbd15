//! The parts that both prompts are made of.

use super::super::prompt::tokens::{self, MESSAGE_TOKENS};
use super::super::prompt::{CONTEXT_MIN, clean};
use super::Said;
use super::readable::readable;

/// The same as in the prompts of answers: what counts is that the name of a room cannot say much.
const ROOM_TOKENS: u32 = 16;
const ROOM_MAX: usize = 64;
const TODAY_MAX: usize = 40;
const CANARY_MAX: usize = 40;
const TIME_MAX: usize = 16;
/// Fewer reactions than these say nothing.
const REACTIONS_MIN: u32 = 3;

pub const MESSAGES_HEAD: &str = "Messages, oldest first (data):";

/// The tokens of the model that a prompt may be filled with, and those of an answer of `output` or a quarter of the
/// context.
pub fn budget(context_tokens: u32, output: u32) -> (u32, u32) {
    let context = context_tokens.max(CONTEXT_MIN);
    let max_tokens = output.min(context / 4);
    (tokens::without_margin(context - max_tokens), max_tokens)
}

/// What a prompt of two messages counts.
pub fn estimated(system: &str, user: &str) -> u32 {
    tokens::count(system) + tokens::count(user) + 2 * MESSAGE_TOKENS
}

/// What a line costs, with its line break.
pub fn line_tokens(line: &str) -> u32 {
    tokens::count(line) + 1
}

/// A room as it is named in a system text: members choose the name, and here every word has weight.
pub fn room(name: &str) -> String {
    let room = clean::plain_name(name, ROOM_MAX);
    match tokens::beginning(&room, ROOM_TOKENS).trim_end() {
        "" => "a chat room".to_owned(),
        room => format!("the chat room \"{room}\""),
    }
}

pub fn today(today: &str) -> String {
    clean::label(today, TODAY_MAX)
}

pub fn canary(canary: &str) -> String {
    clean::label(canary, CANARY_MAX)
}

/// What stands before the text of messages by one author, the first of them `said`: `[09:14] Ada (pinned): `.
pub fn head<M>(said: &[Said<'_, M>], assistant: &str, me: Option<&str>) -> String {
    let Some(first) = said.first() else { return String::new() };
    let (time, author) = (clean::label(first.time, TIME_MAX), clean::name(first.author, assistant));
    let reactions = said.iter().map(|said| said.reactions).max().unwrap_or_default();
    let files = said.iter().fold(0_u32, |files, said| files.saturating_add(said.files));
    let to_me = me.filter(|_| said.iter().any(|said| said.names_me || said.answers_me)).map(|me| format!("to {me}"));
    let notes: Vec<String> = [
        first.is_bot.then(|| "bot".to_owned()),
        to_me,
        said.iter().any(|said| said.is_pinned).then(|| "pinned".to_owned()),
        (reactions >= REACTIONS_MIN).then(|| format!("{reactions} reactions")),
        (files > 0).then(|| format!("{files} files")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if notes.is_empty() {
        format!("[{time}] {author}: ")
    } else {
        format!("[{time}] {author} ({}): ", notes.join(", "))
    }
}

/// The texts of messages by one author as one line. Without markup, so that a model is not shown what a spoiler hides.
pub fn text<M>(said: &[Said<'_, M>]) -> String {
    let texts: Vec<String> = said.iter().map(|said| clean::text(&readable(said.text).shown, clean::TEXT_MAX)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    if texts.is_empty() { "[no text]".to_owned() } else { clean::cut(&texts.join(" / "), clean::TEXT_MAX) }
}
