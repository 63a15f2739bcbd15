//! What a model thinks before it answers, where its server leaves that in the text: `<think>…</think>`. It is never shown.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Takes a text in pieces, cut anywhere, and gives what may be shown.
///
/// A thought may be anywhere in a text, for some models think again between two calls. One that does not end hides the rest.
#[derive(Debug, Default)]
pub(super) struct Think {
    is_inside: bool,
    /// White space behind a thought belongs to neither.
    is_behind: bool,
    /// May be the beginning of a tag.
    held: String,
}

/// What a piece of text is made of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parted {
    pub shown: String,
    /// Characters of thoughts, without their tags.
    pub thought: usize,
}

impl Think {
    pub fn push(&mut self, piece: &str) -> Parted {
        let text = std::mem::take(&mut self.held) + piece;
        let (mut rest, mut parted) = (text.as_str(), Parted::default());
        while let Some((before, behind)) = rest.split_once(self.tag()) {
            self.part(before, &mut parted);
            self.is_behind = self.is_inside;
            self.is_inside = !self.is_inside;
            rest = behind;
        }
        let (sure, held) = rest.split_at(rest.len() - beginning_at_end(rest, self.tag()));
        self.part(sure, &mut parted);
        held.clone_into(&mut self.held);
        parted
    }

    /// What was held back, when the text has ended.
    pub fn end(&mut self) -> Parted {
        let (held, mut parted) = (std::mem::take(&mut self.held), Parted::default());
        self.part(&held, &mut parted);
        parted
    }

    fn tag(&self) -> &'static str {
        if self.is_inside { CLOSE } else { OPEN }
    }

    fn part(&mut self, text: &str, parted: &mut Parted) {
        if self.is_inside {
            parted.thought += text.chars().count();
            return;
        }
        let text = if self.is_behind { text.trim_start() } else { text };
        self.is_behind &= text.is_empty();
        parted.shown.push_str(text);
    }
}

/// Bytes at the end of `text` that are the beginning of `tag`, but not all of it.
fn beginning_at_end(text: &str, tag: &str) -> usize {
    (1..tag.len()).rev().find(|&length| text.ends_with(&tag[..length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(pieces: &[&str]) -> (String, usize) {
        let mut think = Think::default();
        let mut all: Vec<_> = pieces.iter().map(|piece| think.push(piece)).collect();
        all.push(think.end());
        (all.iter().map(|parted| parted.shown.as_str()).collect(), all.iter().map(|parted| parted.thought).sum())
    }

    #[test]
    fn thoughts_are_hidden_and_counted_however_they_are_cut() {
        for (text, shown, thought) in [
            ("<think>Hm, ö?</think>\n\nYes.", "Yes.", 6),
            ("  plain < text </b>", "  plain < text </b>", 0),
            ("<think></think>Yes", "Yes", 0),
            ("a <think>b</think> c<think>d</think> e", "a ce", 2),
            ("<think>a <think> b</think>c", "c", 11),
            ("<think>never ends </thi", "", 16),
            ("ends in <thin", "ends in <thin", 0),
            ("<<think>x</think>", "<", 1),
            ("", "", 0),
        ] {
            for (at, _) in text.char_indices() {
                assert_eq!(parted(&[&text[..at], &text[at..]]), (shown.to_owned(), thought), "{text:?} cut at {at}");
            }
            let each: Vec<String> = text.chars().map(String::from).collect();
            assert_eq!(
                parted(&each.iter().map(String::as_str).collect::<Vec<_>>()),
                (shown.to_owned(), thought),
                "{text:?}"
            );
        }
    }

    #[test]
    fn text_is_not_held_longer_than_needed() {
        let mut think = Think::default();
        assert_eq!(think.push("a < b").shown, "a < b");
        assert_eq!(think.push(" <th").shown, " ");
        assert_eq!(think.push("e").shown, "<the");
    }
}
