//! What is spoken into the page.

#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod browser;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
mod nothing;

use crate::client::uploads::Bytes;

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub use browser::*;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub use nothing::*;

/// Why nothing is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denied {
    /// Someone, or their browser, said no.
    NotAllowed,
    NoMicrophone,
    /// There is one, but it does not start: another program has it, or the system keeps it.
    Busy,
    /// The browser cannot, or not on this page: it may have to be on https.
    Unsupported,
}

impl Denied {
    /// What a browser means by the name of its error (Media Capture and Streams, `getUserMedia`).
    pub fn of(name: &str) -> Self {
        match name {
            "NotFoundError" | "OverconstrainedError" => Self::NoMicrophone,
            "NotReadableError" | "AbortError" => Self::Busy,
            _ => Self::NotAllowed,
        }
    }
}

/// A recording that has ended.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    pub bytes: Bytes,
    pub mime: String,
    pub size: u64,
    pub duration_ms: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_microphone_that_another_program_has_is_not_one_that_is_forbidden() {
        assert_eq!(Denied::of("NotReadableError"), Denied::Busy);
        assert_eq!(Denied::of("NotFoundError"), Denied::NoMicrophone);
        assert_eq!(Denied::of("NotAllowedError"), Denied::NotAllowed);
        assert_eq!(Denied::of(""), Denied::NotAllowed);
    }
}
