//! The files of the built-in pack of moving pictures. They are part of the program, so they are there however it is started.

use super::headers::FOR_EVER;
use crate::Error;
use crate::error::What;
use crate::model::gifs::VERSION;
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, header};

/// Name, the moving file, the still one.
type Files = (&'static str, &'static [u8], &'static [u8]);

macro_rules! files {
    ($($name:literal)*) => {
        [$((
            $name,
            include_bytes!(concat!("../../../assets/stickers/", $name, ".gif")),
            include_bytes!(concat!("../../../assets/stickers/", $name, ".still.gif")),
        )),*]
    };
}

static FILES: [Files; 21] = files!(
    "hello" "love" "laugh" "cry" "party" "sleepy" "think" "angry" "wow" "dance" "clap" "yes" "no" "heart" "coin" "rain" "thanks"
    "hug" "coffee" "cake" "cool"
);

/// `/stickers/{version}/{name}.gif`, and `{name}.still.gif`. A page of an earlier build asks for its version: it gets what there
/// is, but not for ever.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/stickers/{version}/{file}", get(one))
}

async fn one(Path((version, file)): Path<(String, String)>) -> Response {
    let Some(bytes) = bytes(&file) else { return Error::NotFound { what: What::File }.into_response() };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/gif"));
    let keep = if version == VERSION { FOR_EVER } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

fn bytes(file: &str) -> Option<&'static [u8]> {
    let stem = file.strip_suffix(".gif")?;
    let (name, is_still) = stem.strip_suffix(".still").map_or((stem, false), |name| (name, true));
    let (_, moving, still) = FILES.iter().find(|(known, ..)| *known == name)?;
    Some(if is_still { still } else { moving })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gifs::{PACK, SIDE};
    use sha2::{Digest, Sha256};
    use std::fmt::Write;

    #[test]
    fn the_files_are_those_of_the_pack_and_their_version_is_their_hash() {
        let names: Vec<&str> = FILES.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, PACK.map(|sticker| sticker.name));
        let mut hash = Sha256::new();
        let mut files = FILES;
        // As a shell lists them.
        files.sort_unstable_by_key(|(name, ..)| *name);
        for (name, moving, still) in &files {
            for bytes in [moving, still] {
                assert!(bytes.starts_with(b"GIF89a"), "{name}");
                let side = |at: usize| u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
                assert_eq!((side(6), side(8)), (SIDE, SIDE), "{name}");
                hash.update(bytes);
            }
        }
        let hex = hash.finalize().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("to memory");
            hex
        });
        assert_eq!(VERSION, &hex[..12], "`make stickers` writes it");
    }

    #[test]
    fn only_what_is_there_is_found() {
        assert!(bytes("party.gif").is_some() && bytes("party.still.gif").is_some());
        assert_ne!(bytes("party.gif"), bytes("party.still.gif"));
        for wrong in ["party", "party.png", ".gif", "still.gif", "party.still.still.gif", "../party.gif", "wave.gif"] {
            assert!(bytes(wrong).is_none(), "{wrong}");
        }
    }
}
