//! What is known of languages: `assets/replies.txt`, read. A file of its own, because a start need not wait for it.

use super::Class;

/// A language. Phrases are words as [`super::words::words`] makes them; `assets/replies.txt` says what their signs mean.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pack {
    pub code: String,
    /// Words that tell it from the others.
    pub common: Vec<String>,
    /// Of death, illness, violence, money or secrets.
    pub tender: Vec<String>,
    /// What a question of yes and no begins with.
    pub asks: Vec<String>,
    /// Words of questions that only who was asked can answer.
    pub what: Vec<String>,
    /// What offers a choice, and what makes it none.
    pub or: Vec<String>,
    pub no_choice: Vec<String>,
    pub yes: Vec<String>,
    pub no: Vec<String>,
    pub back: Vec<String>,
    /// In order: the first that fits counts.
    pub rules: Vec<Rule>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    pub class: Class,
    /// A message of more words says more than that.
    pub most_words: usize,
    pub signs: Vec<String>,
    /// Phrases that make it something else.
    pub unless: Vec<String>,
    pub says: Vec<String>,
}

/// All languages there are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Packs(pub Vec<Pack>);

impl Packs {
    /// Reads the file. `None`: it is not that file.
    pub fn parse(text: &str) -> Option<Self> {
        let mut packs: Vec<Pack> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(code) = line.strip_prefix('=') {
                packs.push(Pack { code: code.to_owned(), ..Pack::default() });
                continue;
            }
            let pack = packs.last_mut()?;
            if let Some(rule) = line.strip_prefix('+') {
                let (class, most_words) = rule.split_once(' ')?;
                let class = Class::named(class)?;
                let most_words = most_words.parse().ok()?;
                pack.rules.push(Rule { class, most_words, signs: vec![], unless: vec![], says: vec![] });
                continue;
            }
            let (name, items) = line.split_once(": ")?;
            pack.list(name)?.extend(items.split(" | ").map(str::to_owned));
        }
        (!packs.is_empty()).then_some(Self(packs))
    }
}

impl Pack {
    fn list(&mut self, name: &str) -> Option<&mut Vec<String>> {
        Some(match (name, self.rules.last_mut()) {
            ("signs", Some(rule)) => &mut rule.signs,
            ("unless", Some(rule)) => &mut rule.unless,
            ("says", Some(rule)) => &mut rule.says,
            ("common", _) => &mut self.common,
            ("tender", _) => &mut self.tender,
            ("asks", _) => &mut self.asks,
            ("what", _) => &mut self.what,
            ("or", _) => &mut self.or,
            ("no-choice", _) => &mut self.no_choice,
            ("yes", _) => &mut self.yes,
            ("no", _) => &mut self.no,
            ("back", _) => &mut self.back,
            _ => return None,
        })
    }
}
