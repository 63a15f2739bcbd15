//! Why a file is not taken. Codes are permanent; the sentences that people read are in `ui`.

use serde::{Deserialize, Serialize};

/// Why a file is not taken, whoever sends it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    #[error("the file is empty")]
    Empty,
    /// Its name promises something else than its bytes are. `expected` is what the name promises, such as "PNG picture".
    #[error("the file is no {expected}")]
    NotWhatItSays { expected: String },
    /// Its declared type is another one than that of its name.
    #[error("the declared type does not fit the name")]
    TypeMismatch,
    /// A program, whatever it is called.
    #[error("programs are not taken")]
    Program,
    /// Cut off, or not readable for another reason.
    #[error("the picture cannot be read")]
    Damaged,
    /// More pixels, or a longer side, than are decoded.
    #[error("{width} by {height} pixels are too many")]
    TooManyPixels { width: u32, height: u32 },
    /// An animation of more pictures than are taken.
    #[error("more than {max} frames")]
    TooManyFrames { max: u32 },
    /// The slot takes pictures only.
    #[error("only pictures here")]
    NotAPicture,
    /// The room that the sender has for files is used up.
    #[error("{used} of {quota} bytes are used")]
    QuotaReached { used: u64, quota: u64 },
    /// A scanner found something in it.
    #[error("the scanner refused it")]
    Unsafe,
}
