//! Reading containers without trusting a length in them.

/// A place in some bytes. Every step that would go past the end gives `None`.
#[derive(Clone)]
pub struct Reader<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    /// Bytes before this place.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn rest(&self) -> &'a [u8] {
        &self.data[self.at..]
    }

    pub fn is_at_end(&self) -> bool {
        self.at == self.data.len()
    }

    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.rest().get(..count)?;
        self.at += count;
        Some(taken)
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub fn be16(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    pub fn le16(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    pub fn be32(&mut self) -> Option<u32> {
        self.take(4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub fn le24(&mut self) -> Option<u32> {
        self.take(3).map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]))
    }

    pub fn le32(&mut self) -> Option<u32> {
        self.take(4).map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub fn tag(&mut self) -> Option<[u8; 4]> {
        self.take(4).map(|bytes| [bytes[0], bytes[1], bytes[2], bytes[3]])
    }
}

/// A chunk of a PNG.
pub struct PngChunk<'a> {
    pub tag: [u8; 4],
    pub data: &'a [u8],
    pub crc: u32,
}

impl<'a> PngChunk<'a> {
    /// The chunk at this place. `None`: it is cut off.
    pub fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let length = reader.be32()?;
        let tag = reader.tag()?;
        let data = reader.take(length as usize)?;
        Some(Self { tag, data, crc: reader.be32()? })
    }
}

pub const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A chunk of a RIFF file, and so of a WebP picture.
pub struct RiffChunk<'a> {
    pub tag: [u8; 4],
    pub data: &'a [u8],
}

impl<'a> RiffChunk<'a> {
    /// The chunk at this place. `None`: it is cut off. The byte that pads the last one may be missing.
    pub fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let tag = reader.tag()?;
        let length = reader.le32()? as usize;
        let data = reader.take(length)?;
        if length % 2 == 1 && !reader.is_at_end() {
            reader.u8()?;
        }
        Some(Self { tag, data })
    }
}

/// The chunks of a WebP file, without what follows the length that it states. `None`: it is none, or cut off.
pub fn webp_body(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(bytes);
    (reader.tag()? == *b"RIFF").then_some(())?;
    let length = reader.le32()? as usize;
    let body = reader.rest().get(..length)?;
    body.strip_prefix(b"WEBP")
}

/// Skips a chain of GIF sub-blocks. `None`: it is cut off.
pub fn skip_gif_blocks(reader: &mut Reader) -> Option<()> {
    loop {
        let length = reader.u8()?;
        if length == 0 {
            return Some(());
        }
        reader.take(usize::from(length))?;
    }
}

/// Bytes of a GIF colour table, by the flags before it.
pub fn gif_table_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}
