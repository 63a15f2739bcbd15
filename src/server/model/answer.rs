//! Reading an answer: bounded in bytes and in time.

use super::wire::Decoder;
use super::{Deltas, ModelError, Phase};
use futures_util::stream::{self, Stream, StreamExt};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Bytes of an answer, with all that is around its text.
pub(super) const ANSWER_MAX_BYTES: usize = 2_000_000;

/// Until when an answer is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadlines {
    pub idle: Duration,
    pub whole: Instant,
}

/// The deltas in `bytes`. When nothing more can come, `bytes` are dropped, and with them the connection.
pub(super) fn deltas<S, B, E>(bytes: S, decoder: Decoder, deadlines: Deadlines) -> Deltas
where
    S: Stream<Item = Result<B, E>> + Send + Unpin + 'static,
    B: AsRef<[u8]>,
{
    let reading = Reading { bytes: Some(bytes), decoder, left: ANSWER_MAX_BYTES, deadlines };
    stream::unfold(reading, |mut reading| async move {
        loop {
            if let Some(delta) = reading.decoder.pop() {
                return Some((delta, reading));
            }
            reading.advance().await?;
        }
    })
    .boxed()
}

struct Reading<S> {
    bytes: Option<S>,
    decoder: Decoder,
    /// Bytes that may still come.
    left: usize,
    deadlines: Deadlines,
}

impl<S, B, E> Reading<S>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
{
    /// Gives the decoder what comes next. `None` when nothing does.
    async fn advance(&mut self) -> Option<()> {
        let bytes = self.bytes.as_mut()?;
        let idle = Instant::now() + self.deadlines.idle;
        let phase = if idle < self.deadlines.whole { Phase::Idle } else { Phase::Whole };
        match timeout_at(idle.min(self.deadlines.whole), bytes.next()).await {
            Err(_) => self.decoder.fail(ModelError::Timeout(phase)),
            Ok(None) => self.decoder.end(),
            Ok(Some(Err(_))) => self.decoder.fail(ModelError::Broken("the connection broke off")),
            Ok(Some(Ok(piece))) => match self.left.checked_sub(piece.as_ref().len()) {
                None => self.decoder.fail(ModelError::Broken("more than an answer may be")),
                Some(left) => {
                    self.left = left;
                    self.decoder.push(piece.as_ref());
                }
            },
        }
        if self.decoder.is_over() {
            self.bytes = None;
        }
        Some(())
    }
}
