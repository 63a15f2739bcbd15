//! What is remembered only if a person confirms it.
//!
//! A note is read by a model again and again, long after everybody forgot who wrote it: the one place where an order to
//! it, a link or a secret outlives the conversation. The rules err on the side of asking, but "Kim never eats meat" is no
//! order. They keep no determined member from a bad note; what a note can do is limited where it is used.

use super::orders::{ASKED, BEFORE_VERB, CONDITIONS, LOOKALIKES, ORDERS, PHRASES, STEMS};
use super::phrases;
use super::read::{self, Gap, Token, begins_clause, fit};
use crate::server::assistant::prompt::clean::{is_break, is_hidden};
use unicode_normalization::UnicodeNormalization;

/// Digits of a number that may be one of a card: 13 and more. A number of a telephone has fewer as a rule.
const CARD_MIN: usize = 13;
/// Characters of a word of letters and digits that may be a key.
const KEY_MIN: usize = 20;
/// Changes between letters and digits in a key. "donaudampfschiff2026" has one.
const KEY_CHANGES_MIN: usize = 3;
/// Words in which "always" and its like follow a verb.
const ADVERB_WITHIN: usize = 3;

/// Whether a text reads like an order to the assistant or like a secret, or has an address in it.
pub fn is_doubtful(text: &str) -> bool {
    let seen = text.chars().filter(|c| is_break(*c) || !is_hidden(*c));
    let plain: String = seen.nfkc().flat_map(char::to_lowercase).collect();
    has_address(&plain) || has_number(&plain) || has_key(&plain) || has_markup(&plain) || is_order(&plain)
}

/// Links, hosts, numbers of hosts, and what mail is sent to.
fn has_address(plain: &str) -> bool {
    let plain = plain.replace("[.]", ".").replace("(.)", ".").replace("[dot]", ".").replace("(dot)", ".");
    let chars: Vec<char> = plain.chars().collect();
    let is_mail = chars.windows(3).any(|at| at[1] == '@' && at[0].is_alphanumeric() && at[2].is_alphanumeric());
    let is_link = ["://", "www.", "mailto:", "javascript:", "localhost"].iter().any(|sign| plain.contains(sign));
    let is_of_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '。');
    is_mail || is_link || plain.split(|c| !is_of_host(c)).flat_map(|words| words.split("..")).any(is_host)
}

/// `example.com`, `192.0.2.1`. Not `3.5`, `p.m.`, `4.mai`.
fn is_host(word: &str) -> bool {
    // Chinese puts it between sentences, browsers between labels as well.
    let word = if word.chars().any(|c| c.is_ascii_alphanumeric()) { word.replace('。', ".") } else { word.to_owned() };
    let labels: Vec<&str> = word.split('.').filter(|label| !label.is_empty()).collect();
    let Some((last, labels)) = labels.split_last() else { return false };
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    let is_date = |labels: &[&str]| labels.iter().all(|label| label.len() <= 2 && is_number(label));
    let is_top = last.chars().count() > 1 && last.chars().all(char::is_alphabetic) || last.starts_with("xn-");
    let is_numeric = labels.len() == 3 && labels.iter().chain([last]).all(|label| label.len() <= 3 && is_number(label));
    is_numeric || is_top && !is_date(labels)
}

/// As many digits as a card has, in groups or not.
fn has_number(plain: &str) -> bool {
    let mut digits = 0;
    let mut since = 0;
    for c in plain.chars() {
        if c.is_numeric() {
            digits += 1;
            since = 0;
        } else if since == 0 && (c.is_whitespace() || matches!(c, '-' | '.' | '‐' | '‑' | '–')) {
            since = 1;
        } else {
            digits = 0;
        }
        if digits >= CARD_MIN {
            return true;
        }
    }
    false
}

/// `sk-4f9a…`: long, of letters and digits that alternate.
fn has_key(plain: &str) -> bool {
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/' | '=');
    plain.split(|c| !is_of_key(c)).any(|word| {
        let kinds: Vec<bool> = word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.is_ascii_digit()).collect();
        kinds.len() >= KEY_MIN && kinds.windows(2).filter(|pair| pair[0] != pair[1]).count() >= KEY_CHANGES_MIN
    })
}

/// What gives a prompt its structure, and words of two scripts, which are written so to look like others.
fn has_markup(plain: &str) -> bool {
    let tight: String = plain.chars().filter(|c| !c.is_whitespace()).collect();
    let is_mixed =
        |word: &str| word.chars().any(|c| LOOKALIKES.contains(c)) && word.chars().any(|c| c.is_ascii_alphabetic());
    ["<|", "|>", "</", "[inst", "[/", "assistant:", "user:", "developer:"].iter().any(|sign| tight.contains(sign))
        || plain.split(|c: char| !c.is_alphanumeric()).any(is_mixed)
}

fn is_order(plain: &str) -> bool {
    let tight: String = read::key(plain).chars().map(letter).filter(|c| c.is_alphanumeric()).collect();
    // Signs between words hide no phrase: "you *must*".
    let shown = |gap| if gap == Gap::Hard { Gap::Soft } else { gap };
    let tokens = read::tokens(plain).into_iter().map(|token| Token { gap: shown(token.gap), ..token });
    let tokens: Vec<Token> = tokens.collect();
    let is_pin = tokens.iter().any(|token| token.key == "pin") && tokens.iter().any(|token| is_code(&token.key));
    STEMS.iter().any(|stem| tight.contains(stem))
        || is_pin
        || (0..tokens.len()).any(|at| {
            PHRASES.iter().any(|phrase| fit(phrase, &tokens[at..], false).is_some()) || begins_order(plain, &tokens, at)
        })
}

fn is_code(key: &str) -> bool {
    (4..=8).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_digit())
}

/// The letter that a digit or sign stands for in "p4$$w0rd".
fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    }
}

/// Whether a clause begins with the word `at`, and with an order.
fn begins_order(plain: &str, tokens: &[Token], at: usize) -> bool {
    let is_of = |at: usize, list: &[&str]| tokens.get(at).is_some_and(|token| list.contains(&token.key.as_str()));
    let before = at.checked_sub(1);
    let is_asked = before.is_some_and(|before| is_of(before, ASKED));
    let from_now = phrases::FROM_NOW_ON.iter().filter_map(|phrase| fit(phrase, tokens, false)).map(|f| f.end).max();
    let is_start = begins_clause(plain, tokens, at)
        || is_asked
        || from_now == Some(at)
        || before.is_some_and(|before| is_of(before, &["and", "or", "but", "then", "und", "oder", "y", "et", "ou"]));
    if !is_start {
        return false;
    }
    let is_certain = is_asked || from_now == Some(at) || at > 0 && is_of(0, CONDITIONS);
    ORDERS.iter().any(|orders| {
        let words = tokens[at..].iter().take_while(|token| {
            BEFORE_VERB.contains(&token.key.as_str()) || orders.adverbs.contains(&token.key.as_str())
        });
        let verb = at + words.count();
        let has_adverb = (at..verb).any(|at| is_of(at, orders.adverbs))
            || (verb + 1..=verb + ADVERB_WITHIN).any(|at| is_of(at, orders.adverbs));
        // "Immer auf Deutsch antworten": a German infinitive is at the end.
        let is_last = (at..verb).any(|at| is_of(at, orders.adverbs))
            && tokens.last().is_some_and(|last| last.key.ends_with("en"))
            && (is_of(tokens.len() - 1, orders.verbs) || is_of(tokens.len() - 1, orders.alone));
        is_last || is_of(verb, orders.alone) || is_of(verb, orders.verbs) && (has_adverb || is_certain)
    })
}
