//! The list of emoji: how it is read and searched. The file is made by the server's tests.

/// What the lightest skin tone adds to an emoji; the others are the four after it.
const LIGHT: char = '\u{1f3fb}';
const DARK: char = '\u{1f3ff}';
/// Asks for the colourful picture. Not every keyboard adds it.
const PICTURE: char = '\u{fe0f}';
/// A shorter piece of a word is in too many.
const MIN_INNER: usize = 3;

/// A skin tone: 0 is the yellow one, then 1 (light) to 5 (dark).
pub type Tone = u8;
pub const TONES: [&str; 6] = ["Default", "Light", "Medium-light", "Medium", "Medium-dark", "Dark"];

#[derive(Clone, PartialEq, Debug)]
pub struct Emoji {
    pub text: String,
    pub name: String,
    /// What it is found by besides: phrases between commas.
    words: String,
    /// In the lightest tone, if it has tones.
    light: Option<String>,
}

impl Emoji {
    pub fn toned(&self, tone: Tone) -> String {
        match &self.light {
            Some(light) if tone > 0 => {
                let modifier = char::from_u32(LIGHT as u32 + u32::from(tone - 1)).unwrap_or(LIGHT);
                light.replace(LIGHT, modifier.encode_utf8(&mut [0; 4]))
            }
            _ => self.text.clone(),
        }
    }

    /// How well it answers to `words` (0 is best), or not at all.
    fn rank(&self, phrase: &str, words: &[&str]) -> Option<u8> {
        let others = || self.words.split(',');
        if self.name == phrase || others().any(|other| other == phrase) {
            return Some(0);
        }
        if self.name.starts_with(phrase) {
            return Some(1);
        }
        if others().any(|other| other.starts_with(phrase)) {
            return Some(2);
        }
        let begins = |text: &str, word: &str| text.split([' ', ',', '-', ':']).any(|part| part.starts_with(word));
        if words.iter().all(|word| begins(&self.name, word)) {
            return Some(3);
        }
        if words.iter().all(|word| begins(&self.name, word) || begins(&self.words, word)) {
            return Some(4);
        }
        let holds = |word: &&str| word.len() >= MIN_INNER && (self.name.contains(*word) || self.words.contains(*word));
        words.iter().all(holds).then_some(5)
    }
}

/// An emoji without its skin tone and the signs that only ask for a picture.
pub fn plain(emoji: &str) -> String {
    emoji.chars().filter(|sign| !(LIGHT..=DARK).contains(sign) && *sign != PICTURE).collect()
}

#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    pub name: String,
    pub emoji: Vec<Emoji>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct List(pub Vec<Group>);

impl List {
    /// From the file: `# group`, or an emoji, its name, other words and perhaps its lightest tone between tabs. `None` for
    /// anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut groups = Vec::<Group>::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("# ") {
                groups.push(Group { name: name.to_owned(), emoji: Vec::new() });
                continue;
            }
            let mut fields = line.split('\t').map(str::to_owned);
            let (text, name, words) = (fields.next()?, fields.next()?, fields.next()?);
            groups.last_mut()?.emoji.push(Emoji { text, name, words, light: fields.next() });
        }
        (!groups.is_empty()).then_some(Self(groups))
    }

    /// What answers to a query, best first: the name or a word as typed, what begins so, what has it inside. All words of
    /// the query have to fit. An emoji finds itself.
    pub fn search(&self, query: &str) -> Vec<&Emoji> {
        let query = query.to_lowercase();
        let words: Vec<&str> = query
            .split(|sign: char| sign.is_whitespace() || "_:,".contains(sign))
            .filter(|word| !word.is_empty())
            .collect();
        if words.is_empty() {
            return Vec::new();
        }
        if let Some(emoji) = self.find(words[0]) {
            return vec![emoji];
        }
        let phrase = words.join(" ");
        let mut found: Vec<(u8, &Emoji)> =
            self.all().filter_map(|emoji| Some((emoji.rank(&phrase, &words)?, emoji))).collect();
        // Stable: within a rank as in the list, the common ones of a group first.
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, emoji)| emoji).collect()
    }

    /// The entry of an emoji of any tone.
    pub fn find(&self, emoji: &str) -> Option<&Emoji> {
        let emoji = plain(emoji);
        (!emoji.is_ascii()).then(|| self.all().find(|entry| plain(&entry.text) == emoji)).flatten()
    }

    fn all(&self) -> impl Iterator<Item = &Emoji> {
        self.0.iter().flat_map(|group| &group.emoji)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> List {
        List::parse(include_str!("../../../assets/emoji.txt")).expect("the list")
    }

    fn first(query: &str, count: usize) -> Vec<String> {
        list().search(query).into_iter().take(count).map(|emoji| emoji.text.clone()).collect()
    }

    #[test]
    fn the_file_has_nine_groups() {
        let list = list();
        let names: Vec<&str> = list.0.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(
            names,
            ["Smileys", "People", "Nature", "Food", "Travel", "Activities", "Objects", "Symbols", "Flags"]
        );
        assert!(list.all().count() > 1_800);
        assert_eq!(List::parse("<!doctype html>"), None);
        assert_eq!(List::parse(""), None);
    }

    #[test]
    fn what_is_typed_exactly_comes_first() {
        assert_eq!(first("rocket", 1), ["🚀"]);
        assert_eq!(first("tada", 1), ["🎉"]);
        assert_eq!(first(":+1:", 1), ["👍"]);
        assert_eq!(first("thumbs_up", 1), ["👍"]);
        assert_eq!(first("Red Heart", 1), ["❤️"]);
        assert_eq!(first("cat", 2), ["😺", "🐱"].map(str::to_owned), "the word before the names that begin with it");
    }

    #[test]
    fn beginnings_come_before_pieces() {
        let found = list().search("pen").into_iter().map(|emoji| emoji.name.clone()).collect::<Vec<_>>();
        let at =
            |name: &str| found.iter().position(|other| other == name).unwrap_or_else(|| panic!("{name}: {found:?}"));
        assert!(at("pen") < at("pencil") && at("pencil") < at("fountain pen"));
        assert!(at("fountain pen") < at("open hands"), "the beginning of a word before the middle of one");
    }

    #[test]
    fn all_words_have_to_fit() {
        assert_eq!(first("waving hand", 1), ["👋"]);
        assert_eq!(first("hand wav", 1), ["👋"]);
        assert!(first("rocket banana", 1).is_empty());
        assert!(first("qqqq", 1).is_empty());
        assert!(first("  ", 1).is_empty());
    }

    #[test]
    fn an_emoji_finds_itself() {
        assert_eq!(first("👍🏿", 2), ["👍"]);
        assert_eq!(first("\u{2764}", 2), ["❤️"]);
    }

    #[test]
    fn tones_are_put_where_they_belong() {
        let list = list();
        let toned = |emoji: &str, tone| list.find(emoji).expect("in the list").toned(tone);
        assert_eq!(toned("👍", 0), "👍");
        assert_eq!(toned("👍", 5), "👍🏿");
        assert_eq!(toned("☝️", 3), "☝🏽");
        assert_eq!(toned("👩‍🚀", 3), "👩🏽‍🚀");
        assert_eq!(toned("🧑‍🤝‍🧑", 1), "🧑🏻‍🤝‍🧑🏻");
        assert_eq!(toned("🚀", 5), "🚀", "has none");
        assert_eq!(plain("☝🏽"), plain("☝️"));
    }
}
