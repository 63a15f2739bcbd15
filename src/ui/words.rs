//! Codes as sentences: what happened, then what to do.

use crate::Error;
use crate::client::State;
use crate::error::{Problem, What};
use crate::id::UserId;
use crate::model::game::{Face, Stage};
use crate::model::{Attachment, AttachmentKind, Extra, Message, NoteCard, Refusal, limits, markup};

/// `12 seconds`, `3 minutes`
pub fn duration(ms: u64) -> String {
    let seconds = ms.div_ceil(1_000).max(1);
    match seconds {
        1 => "1 second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// An error as a whole sentence.
pub fn error(error: &Error) -> String {
    match error {
        Error::Unauthenticated => "Your session ended. Sign in again.".to_owned(),
        Error::BadCredentials => "That name and password don't match.".to_owned(),
        Error::Banned => "This account is suspended. Write to the people who run this server.".to_owned(),
        Error::Muted { .. } => "An admin has paused your writing for a while. You can still read.".to_owned(),
        Error::ProviderCancelled => "Signing in there was cancelled. Nothing has changed.".to_owned(),
        Error::ProviderFailed => "Signing in there didn't work. Try again, or use your password.".to_owned(),
        Error::NotFresh => "That needs a fresh sign-in. Sign out and in again, then try once more.".to_owned(),
        Error::Forbidden => "You can't do that here.".to_owned(),
        Error::CrossSite => "That came from another site. Reload this page and try again.".to_owned(),
        Error::NotFound { what } => format!("{} isn't there any more.", thing(*what)),
        Error::Unreachable => "This person can't be messaged.".to_owned(),
        Error::Conflict => "Something changed meanwhile. Try again.".to_owned(),
        Error::AlreadyRequested => "You've asked already. It's waiting for an answer.".to_owned(),
        Error::TooLarge { .. } => "That's too large to send.".to_owned(),
        Error::Unsupported | Error::Malformed => {
            "That can't be sent like this. Reload this page and try again.".to_owned()
        }
        Error::Refused { refusal } => refused(refusal),
        Error::Invalid { field: name, problem } => field(name, *problem),
        Error::RateLimited { retry_after_ms } => {
            format!("A short breather: you can try again in {}.", duration(*retry_after_ms))
        }
        Error::Unavailable { .. } => "The server is busy. Try again in a moment.".to_owned(),
        Error::StorageFull => {
            "The server has no room left for files. Tell the people who run it, then try again.".to_owned()
        }
        Error::Internal { incident: Some(incident) } => {
            format!("Something went wrong on the server. It's noted as {incident}.")
        }
        Error::Internal { incident: None } => "Something went wrong on the server. Try again.".to_owned(),
        Error::Offline => "No answer from the server. Check your connection and try again.".to_owned(),
        Error::Outdated => "This page is older than the server. Reload it.".to_owned(),
    }
}

/// Why a file is not taken, where its name is said beside it.
pub fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Empty => "The file is empty.".to_owned(),
        Refusal::NotWhatItSays { expected } => format!("The file isn't {}, whatever its name says.", one(expected)),
        Refusal::TypeMismatch => "The file's type doesn't fit its name.".to_owned(),
        Refusal::Program => "Programs can't be sent here.".to_owned(),
        Refusal::Damaged => "The picture is damaged and can't be read.".to_owned(),
        Refusal::TooManyPixels { width, height } => {
            format!("The picture has {width} by {height} pixels, more than can be shown here.")
        }
        Refusal::TooManyFrames { max } => format!("The animation has more than {max} pictures."),
        Refusal::NotAPicture => "Choose a picture: JPEG, PNG, GIF or WebP.".to_owned(),
        Refusal::QuotaReached { used, quota } => format!(
            "Your room for files is full: {} of {} are used. Delete some of your files first.",
            bytes(*used),
            bytes(*quota)
        ),
        Refusal::Unsafe => "The file didn't pass the safety check.".to_owned(),
    }
}

/// Why a file did not get into a message, as a sentence that names it.
pub fn file_error(name: &str, size: u64, problem: &Error) -> String {
    let name = file_name(name);
    match problem {
        Error::TooLarge { limit_bytes } => {
            format!("{name} is {}, the limit is {}.", bytes(size), round_bytes(*limit_bytes))
        }
        Error::Refused { refusal: Refusal::Empty } => format!("{name} is empty."),
        Error::Refused { refusal: Refusal::Program } => format!("{name} is a program. Programs can't be sent here."),
        Error::Refused { refusal: Refusal::NotWhatItSays { expected } } => {
            format!("{name} isn't {}, whatever its name says.", one(expected))
        }
        Error::Refused { refusal: Refusal::TypeMismatch } => {
            format!("{name} is said to be of another type than its name says. Rename it, then try again.")
        }
        Error::Refused { refusal: Refusal::Damaged } => format!("{name} is damaged and can't be read as a picture."),
        Error::Refused { refusal: Refusal::QuotaReached { used, quota } } => format!(
            "{name} is {}, but only {} of your {} for files are free. Delete some of your files first.",
            bytes(size),
            bytes(quota.saturating_sub(*used)),
            round_bytes(*quota)
        ),
        Error::NotFound { what: What::File } => format!("{name} isn't on this device any more. Choose it again."),
        other => format!("{name} wasn't taken. {}", error(other)),
    }
}

/// `a PNG picture`, `an MP4 video`: with its article, as it is spoken.
fn one(thing: &str) -> String {
    let is_vowel = thing.starts_with(['A', 'E', 'I', 'O']) || thing.starts_with("MP");
    format!("{} {thing}", if is_vowel { "an" } else { "a" })
}

/// `1 file`, `3 files`
pub fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// A file's name within a sentence: of bearable length, its end in sight, and kept from turning what is around it.
pub fn file_name(name: &str) -> String {
    const MAX: usize = 48;
    const END: usize = 12;
    let count = name.chars().count();
    let short: String = if count > MAX {
        let begin = name.chars().take(MAX - END - 1);
        begin.chain(['…']).chain(name.chars().skip(count - END)).collect()
    } else {
        name.to_owned()
    };
    // Signs for "isolate" and its end: a name of another direction stays what it is.
    if name.is_ascii() { short } else { format!("\u{2068}{short}\u{2069}") }
}

/// `25 MB`: as [`bytes`], without a decimal that says nothing.
fn round_bytes(count: u64) -> String {
    bytes(count).replace(".0 ", " ")
}

/// `2.4 MB`: one decimal from a thousand on, in steps of 1,000.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if count < 1_000 {
        return format!("{count} B");
    }
    // In tenths, rounded half up, so that 999,950 bytes are "1.0 MB" and not "1000.0 KB".
    let mut tenths = (count + 50) / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths = (tenths + 500) / 1_000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

fn thing(what: What) -> &'static str {
    match what {
        What::Room => "This conversation",
        What::Message => "This message",
        What::Person => "This person",
        What::Request => "This request",
        What::Invite => "This invite link",
        What::File => "This file",
        What::Connection => "This connection",
        What::Page => "This page",
        What::Session => "This device",
        What::Provider => "This way to sign in",
        What::Link => "This link",
    }
}

/// What is wrong with a field, beside it.
pub fn field(name: &str, problem: Problem) -> String {
    use Problem::{
        BadCharacters, BadFormat, Missing, NoMatch, OutOfRange, Taken, TooLong, TooShort, TooWeak, UnknownField,
    };
    let text = match (name, problem) {
        ("username", Missing) => "Choose a username.",
        ("username", TooShort) => return format!("At least {} characters.", limits::USERNAME_MIN_CHARS),
        ("username", TooLong) => return format!("At most {} characters.", limits::USERNAME_MAX_CHARS),
        ("username", BadFormat | BadCharacters) => "Letters a to z, digits, _ and single dots, a letter first.",
        ("username", Taken) => "This username is taken. Try another.",
        ("display_name", Missing) => "Enter the name that people will see.",
        ("display_name", TooLong) => return format!("At most {} characters.", limits::DISPLAY_NAME_MAX_CHARS),
        ("display_name", BadCharacters | BadFormat) => "Some of these characters can't be seen. Type the name plainly.",
        ("email", Missing) => "Enter your e-mail address.",
        ("email", Taken) => "There is an account with this address. Sign in instead.",
        ("email", _) => "This doesn't look like an e-mail address.",
        ("old_password", Missing) => "Your password, please.",
        ("password" | "old_password", NoMatch) => "That's not your password.",
        ("password", Missing) => "Enter a password.",
        ("password", TooShort) => {
            return format!("At least {} characters. Long beats clever.", limits::PASSWORD_MIN_CHARS);
        }
        ("password", TooLong) => return format!("At most {} characters.", limits::PASSWORD_MAX_CHARS),
        ("password", TooWeak) => "This one is easy to guess. Four plain words make a strong password.",
        ("name", Missing) => "Give the group a name.",
        ("name", TooLong) => return format!("At most {} characters.", limits::ROOM_NAME_MAX_CHARS),
        ("description", TooLong) => return format!("At most {} characters.", limits::ROOM_DESCRIPTION_MAX_CHARS),
        ("status", TooLong) => return format!("At most {} characters.", limits::STATUS_MAX_CHARS),
        ("about", TooLong) => return format!("At most {} characters.", limits::ABOUT_MAX_CHARS),
        ("name" | "description" | "status" | "about", _) => "Some of these characters can't be seen. Type it plainly.",
        ("pins", OutOfRange) => return format!("At most {} messages are pinned. Unpin one first.", limits::PINS_MAX),
        ("emoji", OutOfRange) => return format!("A message takes at most {} different ones.", limits::REACTIONS_MAX),
        ("hidden", OutOfRange) => {
            return format!("At most {} messages of a chat can be deleted for you.", limits::HIDDEN_MAX);
        }
        ("room", OutOfRange) => "This group is full.",
        ("invites", OutOfRange) => return format!("{} links work already. Revoke one first.", limits::INVITES_MAX),
        ("members" | "users", OutOfRange) => return format!("At most {} people at a time.", limits::ADD_MAX),
        ("files", OutOfRange) => return format!("{} files fit into one message. Remove some.", limits::FILES_MAX),
        ("sides", OutOfRange) => {
            return format!("A die has {} to {} sides.", limits::DICE_SIDES.start(), limits::DICE_SIDES.end());
        }
        ("with", NoMatch) => "You can't play against them here.",
        ("login", _) => "Enter your username or e-mail address.",
        ("body", TooLong) => return format!("A message has at most {} characters.", limits::MESSAGE_MAX_CHARS),
        ("intro", TooLong) => return format!("An introduction has at most {} characters.", limits::INTRO_MAX_CHARS),
        ("body" | "intro", Missing) => "Write something first.",
        ("from", NoMatch) => "Nobody in your conversations is called that.",
        ("in", NoMatch) => "None of your conversations is called that.",
        ("from" | "in", Missing) => "A name has to follow: from:anna, in:garden.",
        ("has", _) => "has: takes link, file or image.",
        ("before" | "after", _) => "A date has to follow, such as 2026-01-31.",
        ("q", Missing) => "Type what to look for.",
        ("q", TooLong) => return format!("At most {} characters of words.", limits::SEARCH_MAX_CHARS),
        (_, Missing) => "This is missing.",
        (_, TooShort) => "This is too short.",
        (_, TooLong) => "This is too long.",
        (_, BadFormat | BadCharacters | OutOfRange | NoMatch) => "This doesn't look right.",
        (_, Taken) => "This is taken.",
        (_, TooWeak) => "This is too weak.",
        (_, UnknownField) => "This page is older than the server. Reload it.",
    };
    text.to_owned()
}

/// `2,412,345 bytes`: what [`bytes`] rounds.
pub fn exact_bytes(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + 12);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + if count == 1 { " byte" } else { " bytes" }
}

/// What files say where a message has no words of its own: `Photo`, `3 photos`, `Voice message`, `report.pdf`. Empty without
/// files.
pub fn said_by_files(files: &[Attachment]) -> String {
    use AttachmentKind::{Animation, Audio, File, Image, Video, Voice};
    let [first, ..] = files else { return String::new() };
    let number = files.len();
    let are_all = |kinds: &[AttachmentKind]| files.iter().all(|file| kinds.contains(&file.kind));
    let (one, many) = match first.kind {
        Audio | File if number == 1 => return first.name.clone(),
        Image if are_all(&[Image]) => ("Photo", "photos"),
        Animation if are_all(&[Animation]) => ("GIF", "GIFs"),
        Video if are_all(&[Video]) => ("Video", "videos"),
        Voice if are_all(&[Voice]) => ("Voice message", "voice messages"),
        _ if are_all(&[Image, Animation, Video]) => ("Photo", "photos and videos"),
        _ => ("File", "files"),
    };
    if number == 1 { one.to_owned() } else { format!("{number} {many}") }
}

/// A message in one line of at most so many characters: its words, or what its files or its game say.
pub fn said(state: &State, message: &Message, chars: usize) -> String {
    let text = markup::excerpt(message.body.as_str(), chars);
    match &message.extra {
        _ if !text.is_empty() => text,
        Some(extra) => said_by_extra(state, extra),
        None => said_by_files(&message.attachments),
    }
}

/// What a game or a moving picture says where it can't be seen: `Coin: heads`, `Rolled 4 of 6`, `Tic-tac-toe: Ana won`.
pub fn said_by_extra(state: &State, extra: &Extra) -> String {
    match extra {
        Extra::Answer(answer) if answer.is_written() => "Thinking".to_owned(),
        Extra::Answer(_) => "No answer".to_owned(),
        Extra::Gif(gif) if gif.title.is_empty() => "GIF".to_owned(),
        Extra::Gif(gif) => format!("GIF: {}", gif.title),
        Extra::Coin(coin) => match coin.landed.as_ref().map(|landed| landed.face) {
            Some(Face::Heads) => "Coin: heads".to_owned(),
            Some(Face::Tails) => "Coin: tails".to_owned(),
            None => "Coin: in the air".to_owned(),
        },
        Extra::Roll(roll) => match roll.value {
            Some(value) => format!("Rolled {value} of {}", roll.sides),
            None => format!("Rolling a die of {}", roll.sides),
        },
        Extra::TicTacToe(game) => {
            let me = state.me.person.id;
            let name = |who: Option<UserId>| who.map_or_else(|| "someone".to_owned(), |who| called(state, who));
            let what = match game.stage {
                Stage::Offered if game.opponent == Some(me) => "a challenge to you".to_owned(),
                Stage::Offered => match game.opponent {
                    Some(_) => format!("a challenge to {}", name(game.opponent)),
                    None => "who plays?".to_owned(),
                },
                Stage::Playing if game.next() == Some(me) => "your turn".to_owned(),
                Stage::Playing => format!("{}'s turn", name(game.next())),
                Stage::Declined => "declined".to_owned(),
                Stage::Cancelled => "cancelled".to_owned(),
                Stage::Drawn => "a draw".to_owned(),
                Stage::Won { .. } | Stage::Resigned { .. } => format!("{} won", name(game.winner())),
                Stage::Unknown => return "Tic-tac-toe".to_owned(),
            };
            format!("Tic-tac-toe: {what}")
        }
        Extra::Note(NoteCard { text: Some(text), .. }) => format!("Will remember: {text}"),
        Extra::Note(_) => "A note that is not kept any more".to_owned(),
        Extra::Unknown => "Something new: reload this page to see it".to_owned(),
    }
}

/// `you`, or the first name of somebody, in a sentence.
fn called(state: &State, who: UserId) -> String {
    match state.person(who) {
        _ if who == state.me.person.id => "you".to_owned(),
        Some(person) => first_name(&person.display_name).to_owned(),
        None => "someone".to_owned(),
    }
}

/// What a file is to those who can't see it: the sender's own words for it, else `Photo from Mira, 20:04`.
pub fn alt(file: &Attachment, author: &str, time: &str) -> String {
    let kind = match file.kind {
        AttachmentKind::Image => "Photo",
        AttachmentKind::Animation => "GIF",
        AttachmentKind::Video => "Video",
        AttachmentKind::Audio => "Sound",
        AttachmentKind::Voice => "Voice message",
        AttachmentKind::File => "File",
    };
    let author = if author == "You" { "you" } else { first_name(author) };
    match file.alt.as_deref().map(str::trim) {
        Some(alt) if !alt.is_empty() => alt.to_owned(),
        _ => format!("{kind} from {author}, {time}"),
    }
}

/// `1 message request`, `2 message requests`
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The first word of a name.
pub fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, gifs};
    use crate::ui::samples;

    #[test]
    fn durations_are_whole_and_never_zero() {
        assert_eq!(duration(0), "1 second");
        assert_eq!(duration(11_200), "12 seconds");
        assert_eq!(duration(91_000), "2 minutes");
    }

    #[test]
    fn a_gif_says_its_title_where_words_are_missing() {
        let state = samples::state(vec![samples::room(1, &[1])]);
        let gif = gifs::find("party").expect("in the pack").gif();
        let mut message = samples::message(1, 1, 1, "");
        message.extra = Some(Extra::Gif(gif));
        assert_eq!(said(&state, &message, 80), "GIF: party");
        message.body = Body::stored("at last".to_owned());
        assert_eq!(said(&state, &message, 80), "at last");
    }

    #[test]
    fn files_speak_where_words_are_missing() {
        use crate::id::FileId;
        use AttachmentKind::{Animation, Audio, File, Image, Video, Voice};
        let file = |kind| Attachment::new(FileId::new(), kind, "permit.pdf", "application/pdf", 1);
        let said = |kinds: &[AttachmentKind]| said_by_files(&kinds.iter().copied().map(file).collect::<Vec<_>>());
        for (kinds, text) in [
            (&[][..], ""),
            (&[Image], "Photo"),
            (&[Image, Image, Image], "3 photos"),
            (&[Animation], "GIF"),
            (&[Video, Video], "2 videos"),
            (&[Image, Video], "2 photos and videos"),
            (&[Voice], "Voice message"),
            (&[Audio], "permit.pdf"),
            (&[File], "permit.pdf"),
            (&[File, File], "2 files"),
            (&[Image, File], "2 files"),
            (&[File, Audio], "2 files"),
        ] {
            assert_eq!(said(kinds), text, "{kinds:?}");
        }
    }

    #[test]
    fn the_senders_words_for_a_picture_come_first() {
        let mut file = Attachment::new(crate::id::FileId::new(), AttachmentKind::Image, "a.jpg", "image/jpeg", 1);
        assert_eq!(alt(&file, "Mira Solberg", "20:04"), "Photo from Mira, 20:04");
        assert_eq!(alt(&file, "You", "20:04"), "Photo from you, 20:04");
        file.alt = Some("  ".to_owned());
        assert_eq!(alt(&file, "Mira Solberg", "20:04"), "Photo from Mira, 20:04");
        file.alt = Some("The gate".to_owned());
        assert_eq!(alt(&file, "Mira Solberg", "20:04"), "The gate");
    }

    #[test]
    fn sizes_have_thousands() {
        assert_eq!(exact_bytes(1), "1 byte");
        assert_eq!(exact_bytes(999), "999 bytes");
        assert_eq!(exact_bytes(2_412_345), "2,412,345 bytes");
        assert_eq!(exact_bytes(12_000), "12,000 bytes");
    }

    #[test]
    fn a_limit_is_named_where_it_was_broken() {
        assert_eq!(field("password", Problem::TooShort), "At least 10 characters. Long beats clever.");
        assert_eq!(error(&Error::invalid("body", Problem::TooLong)), "A message has at most 8000 characters.");
    }

    #[test]
    fn what_a_file_should_be_has_its_article() {
        let said = |expected: &str| refused(&Refusal::NotWhatItSays { expected: expected.to_owned() });
        for (expected, with) in [
            ("PNG picture", "a PNG picture"),
            ("MP4 video", "an MP4 video"),
            ("Ogg recording", "an Ogg recording"),
            ("7z archive", "a 7z archive"),
            ("Excel workbook", "an Excel workbook"),
        ] {
            assert_eq!(said(expected), format!("The file isn't {with}, whatever its name says."));
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_names_it() {
        let refused = |refusal| Error::Refused { refusal };
        for (name, size, problem, expected) in [
            (
                "report.zip",
                31_200_000,
                Error::TooLarge { limit_bytes: 25_000_000 },
                "report.zip is 31.2 MB, the limit is 25 MB.",
            ),
            ("setup.exe", 9, refused(Refusal::Program), "setup.exe is a program. Programs can't be sent here."),
            ("empty.txt", 0, refused(Refusal::Empty), "empty.txt is empty."),
            (
                "film.mov",
                94_200_000,
                refused(Refusal::QuotaReached { used: 950_000_000, quota: 1_000_000_000 }),
                "film.mov is 94.2 MB, but only 50.0 MB of your 1 GB for files are free. Delete some of your files first.",
            ),
            (
                "cat.png",
                9,
                Error::StorageFull,
                "cat.png wasn't taken. The server has no room left for files. Tell the people who run it, then try again.",
            ),
            (
                "a.txt",
                9,
                Error::Malformed,
                "a.txt wasn't taken. That can't be sent like this. Reload this page and try again.",
            ),
        ] {
            assert_eq!(file_error(name, size, &problem), expected);
        }
        let long = format!("{}.pdf", "a".repeat(200));
        assert_eq!(file_name(&long).chars().count(), 48);
        assert!(file_name(&long).ends_with("…aaaaaaaa.pdf"), "the end stays");
        assert_eq!(file_name("отчёт.pdf"), "\u{2068}отчёт.pdf\u{2069}");
    }
}
