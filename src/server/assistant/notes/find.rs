//! Which notes somebody means.

use super::read::{self, Token};

/// So many words that a description has for each one that a note may lack.
const WORDS_PER_MISS: usize = 4;

/// Words that say nothing of what a note is about.
pub const SMALL: &[&str] = &[
    "the", "a", "an", "is", "are", "was", "were", "am", "be", "that", "to", "of", "in", "on", "at", "for", "and", "or",
    "my", "our", "your", "his", "her", "their", "i", "we", "you", "he", "she", "it", "they", "has", "have", "had",
    "do", "does", "about", "with", "note", "s", "m", "re", "ve", "der", "die", "das", "dem", "den", "ein", "eine",
    "einen", "ist", "sind", "war", "dass", "zu", "von", "im", "am", "auf", "fur", "fuer", "und", "oder", "mein",
    "meine", "unser", "unsere", "ich", "wir", "du", "er", "sie", "es", "hat", "habe", "haben", "uber", "ueber", "mit",
    "notiz", "el", "la", "lo", "los", "las", "un", "una", "son", "era", "que", "de", "del", "en", "y", "o", "mi",
    "nuestro", "nuestra", "yo", "su", "se", "sobre", "para", "con", "nota", "le", "les", "une", "des", "du", "est",
    "sont", "qu", "et", "ou", "mon", "ma", "notre", "je", "nous", "il", "elle", "sur", "sa", "au", "aux", "l", "d",
    "j", "c", "n", "pour", "avec",
];

/// Words that make the opposite of a note.
pub const NEGATIONS: &[&str] = &[
    "not", "no", "never", "isnt", "arent", "doesnt", "dont", "cant", "cannot", "wont", "hasnt", "havent", "without",
    "nicht", "kein", "keine", "keinen", "nie", "niemals", "ohne", "nunca", "jamas", "sin", "ne", "pas", "jamais",
    "sans",
];

/// Which notes are described by words: the indexes of all best matches, none if no note matches well.
///
/// Forgetting the wrong note is worse than asking again: a name, a number, the first word and what makes an opposite must
/// be in a note, and one in four of the words may be missing.
pub fn matching(words: &str, notes: &[&str]) -> Vec<usize> {
    let tokens = read::tokens(words);
    let exact =
        |note: &&str| read::tokens(note).iter().map(|token| &token.key).eq(tokens.iter().map(|token| &token.key));
    let told = told(&tokens);
    if told.is_empty() {
        return Vec::new();
    }
    if notes.iter().any(exact) {
        return (0..notes.len()).filter(|at| exact(&notes[*at])).collect();
    }
    let scores: Vec<Option<usize>> = notes.iter().map(|note| score(words, &told, note)).collect();
    let best = scores.iter().flatten().max();
    (0..notes.len()).filter(|at| best.is_some() && scores[*at].as_ref() == best).collect()
}

/// The words that say something; all, if none does.
fn told(tokens: &[Token]) -> Vec<&Token> {
    let told: Vec<&Token> = tokens.iter().filter(|token| !SMALL.contains(&token.key.as_str())).collect();
    if told.is_empty() { tokens.iter().collect() } else { told }
}

/// How many of the words a note has, if enough.
fn score(words: &str, told: &[&Token], note: &str) -> Option<usize> {
    let tokens = read::tokens(note);
    let has = |token: &Token| tokens.iter().any(|other| root(&other.key) == root(&token.key));
    let is_needed = |at: usize, token: &Token| {
        let is_name = words[token.start..].starts_with(char::is_uppercase);
        let is_number = token.key.contains(|c: char| c.is_numeric());
        at == 0 || is_name || is_number || NEGATIONS.contains(&token.key.as_str())
    };
    let is_lacking = told.iter().enumerate().any(|(at, token)| is_needed(at, token) && !has(token));
    let count = told.iter().filter(|token| has(token)).count();
    (!is_lacking && told.len() - count <= told.len() / WORDS_PER_MISS).then_some(count)
}

/// "Kims", "diets": no more is cut off, or "Julian" would be "Julia".
fn root(key: &str) -> &str {
    key.strip_suffix('s').filter(|root| root.len() > 2).unwrap_or(key)
}
