use super::{Brought, Picked};
use crate::client::uploads::Bytes;
use crate::model::{AttachmentKind, FileHints};

pub fn choose(_: &str) {}

pub fn chosen(_: &str) -> Vec<Picked> {
    Vec::new()
}

/// Nothing can be read on the server.
pub async fn head(_: &Bytes, _: usize) -> Option<Vec<u8>> {
    None
}

pub async fn measure(_: String, _: AttachmentKind) -> FileHints {
    FileHints::default()
}

pub fn use_no_drops() {}

pub fn use_brought(_: &'static str, _: &'static str, _: impl FnMut(Brought) + 'static) {}
