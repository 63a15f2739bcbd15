//! The language of a text, of those the assistant answers in.

use super::words;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lang {
    #[default]
    English,
    German,
    Spanish,
    French,
}

/// Small words of one language that the others have not, without accents, and those that people call the assistant with.
const WORDS: [(Lang, &[&str]); 4] = [
    (
        Lang::English,
        &[
            "the", "is", "are", "you", "your", "what", "how", "who", "when", "where", "why", "can", "could", "would",
            "will", "do", "does", "dont", "not", "and", "or", "of", "to", "for", "with", "it", "its", "im", "i", "my",
            "we", "this", "that", "please", "thanks", "thank", "hello", "hey", "hi", "bye", "good", "help", "play",
            "send", "flip", "roll", "game", "was", "have", "has", "tell",
        ],
    ),
    (
        Lang::German,
        &[
            "der", "das", "und", "ist", "nicht", "ich", "du", "wir", "ihr", "sie", "ein", "eine", "einen", "einem",
            "mir", "dir", "mich", "dich", "wie", "wer", "wo", "wann", "warum", "kannst", "konntest", "bist", "bitte",
            "danke", "hallo", "fur", "mit", "auf", "zu", "kein", "keine", "mal", "wirf", "wurfle", "munze", "muenze",
            "schick", "zeig", "spiel", "spielen", "guten", "gute", "tschuss", "hilfe", "lust", "auch", "aber", "oder",
            "heute", "morgen", "wetter", "gibt", "mein", "dein", "moin", "wurfel", "kopf",
        ],
    ),
    (
        Lang::Spanish,
        &[
            "el", "los", "las", "una", "es", "y", "por", "para", "con", "como", "quien", "cuando", "donde", "porque",
            "puedes", "podrias", "eres", "estas", "hola", "gracias", "favor", "adios", "ayuda", "lanza", "tira",
            "moneda", "dado", "envia", "enviame", "manda", "mandame", "juega", "jugar", "juguemos", "quieres",
            "quiero", "mi", "yo", "muy", "pero", "hoy", "manana", "tiempo", "hace", "buenos", "buenas", "dias",
            "noches", "tarde", "perdon", "siento", "cual", "esta", "del", "al", "cara", "cruz", "conmigo",
        ],
    ),
    (
        Lang::French,
        &[
            "le", "les", "une", "des", "est", "et", "je", "tu", "nous", "vous", "il", "elle", "qui", "quoi", "comment",
            "pourquoi", "quand", "peux", "pourrais", "es", "sil", "plait", "stp", "svp", "merci", "bonjour", "salut",
            "bonsoir", "coucou", "aide", "pour", "avec", "moi", "toi", "pas", "lance", "piece", "envoie", "montre",
            "joue", "jouons", "morpion", "dans", "au", "aux", "ce", "cest", "quel", "quelle", "temps", "fait", "mais",
            "ou", "mon", "ton", "pile", "revoir", "desole", "desolee", "veux", "bien", "quest", "dun", "suis",
        ],
    ),
];

/// The language with the most small words in a text; English if no other one has more.
pub fn language(text: &str) -> Lang {
    let clauses = words::clauses(&words::unaddressed(text));
    let mut best = (Lang::English, 0);
    for (lang, known) in WORDS {
        let count = clauses.iter().flatten().filter(|word| known.contains(&word.key.as_str())).count();
        if count > best.1 {
            best = (lang, count);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_small_words_win() {
        for (text, lang) in [
            ("", Lang::English),
            ("🎉 12", Lang::English),
            ("Привет, как дела?", Lang::English),
            ("What is the weather like?", Lang::English),
            ("Who was Die Ärzte's singer?", Lang::English),
            ("Wie wird das Wetter morgen?", Lang::German),
            ("@lavender wirf eine Münze", Lang::German),
            ("/ai danke!", Lang::German),
            ("¿Qué tiempo hace hoy?", Lang::Spanish),
            ("lanza una moneda por favor", Lang::Spanish),
            ("Quel temps fait-il ?", Lang::French),
            ("s'il te plaît, lance une pièce", Lang::French),
            ("Tu es qui ?", Lang::French),
            ("¿Quién eres?", Lang::Spanish),
        ] {
            assert_eq!(language(text), lang, "{text}");
        }
    }
}
