//! The bytes of one websocket. Frames down are shared packets, written many at a time with one system call; frames up are
//! parsed by `tungstenite`, which also answers pings and the closing handshake through the same pipe.

use crate::server::hub::Kind;
use crate::server::hub::Packet;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

/// Packets of one system call.
const SLICES_MAX: usize = 32;
/// What a read takes at most at once, and what an idle connection keeps for it.
const READ_BUFFER: usize = 1024;

/// One websocket after the upgrade.
pub struct Wire {
    pipe: Pipe,
    protocol: WebSocketContext,
}

struct Pipe {
    io: TokioIo<Upgraded>,
    out: VecDeque<Packet>,
    /// Bytes of the first packet that are written.
    written: usize,
    /// The network took something since somebody asked.
    moved: bool,
}

impl Wire {
    /// `frame_max` bounds messages and frames from the client, in bytes.
    pub fn new(io: Upgraded, frame_max: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(4 * 1024)
            .max_message_size(Some(frame_max))
            .max_frame_size(Some(frame_max));
        Self {
            pipe: Pipe { io: TokioIo::new(io), out: VecDeque::new(), written: 0, moved: false },
            protocol: WebSocketContext::new(Role::Server, Some(config)),
        }
    }

    /// What is to be written: empty when [`Self::poll_drain`] said ready.
    pub fn out(&mut self) -> &mut VecDeque<Packet> {
        &mut self.pipe.out
    }

    /// Writes what waits. Ready when all of it is with the kernel.
    pub fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe.poll_drain(context)
    }

    /// The next message from the client. Whole frames only go out in between, so a pong never lands inside a packet.
    pub fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        match self.protocol.read(&mut Polled { pipe: &mut self.pipe, context }) {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            other => Poll::Ready(other),
        }
    }

    /// Whether the network took something since this was asked last.
    pub fn has_moved(&mut self) -> bool {
        std::mem::take(&mut self.pipe.moved)
    }

    /// Sends a close frame behind what waits, and then nothing more.
    ///
    /// # Errors
    /// The other side is gone already.
    pub async fn send_close(&mut self, code: u16) -> io::Result<()> {
        self.pipe.out.push_back(Packet::close(code));
        std::future::poll_fn(|context| self.poll_drain(context)).await?;
        std::future::poll_fn(|context| Pin::new(&mut self.pipe.io).poll_shutdown(context)).await
    }

    /// Reads and forgets until the other side goes: a socket that is closed with unread bytes is reset, and the close frame
    /// lost with it.
    pub async fn linger(mut self) {
        let mut scrap = [0; 256];
        loop {
            let mut scrap = ReadBuf::new(&mut scrap);
            let read = std::future::poll_fn(|context| Pin::new(&mut self.pipe.io).poll_read(context, &mut scrap)).await;
            if read.is_err() || scrap.filled().is_empty() {
                return;
            }
        }
    }
}

impl Pipe {
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let mut count = 0;
            for (slice, packet) in slices.iter_mut().zip(&self.out) {
                let skip = if count == 0 { self.written } else { 0 };
                *slice = IoSlice::new(&packet.bytes[skip..]);
                count += 1;
            }
            let mut done = ready!(Pin::new(&mut self.io).poll_write_vectored(context, &slices[..count]))?;
            if done == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.moved = true;
            while let Some(first) = self.out.front() {
                let left = first.bytes.len() - self.written;
                if done < left {
                    self.written += done;
                    break;
                }
                done -= left;
                self.written = 0;
                self.out.pop_front();
            }
        }
        if self.out.capacity() > 0 {
            // Idle connections keep nothing.
            self.out = VecDeque::new();
        }
        Poll::Ready(Ok(()))
    }
}

/// The pipe as `tungstenite` wants it: blocking calls that say "would block".
struct Polled<'a, 'b> {
    pipe: &'a mut Pipe,
    context: &'a mut Context<'b>,
}

impl Read for Polled<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(&mut self.pipe.io).poll_read(self.context, &mut buffer) {
            Poll::Ready(result) => result.map(|()| buffer.filled().len()),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl Write for Polled<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Taken whole, behind what is on its way: these are pongs and closing frames, at most 127 bytes, and a client that
        // sends pings without reading finds its own reads ended by the bound on what waits.
        const WAITING_MAX: usize = 64;
        if self.pipe.out.len() >= WAITING_MAX {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.pipe.out.push_back(Packet { bytes: bytes.to_vec().into(), frames: 1, kind: Kind::Answer });
        self.flush()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.pipe.poll_drain(self.context) {
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }
}
