//! The files of a message: pictures and films together, then sounds, then cards.

mod card;
mod film;
mod layout;
mod loading;
mod names;
mod pending;
mod picture;
mod sound;
#[cfg(test)]
mod tests;
mod thumbhash;
pub mod waveform;

pub use super::extras::thumb_of;
pub use card::{DownloadButton, FileName, FileSize};
pub use film::Film;
pub use names::{length, tile as extension_tile};
pub use pending::{Pending, Progress, is_final, use_provide_pending};
pub use picture::{Motion, Moving, Still, Thumb, glyph};
pub use sound::{Sound, Wave};

use crate::client::state::Row;
use crate::model::{Attachment, AttachmentKind, Variant};
use crate::ui::time::use_clock;
use crate::ui::viewer::{Source, Viewer};
use crate::ui::words;
use card::{FileCard, progress_words};
use dioxus::prelude::*;
use film::FilmTile;
use layout::{Frame, frame, ratio, rows};
use pending::{Ring, use_local, use_progress};

/// Whether a message has something to look at: its bubble hugs it.
pub fn has_pictures(row: &Row) -> bool {
    row.message.attachments.iter().any(|file| file.kind.is_visual())
}

/// What all tiles of a message share.
#[derive(Clone, PartialEq)]
struct Around {
    row: Row,
    author: String,
    time: String,
    tab: &'static str,
    /// Messages are being chosen: pictures are not pressed.
    is_choosing: bool,
}

impl Around {
    fn alt(&self, file: &Attachment) -> String {
        words::alt(file, &self.author, &self.time)
    }

    /// An id for an element of one file; the same file may be in several messages.
    fn id(&self, file: &Attachment) -> String {
        format!("f-{}-{}", self.row.key, file.id)
    }
}

/// The files of a message. `author` as in `MessageRow`; `meta`, the time and the tick, stands on the last of them.
#[component]
pub fn Attachments(
    row: Row,
    author: String,
    is_stop: bool,
    is_choosing: bool,
    #[props(default)] meta: Option<Element>,
) -> Element {
    let clock = use_clock();
    let time = clock.time(row.at());
    let files = row.message.attachments.clone();
    let around = Around { row, author, time, tab: if is_stop { "0" } else { "-1" }, is_choosing };
    let (visual, rest): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.kind.is_visual());
    let last = rest.last().map(|file| file.id);
    rsx! {
        match visual.as_slice() {
            [] => rsx! {},
            [file] => rsx! {
                One { file: file.clone(), around: around.clone(), meta: meta.clone().filter(|_| last.is_none()) }
            },
            files => rsx! {
                Album { files: files.to_vec(), around: around.clone(), meta: meta.clone().filter(|_| last.is_none()) }
            },
        }
        for file in rest {
            match file.kind {
                AttachmentKind::Audio | AttachmentKind::Voice => rsx! {
                    Sound {
                        key: "{file.id}",
                        id: around.id(&file),
                        name: around.alt(&file),
                        tab: around.tab,
                        meta: meta.clone().filter(|_| last == Some(file.id)),
                        file,
                    }
                },
                _ => rsx! {
                    FileCard {
                        key: "{file.id}",
                        tab: around.tab,
                        meta: meta.clone().filter(|_| last == Some(file.id)),
                        file,
                    }
                },
            }
        }
    }
}

/// One picture or film.
#[component]
fn One(file: Attachment, around: Around, meta: Option<Element>) -> Element {
    let Frame { width, ratio, is_small } = frame(&file);
    let is_film = file.kind == AttachmentKind::Video;
    rsx! {
        div {
            class: "media photo",
            "data-film": is_film.then_some(""),
            "data-testid": "photo",
            style: "--w:{width:.0}px;--ratio:{ratio:.4}",
            Tile { file, around, variant: Variant::Preview, is_alone: true, is_small }
            if let Some(meta) = meta {
                span { class: "over", {meta} }
            }
        }
    }
}

#[component]
fn Album(files: Vec<Attachment>, around: Around, meta: Option<Element>) -> Element {
    let rows = rows(&files);
    let mut files = files.into_iter();
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| (row.ratio, row.shares.iter().copied().zip(files.by_ref()).collect::<Vec<_>>()))
        .collect();
    let count = rows.iter().map(|(_, tiles)| tiles.len()).sum::<usize>();
    rsx! {
        div { class: "media album", "data-testid": "album", role: "group", "aria-label": "Album of {count}", style: "--w:{layout::WIDTH:.0}px",
            for (at , (ratio , tiles)) in rows.into_iter().enumerate() {
                div { key: "{at}", class: "album-row", style: "aspect-ratio:{ratio:.4}",
                    for (share , file) in tiles.iter().cloned() {
                        div { key: "{file.id}", class: "album-tile", style: "flex:{share:.4} 1 0",
                            Tile {
                                variant: if tiles.len() > 1 { Variant::Grid } else { Variant::Preview },
                                around: around.clone(),
                                is_alone: false,
                                is_small: false,
                                file,
                            }
                        }
                    }
                }
            }
            if let Some(meta) = meta {
                span { class: "over", {meta} }
            }
        }
    }
}

/// What is in a box: a still picture, one that moves, a film; with its upload over it while there is one.
#[component]
fn Tile(file: Attachment, around: Around, variant: Variant, is_alone: bool, is_small: bool) -> Element {
    let viewer = use_hook(try_consume_context::<Viewer>);
    let progress = use_progress(file.id);
    let local = use_local(file.id);
    let (alt, tab, id) = (around.alt(&file), around.tab, file.id);
    let is_stored = around.row.id().is_some();
    let (room_id, message_id) = (around.row.message.room_id, around.row.message.id);
    let open = use_callback(move |()| {
        if let Some(viewer) = viewer {
            viewer.open(Source::Room(room_id), message_id, id);
        }
    });
    let on_open = (is_stored && !around.is_choosing).then_some(open);
    // What is not there yet has no sizes but its own.
    let is_moving = file.kind == AttachmentKind::Animation && is_stored && is_alone;
    let far = progress.as_ref().map(progress_words);
    rsx! {
        if file.kind == AttachmentKind::Video && is_alone && is_stored {
            Film { id: around.id(&file), file: file.clone(), alt, local, tab }
        } else if file.kind == AttachmentKind::Video {
            FilmTile { file: file.clone(), alt, local, on_open, tab }
        } else if is_moving {
            Moving { file: file.clone(), variant, alt, on_open, tab }
        } else {
            Still { file: file.clone(), variant, alt, local, on_open, tab, is_small, is_pending: progress.is_some() }
        }
        if let Some(progress) = progress {
            span { class: "media-veil",
                Ring { id, name: file.name.clone(), progress, tab }
                if is_alone {
                    span { class: "over-l tnum", {far} }
                }
            }
        }
    }
}

/// Shape of a picture: width by height.
pub fn shape(file: &Attachment) -> f32 {
    ratio(file)
}
