//! Own files that are not on the server yet. The one place that knows where that is kept.

use crate::client::Uploads;
pub use crate::client::uploads::Progress;
use crate::client::{Live, use_live};
use crate::error::Error;
use crate::id::FileId;
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

/// Who knows about uploads, for what is drawn: a context.
#[derive(Clone, Copy, PartialEq)]
pub struct Pending {
    /// `None`: it is on the server.
    pub of: Callback<FileId, Option<Progress>>,
    /// Where this device has its bytes, as an address of the page.
    pub local_url: Callback<FileId, Option<String>>,
    pub cancel: Callback<FileId>,
    pub retry: Callback<FileId>,
}

/// Provides what the outbox of this page knows to everything below, unless something else is said there already.
pub fn use_provide_pending() {
    let live: Live = use_live();
    let uploads: Uploads = live.uploads;
    let of = use_callback(move |id| uploads.of(id));
    let local_url = use_callback(move |id| uploads.local_url(id));
    let cancel = use_callback(move |id| live.cancel_file(id));
    let retry = use_callback(move |id| live.retry_file(id));
    use_hook(|| {
        if try_consume_context::<Pending>().is_none() {
            provide_context(Pending { of, local_url, cancel, retry });
        }
    });
}

fn use_pending() -> Option<Pending> {
    use_hook(try_consume_context::<Pending>)
}

/// How far a file is, if it is not on the server.
pub fn use_progress(id: FileId) -> Option<Progress> {
    let pending = use_pending();
    // Uploads move often: only what draws this one follows.
    use_memo(use_reactive(&id, move |id| pending.and_then(|pending| pending.of.call(id))))()
}

/// Where this device has the bytes of a file.
pub fn use_local(id: FileId) -> Option<String> {
    let pending = use_pending();
    use_memo(use_reactive(&id, move |id| pending.and_then(|pending| pending.local_url.call(id))))()
}

/// Whether a file itself is what was refused: it can only be left out.
pub fn is_final(problem: &Error) -> bool {
    matches!(problem, Error::Refused { .. } | Error::TooLarge { .. } | Error::NotFound { .. })
}

/// A circle of this radius in a box of 40.
const RADIUS: f64 = 18.5;

/// How far an upload is, as a ring around the button that stops it or begins it again.
#[component]
pub fn Ring(id: FileId, name: String, progress: Progress, #[props(default = "-1")] tab: &'static str) -> Element {
    let pending = use_pending();
    let around = 2.0 * std::f64::consts::PI * RADIUS;
    let done = if progress.total == 0 { 0.0 } else { (progress.sent as f64 / progress.total as f64).min(1.0) };
    let percent = (done * 100.0) as u32;
    let has_failed = progress.failed.is_some();
    // Trying again helps where the file is not to blame.
    let is_final = progress.failed.as_ref().is_some_and(is_final);
    let label = match has_failed {
        true if is_final => format!("Remove {name}"),
        true => format!("Retry uploading {name}"),
        false => format!("Cancel uploading {name}, {percent} percent done"),
    };
    rsx! {
        button {
            class: "ringbtn",
            r#type: "button",
            tabindex: tab,
            "data-failed": has_failed.then_some(""),
            "data-busy": (!has_failed).then_some(""),
            "aria-label": label,
            onclick: move |event: MouseEvent| {
                event.stop_propagation();
                if let Some(pending) = pending {
                    if has_failed && !is_final { pending.retry.call(id) } else { pending.cancel.call(id) }
                }
            },
            if !has_failed {
                svg { class: "pring", view_box: "0 0 40 40", "aria-hidden": "true",
                    circle { cx: "20", cy: "20", r: "{RADIUS}", opacity: ".2" }
                    circle { cx: "20", cy: "20", r: "{RADIUS}", stroke_dasharray: "{done * around:.1} {around:.1}" }
                }
            }
            Icon { d: if has_failed && !is_final { icon::ROTATE_CW } else { icon::X }, class: "i-sm" }
        }
    }
}
