//! Where pictures are worked on: a few at a time, on threads that may block, and never with more memory than stated.
//!
//! Ceiling: [`MEMORY_MAX`] for everything that decoders and encoders allocate, and the files themselves, which are only loaded
//! when it is their turn: [`AT_ONCE`] times [`INPUT_MAX`].

use super::probe::{DECODE_BYTES_MAX, probe};
use crate::model::Refusal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Pictures that are worked on at once.
pub const AT_ONCE: usize = 2;
/// Bytes that all of them may need together, by [`super::Probe::cost_bytes`]. One picture alone never needs more.
pub const MEMORY_MAX: u64 = DECODE_BYTES_MAX;
/// Bytes of a picture as sent, at most: each is in memory as a whole while it is worked on.
pub const INPUT_MAX: u64 = 32 << 20;

/// Memory is shared out in pieces of this size.
const PIECE: u64 = 1 << 20;

/// What a picture could not be made of.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file is not taken.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The work itself ended in a panic; the picture is to be refused, and the cause looked for.
    #[error("a decoder panicked: {0}")]
    Panicked(String),
}

/// Cheap to clone; all clones share the bounds.
#[derive(Clone)]
pub struct Worker {
    turns: Arc<Semaphore>,
    memory: Arc<Semaphore>,
}

impl Default for Worker {
    fn default() -> Self {
        Self::new(AT_ONCE, MEMORY_MAX)
    }
}

impl Worker {
    /// `memory` is at least what one picture may need.
    pub fn new(at_once: usize, memory: u64) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_once)), memory: Arc::new(Semaphore::new(pieces(memory) as usize)) }
    }

    /// Waits for a turn, in the order of asking. Load the file only then.
    pub async fn turn(&self) -> Turn {
        let turn = Arc::clone(&self.turns).acquire_owned().await.expect("never closed");
        Turn { turn, memory: Arc::clone(&self.memory) }
    }

    /// Waits for a turn and works on bytes that are there already.
    ///
    /// # Errors
    /// Those of [`Turn::run`].
    pub async fn run<T: Send + 'static>(
        &self,
        bytes: Vec<u8>,
        work: impl FnOnce(&[u8]) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Failure> {
        self.turn().await.run(bytes, work).await
    }
}

/// The right to work on one picture.
pub struct Turn {
    turn: OwnedSemaphorePermit,
    memory: Arc<Semaphore>,
}

impl Turn {
    /// Measures the picture, waits until there is memory for it, and does `work` on a thread that may block. Work that has begun
    /// is finished even when nobody waits for it any more, and keeps its turn until then.
    ///
    /// # Errors
    /// [`Failure::Refused`] by the headers, or by `work`; [`Failure::Panicked`].
    pub async fn run<T: Send + 'static>(
        self,
        bytes: Vec<u8>,
        work: impl FnOnce(&[u8]) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Failure> {
        let (found, bytes) = blocking(move || (probe(&bytes), bytes)).await?;
        let memory = self.memory.acquire_many_owned(pieces(found?.cost_bytes())).await.expect("never closed");
        let turn = self.turn;
        let done = blocking(move || {
            let done = work(&bytes);
            drop((bytes, memory, turn));
            done
        });
        Ok(done.await??)
    }
}

fn pieces(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let caught = tokio::task::spawn_blocking(move || catch_unwind(AssertUnwindSafe(work))).await;
    match caught {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panic)) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(Failure::Panicked(text.to_owned()))
        }
        Err(error) => Err(Failure::Panicked(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn picture() -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(3, 2).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_is_an_answer_and_gives_its_turn_back() {
        let worker = Worker::new(1, MEMORY_MAX);
        for _ in 0..3 {
            let failed = worker.run(picture(), |_| -> Result<(), Refusal> { panic!("of the decoder") }).await;
            assert!(matches!(failed, Err(Failure::Panicked(text)) if text == "of the decoder"));
        }
        assert_eq!(worker.run(picture(), |bytes| Ok(bytes.len())).await.unwrap(), picture().len());
        let refused = worker.run(b"no picture".to_vec(), |_| Ok(())).await;
        assert!(matches!(refused, Err(Failure::Refused(Refusal::NotAPicture))));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_more_are_worked_on_at_once_than_stated() {
        let worker = Worker::default();
        let now = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let (worker, now, most) = (worker.clone(), Arc::clone(&now), Arc::clone(&most));
                tokio::spawn(async move {
                    worker
                        .run(picture(), move |bytes| {
                            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                            // Real work, long enough for others to overlap.
                            for _ in 0..50 {
                                super::super::still::still(bytes)?;
                            }
                            now.fetch_sub(1, Ordering::SeqCst);
                            Ok(())
                        })
                        .await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn large_pictures_wait_for_each_other() {
        // Room for one of them: 24 bytes a pixel or so of 8,000 by 4,000.
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::GrayImage::new(6_000, 6_000).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let bytes = bytes.into_inner();
        let cost = probe(&bytes).unwrap().cost_bytes();
        assert!(cost * 2 > MEMORY_MAX && cost <= MEMORY_MAX, "{cost}");
        let worker = Worker::default();
        let now = Arc::new(AtomicUsize::new(0));
        let both: Vec<_> = (0..3)
            .map(|_| {
                let (worker, now, bytes) = (worker.clone(), Arc::clone(&now), bytes.clone());
                tokio::spawn(async move {
                    worker
                        .run(bytes, move |bytes| {
                            assert_eq!(now.fetch_add(1, Ordering::SeqCst), 0, "two at once");
                            let made = super::super::still::still(bytes);
                            now.fetch_sub(1, Ordering::SeqCst);
                            made.map(|made| made.full.width)
                        })
                        .await
                })
            })
            .collect();
        for task in both {
            assert_eq!(task.await.unwrap().unwrap(), super::super::still::FULL_SIDE_MAX);
        }
    }
}
