//! Voice messages: spoken, then sent or thrown away.

use crate::client::outbox::OutFile;
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::limits::WAVEFORM_MAX_CHARS;
use crate::model::{AttachmentKind, FileHints};
use crate::ui::dom::microphone::{Denied, Recorded, Recording};
use crate::ui::dom::{self};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::{Toast, use_toasts};
use crate::ui::room::attachments::waveform;
use crate::ui::room::attachments::{Wave, length};
use crate::ui::words;
use dioxus::prelude::*;

/// How often loudness is looked at, in milliseconds.
const LOOK_MS: u32 = 100;
/// The longest that is taken.
const MOST_MS: u32 = 15 * 60 * 1_000;
/// Shorter ones are slips.
const LEAST_MS: u32 = 400;
const SEND: &str = "voice-send";

fn why(denied: Denied) -> &'static str {
    match denied {
        Denied::NotAllowed => {
            "The microphone isn't allowed here. Allow it for this site in your browser's settings, then try again."
        }
        Denied::NoMicrophone => "No microphone was found. Connect one, then try again.",
        Denied::Unsupported => "This browser can't record sound on this page.",
    }
}

/// A recording as a file to send.
fn file_of(recorded: &Recorded, loudness: &[f32]) -> OutFile {
    let extension = match recorded.mime.as_str() {
        "audio/mp4" => "m4a",
        "audio/ogg" => "ogg",
        _ => "webm",
    };
    let name = format!("voice.{extension}");
    let waveform = waveform::of(loudness, WAVEFORM_MAX_CHARS);
    OutFile {
        kind: AttachmentKind::Voice,
        hints: FileHints {
            duration_ms: Some(recorded.duration_ms.max(1)),
            waveform: Some(waveform).filter(|waveform| !waveform.is_empty()),
            voice: true,
            ..FileHints::default()
        },
        ..OutFile::new(&name, &recorded.mime, recorded.size)
    }
}

/// In place of the composer while someone speaks. `on_end` gets whether something was sent.
#[component]
pub fn Recorder(room_id: RoomId, on_end: Callback<bool>) -> Element {
    let live = use_live();
    let toasts = use_toasts();
    let mut recording = use_hook(|| CopyValue::new(None::<Recording>));
    let mut loudness = use_signal(Vec::<f32>::new);
    let mut at_ms = use_signal(|| 0_u32);
    let mut is_begun = use_signal(|| false);
    let mut is_ending = use_signal(|| false);
    let is_full = at_ms() >= MOST_MS;
    use_future(move || async move {
        let begun = match Recording::begin().await {
            Ok(begun) => begun,
            Err(denied) => {
                toasts.show(Toast::error(why(denied)).icon(icon::MIC));
                on_end.call(false);
                return;
            }
        };
        recording.set(Some(begun.clone()));
        is_begun.set(true);
        while !*is_ending.peek() {
            dom::sleep(LOOK_MS).await;
            let now = begun.duration_ms();
            loudness.write().push(begun.loudness());
            at_ms.set(now);
            if now >= MOST_MS {
                begun.pause();
                break;
            }
        }
    });
    let send = use_callback(move |()| {
        if !*is_begun.peek() || is_ending.replace(true) {
            return;
        }
        spawn(async move {
            let taken = recording.take();
            let recorded = match taken {
                Some(taken) if taken.duration_ms() >= LEAST_MS => taken.finish().await,
                _ => None,
            };
            let Some(recorded) = recorded else {
                toasts.show(Toast::error("Nothing was recorded. Speak a little longer.").icon(icon::MIC));
                on_end.call(false);
                return;
            };
            let file = file_of(&recorded, &loudness.peek());
            let Recorded { bytes, .. } = recorded;
            let queued = live.send_voice(room_id, file, bytes);
            if let Err(error) = &queued {
                toasts.show(Toast::error(words::error(error)));
            }
            on_end.call(queued.is_ok());
        });
    });
    // What was just said, from right to left.
    let shown = {
        let all = loudness.read();
        let from = all.len().saturating_sub(waveform::BARS);
        let mut last = vec![0.0; waveform::BARS.saturating_sub(all.len())];
        last.extend(&all[from..]);
        waveform::of(&last, waveform::BARS)
    };
    rsx! {
        div { class: "composer recorder", role: "group", "aria-label": "Voice message", "data-testid": "recorder",
            button {
                class: "icon-btn composer-tool",
                r#type: "button",
                "aria-label": "Discard",
                title: "Discard",
                onclick: move |_| on_end.call(false),
                Icon { d: icon::TRASH_2 }
            }
            span { class: "rec-dot", "data-on": (is_begun() && !is_full).then_some(""), "aria-hidden": "true" }
            span { class: "tnum rec-time", {length(at_ms())} }
            span { class: "rec-wave", dir: "ltr", Wave { waveform: Some(shown), share: 1.0 } }
            span { class: "sr-only", role: "status",
                if is_full { "Recording has ended: 15 minutes are the most." } else if is_begun() { "Recording" } else { "Waiting for the microphone" }
            }
            button {
                id: SEND,
                class: "send",
                r#type: "button",
                "aria-label": "Send voice message",
                "aria-disabled": (!is_begun()).then_some("true"),
                onmounted: move |_| dom::focus(SEND),
                onclick: move |_| send.call(()),
                Icon { d: icon::ARROW_UP }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(all(feature = "web", target_arch = "wasm32")))]
    #[test]
    fn a_recording_says_that_it_was_spoken() {
        let recorded = Recorded { bytes: (), mime: "audio/mp4".to_owned(), size: 9_000, duration_ms: 2_500 };
        let file = file_of(&recorded, &[0.5, 1.0]);
        assert_eq!(
            (file.name.as_str(), file.mime.as_str(), file.kind),
            ("voice.m4a", "audio/mp4", AttachmentKind::Voice)
        );
        assert_eq!(file.hints.duration_ms, Some(2_500));
        assert_eq!(file.hints.waveform.as_deref(), Some("g_"));
        assert!(file.hints.voice);
    }
}
