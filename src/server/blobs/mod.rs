//! The bytes of files, under random keys, in a local folder or in a bucket that speaks S3. What they are, whose they are and
//! who may see them is known elsewhere: nothing here knows people.

mod key;
pub mod link;
mod local;
mod range;
mod s3;
pub mod watch;

pub use key::BlobKey;
pub use link::{Disposition, LinkOptions, Links};
pub use local::Local;
pub use range::ByteRange;
pub use s3::Bucket;

use crate::server::config::Config;
use crate::server::keys::Keys;
use crate::time::Timestamp;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// The folder of [`Local`], in the data folder.
const FOLDER: &str = "blobs";

/// Bytes as they come. An error ends the stream: what came before it is not all there is.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;
pub type Result<T, E = BlobError> = std::result::Result<T, E>;

/// What a blob store cannot do. Displays without keys and secrets.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("there is no such blob")]
    Missing,
    #[error("more than {limit_bytes} bytes came")]
    TooLarge { limit_bytes: u64 },
    /// The part that was asked for lies behind the end of a blob of `size` bytes.
    #[error("the range lies outside of the blob's {size} bytes")]
    OutOfRange { size: u64 },
    /// Whoever sent the bytes stopped before their end: no fault of the store.
    #[error("the bytes stopped coming: {0}")]
    Cut(io::Error),
    #[error("the storage is full")]
    NoSpace,
    /// The store does not answer, or refuses this server. Later it may not.
    #[error("the storage is unavailable: {0}")]
    Unavailable(String),
    #[error("the storage failed: {0}")]
    Other(String),
}

/// A blob that is being read.
pub struct Blob {
    /// Bytes of the whole blob.
    pub size: u64,
    /// Which of them `bytes` gives.
    pub range: Range<u64>,
    pub bytes: ByteStream,
}

/// Where bytes are kept. A key is written once; writing it again replaces what was there, whole.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// `local` or `s3`.
    fn name(&self) -> &'static str;

    /// The origin that browsers fetch [`Blobs::link`]s from when it is not this server's own, such as
    /// `https://files.example.org`: pages must allow it.
    fn origin(&self) -> Option<&str>;

    /// Writes a blob from a stream, with a bounded part of it in memory (8 MiB for S3, 256 KiB for a folder). Returns its
    /// size. It is durable and readable when this returns. Nothing is there when the stream failed, or gave too much, or this was
    /// dropped. When the store failed, its answer may have been lost after it had done its part: [`Blobs::delete`] it then.
    ///
    /// It waits as long as the stream does: a limit on that is the caller's.
    ///
    /// # Errors
    /// [`BlobError::TooLarge`] as soon as more than `max_bytes` came; [`BlobError::Cut`] when the stream fails;
    /// [`BlobError::NoSpace`].
    async fn put(&self, key: &BlobKey, bytes: ByteStream, max_bytes: u64) -> Result<u64>;

    /// Writes a small blob that is in memory anyway. `content_type` is what a bucket's own tools show: links say their own.
    async fn put_bytes(&self, key: &BlobKey, bytes: Bytes, content_type: &str) -> Result<()>;

    /// Reads a blob, or a part of it.
    ///
    /// # Errors
    /// [`BlobError::Missing`], [`BlobError::OutOfRange`]. The stream fails if the store does in the middle.
    async fn get(&self, key: &BlobKey, range: Option<ByteRange>) -> Result<Blob>;

    /// Bytes of a blob.
    ///
    /// # Errors
    /// [`BlobError::Missing`].
    async fn size(&self, key: &BlobKey) -> Result<u64>;

    /// Removes a blob. Fine when there is none.
    async fn delete(&self, key: &BlobKey) -> Result<()>;

    /// An address that anybody can read this one blob at until it expires, also when there is no such blob. `now` is by
    /// whose clock: that of the check, or of nothing.
    async fn link(&self, key: &BlobKey, options: &LinkOptions<'_>, now: Timestamp) -> Result<String>;

    /// Whether bytes can be written now. Takes a few seconds at most.
    ///
    /// # Errors
    /// [`BlobError::NoSpace`] where it can be told (a folder): it works, but takes nothing.
    async fn ping(&self) -> Result<()>;

    /// Removes what writes left behind whose process was killed. Returns how many there were. Writes that are still going
    /// on, here or in another process, are left alone.
    async fn sweep(&self, now: Timestamp) -> Result<usize>;
}

/// The blob store that a configuration names. Nothing is asked over the network yet: without its files a chat still works.
///
/// # Errors
/// One plain line.
pub fn open(config: &Config, keys: &Keys) -> Result<Arc<dyn Blobs>, String> {
    if let Some(settings) = &config.s3 {
        return Ok(Arc::new(Bucket::new(settings)));
    }
    let folder = config.data.join(FOLDER);
    let local =
        Local::open(&folder, keys.links()).map_err(|error| format!("LAVENDER_DATA: {}: {error}", folder.display()))?;
    Ok(Arc::new(local))
}
