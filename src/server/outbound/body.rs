//! Bodies: the type asked for, unpacked while they come, never more than wished.

use crate::server::outbound::{Failure, Overlong, Result, Wish};
use flate2::write::GzDecoder;
use http::{HeaderMap, Response, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use std::io::{self, Write};

/// The `Content-Type` and the body of an answer.
pub(super) async fn read(response: Response<Incoming>, wish: &Wish) -> Result<(String, Vec<u8>)> {
    let (head, mut body) = response.into_parts();
    let content_type = single(&head.headers, header::CONTENT_TYPE)?.ok_or(Failure::Type)?;
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !wish.types.contains(&essence.as_str()) {
        return Err(Failure::Type);
    }
    let max = wish.body_max_bytes;
    if wish.overlong == Overlong::Refuse && body.size_hint().lower() > max as u64 {
        return Err(Failure::TooLarge);
    }
    let mut unpacker = match single(&head.headers, header::CONTENT_ENCODING)?.as_deref().map(str::trim) {
        None | Some("" | "identity") => Unpacker::Plain(Bounded::new(max)),
        Some(name) if name.eq_ignore_ascii_case("gzip") => Unpacker::Gzip(Box::new(GzDecoder::new(Bounded::new(max)))),
        Some(_) => return Err(Failure::Malformed),
    };
    // Packed bytes count for themselves too: they may unpack to nothing for ever.
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::Malformed)?;
        let Some(data) = frame.data_ref() else { continue };
        received += data.len();
        unpacker.take(data)?;
        if unpacker.is_over() || received > max {
            break;
        }
    }
    let finished = if received > max { Ok(()) } else { unpacker.finish() };
    if (received > max || unpacker.is_over()) && wish.overlong == Overlong::Refuse {
        return Err(Failure::TooLarge);
    }
    finished.map(|()| (content_type, unpacker.into_bytes()))
}

/// The one value of a header, if it is there; twice is an attempt to be read in two ways.
fn single(headers: &HeaderMap, name: header::HeaderName) -> Result<Option<String>> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(|value| value.to_str().map(str::to_owned)).transpose();
    match values.next() {
        None => first.map_err(|_| Failure::Malformed),
        Some(_) => Err(Failure::Malformed),
    }
}

enum Unpacker {
    Plain(Bounded),
    Gzip(Box<GzDecoder<Bounded>>),
}

impl Unpacker {
    fn take(&mut self, mut data: &[u8]) -> Result<()> {
        match self {
            Self::Plain(bounded) => bounded.put(data),
            Self::Gzip(decoder) => {
                while !data.is_empty() && !decoder.get_ref().is_over {
                    match decoder.write(data) {
                        // What follows the end of the stream is nobody's.
                        Ok(0) => break,
                        Ok(taken) => data = &data[taken..],
                        Err(_) if decoder.get_ref().is_over => break,
                        Err(_) => return Err(Failure::Malformed),
                    }
                }
            }
        }
        Ok(())
    }

    fn bounded(&mut self) -> &mut Bounded {
        match self {
            Self::Plain(bounded) => bounded,
            Self::Gzip(decoder) => decoder.get_mut(),
        }
    }

    fn is_over(&mut self) -> bool {
        self.bounded().is_over
    }

    /// The end of the body. A packed one that breaks off is refused, unless there is enough of it already.
    fn finish(&mut self) -> Result<()> {
        match self {
            Self::Gzip(decoder) if !decoder.get_ref().is_over => match decoder.try_finish() {
                Err(_) if !decoder.get_ref().is_over => Err(Failure::Malformed),
                Ok(()) | Err(_) => Ok(()),
            },
            Self::Gzip(_) | Self::Plain(_) => Ok(()),
        }
    }

    fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut self.bounded().bytes)
    }
}

/// Takes so many bytes, and fails the writer at the next one.
struct Bounded {
    bytes: Vec<u8>,
    max: usize,
    is_over: bool,
}

impl Bounded {
    fn new(max: usize) -> Self {
        Self { bytes: Vec::new(), max, is_over: false }
    }

    fn put(&mut self, data: &[u8]) {
        let room = self.max - self.bytes.len();
        self.is_over |= data.len() > room;
        self.bytes.extend_from_slice(&data[..data.len().min(room)]);
    }
}

impl Write for Bounded {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.put(data);
        if self.is_over { Err(io::Error::other("enough")) } else { Ok(data.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
