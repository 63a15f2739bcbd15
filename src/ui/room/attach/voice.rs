//! Voice messages: spoken, then sent or thrown away.

use crate::client::outbox::OutFile;
use crate::client::uploads::Bytes;
use crate::client::{Live, use_live};
use crate::id::RoomId;
use crate::model::limits::WAVEFORM_MAX_CHARS;
use crate::model::{AttachmentKind, FileHints};
use crate::ui::dom::microphone::{Denied, Recorded, Recording};
use crate::ui::dom::{self};
use crate::ui::kit::OnEscape;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::{Toast, Toasts, use_toasts};
use crate::ui::room::attachments::waveform;
use crate::ui::room::attachments::{Wave, length};
use crate::ui::words;
use dioxus::core::spawn_forever;
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
        Denied::Busy => "The microphone doesn't start. Close other programs that use it, then try again.",
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

/// What was spoken, as a file.
///
/// # Errors
/// Why there is none.
async fn spoken(recording: &Recording, loudness: &[f32]) -> Result<(OutFile, Bytes), &'static str> {
    let recorded = recording.finish().await;
    let recorded = recorded.ok_or("The browser didn't give the recording back. Try again, or record it anew.")?;
    let file = file_of(&recorded, loudness);
    let Recorded { bytes, .. } = recorded;
    Ok((file, bytes))
}

/// Puts what was spoken and neither sent nor thrown away into the composer of its room: nobody should have to say it again.
async fn keep(live: Live, toasts: Toasts, room_id: RoomId, recording: Recording, loudness: Vec<f32>) {
    if recording.duration_ms() < LEAST_MS || !live.state.peek().rooms.contains_key(&room_id) {
        return;
    }
    toasts.show(match spoken(&recording, &loudness).await {
        Ok((file, bytes)) => {
            live.keep_voice(room_id, file, bytes);
            Toast::new("Your recording is kept beside your draft").icon(icon::MIC)
        }
        Err(problem) => Toast::error(problem).icon(icon::MIC),
    });
}

/// In place of the composer while someone speaks. `on_end` gets whether something was sent. Whatever else closes it, a key, a
/// mute or another chat, what was spoken is kept.
#[component]
pub fn Recorder(room_id: RoomId, on_end: Callback<bool>) -> Element {
    let live = use_live();
    let toasts = use_toasts();
    let mut recording = use_hook(|| CopyValue::new(None::<Recording>));
    let mut loudness = use_signal(Vec::<f32>::new);
    let mut at_ms = use_signal(|| 0_u32);
    let mut is_begun = use_signal(|| false);
    // The microphone is off, and what was spoken is still here.
    let mut has_ended = use_signal(|| false);
    let mut is_sending = use_signal(|| false);
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
        while !begun.has_ended() {
            dom::sleep(LOOK_MS).await;
            loudness.write().push(begun.loudness());
            at_ms.set(begun.duration_ms());
            if begun.duration_ms() >= MOST_MS {
                begun.end();
            }
        }
        has_ended.set(true);
    });
    use_drop(move || {
        if let Some(begun) = recording.take() {
            spawn_forever(keep(live, toasts, room_id, begun, loudness.peek().clone()));
        }
    });
    let send = use_callback(move |()| {
        let Some(begun) = recording.take() else { return };
        if begun.duration_ms() < LEAST_MS {
            toasts.show(Toast::error("Nothing was recorded. Speak a little longer.").icon(icon::MIC));
            return on_end.call(false);
        }
        is_sending.set(true);
        let loudness = loudness.peek().clone();
        // To its end, also when the room is left meanwhile.
        spawn_forever(async move {
            let outcome = match spoken(&begun, &loudness).await {
                Ok((file, bytes)) => {
                    live.send_voice(room_id, file, bytes).map(|_| ()).map_err(|error| words::error(&error))
                }
                Err(problem) => Err(problem.to_owned()),
            };
            let is_here = recording.try_peek().is_ok();
            match outcome {
                Ok(()) if is_here => on_end.call(true),
                Ok(()) => {}
                Err(problem) => {
                    toasts.show(Toast::error(problem).icon(icon::MIC));
                    if is_here {
                        // It can be tried again.
                        recording.set(Some(begun));
                        is_sending.set(false);
                    } else {
                        keep(live, toasts, room_id, begun, loudness).await;
                    }
                }
            }
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
        OnEscape { on_escape: move |()| on_end.call(false) }
        div { class: "composer recorder", role: "group", "aria-label": "Voice message", "data-testid": "recorder",
            button {
                class: "icon-btn composer-tool",
                r#type: "button",
                "aria-label": "Discard",
                title: "Discard",
                "aria-disabled": is_sending().then_some("true"),
                onclick: move |_| {
                    // What is being sent is not here any more.
                    if !*is_sending.peek() {
                        recording.set(None);
                        on_end.call(false);
                    }
                },
                Icon { d: icon::TRASH_2 }
            }
            span { class: "rec-dot", "data-on": (is_begun() && !has_ended()).then_some(""), "aria-hidden": "true" }
            span { class: "tnum rec-time", {length(at_ms())} }
            span { class: "rec-wave", dir: "ltr", Wave { waveform: Some(shown), share: 1.0 } }
            span { class: "sr-only", role: "status",
                if is_full {
                    "Recording has ended: 15 minutes are the most."
                } else if has_ended() {
                    "Recording has ended"
                } else if is_begun() {
                    "Recording"
                } else {
                    "Waiting for the microphone"
                }
            }
            button {
                id: SEND,
                class: "send",
                r#type: "button",
                "aria-label": "Send voice message",
                "aria-disabled": (!is_begun() || is_sending()).then_some("true"),
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
