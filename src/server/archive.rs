//! ZIP archives that are written while they are read: nothing of them is kept, in memory or on a disk, but a piece on its way.
//!
//! The library writes where it blocks, so it has a thread of its own; two short queues lead to it and away from it, and whoever reads
//! slowly slows down whoever writes.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use std::io::{self, Write};
use tokio::sync::mpsc;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use crate::server::blobs::ByteStream;
use crate::time::{Timestamp, civil};

/// Pieces that wait on either side.
const QUEUE: usize = 8;
/// Bytes of a piece on its way out.
const PIECE: usize = 64 * 1024;
/// Files from this size on are written in the way of large ones (ZIP64).
const LARGE: u64 = u32::MAX as u64;

/// Whoever reads it has gone.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the archive any more")]
pub struct Gone;

enum Step {
    Begin { path: String, at: Timestamp, is_packed: bool, is_large: bool },
    Bytes(Bytes),
    End,
}

/// An archive that is being written. Dropped before [`Archive::end`], whoever reads it gets an error, not a short archive.
pub struct Archive(mpsc::Sender<Step>);

impl Archive {
    /// A new one, and what is read of it. Needs a runtime.
    pub fn start() -> (Self, ByteStream) {
        let (steps, wanted) = mpsc::channel(QUEUE);
        let (pieces, read) = mpsc::channel(QUEUE);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = write(wanted, Out { pieces: pieces.clone(), piece: Vec::with_capacity(PIECE) }) {
                // Nobody may be there to hear it.
                pieces.blocking_send(Err(error)).ok();
            }
        });
        let read = stream::unfold(read, |mut read| async { Some((read.recv().await?, read)) });
        (Self(steps), read.boxed())
    }

    /// Begins a file; what follows is its content. `is_packed`: its bytes are compressed already. `bytes`: about how many there will be.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn begin(&self, path: String, at: Timestamp, is_packed: bool, bytes: u64) -> Result<(), Gone> {
        self.step(Step::Begin { path, at, is_packed, is_large: bytes >= LARGE }).await
    }

    /// # Errors
    /// [`Gone`].
    pub async fn write(&self, mut bytes: Bytes) -> Result<(), Gone> {
        while bytes.len() > PIECE {
            self.step(Step::Bytes(bytes.split_to(PIECE))).await?;
        }
        self.step(Step::Bytes(bytes)).await
    }

    /// Nothing follows.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn end(self) -> Result<(), Gone> {
        self.step(Step::End).await
    }

    async fn step(&self, step: Step) -> Result<(), Gone> {
        self.0.send(step).await.map_err(|_| Gone)
    }
}

fn write(mut steps: mpsc::Receiver<Step>, out: Out) -> io::Result<()> {
    let mut zip = ZipWriter::new_stream(out);
    loop {
        match steps.blocking_recv() {
            Some(Step::Begin { path, at, is_packed, is_large }) => {
                let method = if is_packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
                let options = SimpleFileOptions::default()
                    .compression_method(method)
                    .large_file(is_large)
                    .last_modified_time(date(at));
                zip.start_file(path, options)?;
            }
            Some(Step::Bytes(bytes)) => zip.write_all(&bytes)?,
            Some(Step::End) => return zip.finish()?.into_inner().flush(),
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// As archives date files, in universal time: from 1980 on.
fn date(at: Timestamp) -> DateTime {
    let seconds = at.0.div_euclid(1_000);
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    let part = |value: i64| u8::try_from(value).unwrap_or_default();
    u16::try_from(year)
        .ok()
        .and_then(|year| {
            let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
            DateTime::from_date_and_time(
                year,
                month,
                day,
                part(second / 3_600),
                part(second / 60 % 60),
                part(second % 60),
            )
            .ok()
        })
        .unwrap_or_default()
}

struct Out {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.pieces.blocking_send(Ok(piece.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read};

    async fn read(stream: ByteStream) -> io::Result<Vec<u8>> {
        let pieces: Vec<io::Result<Bytes>> = stream.collect().await;
        pieces.into_iter().try_fold(Vec::new(), |mut all, piece| {
            all.extend_from_slice(&piece?);
            Ok(all)
        })
    }

    #[tokio::test]
    async fn what_is_written_is_read_again() {
        let (archive, stream) = Archive::start();
        let text = "lavender ".repeat(100_000);
        let written = tokio::spawn({
            let text = text.clone();
            async move {
                archive.begin("a/words.txt".into(), Timestamp(1_795_829_059_988), false, 0).await?;
                archive.write(text.clone().into()).await?;
                archive.begin("ünï.bin".into(), Timestamp(0), true, 5 << 32).await?;
                archive.write(Bytes::from_static(&[1, 2])).await?;
                archive.write(Bytes::from_static(&[3])).await?;
                archive.begin("empty".into(), Timestamp(0), false, 0).await?;
                archive.end().await
            }
        });
        let bytes = read(stream).await.expect("whole");
        written.await.expect("no panic").expect("read to the end");
        assert!(bytes.len() < text.len() / 10, "{}", bytes.len());
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        assert_eq!(zip.len(), 3);
        let mut words = String::new();
        let mut file = zip.by_name("a/words.txt").expect("there");
        assert_eq!(
            file.last_modified().map(|at| (at.year(), at.month(), at.day(), at.hour())),
            Some((2026, 11, 28, 1))
        );
        file.read_to_string(&mut words).expect("text");
        drop(file);
        assert!(words == text);
        let mut rest = Vec::new();
        zip.by_name("ünï.bin").expect("there").read_to_end(&mut rest).expect("bytes");
        assert_eq!(rest, [1, 2, 3]);
    }

    #[tokio::test]
    async fn one_that_breaks_off_is_no_short_archive() {
        let (archive, stream) = Archive::start();
        archive.begin("a".into(), Timestamp(0), false, 0).await.expect("read");
        drop(archive);
        assert_eq!(read(stream).await.map_err(|error| error.kind()), Err(io::ErrorKind::UnexpectedEof));
    }

    #[tokio::test]
    async fn who_writes_for_nobody_is_told() {
        let (archive, stream) = Archive::start();
        drop(stream);
        let piece = Bytes::from(vec![7; PIECE]);
        let told = async {
            archive.begin("a".into(), Timestamp(0), true, 0).await?;
            loop {
                archive.write(piece.clone()).await?;
            }
        };
        let told: Result<(), Gone> =
            tokio::time::timeout(std::time::Duration::from_secs(10), told).await.expect("soon");
        assert!(told.is_err());
    }
}
