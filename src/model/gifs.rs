//! The built-in pack of moving pictures: what there is, how it is found, and where its files are. `scripts/stickers` draws them.

use super::extra::Gif;

/// Pixels of a side of each.
pub const SIDE: u32 = 160;
/// A loop of one that is not known here: from a newer server.
const LOOP_MS: u32 = 1_200;
/// Changes with the content of the files, so that they may be kept for ever: the beginning of their hash. A test says what it
/// has to be.
pub const VERSION: &str = "3bf89c0cdea7";

/// One of the pack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sticker {
    pub name: &'static str,
    pub title: &'static str,
    pub loop_ms: u32,
    /// Lower case, with spaces between: what else it is looked for by, also in other languages.
    words: &'static str,
}

const fn sticker(name: &'static str, title: &'static str, words: &'static str) -> Sticker {
    Sticker { name, title, loop_ms: LOOP_MS, words }
}

/// All, in the order in which they are offered.
pub static PACK: [Sticker; 21] = [
    sticker(
        "hello",
        "hello",
        "hi hey wave waving welcome greetings bye goodbye hallo hola salut bonjour olá oi ciao tschüss привет",
    ),
    sticker(
        "love",
        "in love",
        "adore crush sweet kiss valentine hearts liebe verliebt amor amour amore encanta любовь",
    ),
    sticker("laugh", "laughing", "lol haha funny hilarious rofl joke lachen lustig risa jaja rire mdr riso rir смех"),
    sticker(
        "cry",
        "crying",
        "sad tears upset sob unhappy sorry miss weinen traurig llorar triste pleurer chorar piangere слёзы",
    ),
    sticker(
        "party",
        "party",
        "celebrate congratulations congrats hooray yay confetti feiern fiesta fête festa glückwunsch felicidades праздник",
    ),
    Sticker {
        loop_ms: 2_000,
        ..sticker(
            "sleepy",
            "sleepy",
            "sleep tired night goodnight bed nap zzz snore müde schlafen nacht sueño dormir noches nuit sono sonno спать",
        )
    },
    sticker(
        "think",
        "thinking",
        "hmm wonder consider idea question maybe denken überlegen pensar penser pensare думать",
    ),
    sticker(
        "angry",
        "angry",
        "mad furious rage annoyed grr upset wütend sauer enojado enfadado colère fâché raiva arrabbiato злой",
    ),
    sticker(
        "wow",
        "wow",
        "amazing surprised shocked omg whoa surprise awesome überrascht krass sorpresa surpris incroyable surpreso ого",
    ),
    sticker(
        "dance",
        "dancing",
        "music dancer groove weekend disco song tanzen musik bailar música danser musique dançar ballare танец",
    ),
    sticker(
        "clap",
        "clapping",
        "applause bravo praise great done applaus klatschen aplauso bravo applaudir aplausos браво",
    ),
    sticker("yes", "yes", "ok okay agree sure right correct deal tick good ja klar sí claro vale oui sim certo да"),
    sticker("no", "no", "nope never disagree wrong stop refuse cross nein falsch nunca non nunca não нет"),
    sticker("heart", "heart", "like love beat beloved friend herz corazón coeur cœur coração cuore сердце"),
    sticker(
        "coin",
        "coin toss",
        "flip money luck chance heads tails bet münze geld glück moneda dinero suerte pièce argent moeda монета",
    ),
    Sticker {
        loop_ms: 1_600,
        ..sticker(
            "rain",
            "rain",
            "weather umbrella wet storm autumn grey regen wetter schirm lluvia pluie chuva pioggia дождь",
        )
    },
    sticker(
        "thanks",
        "thank you",
        "thx grateful appreciate please bow namaste danke gracias merci obrigado obrigada grazie спасибо",
    ),
    sticker(
        "hug",
        "hug",
        "cuddle friends comfort together miss umarmung drücken abrazo câlin abraço abbraccio обнимаю",
    ),
    Sticker {
        loop_ms: 1_600,
        ..sticker(
            "coffee",
            "coffee",
            "tea morning break cup mug cozy breakfast kaffee morgen guten café mañana matin manhã buongiorno кофе",
        )
    },
    sticker(
        "cake",
        "birthday cake",
        "happy candles anniversary gift geburtstag kuchen cumpleaños pastel anniversaire gâteau aniversário bolo compleanno торт",
    ),
    sticker(
        "cool",
        "cool",
        "sunglasses chill swag summer sun deal nice boss lässig sonne genial sol soleil verano été круто",
    ),
];

impl Sticker {
    /// As it stands in a message.
    pub fn gif(&self) -> Gif {
        Gif { name: self.name.to_owned(), title: self.title.to_owned(), width: SIDE, height: SIDE }
    }

    /// How well one word of a search fits: `None` not at all.
    fn fit(&self, token: &str) -> Option<u32> {
        let words = || self.title.split(' ').chain(self.words.split(' '));
        if self.name == token {
            Some(4)
        } else if self.name.starts_with(token) || self.title.split(' ').any(|word| word.starts_with(token)) {
            Some(3)
        } else if words().any(|word| word == token) {
            Some(2)
        } else {
            words().any(|word| word.starts_with(token)).then_some(1)
        }
    }
}

pub fn find(name: &str) -> Option<&'static Sticker> {
    PACK.iter().find(|sticker| sticker.name == name)
}

/// Milliseconds of one loop.
pub fn loop_ms(name: &str) -> u32 {
    find(name).map_or(LOOP_MS, |sticker| sticker.loop_ms)
}

/// What fits a search, best first: each of its words begins one of a sticker's. When nothing fits all of them, what fits any. All
/// of the pack without words.
pub fn search(query: &str) -> Vec<&'static Sticker> {
    let query = query.to_lowercase();
    let tokens: Vec<&str> = query.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()).collect();
    if query.trim().is_empty() {
        return PACK.iter().collect();
    }
    let mut found: Vec<(usize, u32, &Sticker)> = PACK
        .iter()
        .map(|sticker| {
            let fits: Vec<u32> = tokens.iter().filter_map(|token| sticker.fit(token)).collect();
            (fits.len(), fits.iter().sum(), sticker)
        })
        .filter(|(count, ..)| *count > 0)
        .collect();
    let most = found.iter().map(|(count, ..)| *count).max().unwrap_or_default();
    found.retain(|(count, ..)| most < tokens.len() || *count == most);
    // Stable: what fits alike stays in the order of the pack.
    found.sort_by_key(|(count, score, _)| std::cmp::Reverse((*count, *score)));
    found.into_iter().map(|(_, _, sticker)| sticker).collect()
}

/// Where the moving file is, or the still one.
pub fn url(name: &str, is_still: bool) -> String {
    format!("/stickers/{VERSION}/{name}{}", if is_still { ".still.gif" } else { ".gif" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names(query: &str) -> Vec<&'static str> {
        search(query).into_iter().map(|sticker| sticker.name).collect()
    }

    #[test]
    fn the_best_comes_first() {
        let table = [
            ("party", "party"),
            ("PARTY!", "party"),
            ("par", "party"),
            ("congrats", "party"),
            ("happy birthday to you", "cake"),
            ("thank you", "thanks"),
            ("good night", "sleepy"),
            ("lol", "laugh"),
            ("danke", "thanks"),
            ("Olá", "hello"),
            ("дождь", "rain"),
            ("no", "no"),
            ("love", "love"),
            ("yes", "yes"),
            ("umbrella rain", "rain"),
        ];
        for (query, best) in table {
            assert_eq!(names(query).first(), Some(&best), "{query}");
        }
    }

    #[test]
    fn what_fits_all_words_hides_what_fits_some() {
        assert_eq!(names("love heart"), ["heart", "love"]);
        assert_eq!(names("umbrella party").len(), 2, "nothing fits both");
        assert!(names("h").len() > 2);
        assert_eq!(names("xyzzy"), Vec::<&str>::new());
        assert_eq!(names("?!"), Vec::<&str>::new());
        assert_eq!(names("  ").len(), PACK.len());
    }

    #[test]
    fn the_pack_is_in_order() {
        let unique: BTreeSet<&str> = PACK.iter().map(|sticker| sticker.name).collect();
        assert_eq!(unique.len(), PACK.len());
        for sticker in &PACK {
            assert!(sticker.name.bytes().all(|byte| byte.is_ascii_lowercase()), "{}", sticker.name);
            assert_eq!(sticker.words.to_lowercase(), sticker.words, "{}", sticker.name);
            assert!(sticker.words.split(' ').all(|word| !word.is_empty()), "{}", sticker.name);
            assert_eq!(find(sticker.name), Some(sticker));
        }
        assert_eq!(find("wave"), None);
        assert_eq!(url("party", true), format!("/stickers/{VERSION}/party.still.gif"));
    }
}
