//! One in the stream.

use crate::client::state::Row;
use crate::model::{Extra, Gif, gifs};
use crate::ui::room::attachments::Motion;
use dioxus::prelude::*;

/// Whether [`GifCard`] draws a message.
pub fn is_gif(row: &Row) -> bool {
    matches!(row.message.extra, Some(Extra::Gif(_))) && !row.is_deleted()
}

/// The moving picture of a message, in a box that is there before it is. `tab`: whether the keyboard comes here; `meta`, the time
/// and the tick, stands on it.
#[component]
pub fn GifCard(gif: Gif, tab: &'static str, #[props(default)] meta: Option<Element>) -> Element {
    let (width, height) = (gif.width.max(1), gif.height.max(1));
    rsx! {
        figure {
            class: "media photo gif",
            "aria-label": "GIF",
            "data-testid": "gif",
            style: "--w:{width}px;--ratio:{width}/{height}",
            Motion { url: gifs::url(&gif.name, false), loop_ms: gifs::loop_ms(&gif.name), tab,
                img {
                    class: "gif-still",
                    src: gifs::url(&gif.name, true),
                    alt: if gif.title.is_empty() { "GIF" } else { "{gif.title}" },
                    width: "{width}",
                    height: "{height}",
                    loading: "lazy",
                    draggable: "false",
                }
            }
            if let Some(meta) = meta {
                span { class: "over", {meta} }
            }
        }
    }
}
