//! A file as a card: its type, its name, its size, and a way to keep it.

use super::names;
use super::pending::{Progress, Ring, use_progress};
use crate::model::Attachment;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

/// A name whose extension always stays in sight.
#[component]
pub fn FileName(name: String) -> Element {
    let (stem, extension) = names::split(&name);
    rsx! {
        span { class: "fn", dir: "ltr", title: "{name}",
            bdi { "{stem}" }
            if !extension.is_empty() {
                bdi { "{extension}" }
            }
        }
    }
}

/// `2.4 MB`, and all its bytes for who wants to know.
#[component]
pub fn FileSize(size: u64) -> Element {
    rsx! {
        span { class: "tnum", title: words::exact_bytes(size), {words::bytes(size)} }
    }
}

/// A press keeps the file.
#[component]
pub fn DownloadButton(
    file: Attachment,
    #[props(default = "-1")] tab: &'static str,
    #[props(default = "ringbtn")] class: &'static str,
) -> Element {
    rsx! {
        a {
            class,
            href: names::download(&file),
            download: "{file.name}",
            tabindex: tab,
            title: "Download",
            "aria-label": "Download {file.name}, {words::bytes(file.size)}",
            Icon { d: icon::DOWNLOAD, class: "i-sm" }
        }
    }
}

/// The card. `meta` stands at the end of its second line.
#[component]
pub fn FileCard(
    file: Attachment,
    #[props(default)] meta: Option<Element>,
    #[props(default = "-1")] tab: &'static str,
) -> Element {
    let progress = use_progress(file.id);
    let extension = names::extension(&file.name);
    rsx! {
        div { class: "file", "data-testid": "file",
            span { class: "tile", "aria-hidden": "true",
                match names::tile(&file.name) {
                    Some(tile) => rsx! { "{tile}" },
                    None => rsx! { Icon { d: super::glyph(file.kind) } },
                }
            }
            span { class: "min-w-0",
                FileName { name: file.name.clone() }
                span { class: "fs",
                    match &progress {
                        Some(progress) => rsx! { span { class: "tnum", "data-failed": progress.failed.is_some().then_some(""), {progress_words(progress)} } },
                        None => rsx! {
                            FileSize { size: file.size }
                            if !extension.is_empty() {
                                span { "aria-hidden": "true", "·" }
                                span { "{extension}" }
                            }
                        },
                    }
                    {meta}
                }
            }
            match progress {
                Some(progress) => rsx! { Ring { id: file.id, name: file.name.clone(), progress, tab } },
                None => rsx! { DownloadButton { file: file.clone(), tab } },
            }
        }
    }
}

/// `Uploading 8.6 of 18.7 MB`
pub fn progress_words(progress: &Progress) -> String {
    let Progress { sent, total, is_running, failed } = progress;
    let (sent, whole) = (words::bytes((*sent).min(*total)), words::bytes(*total));
    // One unit is enough when both have it.
    let of = match (sent.rsplit_once(' '), whole.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} of {whole}"),
        _ => format!("{sent} of {whole}"),
    };
    match (failed, progress.sent) {
        (Some(_), 1..) if progress.sent < *total => format!("Stopped at {of}"),
        (Some(_), _) => format!("Not sent, {whole}"),
        (None, _) if *is_running => format!("Uploading {of}"),
        (None, _) => format!("Waiting, {whole}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn progress_has_one_unit_where_that_is_enough() {
        let words = |sent, total, failed: bool| {
            progress_words(&Progress { sent, total, is_running: !failed, failed: failed.then_some(Error::Malformed) })
        };
        assert_eq!(words(8_600_000, 18_700_000, false), "Uploading 8.6 of 18.7 MB");
        assert_eq!(words(61_000_000, 94_200_000, true), "Stopped at 61.0 of 94.2 MB");
        assert_eq!(words(8_600, 18_700_000, false), "Uploading 8.6 KB of 18.7 MB");
        assert_eq!(words(0, 500, false), "Uploading 0 of 500 B");
        assert_eq!(words(900, 500, false), "Uploading 500 of 500 B");
        assert_eq!(words(0, 500, true), "Not sent, 500 B");
        assert_eq!(words(500, 500, true), "Not sent, 500 B");
        let waiting = Progress { sent: 0, total: 500, is_running: false, failed: None };
        assert_eq!(progress_words(&waiting), "Waiting, 500 B");
    }
}
