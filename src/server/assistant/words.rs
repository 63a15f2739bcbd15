//! The words of a text, alike however they are typed.

use crate::model::pattern::ASSISTANT as NAME;

/// Characters of a text that are looked at. Nobody asks for a coin in more.
const LOOKED_AT: usize = 2_000;
/// Stands for what was quoted or is code: a word that no rule knows, so that nobody's words are taken for a wish.
const OPAQUE: &str = "\u{fffc}";

/// A word, an emoji, or [`OPAQUE`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// In lower case without accents, by which rules know it.
    pub key: String,
    /// In lower case as it was typed.
    pub typed: String,
}

/// A text between marks that end a sentence.
pub type Clause = Vec<Word>;

/// What stays of a text when `/ai` at its beginning and the assistant's name in it are cut off.
pub fn unaddressed(text: &str) -> String {
    let mut rest = super::intent::command(text).unwrap_or(text);
    let mut said = String::with_capacity(rest.len());
    while let Some(at) = rest.find('@') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        let is_start = !before.chars().next_back().or(said.chars().next_back()).is_some_and(is_of_name);
        let name = after.get(..NAME.len()).filter(|name| name.eq_ignore_ascii_case(NAME));
        let is_end = name.is_some() && !goes_on(&after[NAME.len()..]);
        said.push_str(before);
        if is_start && is_end {
            said.push(' ');
            rest = &after[NAME.len()..];
        } else {
            said.push('@');
            rest = after;
        }
    }
    said.push_str(rest);
    said
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Whether a name is longer than it seemed: a point ends it only where a sentence ends.
fn goes_on(after: &str) -> bool {
    let mut chars = after.chars();
    match chars.next() {
        Some('.') => chars.next().is_some_and(char::is_alphanumeric),
        Some(c) => is_of_name(c),
        None => false,
    }
}

/// The clauses of a text, none of them empty.
pub fn clauses(text: &str) -> Vec<Clause> {
    let text: String = text.chars().take(LOOKED_AT).collect();
    let mut reader = Reader::default();
    for line in text.lines() {
        if line.trim_start().starts_with('>') {
            reader.opaque();
        } else {
            reader.line(line);
        }
        reader.end_clause();
    }
    reader.clauses
}

#[derive(Default)]
struct Reader {
    clauses: Vec<Clause>,
    clause: Clause,
    word: String,
    /// The mark that ends what is quoted, once one began.
    closing: Option<char>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            if let Some(closing) = self.closing {
                if c == closing {
                    self.closing = None;
                }
                continue;
            }
            match c {
                '`' | '"' | '“' | '”' | '„' | '«' | '»' => {
                    self.closing = Some(match c {
                        '“' | '”' => '”',
                        '„' => '“',
                        '«' => '»',
                        '»' => '«',
                        c => c,
                    });
                    self.opaque();
                }
                // In the middle of a word it belongs to it: "example.com", "3.5".
                '.' if chars.peek().is_some_and(|next| next.is_alphanumeric()) && !self.word.is_empty() => {
                    self.word.push('.');
                }
                '.' | '!' | '?' | ';' | '…' | '¡' | '¿' => self.end_clause(),
                '@' if self.word.is_empty() => self.word.push('@'),
                '\'' | '’' | '‘' | '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{300}'..='\u{36f}' => {}
                c if c.is_alphanumeric() => {
                    if self.word.chars().next().is_some_and(is_emoji) {
                        self.end_word();
                    }
                    self.word.push(c);
                }
                c if is_emoji(c) => self.emoji(c),
                // Part of an emoji, or nothing.
                '\u{200d}' | '\u{fe0f}' | '\u{20e3}' => {
                    if self.word.chars().next().is_some_and(is_emoji) {
                        self.word.push(c);
                    }
                }
                _ => self.end_word(),
            }
        }
        // A quote that nobody closes is one to the end of its line.
        self.closing = None;
    }

    /// Emoji that stand together are words of their own, but parts of one are not.
    fn emoji(&mut self, c: char) {
        let is_flag = |c: char| matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
        let is_part = match self.word.chars().next_back() {
            Some('\u{200d}') => true,
            Some(_) if is_tone(c) => self.word.chars().next().is_some_and(is_emoji),
            Some(last) if is_flag(last) && is_flag(c) => self.word.chars().count() == 1,
            _ => false,
        };
        if !is_part {
            self.end_word();
        }
        self.word.push(c);
    }

    fn opaque(&mut self) {
        self.end_word();
        self.clause.push(Word { key: OPAQUE.to_owned(), typed: OPAQUE.to_owned() });
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        if !word.is_empty() {
            let typed = word.to_lowercase();
            self.clause.push(Word { key: typed.chars().map(folded).collect::<String>().replace('ß', "ss"), typed });
        }
    }

    fn end_clause(&mut self) {
        self.end_word();
        if !self.clause.is_empty() {
            self.clauses.push(std::mem::take(&mut self.clause));
        }
    }
}

fn is_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

/// Whether an emoji may begin so, or go on so. Whether it is one is for who uses it to check.
pub fn is_emoji(c: char) -> bool {
    matches!(c, '\u{203c}' | '\u{2049}' | '\u{2139}' | '\u{231a}'..='\u{23ff}' | '\u{25aa}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}' | '\u{2934}' | '\u{2935}' | '\u{2b05}'..='\u{2b55}' | '\u{1f004}'..='\u{1faff}')
        || is_tone(c)
}

/// A small letter without its accent, of the languages that rules know.
fn folded(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ä' | 'ã' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'ö' | 'õ' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        let keys = |clause: &Clause| clause.iter().map(|word| word.key.as_str()).collect::<Vec<_>>().join(" ");
        clauses(text).iter().map(keys).collect()
    }

    #[test]
    fn words_are_alike_however_they_are_typed() {
        assert_eq!(keys("  FLIP a\tcoin!! "), ["flip a coin"]);
        assert_eq!(keys("Don’t. Wirf eine Münze, groß"), ["dont", "wirf eine munze gross"]);
        assert_eq!(keys("¿Quién? s'il te plai\u{302}t"), ["quien", "sil te plait"]);
        assert_eq!(keys("tic-tac-toe fl\u{200b}ip example.com 3.5"), ["tic tac toe flip example.com 3.5"]);
        assert_eq!(clauses("Câlin")[0][0].typed, "câlin");
        assert_eq!(keys("!?. \n"), [""; 0]);
    }

    #[test]
    fn emoji_are_words() {
        assert_eq!(keys("with🎉🎉 ok"), ["with 🎉 🎉 ok"]);
        assert_eq!(keys("👩‍🚀👍🏽❤\u{fe0f} 🇩🇪🇫🇷"), ["👩‍🚀 👍🏽 ❤\u{fe0f} 🇩🇪 🇫🇷"]);
    }

    #[test]
    fn quotes_and_code_are_nobodys_words() {
        for text in ["`flip`", "\"flip a coin\"", "“flip”", "„flip“", "«flip»", "> flip", "\"flip", "```\nflip\n```"]
        {
            assert!(keys(text).iter().any(|clause| clause.contains(OPAQUE)), "{text}");
        }
        assert_eq!(keys("say \"flip a coin\" now"), [format!("say {OPAQUE} now")]);
    }

    #[test]
    fn its_name_is_cut_off_and_no_other() {
        for (text, said) in [
            ("@lavender flip", "flip"),
            ("@Lavender: flip", ": flip"),
            ("/ai flip", "flip"),
            ("/ai @lavender flip", "flip"),
            ("flip @lavender.", "flip  ."),
            ("@lavenders flip", "@lavenders flip"),
            ("@lavender.b flip", "@lavender.b flip"),
            ("me@lavender flip", "me@lavender flip"),
            ("@ann @lavender", "@ann"),
            ("/aim flip", "/aim flip"),
            ("@läv", "@läv"),
        ] {
            assert_eq!(unaddressed(text).trim(), said, "{text}");
        }
        assert_eq!(keys("@ann flip"), ["@ann flip"]);
    }
}
