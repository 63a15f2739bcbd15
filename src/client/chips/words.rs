//! Texts as words that can be compared.

/// A sentence's words, and whether it ends with a question mark.
pub struct Sentence {
    pub words: Vec<String>,
    pub is_question: bool,
}

/// Lower case, without the accents of western Europe. `ù` stays: "où" asks where, "ou" offers a choice.
fn fold(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'û' | 'ü' => 'u',
        'ł' => 'l',
        'ş' => 's',
        _ => c,
    }
}

/// Letters and digits in a row. An apostrophe ends a word as a space does: "l'hôpital" holds "hopital".
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().flat_map(char::to_lowercase).map(fold).collect::<String>().replace('ß', "ss"))
        .collect()
}

/// Cut where a sentence ends. Addresses of links are left out: a `?` in one asks nothing.
pub fn sentences(text: &str) -> Vec<Sentence> {
    let plain: Vec<&str> =
        text.split('\n').flat_map(|line| line.split(' ').filter(|part| !part.contains("://")).chain(["\n"])).collect();
    plain
        .join(" ")
        .split_inclusive(['.', '!', '?', '\n', '？', '؟', '…'])
        .map(|part| Sentence { words: words(part), is_question: part.ends_with(['?', '？', '؟']) })
        .filter(|sentence| !sentence.words.is_empty())
        .collect()
}

/// Whether a phrase is in these words: see [`super::Pack`].
pub fn has(words: &[String], phrase: &str) -> bool {
    let (phrase, is_first) = match phrase.strip_prefix('^') {
        Some(rest) => (rest, true),
        None => (phrase, false),
    };
    let (phrase, is_open) = match phrase.strip_suffix('*') {
        Some(rest) => (rest, true),
        None => (phrase, false),
    };
    let count = phrase.split(' ').count();
    let fits = |window: &[String]| {
        window.iter().zip(phrase.split(' ')).enumerate().all(|(at, (word, wanted))| {
            if is_open && at + 1 == count { word.starts_with(wanted) } else { word == wanted }
        })
    };
    if is_first { words.get(..count).is_some_and(fits) } else { words.windows(count).any(fits) }
}

/// Whether somebody laughs, in whatever language.
pub fn is_laughter(text: &str) -> bool {
    text.contains(['😂', '🤣']) || words(text).iter().any(|word| laughs(word))
}

/// "haha", "ahahah", "hehe", "хаха" and the like. "jaja" is left to Spanish: in German it is no laughter.
fn laughs(word: &str) -> bool {
    if ["lol", "lmao", "rofl", "xd", "mdr", "ptdr"].contains(&word) {
        return true;
    }
    let laugh = |consonant: char, vowel: char| {
        let mut seen = (0, 0);
        let is_only = word.chars().all(|c| {
            seen = (seen.0 + usize::from(c == consonant), seen.1 + usize::from(c == vowel));
            c == consonant || c == vowel
        });
        is_only && seen.0 > 1 && seen.1 > 1
    };
    laugh('h', 'a') || laugh('h', 'e') || laugh('h', 'i') || laugh('х', 'а')
}
