//! Up to three short answers to what somebody else wrote last, as one presses instead of writing. Rules and a table
//! only: nothing of it leaves the device, and nothing is kept.
//!
//! A wrong suggestion is worse than none: what fits no rule gets none, and neither does anything that hurts.

mod pack;
#[cfg(test)]
mod tests;
mod words;

use pack::Pack;
pub use pack::Packs;
use pack::Rule;
use words::{Sentence, has, is_laughter, sentences, words};

/// So many are shown.
pub const MOST: usize = 3;
/// So many of the last messages say which language is spoken.
pub const LOOK_BACK: usize = 10;
/// So many of the last messages must be free of what hurts.
const TENDER: usize = 3;
/// What has more characters wants to be read, not to be answered with a press.
pub const LONGEST: usize = 280;

/// What somebody did. "Congratulations!" and "I got the job!" want different answers, so they are two, and so are "Hi" and
/// "How are you?".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    Greeting,
    HowAreYou,
    Farewell,
    Thanks,
    Apology,
    Congratulations,
    GoodNews,
    BadNews,
    YesNo,
    Choice,
    /// When, where or who.
    Fact,
    Invitation,
    Help,
    Laughter,
    Media,
    Gif,
}

/// What the newest message is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Text,
    /// Files without a text.
    Media,
    Gif,
}

impl Class {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "greeting" => Self::Greeting,
            "how-are-you" => Self::HowAreYou,
            "farewell" => Self::Farewell,
            "thanks" => Self::Thanks,
            "apology" => Self::Apology,
            "congratulations" => Self::Congratulations,
            "good-news" => Self::GoodNews,
            "bad-news" => Self::BadNews,
            "choice" => Self::Choice,
            "fact" => Self::Fact,
            "invitation" => Self::Invitation,
            "help" => Self::Help,
            "laughter" => Self::Laughter,
            "media" => Self::Media,
            "gif" => Self::Gif,
            _ => return None,
        })
    }
}

/// Without a language there are still hands and faces.
const EMOJI_YES: &[&str] = &["👍", "👌", "✅"];
const EMOJI_NO: &[&str] = &["👎", "🙅", "❌"];
const EMOJI_BACK: &[&str] = &["🤔", "🤷", "😅"];
const EMOJI_LAUGHTER: &[&str] = &["😂", "😄", "😆", "😁"];
const EMOJI_MEDIA: &[&str] = &["👍", "😍", "👏", "🤩"];
const EMOJI_GIF: &[&str] = &["😂", "👏", "😄", "🙌"];

/// Of languages without a pack, and of scripts without spaces, what must not be answered with a thumb.
const TENDER_ELSEWHERE: &[&str] = &[
    "умер*",
    "смерт*",
    "похорон*",
    "самоубий*",
    "болезн*",
    "больниц*",
    "рак",
    "парол*",
    "деньг*",
    "morre*",
    "morto",
    "morte",
    "suicid*",
    "senha",
    "funerale",
    "ospedale",
    "overleden",
    "ziekenhuis",
    "wachtwoord",
    "zmarl*",
    "haslo",
    "sifre",
    "losenord",
];
const TENDER_ANYWHERE: &[&str] =
    &["死", "自殺", "自杀", "癌", "密码", "パスワード", "죽", "자살", "مات", "انتحار", "מת "];

impl Packs {
    /// Answers to the last of `recent` (oldest first, the texts of a conversation). The same `seed` picks the same ones.
    pub fn suggest(&self, recent: &[&str], kind: Kind, seed: u64) -> Vec<String> {
        let recent = &recent[recent.len().saturating_sub(LOOK_BACK)..];
        let Some(newest) = recent.last() else { return Vec::new() };
        if newest.chars().count() > LONGEST || recent.iter().rev().take(TENDER).any(|text| self.is_tender(text)) {
            return Vec::new();
        }
        let pack = self.language(recent);
        let class = match (kind, pack) {
            (Kind::Media, _) => Some(Class::Media),
            (Kind::Gif, _) => Some(Class::Gif),
            (Kind::Text, Some(pack)) => pack.class(newest),
            (Kind::Text, None) => class_of_signs(newest),
        };
        match (class, pack) {
            (None, _) => Vec::new(),
            (Some(Class::YesNo), Some(pack)) => one_each([&pack.yes, &pack.no, &pack.back], newest, seed),
            (Some(Class::YesNo), None) => one_each([EMOJI_YES, EMOJI_NO, EMOJI_BACK], newest, seed),
            (Some(class), Some(pack)) => pick(pack.says(class), newest, seed, MOST),
            (Some(Class::Media), None) => pick(EMOJI_MEDIA, newest, seed, MOST),
            (Some(Class::Gif), None) => pick(EMOJI_GIF, newest, seed, MOST),
            (Some(_), None) => pick(EMOJI_LAUGHTER, newest, seed, MOST),
        }
    }

    /// Whether it is of what hurts, in any language: a word of another one that looks the same costs a suggestion, the other way
    /// round it would be worse.
    fn is_tender(&self, text: &str) -> bool {
        let all = words(text);
        let mut known = self.0.iter().flat_map(|pack| &pack.tender);
        known.any(|phrase| has(&all, phrase))
            || TENDER_ELSEWHERE.iter().any(|phrase| has(&all, phrase))
            || TENDER_ANYWHERE.iter().any(|sign| text.contains(sign))
    }

    /// The language with the most of its common words; those of the newest message count twice. None with too few, or with as
    /// many of another one.
    fn language(&self, recent: &[&str]) -> Option<&Pack> {
        let (newest, earlier) = recent.split_last()?;
        let newest = words(newest);
        let earlier: Vec<String> = earlier.iter().flat_map(|text| words(text)).collect();
        let (mut best, mut second) = ((0, None), 0);
        for pack in &self.0 {
            let hits = |all: &[String]| all.iter().filter(|word| pack.common.contains(word)).count();
            let votes = 2 * hits(&newest) + hits(&earlier);
            if votes > best.0 {
                second = best.0;
                best = (votes, Some(pack));
            } else {
                second = second.max(votes);
            }
        }
        best.1.filter(|_| best.0 >= 2 && best.0 > second)
    }
}

fn one_each<T: AsRef<str>>(lists: [&[T]; MOST], said: &str, seed: u64) -> Vec<String> {
    let picks = lists.into_iter().zip([seed, seed >> 16, seed >> 32]);
    picks.flat_map(|(list, seed)| pick(list, said, seed, 1)).collect()
}

/// What can be told without knowing the language.
fn class_of_signs(text: &str) -> Option<Class> {
    let all = sentences(text);
    if all.iter().any(|sentence| sentence.is_question && !sentence.words.is_empty()) {
        return Some(Class::YesNo);
    }
    is_laughter(text).then_some(Class::Laughter)
}

impl Pack {
    fn rule(&self, class: Class) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.class == class)
    }

    fn says(&self, class: Class) -> &[String] {
        self.rule(class).map_or(&[], |rule| &rule.says)
    }

    fn class(&self, text: &str) -> Option<Class> {
        let all = sentences(text);
        let count = all.iter().map(|sentence| sentence.words.len()).sum();
        // Who asks several things wants the last one answered first.
        let question = all.iter().rev().find(|sentence| sentence.is_question && sentence.words.len() > 1);
        match question {
            Some(question) => self.class_of_question(question, count),
            // "When" and "who" in a statement ask nothing.
            None => {
                let mut rules = self.rules.iter().filter(|rule| rule.class != Class::Fact);
                rules.find(|rule| rule.fits(&all, count, text)).map(|rule| rule.class)
            }
        }
    }

    fn class_of_question(&self, question: &Sentence, count: usize) -> Option<Class> {
        let words = &question.words;
        let one = std::slice::from_ref(question);
        let is = |class| self.rule(class).is_some_and(|rule| rule.fits(one, count, ""));
        let any = |phrases: &[String]| phrases.iter().any(|phrase| has(words, phrase));
        let or = words.iter().position(|word| self.or.contains(word));
        let is_choice = or.is_some_and(|at| at > 0 && at + 1 < words.len()) && !any(&self.no_choice);
        let is_yes_no = any(&self.asks);
        [Class::HowAreYou, Class::Help]
            .into_iter()
            .find(|class| is(*class))
            .or(is_choice.then_some(Class::Choice))
            .or(is(Class::Invitation).then_some(Class::Invitation))
            .or(is_yes_no.then_some(Class::YesNo))
            .or(is(Class::Fact).then_some(Class::Fact))
            .or((!any(&self.what)).then_some(Class::YesNo))
    }
}

impl Rule {
    fn fits(&self, all: &[Sentence], count: usize, text: &str) -> bool {
        let any =
            |phrases: &[String]| all.iter().any(|sentence| phrases.iter().any(|phrase| has(&sentence.words, phrase)));
        let is_laughing = self.class == Class::Laughter && is_laughter(text);
        count <= self.most_words && (any(&self.signs) || is_laughing) && !any(&self.unless)
    }
}

/// Some of `all`, in an order that hangs on `seed`: neither what was said itself, nor two that say the same.
fn pick<T: AsRef<str>>(all: &[T], said: &str, seed: u64, most: usize) -> Vec<String> {
    let said = words(said);
    let mut left: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    let mut seed = seed;
    let mut picked: Vec<String> = Vec::with_capacity(most);
    while picked.len() < most && !left.is_empty() {
        let count = left.len() as u64;
        let next = left.remove(usize::try_from(seed % count).unwrap_or_default());
        seed = (seed / count) ^ seed.rotate_left(7);
        let own = words(next);
        let is_echo = !own.is_empty() && own == said;
        if !is_echo && picked.iter().all(|other| !is_alike(&own, &words(other))) {
            picked.push(next.to_owned());
        }
    }
    picked
}

/// Whether two answers share most of their words. Emoji have none, and differ.
fn is_alike(one: &[String], other: &[String]) -> bool {
    let shared = one.iter().filter(|word| other.contains(word)).count();
    let whole = one.len() + other.len() - shared;
    // Six in ten, without fractions.
    whole > 0 && shared * 10 >= whole * 6
}

/// A number that stays the same for these bytes (FNV-1a): a reload must not shuffle what is shown.
pub fn seed(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.iter());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    // The low bits of ids that were made one after the other hardly differ.
    hash ^ (hash >> 29)
}
