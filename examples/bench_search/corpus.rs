//! Messages and searches that look like real ones and are always the same.

/// Different words of each script.
const WORDS: usize = 40_000;
const ROOMS: usize = super::ROOMS;

pub const CLASSES: [&str; 13] = [
    "common word",
    "word",
    "rare word",
    "word that is nowhere",
    "two characters, CJK",
    "one character, CJK",
    "two letters",
    "part of a word",
    "two words",
    "phrase",
    "word of one author",
    "one room: common word, up to 999",
    "largest room: rare word",
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Script {
    Latin,
    Cyrillic,
    Chinese,
    Japanese,
    Korean,
}

/// A message to be.
pub struct Text {
    pub room: usize,
    pub author: usize,
    pub text: String,
}

/// A search.
pub struct Asked {
    pub q: String,
    /// `None`: everywhere.
    pub room: Option<usize>,
}

/// SplitMix64: small, and the same everywhere.
pub struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    fn unit(&mut self) -> f64 {
        self.next() as f64 / u64::MAX as f64
    }
}

pub struct Corpus {
    /// Sums of 1/rank.
    zipf: Vec<f64>,
    /// Sums of the weights of rooms.
    rooms: Vec<f64>,
    latin: Vec<String>,
    cyrillic: Vec<String>,
    chinese: Vec<String>,
    japanese: Vec<String>,
    korean: Vec<String>,
}

impl Corpus {
    pub fn new() -> Self {
        let mut random = Random(1);
        let sums = |weights: &mut dyn Iterator<Item = f64>| {
            let mut sum = 0.0;
            weights
                .map(|weight| {
                    sum += weight;
                    sum
                })
                .collect::<Vec<f64>>()
        };
        let letters = |random: &mut Random, consonants: &str, vowels: &str, rank: usize| {
            let (consonants, vowels): (Vec<char>, Vec<char>) = (consonants.chars().collect(), vowels.chars().collect());
            let syllables = 1 + random.below(if rank < 200 { 2 } else { 4 });
            let mut word = String::new();
            for _ in 0..syllables {
                word.push(consonants[random.below(consonants.len())]);
                word.push(vowels[random.below(vowels.len())]);
                if random.below(3) == 0 {
                    word.push(consonants[random.below(consonants.len())]);
                }
            }
            word
        };
        let signs = |random: &mut Random, first: u32, count: usize, most: usize| {
            // Some signs are much more common than others.
            let one = |random: &mut Random| {
                let place = (random.unit() * random.unit() * count as f64) as u32;
                char::from_u32(first + place).unwrap_or('一')
            };
            (0..1 + random.below(most)).map(|_| one(random)).collect::<String>()
        };
        Self {
            zipf: sums(&mut (1..=WORDS).map(|rank| 1.0 / rank as f64)),
            // Room n of who searches is as large as others of its kind: sizes go round.
            rooms: sums(&mut (0..ROOMS).map(|n| 1.0 / ((n % 200) as f64 + 3.0))),
            latin: (0..WORDS).map(|rank| letters(&mut random, "bcdfghjklmnprstvwz", "aeiouäéö", rank)).collect(),
            cyrillic: (0..WORDS).map(|rank| letters(&mut random, "бвгджзклмнпрстфх", "аеиоуыя", rank)).collect(),
            chinese: (0..WORDS).map(|_| signs(&mut random, 0x4e00, 3_000, 3)).collect(),
            japanese: (0..WORDS)
                .map(|_| format!("{}{}", signs(&mut random, 0x5e00, 2_000, 2), signs(&mut random, 0x3042, 80, 3)))
                .collect(),
            korean: (0..WORDS).map(|_| signs(&mut random, 0xac00, 2_500, 4)).collect(),
        }
    }

    fn script(room: usize) -> Script {
        match room % 20 {
            0..=11 => Script::Latin,
            12..=13 => Script::Cyrillic,
            14..=16 => Script::Chinese,
            17..=18 => Script::Japanese,
            _ => Script::Korean,
        }
    }

    fn words(&self, script: Script) -> &[String] {
        match script {
            Script::Latin => &self.latin,
            Script::Cyrillic => &self.cyrillic,
            Script::Chinese => &self.chinese,
            Script::Japanese => &self.japanese,
            Script::Korean => &self.korean,
        }
    }

    fn pick(sums: &[f64], random: &mut Random) -> usize {
        let at = random.unit() * sums.last().copied().unwrap_or(0.0);
        sums.partition_point(|sum| *sum < at).min(sums.len() - 1)
    }

    /// The message at this place.
    pub fn message(&self, n: usize) -> Text {
        let mut random = Random(n as u64 + 1_000_000_007);
        let room = Self::pick(&self.rooms, &mut random);
        let script = Self::script(room);
        let gap = if matches!(script, Script::Chinese | Script::Japanese) { "" } else { " " };
        // Many short ones, few long ones: 10 words in the middle.
        let count = 1 + (-(1.0 - random.unit()).max(1e-9).ln() * 10.0) as usize;
        let words: Vec<&str> =
            (0..count).map(|_| self.words(script)[Self::pick(&self.zipf, &mut random)].as_str()).collect();
        let mut text = words.join(gap);
        match random.below(40) {
            0 => text.push_str(" 🎉"),
            1 => text.push_str(" https://example.org/a/path"),
            2..=9 => text.push('?'),
            _ => {}
        }
        Text { room, author: random.below(8), text }
    }

    /// The search of a kind at this place.
    pub fn query(&self, class: &str, n: usize) -> Asked {
        let mut random = Random(n as u64 + 77);
        let between = |random: &mut Random, low: usize, high: usize| low + random.below(high - low);
        let letters = if n % 4 == 3 { &self.cyrillic } else { &self.latin };
        let asked = |terms: Vec<String>| Asked { q: terms.join(" "), room: None };
        let word = |random: &mut Random, low, high| letters[between(random, low, high)].clone();
        match class {
            "common word" => asked(vec![word(&mut random, 0, 50)]),
            "word" => asked(vec![word(&mut random, 300, 3_000)]),
            "rare word" => asked(vec![word(&mut random, 20_000, WORDS)]),
            "word that is nowhere" => {
                asked(vec![format!("{}q{}", word(&mut random, 50, 500), word(&mut random, 50, 500))])
            }
            "two characters, CJK" | "one character, CJK" => {
                let length = if class.starts_with("two") { 2 } else { 1 };
                let words = [&self.chinese, &self.japanese, &self.korean][n % 3];
                let from = random.below(WORDS / 2);
                let word =
                    words[from..].iter().find(|word| word.chars().count() >= length).cloned().unwrap_or_default();
                asked(vec![word.chars().take(length).collect()])
            }
            "two letters" => asked(vec![word(&mut random, 0, WORDS).chars().take(2).collect()]),
            "part of a word" => {
                let from = random.below(WORDS / 2);
                let word = letters[from..].iter().find(|word| word.chars().count() >= 6).cloned().unwrap_or_default();
                asked(vec![word.chars().skip(1).take(4).collect()])
            }
            "two words" => asked(vec![word(&mut random, 0, 200), word(&mut random, 200, 3_000)]),
            "phrase" => {
                let text = (n * 1_013..)
                    .map(|n| self.message(n))
                    .find(|text| text.room < super::MINE && text.text.split(' ').count() > 3);
                let text = text.map(|text| text.text).unwrap_or_default();
                asked(vec![format!("\"{}\"", text.split(' ').take(3).collect::<Vec<_>>().join(" "))])
            }
            "word of one author" => {
                let author = super::author(between(&mut random, 0, super::MINE), random.below(8));
                asked(vec![word(&mut random, 0, 1_000), format!("from:{}", super::name(author))])
            }
            "one room: common word, up to 999" => {
                let room = (0..)
                    .map(|_| between(&mut random, 0, super::MINE))
                    .find(|room| Self::script(*room) == Script::Latin);
                Asked { room, ..asked(vec![self.latin[random.below(50)].clone()]) }
            }
            _ => Asked { room: Some(0), ..asked(vec![self.latin[between(&mut random, 5_000, WORDS)].clone()]) },
        }
    }
}
