//! Names of blobs.

use rand::TryRngCore;
use rand::rngs::OsRng;
use std::fmt;
use std::str::FromStr;

/// Hexadecimal digits of the random part: 128 bits.
const DIGITS: usize = 32;
/// Characters of a suffix, without its dash.
const SUFFIX_MAX: usize = 8;

/// The name of a blob: 32 lower-case hexadecimal digits, which nobody can guess, and for a variant of the same thing a dash
/// and 1 to 8 of `a-z0-9`. Nothing else can be made into one, so it is safe in a path and in a URL.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BlobKey(String);

/// What is no [`BlobKey`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not the key of a blob")]
pub struct BadKey;

impl BlobKey {
    /// A new one, from the system's generator.
    pub fn random() -> Self {
        let mut bytes = [0; DIGITS / 2];
        OsRng.try_fill_bytes(&mut bytes).expect("every system has a source of random bytes");
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The key of a variant, such as `g`: that of this one, with another suffix.
    ///
    /// # Errors
    /// The suffix is not 1 to 8 of `a-z0-9`.
    pub fn variant(&self, suffix: &str) -> Result<Self, BadKey> {
        format!("{}-{suffix}", &self.0[..DIGITS]).parse()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BlobKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let (random, suffix) = text.split_once('-').map_or((text, None), |(random, suffix)| (random, Some(suffix)));
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_random = random.len() == DIGITS && random.bytes().all(is_hex);
        let is_suffix = |suffix: &str| {
            (1..=SUFFIX_MAX).contains(&suffix.len())
                && suffix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if is_random && suffix.is_none_or(is_suffix) { Ok(Self(text.to_owned())) } else { Err(BadKey) }
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_new_key_is_one_and_never_the_same() {
        let keys: HashSet<BlobKey> = (0..1_000).map(|_| BlobKey::random()).collect();
        assert_eq!(keys.len(), 1_000);
        assert!(keys.iter().all(|key| key.as_str().parse() == Ok(key.clone())));
    }

    #[test]
    fn a_variant_keeps_the_random_part() {
        let key: BlobKey = "0123456789abcdef0123456789abcdef".parse().expect("a key");
        let grid = key.variant("g").expect("a suffix");
        assert_eq!(grid.as_str(), "0123456789abcdef0123456789abcdef-g");
        assert_eq!(grid.variant("p2").expect("a suffix").as_str(), "0123456789abcdef0123456789abcdef-p2");
        for suffix in ["", "-", "G", "a/b", "..", "ninechars", "é"] {
            assert_eq!(key.variant(suffix), Err(BadKey), "{suffix}");
        }
    }

    #[test]
    fn nothing_else_is_a_key() {
        let good = "0123456789abcdef0123456789abcdef";
        for bad in [
            "",
            "..",
            "../../etc/passwd",
            &good[1..],
            &format!("{good}0"),
            &good.to_uppercase(),
            &format!("{good}-"),
            &format!("{good}/x"),
            &format!("{good}-g-g"),
            &format!("{good}-g\0"),
            &format!("{good}\n"),
            &format!(".{}", &good[1..]),
            &format!("{}é", &good[2..]),
            &format!("é{}", &good[2..]),
        ] {
            assert_eq!(bad.parse::<BlobKey>(), Err(BadKey), "{bad:?}");
        }
    }
}
