//! Server-sent events out of bytes, cut anywhere. <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>
//!
//! Written here because `eventsource-stream` panics at a byte order mark and copies all that is left for each line, which a
//! server that sends a megabyte of line ends would be able to use.

/// An event with data. Comments, which servers send so that a connection stays open, are none.
#[derive(PartialEq, Eq, Debug, Default)]
pub(super) struct Event {
    /// Empty when the server gives no type.
    pub name: String,
    pub data: String,
}

/// Puts lines and events together. Holds no more than it was given since the last whole event.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    /// The last byte was a carriage return: a line feed behind it ends no second line.
    is_after_cr: bool,
    /// A line has been: a byte order mark is one only at the beginning.
    is_started: bool,
    event: Event,
    has_data: bool,
}

impl Events {
    /// Takes the next bytes, and gives the events that are whole with them to `each`.
    pub fn push(&mut self, mut bytes: &[u8], mut each: impl FnMut(Event)) {
        while let Some(&first) = bytes.first() {
            if std::mem::take(&mut self.is_after_cr) && first == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.line.extend_from_slice(bytes);
                return;
            };
            self.line.extend_from_slice(&bytes[..end]);
            self.is_after_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if let Some(event) = self.end_line() {
                each(event);
            }
        }
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        // Only whole lines are decoded, so that no character is torn. What is no UTF-8 becomes U+FFFD, as the standard says.
        let line = String::from_utf8_lossy(&line);
        let line =
            if std::mem::replace(&mut self.is_started, true) { &line } else { line.trim_start_matches('\u{feff}') };
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => self.add_data(value),
            "event" => value.clone_into(&mut self.event.name),
            // Not of the standard: older servers of llama.cpp name the field after what is in it.
            "error" => {
                "error".clone_into(&mut self.event.name);
                self.add_data(value);
            }
            _ => {}
        }
        None
    }

    fn add_data(&mut self, value: &str) {
        if std::mem::replace(&mut self.has_data, true) {
            self.event.data.push('\n');
        }
        self.event.data.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let (mut events, mut all) = (Events::default(), Vec::new());
        for piece in pieces {
            events.push(piece, |event| all.push((event.name, event.data)));
        }
        all
    }

    #[test]
    fn events_are_the_same_wherever_bytes_are_cut() {
        let cases: [(&str, &[(&str, &str)]); 11] = [
            ("data: a\n\ndata: b\n\n", &[("", "a"), ("", "b")]),
            ("data: a\r\n\r\ndata:b\r\n\r\n", &[("", "a"), ("", "b")]),
            ("data: a\r\ndata: b\r\n\r\n", &[("", "a\nb")]),
            ("data: a\r\rdata:  b\r\r", &[("", "a"), ("", " b")]),
            (": OPENROUTER PROCESSING\n\n:\n\ndata: a\n: in between\n\n", &[("", "a")]),
            ("data: {\"a\":\ndata: 1}\n\n", &[("", "{\"a\":\n1}")]),
            ("event: error\ndata: x\n\ndata: y\n\n", &[("error", "x"), ("", "y")]),
            ("error: {}\n\n", &[("error", "{}")]),
            ("\u{feff}data: grün 🌱\n\n", &[("", "grün 🌱")]),
            ("id: 7\nretry: 5\nevent: ping\n\ndata\n\n", &[("", "")]),
            ("data: a\n\ndata: never ends\n", &[("", "a")]),
        ];
        for (text, expected) in cases {
            let bytes = text.as_bytes();
            let expected: Vec<_> =
                expected.iter().map(|(name, data)| ((*name).to_owned(), (*data).to_owned())).collect();
            for at in 0..=bytes.len() {
                assert_eq!(events(&[&bytes[..at], &bytes[at..]]), expected, "{text:?} cut at {at}");
            }
            let each: Vec<_> = bytes.chunks(1).collect();
            assert_eq!(events(&each), expected, "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_end_nothing() {
        assert_eq!(
            events(&[b"data: a\xff\xe2\x82\n\ndata: b\n\n"]),
            [(String::new(), "a\u{fffd}\u{fffd}".to_owned()), (String::new(), "b".to_owned())]
        );
    }
}
