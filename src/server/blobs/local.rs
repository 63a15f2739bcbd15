//! Blobs in a folder of this machine.
//!
//! `<root>/ab/ab12…` holds a blob: folders by the first two digits, so that none grows large. A write goes to a file in
//! `<root>/.incoming` first and is moved into place when all of it is on the disk. The file is locked as long as its process
//! lives: what is not locked was left behind.
//!
//! Messages are often on the same disk. Files leave a part of it free, so that texts still go when there is no room for files.

use super::link::LinkOptions;
use super::{Blob, BlobError, BlobKey, Blobs, ByteRange, ByteStream, Links, Result};
use crate::server::keys::make_folder;
use crate::time::Timestamp;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufWriter};

const INCOMING: &str = ".incoming";
/// How much of a write waits in memory.
const WRITE_BUFFER: usize = 256 * 1024;
/// How much is read at once.
const READ_CHUNK: u64 = 128 * 1024;
/// What [`Blobs::ping`] writes: one block of most file systems.
const PROBE: [u8; 4096] = [0; 4096];
/// What files leave free of their file system: this much, and of a small one no more than this part.
const SPARE_MAX: u64 = 64 << 20;
const SPARE_PART: u64 = 20;
/// After so much is written it is looked again how much there is room for: others write, too.
const LOOK_AFTER: u64 = 1 << 20;

/// Blobs in a folder of this machine.
pub struct Local {
    root: PathBuf,
    links: Links,
}

impl Local {
    /// Makes the folder, for its owner only, unless it is there, and removes what killed processes left half-written.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn open(root: &Path, links: Links) -> io::Result<Self> {
        make_folder(&root.join(INCOMING))?;
        let left = sweep(&root.join(INCOMING))?;
        if left > 0 {
            tracing::info!(left, "removed half-written blobs");
        }
        Ok(Self { root: root.to_owned(), links })
    }

    fn path(&self, key: &BlobKey) -> PathBuf {
        self.root.join(&key.as_str()[..2]).join(key.as_str())
    }

    async fn open_blob(&self, key: &BlobKey) -> Result<(tokio::fs::File, u64)> {
        let file = tokio::fs::File::open(self.path(key)).await.map_err(failed)?;
        let size = file.metadata().await.map_err(failed)?.len();
        Ok((file, size))
    }

    async fn draft(&self) -> Result<Draft> {
        let folder = self.root.join(INCOMING);
        blocking(move || Draft::new(&folder)).await.map_err(not_missing)
    }

    async fn room(&self) -> Result<u64> {
        let root = self.root.clone();
        blocking(move || room(&root)).await.map_err(not_missing)
    }

    async fn publish(&self, draft: Draft, key: &BlobKey) -> Result<()> {
        let (root, path) = (self.root.clone(), self.path(key));
        blocking(move || draft.publish(&root, &path)).await.map_err(not_missing)
    }
}

#[async_trait]
impl Blobs for Local {
    fn name(&self) -> &'static str {
        "local"
    }

    fn origin(&self) -> Option<&str> {
        None
    }

    async fn put(&self, key: &BlobKey, mut bytes: ByteStream, max_bytes: u64) -> Result<u64> {
        let draft = self.draft().await?;
        let file = tokio::fs::File::from_std(draft.file.try_clone().map_err(failed)?);
        let mut file = BufWriter::with_capacity(WRITE_BUFFER, file);
        let (mut size, mut left) = (0, 0);
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(BlobError::Cut)?;
            let length = chunk.len() as u64;
            size += length;
            if size > max_bytes {
                return Err(BlobError::TooLarge { limit_bytes: max_bytes });
            }
            if length > left {
                let room = self.room().await?;
                if length > room {
                    return Err(BlobError::NoSpace);
                }
                left = room.min(LOOK_AFTER).max(length);
            }
            left -= length;
            file.write_all(&chunk).await.map_err(failed)?;
        }
        // A write of tokio's that fails may only say so here.
        file.flush().await.map_err(failed)?;
        drop(file);
        self.publish(draft, key).await?;
        Ok(size)
    }

    async fn put_bytes(&self, key: &BlobKey, bytes: Bytes, _content_type: &str) -> Result<()> {
        let (folder, root, path) = (self.root.join(INCOMING), self.root.clone(), self.path(key));
        blocking(move || {
            fits(&root, bytes.len() as u64)?;
            let draft = Draft::new(&folder)?;
            (&draft.file).write_all(&bytes)?;
            draft.publish(&root, &path)
        })
        .await
        .map_err(not_missing)
    }

    async fn get(&self, key: &BlobKey, range: Option<ByteRange>) -> Result<Blob> {
        let (mut file, size) = self.open_blob(key).await?;
        let range = match range {
            None => 0..size,
            Some(range) => range.of(size).ok_or(BlobError::OutOfRange { size })?,
        };
        if range.start > 0 {
            file.seek(SeekFrom::Start(range.start)).await.map_err(failed)?;
        }
        Ok(Blob { size, bytes: read(file, range.end - range.start), range })
    }

    async fn size(&self, key: &BlobKey) -> Result<u64> {
        tokio::fs::metadata(self.path(key)).await.map(|about| about.len()).map_err(failed)
    }

    async fn delete(&self, key: &BlobKey) -> Result<()> {
        let path = self.path(key);
        blocking(move || match std::fs::remove_file(&path) {
            // So that it stays removed: who forgets its key next must not leave a blob that nobody knows.
            Ok(()) => sync_folder_of(&path),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        })
        .await
    }

    async fn link(&self, key: &BlobKey, options: &LinkOptions<'_>, now: Timestamp) -> Result<String> {
        Ok(self.links.sign(key, options, now))
    }

    async fn ping(&self) -> Result<()> {
        let (folder, root) = (self.root.join(INCOMING), self.root.clone());
        let probe = move || {
            fits(&root, PROBE.len() as u64)?;
            (&Draft::new(&folder)?.file).write_all(&PROBE)
        };
        blocking(probe).await.map_err(not_missing)
    }

    async fn sweep(&self, _now: Timestamp) -> Result<usize> {
        let folder = self.root.join(INCOMING);
        blocking(move || sweep(&folder)).await
    }
}

/// A file that is being written. Removed when it is dropped.
struct Draft {
    file: File,
    path: PathBuf,
    published: bool,
}

impl Draft {
    fn new(folder: &Path) -> io::Result<Self> {
        let path = folder.join(uuid::Uuid::now_v7().simple().to_string());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let draft = Self { file, path, published: false };
        // A sweep that comes in between removes it: then publishing fails, and nothing false is said.
        draft.file.lock()?;
        Ok(draft)
    }

    fn publish(mut self, root: &Path, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        let folder = path.parent().unwrap_or(root);
        if !folder.is_dir() {
            make_folder(folder)?;
            File::open(root)?.sync_all()?;
        }
        std::fs::rename(&self.path, path)?;
        self.published = true;
        sync_folder_of(path)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.published {
            return;
        }
        // Gigabytes take a while to be let go.
        let path = std::mem::take(&mut self.path);
        let remove = move || std::fs::remove_file(path).ok();
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => _ = runtime.spawn_blocking(remove),
            Err(_) => _ = remove(),
        }
    }
}

/// Bytes of files that the file system below `root` still has room for.
fn room(root: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(root)?;
    Ok(room_of(disk.f_blocks.saturating_mul(disk.f_frsize), disk.f_bavail.saturating_mul(disk.f_frsize)))
}

/// Of so many bytes in all, of which so many are free.
fn room_of(total: u64, free: u64) -> u64 {
    // Some do not say how large they are. They are full when a write fails.
    if total == 0 { u64::MAX } else { free.saturating_sub((total / SPARE_PART).min(SPARE_MAX)) }
}

fn fits(root: &Path, bytes: u64) -> io::Result<()> {
    if bytes > room(root)? { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Removes the files in `folder` that nobody holds.
fn sweep(folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let left = match File::open(&path).map(|file| file.try_lock()) {
            Ok(Ok(())) => true,
            Ok(Err(TryLockError::WouldBlock)) => false,
            Ok(Err(TryLockError::Error(error))) => return Err(error),
            // Finished meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if left && std::fs::remove_file(&path).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

/// The next `left` bytes of a file. It is an error when there are fewer.
fn read(file: tokio::fs::File, left: u64) -> ByteStream {
    let next = |(mut file, left): (tokio::fs::File, u64)| async move {
        if left == 0 {
            return Ok(None);
        }
        let wanted = left.min(READ_CHUNK);
        let mut chunk = BytesMut::with_capacity(usize::try_from(wanted).unwrap_or_default());
        let count = (&mut file).take(wanted).read_buf(&mut chunk).await? as u64;
        if count == 0 {
            return Err(io::Error::from(ErrorKind::UnexpectedEof));
        }
        Ok(Some((chunk.freeze(), (file, left - count))))
    };
    stream::try_unfold((file, left), next).boxed()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(failed),
        Err(error) => Err(BlobError::Other(error.to_string())),
    }
}

/// Of a write: not the blob is missing but the folder.
fn not_missing(error: BlobError) -> BlobError {
    match error {
        BlobError::Missing => BlobError::Unavailable("the folder is gone".to_owned()),
        error => error,
    }
}

fn failed(error: io::Error) -> BlobError {
    match error.kind() {
        ErrorKind::NotFound => BlobError::Missing,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => BlobError::NoSpace,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => BlobError::Unavailable(error.to_string()),
        _ => BlobError::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_leave_room_for_texts() {
        const GIB: u64 = 1 << 30;
        assert_eq!(room_of(100 * GIB, 10 * GIB), 10 * GIB - SPARE_MAX);
        assert_eq!(room_of(100 * GIB, SPARE_MAX), 0);
        assert_eq!(room_of(100 * GIB, 0), 0);
        assert_eq!(room_of(10 << 20, 10 << 20), (10 << 20) / 20 * 19, "a small one is not taken whole");
        assert_eq!(room_of(0, 0), u64::MAX, "it does not say");
    }

    #[test]
    fn a_full_disk_is_told_from_a_broken_one() {
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            assert!(matches!(failed(kind.into()), BlobError::NoSpace));
        }
        assert!(matches!(failed(ErrorKind::PermissionDenied.into()), BlobError::Unavailable(_)));
        assert!(matches!(failed(ErrorKind::FileTooLarge.into()), BlobError::Other(_)));
    }
}
