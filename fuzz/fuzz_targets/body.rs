//! Message texts: what is taken keeps its bounds and stays what it is when it is taken again.
#![no_main]

use lavender::error::{Error, Problem};
use lavender::model::Body;
use lavender::model::limits::{INTRO_MAX_CHARS, MESSAGE_MAX_CHARS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let typed = String::from_utf8_lossy(bytes);
    match Body::parse(&typed) {
        Ok(body) => {
            let kept = body.as_str();
            assert!(!kept.is_empty() && kept.chars().count() <= MESSAGE_MAX_CHARS);
            assert!(kept.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
            assert_eq!(kept, kept.trim());
            assert_eq!(Body::parse(kept), Ok(body.clone()), "taking it again changes nothing");
            assert_eq!(Body::parse_intro(&typed).is_ok(), kept.chars().count() <= INTRO_MAX_CHARS);
        }
        Err(error) => {
            let known = matches!(error, Error::Invalid { problem: Problem::Missing | Problem::TooLong, .. });
            assert!(known, "{error:?}");
        }
    }
});
