//! How many tokens a text has, about: an estimate that needs no table of any model, and what is learnt of each model.

use unicode_segmentation::UnicodeSegmentation;

/// Of a text's tokens, per 1,000: what a character or a word counts.
///
/// For English one token in 3.3 characters, or 1.35 a word, whichever is more: a rule of thumb for byte-pair vocabularies
/// (Sennrich et al., 2016, <https://arxiv.org/abs/1508.07909>) that [`Correction`] makes good.
const LATIN: u64 = 304;
const WORD: u64 = 1_350;
/// Many vocabularies (Qwen, Gemma, SmolLM) have no token for two digits, and lines of a transcript begin with six of them.
const DIGIT: u64 = 1_000;
const PUNCTUATION: u64 = 500;
/// A character of a script that small vocabularies hold few words of: Chinese, Japanese, Korean and all others.
const LETTER: u64 = 1_000;
/// Emoji and other signs are spelt in bytes.
const SIGN: u64 = 2_000;

/// What templates put around a message: its role and the tokens that begin and end it.
pub const MESSAGE_TOKENS: u32 = 6;

/// The correction learns a fifth of each difference: a few answers are enough, and one odd one is soon forgotten.
const LEARNS: f64 = 0.2;
/// Beyond these bounds the cause is not the vocabulary.
const RATIO_MIN: f64 = 0.7;
const RATIO_MAX: f64 = 1.6;
/// A server that counts less than this part of the estimate has cut the prompt (Ollama does, and says nothing).
const TRUNCATED: f64 = 0.6;
/// Corrections are rounded up to this step, so that what is cut off a transcript does not change with every answer.
const STEP: f64 = 0.05;

/// The tokens that a text has, about. Of two texts together at most the sum of both, and never less for a longer text.
pub fn count(text: &str) -> u32 {
    let (mut latin, mut others, mut words) = (0, 0, 0);
    let mut is_word = false;
    for c in text.chars() {
        match c {
            c if c.is_ascii_digit() => others += DIGIT,
            c if c.is_ascii_punctuation() => others += PUNCTUATION,
            c if is_latin(c) => latin += LATIN,
            c if c.is_alphanumeric()
                || matches!(c, '\u{2010}'..='\u{205e}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff65}') =>
            {
                others += LETTER;
            }
            _ => others += SIGN,
        }
        let is_letter = is_latin(c) && c.is_alphabetic();
        if is_letter && !is_word {
            words += 1;
        }
        is_word = !c.is_whitespace() && (is_word || is_letter);
    }
    u32::try_from((latin.max(words * WORD) + others).div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// The longest beginning of a text that has at most `tokens_max` tokens, whole graphemes.
pub fn beginning(text: &str, tokens_max: u32) -> &str {
    if count(text) <= tokens_max {
        return text;
    }
    let ends: Vec<usize> = text.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len()).collect();
    let fitting = ends.partition_point(|end| count(&text[..*end]) <= tokens_max);
    let end = fitting.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
    &text[..end]
}

/// Letters, spaces and signs of the first blocks of Unicode, up to Latin Extended-B; and the accents that combine.
fn is_latin(c: char) -> bool {
    c < '\u{250}' || matches!(c, '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}')
}

/// What is known of how one model counts, compared with [`count`]. Kept per model by the caller.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Correction {
    /// An exponentially weighted mean of counted tokens for one estimated, 0.7 to 1.6.
    ratio: f64,
}

impl Default for Correction {
    fn default() -> Self {
        Self { ratio: 1.0 }
    }
}

impl Correction {
    /// Learns from one prompt: what [`count`] said, and what the server reports in `usage.prompt_tokens`.
    ///
    /// A report of a cut prompt is not believed: it would teach us to send more of what is cut.
    pub fn learn(&mut self, estimated: u32, counted: u32) {
        if estimated == 0 || counted == 0 || looks_truncated(estimated, counted) {
            return;
        }
        let seen = (f64::from(counted) / f64::from(estimated)).clamp(RATIO_MIN, RATIO_MAX);
        self.ratio += LEARNS * (seen - self.ratio);
    }

    /// What an estimate is multiplied by, 0.7 to 1.6 in steps of 0.05.
    pub fn factor(self) -> f64 {
        // A hair less, so that 1.0 stays 1.0 whatever its last bit is.
        ((self.ratio - 1e-9) / STEP).ceil() * STEP
    }

    /// Tokens of the model for so many estimated ones.
    pub fn corrected(self, estimated: u32) -> u32 {
        whole((f64::from(estimated) * self.factor()).ceil())
    }

    /// How many estimated tokens surely fit in so many of the model.
    pub fn fitting(self, tokens: u32) -> u32 {
        whole((f64::from(tokens) / self.factor()).floor())
    }
}

/// Whether a server has counted so few tokens that it must have cut the prompt. Worth a line in the log.
pub fn looks_truncated(estimated: u32, counted: u32) -> bool {
    f64::from(counted) < f64::from(estimated) * TRUNCATED
}

/// What of so many tokens may be filled: 10 % stay free, because an estimate is one.
pub fn without_margin(tokens: u32) -> u32 {
    tokens - tokens.div_ceil(10)
}

/// A number without fraction and sign as one.
fn whole(value: f64) -> u32 {
    // The cast saturates, and 0 is what it makes of no number.
    value as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_count_by_their_script() {
        for (text, tokens) in [
            ("", 0),
            ("a", 2),
            ("hello world", 4),
            ("I am at it", 6),
            ("internationalization", 7),
            ("你好世界", 4),
            ("こんにちは", 5),
            ("안녕하세요", 5),
            ("привет", 6),
            ("สวัสดี", 6),
            ("🎉", 2),
            ("🎉🎉🎉", 6),
            ("2026", 4),
            ("…", 1),
            ("m31 [09:14] Ada (member): ", 14),
        ] {
            assert_eq!(count(text), tokens, "{text}");
        }
    }

    #[test]
    fn prose_counts_as_the_specification_says() {
        let prose = "The quick brown fox jumps over the lazy dog and then it sleeps under a very old tree for an hour";
        let chars = prose.chars().count() as f64 / 3.3;
        let words = prose.split(' ').count() as f64 * 1.35;
        let expected = chars.max(words);
        assert!((f64::from(count(prose)) - expected).abs() <= 1.0, "{} {expected}", count(prose));
    }

    #[test]
    fn a_model_is_learnt_within_bounds() {
        let mut correction = Correction::default();
        assert_eq!((correction.factor(), correction.corrected(1_000), correction.fitting(1_000)), (1.0, 1_000, 1_000));
        correction.learn(1_000, 1_500);
        assert!((correction.ratio - 1.1).abs() < 1e-9);
        for _ in 0..100 {
            correction.learn(1_000, 100_000);
        }
        assert!((correction.factor() - 1.6).abs() < 1e-9, "{}", correction.factor());
        for _ in 0..100 {
            correction.learn(1_000, 610);
        }
        assert!((correction.factor() - 0.7).abs() < 1e-9, "{}", correction.factor());
    }

    #[test]
    fn a_report_of_a_cut_prompt_teaches_nothing() {
        let mut correction = Correction::default();
        for (estimated, counted) in [(0, 10), (10, 0), (1_000, 599), (0, 0), (u32::MAX, 1)] {
            correction.learn(estimated, counted);
            assert_eq!(correction, Correction::default(), "{estimated} {counted}");
        }
        assert!(looks_truncated(1_000, 599) && !looks_truncated(1_000, 600) && !looks_truncated(0, 0));
    }

    #[test]
    fn a_small_drift_changes_no_factor() {
        let mut correction = Correction::default();
        correction.learn(1_000, 1_100);
        let factor = correction.factor();
        correction.learn(1_000, 1_110);
        assert_eq!(correction.factor(), factor);
        assert!(factor >= correction.ratio);
    }

    #[test]
    fn a_tenth_stays_free() {
        assert_eq!([0, 1, 9, 10, 100, 3_696].map(without_margin), [0, 0, 8, 9, 90, 3_326]);
        assert_eq!(without_margin(u32::MAX), 3_865_470_565);
    }

    #[test]
    fn beginnings_fit_and_split_nothing() {
        assert_eq!(beginning("你好世界", 2), "你好");
        assert_eq!(beginning("hello", 0), "");
        assert_eq!(beginning("hello", 9), "hello");
        assert_eq!(beginning("a👍🏽", 5), "a");
        assert_eq!(beginning("a👍🏽", 6), "a👍🏽");
    }

    proptest! {
        #[test]
        fn parts_count_at_least_as_much_as_the_whole(a in "\\PC{0,80}", b in "\\PC{0,80}") {
            let whole = count(&format!("{a}{b}"));
            prop_assert!(whole <= count(&a) + count(&b));
            prop_assert!(whole >= count(&a));
        }

        #[test]
        fn beginnings_are_the_longest(text in "\\PC{0,80}", tokens_max in 0_u32..60) {
            let kept = beginning(&text, tokens_max);
            prop_assert!(text.starts_with(kept) && count(kept) <= tokens_max);
            prop_assert_eq!(kept == text, count(&text) <= tokens_max);
        }

        #[test]
        fn what_fits_is_no_more_when_it_is_corrected(
            reports in proptest::collection::vec((0_u32..5_000, 0_u32..9_000), 0..20),
            tokens in 0_u32..200_000,
        ) {
            let mut correction = Correction::default();
            for (estimated, counted) in reports {
                correction.learn(estimated, counted);
                prop_assert!((RATIO_MIN..=RATIO_MAX).contains(&correction.ratio));
            }
            prop_assert!(correction.factor() <= RATIO_MAX + 1e-9);
            // One for the two roundings.
            prop_assert!(correction.corrected(correction.fitting(tokens)) <= tokens + 1);
        }
    }
}
