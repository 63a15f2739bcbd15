//! What was found, marked in the messages that are shown.

use super::Search;
use crate::model::Seq;
use crate::model::search::pieces;
use dioxus::prelude::*;
use std::rc::Rc;

/// The words that a search found in one message.
#[derive(Clone, PartialEq, Default)]
pub struct Marks {
    words: Rc<[String]>,
    is_current: bool,
}

/// What is to be marked in a message. `seq` of none: nothing.
pub fn use_marks(seq: Option<Seq>, text: &Rc<str>) -> Marks {
    let search = use_hook(try_consume_context::<Search>);
    let marks = use_memo(use_reactive(&(seq, text.clone()), move |(seq, text)| {
        search.zip(seq).and_then(|(search, seq)| marks(search, seq, &text)).unwrap_or_default()
    }));
    marks()
}

fn marks(search: Search, seq: Seq, text: &str) -> Option<Marks> {
    let finding = search.finding.read();
    let finding = finding.as_ref()?;
    let at = finding.hits.binary_search_by(|hit| seq.cmp(&hit.seq)).ok()?;
    let mut words: Vec<String> = Vec::new();
    for (piece, is_match) in pieces(text, &finding.hits[at].ranges) {
        if is_match && !words.iter().any(|word| word == piece) {
            words.push(piece.to_owned());
        }
    }
    Some(Marks { words: words.into(), is_current: at == finding.at })
}

impl Marks {
    /// A run of text with its marks.
    pub fn draw(&self, text: &str) -> Element {
        if self.words.is_empty() {
            return rsx! { "{text}" };
        }
        let is_current = self.is_current.then_some("");
        rsx! {
            for (piece , is_match) in split(text, &self.words) {
                if is_match {
                    mark { "data-on": is_current, "{piece}" }
                } else {
                    "{piece}"
                }
            }
        }
    }
}

/// A text, cut at these words.
fn split<'a>(text: &'a str, words: &[String]) -> Vec<(&'a str, bool)> {
    let (mut cut, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let places = words.iter().filter_map(|word| Some((rest.find(word.as_str())?, word.len())));
        // The first one, the longest if there are several.
        let Some((at, length)) = places.min_by_key(|(at, length)| (*at, usize::MAX - length)) else { break };
        let (before, found) = rest.split_at(at);
        let (found, after) = found.split_at(length);
        cut.extend((!before.is_empty()).then_some((before, false)));
        cut.push((found, true));
        rest = after;
    }
    cut.extend((!rest.is_empty()).then_some((rest, false)));
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_the_first_and_longest_words() {
        let words = ["gate".to_owned(), "gates".to_owned(), "本".to_owned()];
        assert_eq!(
            split("the gates 日本 gate", &words),
            [("the ", false), ("gates", true), (" 日", false), ("本", true), (" ", false), ("gate", true)]
        );
        assert_eq!(split("", &words), []);
        assert_eq!(split("none", &words), [("none", false)]);
    }
}
