//! Parts of blobs, as HTTP asks for them.

use std::ops::Range;

/// One range of bytes (RFC 9110, section 14.1.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByteRange {
    /// From `first` to `last`, both counted from 0 and included; to the end without `last`.
    From { first: u64, last: Option<u64> },
    /// The last so many bytes.
    Last(u64),
}

impl ByteRange {
    /// What a `Range` header asks for. `None`: more than one range, another unit, or nothing that can be understood. The
    /// whole is the right answer then.
    pub fn parse(header: &str) -> Option<Self> {
        let (unit, range) = header.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            // More digits than any size has are still a number.
            digits.then(|| text.parse().unwrap_or(u64::MAX))
        };
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        match (first, last) {
            ("", last) => number(last).map(Self::Last),
            (first, "") => Some(Self::From { first: number(first)?, last: None }),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::From { first, last: Some(last) })
            }
        }
    }

    /// Which bytes of `size` those are. `None`: not one of them.
    pub fn of(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::From { first, last } => first..last.map_or(size, |last| last.saturating_add(1).min(size)),
            Self::Last(count) => size.saturating_sub(count)..size,
        };
        (range.start < range.end).then_some(range)
    }

    /// As a `Range` header. What ends where no blob does goes to the end: many a storage counts in 63 bits.
    pub fn header(self) -> String {
        match self {
            Self::From { first, last: Some(last) } if last < u64::MAX >> 1 => format!("bytes={first}-{last}"),
            Self::From { first, .. } => format!("bytes={first}-"),
            Self::Last(count) => format!("bytes=-{count}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_the_rfc_says() {
        let from = |first, last| Some(ByteRange::From { first, last });
        assert_eq!(ByteRange::parse("bytes=0-499"), from(0, Some(499)));
        assert_eq!(ByteRange::parse("Bytes=500-"), from(500, None));
        assert_eq!(ByteRange::parse("bytes=-500"), Some(ByteRange::Last(500)));
        assert_eq!(ByteRange::parse("bytes=0-99999999999999999999999"), from(0, Some(u64::MAX)));
        for header in
            ["", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=+1-2"]
        {
            assert_eq!(ByteRange::parse(header), None, "{header}");
        }
    }

    #[test]
    fn a_range_stays_within_the_blob() {
        let of = |header, size| ByteRange::parse(header).expect("a range").of(size);
        assert_eq!(of("bytes=0-0", 10), Some(0..1));
        assert_eq!(of("bytes=2-100", 10), Some(2..10));
        assert_eq!(of("bytes=9-", 10), Some(9..10));
        assert_eq!(of("bytes=10-", 10), None);
        assert_eq!(of("bytes=-3", 10), Some(7..10));
        assert_eq!(of("bytes=-30", 10), Some(0..10));
        assert_eq!(of("bytes=-0", 10), None);
        assert_eq!(of("bytes=0-", 0), None);
        assert_eq!(of("bytes=-1", 0), None);
        assert_eq!(of("bytes=0-99999999999999999999999", 10), Some(0..10));
    }
}
