//! A summary without a model: what was asked and not answered, and what was pinned.

use super::super::language::{Lang, language};
use super::super::prompt::{clean, tokens};
use super::harmless;
use super::readable::{Readable, readable, shortened};
use super::signs::signs;
use super::summary::{is_short, told};
use super::{LINE_MAX, SUMMARY_MAX, SUMMARY_TOKENS, Said};

/// Of each kind, the newest.
const QUESTIONS_MAX: usize = 5;
const PINNED_MAX: usize = 3;
/// How many messages later an answer is still one.
const ANSWERS_WITHIN: usize = 3;

/// The last questions without an answer and the last pinned lines, as `Ada asked: …`, behind what stays of the old
/// summary. Bounded as a model's summary is. `None` if there is nothing.
///
/// A question counts as answered when somebody else, of the next three messages, wrote one that asks nothing.
pub fn extract<M>(old: Option<&str>, said: &[Said<'_, M>]) -> Option<String> {
    let read: Vec<(Readable, bool)> = said
        .iter()
        .map(|said| {
            let text = readable(said.text);
            let is_question = signs(&text.words).is_question;
            (text, is_question)
        })
        .collect();
    let is_open = |at: usize| {
        let after = said.iter().zip(&read).skip(at + 1).filter(|(after, _)| after.author != said[at].author);
        after.take(ANSWERS_WITHIN).all(|(_, (_, is_question))| *is_question)
    };
    let people = || (0..said.len()).rev().filter(|at| !said[*at].is_bot);
    let mut chosen: Vec<usize> = people().filter(|at| read[*at].1 && is_open(*at)).take(QUESTIONS_MAX).collect();
    chosen.extend(people().filter(|at| said[*at].is_pinned).take(PINNED_MAX));
    chosen.sort_unstable();
    chosen.dedup();

    let all: Vec<&str> = read.iter().map(|(text, _)| text.words.as_str()).collect();
    let lang = language(&all.join("\n"));
    let lines = chosen.into_iter().filter_map(|at| line(&said[at], &read[at].0, read[at].1, lang));
    joined(old, lines.collect())
}

/// `Ada asked: When do we meet?`
fn line<M>(said: &Said<'_, M>, text: &Readable, is_question: bool, lang: Lang) -> Option<String> {
    let questions: Vec<&str> =
        harmless::sentences(&text.shown).into_iter().filter(|part| part.ends_with(['?', '？', '؟'])).collect();
    let text = if is_question && !questions.is_empty() { questions.join(" ") } else { text.shown.clone() };
    let text = told(&plain_letters(&text))?;
    let author = clean::name(said.author, "");
    let head = match (lang, is_question) {
        (Lang::English, true) => format!("{author} asked:"),
        (Lang::English, false) => format!("{author} wrote (pinned):"),
        (Lang::German, true) => format!("{author} fragte:"),
        (Lang::German, false) => format!("{author} schrieb (angepinnt):"),
        (Lang::Spanish, true) => format!("{author} preguntó:"),
        (Lang::Spanish, false) => format!("{author} escribió (fijado):"),
        (Lang::French, true) => format!("{author} a demandé :"),
        (Lang::French, false) => format!("{author} a écrit (épinglé) :"),
    };
    // Read once more with its head: a name can be an order too.
    told(&format!("{head} {}", shortened(&text, LINE_MAX)))
}

/// As what a model wrote is read.
fn plain_letters(text: &str) -> String {
    harmless::lines(text, SUMMARY_MAX).join(" ")
}

/// New lines behind the last of the old ones, as many as fit. New ones leave a third to the old.
fn joined(old: Option<&str>, new: Vec<String>) -> Option<String> {
    let old: Vec<String> =
        harmless::lines(old.unwrap_or_default(), 2 * SUMMARY_MAX).iter().filter_map(|line| told(line)).collect();
    let fits_new = |text: &str| {
        let chars_max = if old.is_empty() { SUMMARY_MAX } else { SUMMARY_MAX / 3 * 2 };
        let tokens_max = if old.is_empty() { SUMMARY_TOKENS } else { SUMMARY_TOKENS / 3 * 2 };
        text.chars().count() <= chars_max && tokens::count(text) <= tokens_max
    };
    let mut out = String::new();
    for line in new.iter().rev() {
        let longer = if out.is_empty() { line.clone() } else { format!("{line}\n{out}") };
        if !fits_new(&longer) {
            break;
        }
        out = longer;
    }
    let mut gap = "\n";
    'all: for line in old.iter().rev().filter(|line| !new.contains(line)) {
        for part in harmless::sentences(line).into_iter().rev() {
            let longer = if out.is_empty() { part.to_owned() } else { format!("{part}{gap}{out}") };
            if !is_short(&longer) {
                break 'all;
            }
            out = longer;
            gap = " ";
        }
        gap = "\n";
    }
    // Once more: where the oldest line was cut, what follows may read like something else.
    let out = out.lines().filter_map(told).collect::<Vec<_>>().join("\n");
    harmless::is_useful(&out).then_some(out)
}
