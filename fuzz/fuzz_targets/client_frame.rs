//! What a client sends: any text is refused or is a frame that says the same when it is written down again.
#![no_main]

use lavender::Error;
use lavender::live::{ClientFrame, Command};
use lavender::model::limits::FRAME_MAX_BYTES;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match ClientFrame::decode(text) {
        Ok(frame) => {
            assert!(text.len() <= FRAME_MAX_BYTES);
            let again = serde_json::to_string(&frame).expect("a frame can be written");
            assert_eq!(ClientFrame::decode(&again), Ok(frame.clone()), "{again}");
            if let ClientFrame { command: Command::Send { body, .. }, .. } = frame {
                drop(lavender::model::Body::parse(&body));
            }
        }
        Err(Error::TooLarge { .. }) => assert!(text.len() > FRAME_MAX_BYTES),
        Err(error) => assert_eq!(error, Error::Malformed),
    }
});
