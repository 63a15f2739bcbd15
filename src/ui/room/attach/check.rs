//! What can be told of a file before it is sent. Pure. The server looks again.

use crate::client::outbox::OutFile;
use crate::error::Error;
use crate::id::FileId;
use crate::model::limits::FILES_MAX;
use crate::model::{FileUsage, Refusal, program};
use crate::ui::words;

/// A file as it was chosen.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    pub name: &'a str,
    pub size: u64,
    /// Its first bytes. `None`: it can't be read, as folders can't.
    pub head: Option<&'a [u8]>,
}

/// What the server takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// `None`: it did not say; then it decides when the file is there.
    pub usage: Option<FileUsage>,
    /// Bytes that it does not count yet.
    pub to_come: u64,
}

/// Whether a file can be sent; if so its bytes are counted.
///
/// # Errors
/// Why not, as a sentence that names the file.
pub fn check(file: &Found<'_>, limits: &mut Limits) -> Result<(), String> {
    let no = |problem: &Error| Err(words::file_error(file.name, file.size, problem));
    let Some(head) = file.head else {
        let name = words::file_name(file.name);
        return Err(format!("{name} can't be read. If it is a folder, pack it into a ZIP file first."));
    };
    if file.size == 0 {
        return no(&Error::Refused { refusal: Refusal::Empty });
    }
    let extension = file.name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
    let extension = extension.map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    if program::is_program(&extension, head) {
        return no(&Error::Refused { refusal: Refusal::Program });
    }
    fits(file.name, file.size, limits)
}

fn fits(name: &str, size: u64, limits: &mut Limits) -> Result<(), String> {
    let no = |problem: &Error| Err(words::file_error(name, size, problem));
    if let Some(FileUsage { used, quota, file_max, .. }) = limits.usage {
        if size > file_max {
            return no(&Error::TooLarge { limit_bytes: file_max });
        }
        let used = used.saturating_add(limits.to_come);
        if used.saturating_add(size) > quota {
            return no(&Error::Refused { refusal: Refusal::QuotaReached { used, quota } });
        }
    }
    limits.to_come = limits.to_come.saturating_add(size);
    Ok(())
}

/// Which of these there is no room for, and why: they were taken before the limits were known.
pub fn without_room(files: &[OutFile], mut limits: Limits) -> Vec<(FileId, String)> {
    files.iter().filter_map(|file| Some((file.local, fits(&file.name, file.size, &mut limits).err()?))).collect()
}

/// So many did not fit into one message.
pub fn too_many(left_out: usize) -> String {
    let rest = if left_out == 1 { "1 was left out.".to_owned() } else { format!("{left_out} were left out.") };
    format!("{FILES_MAX} files fit into one message. {rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const USAGE: FileUsage =
        FileUsage { used: 900_000_000, quota: 1_000_000_000, file_max: 25_000_000, is_down: false };

    fn said(name: &str, size: u64, head: &[u8]) -> Result<(), String> {
        check(&Found { name, size, head: Some(head) }, &mut Limits { usage: Some(USAGE), to_come: 0 })
    }

    #[test]
    fn each_refusal_is_a_sentence() {
        assert_eq!(said("cat.png", 2_400_000, b"\x89PNG"), Ok(()));
        let no = |text: &str| Err(text.to_owned());
        assert_eq!(said("report.zip", 31_200_000, b"PK"), no("report.zip is 31.2 MB, the limit is 25 MB."));
        assert_eq!(said("notes.txt", 0, b""), no("notes.txt is empty."));
        let program = "is a program. Programs can't be sent here.";
        assert_eq!(said("Setup.EXE", 10, b"x"), no(&format!("Setup.EXE {program}")));
        assert_eq!(said("photo.jpg", 10, b"MZ\x90\0"), no(&format!("photo.jpg {program}")));
        assert_eq!(said("go", 10, b"#!/bin/sh"), no(&format!("go {program}")));
        assert_eq!(said(".exe", 10, b"x"), Ok(()), "a name that begins with a dot has no extension");
        let unread = check(&Found { name: "Holiday", size: 0, head: None }, &mut Limits { usage: None, to_come: 0 });
        assert_eq!(unread, no("Holiday can't be read. If it is a folder, pack it into a ZIP file first."));
        assert_eq!(too_many(1), "10 files fit into one message. 1 was left out.");
        assert_eq!(too_many(3), "10 files fit into one message. 3 were left out.");
    }

    #[test]
    fn what_was_taken_before_the_limits_were_known_is_looked_at_again() {
        let file = |name: &str, size| OutFile::new(name, "video/quicktime", size);
        let files = [file("long.mov", 26_000_000), file("a.mov", 24_000_000), file("b.mov", 24_000_000)];
        let again = |usage| {
            let refused = without_room(&files, Limits { usage, to_come: 60_000_000 });
            let at = |local| files.iter().position(|file| file.local == local);
            refused.into_iter().map(|(local, why)| (at(local), why)).collect::<Vec<_>>()
        };
        assert!(again(None).is_empty(), "nothing is known still");
        let refused = again(Some(USAGE));
        assert_eq!(refused[0], (Some(0), "long.mov is 26.0 MB, the limit is 25 MB.".to_owned()));
        assert_eq!(refused[1].0, Some(2), "the first one of its size fits");
        assert!(refused[1].1.starts_with("b.mov is 24.0 MB, but only 16.0 MB of your 1 GB"), "{refused:?}");
        assert_eq!(refused.len(), 2);
    }

    #[test]
    fn the_quota_counts_what_is_to_come() {
        let mut limits = Limits { usage: Some(USAGE), to_come: 60_000_000 };
        let file = Found { name: "film.mov", size: 24_000_000, head: Some(b"ftyp") };
        assert_eq!(check(&file, &mut limits), Ok(()));
        assert_eq!(
            check(&file, &mut limits),
            Err("film.mov is 24.0 MB, but only 16.0 MB of your 1 GB for files are free. Delete some of your files first."
                .to_owned())
        );
        assert_eq!(limits.to_come, 84_000_000, "what is refused does not count");
        assert_eq!(check(&file, &mut Limits { usage: None, to_come: 0 }), Ok(()), "unknown limits refuse nothing");
    }
}
