//! Sounds and voice messages: one plays at a time.

use super::card::{DownloadButton, FileName, progress_words};
use super::pending::{Ring, use_local, use_progress};
use super::{names, waveform};
use crate::model::{Attachment, AttachmentKind, Variant, file_url};
use crate::ui::dom::{self, media};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

const RATES: [(f64, &str); 3] = [(1.0, "1×"), (1.5, "1.5×"), (2.0, "2×")];
/// Where this device keeps the place in [`RATES`].
const RATE_KEY: &str = "lavender-voice-rate";
/// How far an arrow key goes, in milliseconds.
const STEP_MS: u32 = 5_000;
/// A new address is in the page after this long, in milliseconds.
const PAINT_MS: u32 = 30;

/// One player. Copy; all of it is signals.
#[derive(Clone, Copy)]
struct Player {
    moment: Signal<media::Moment>,
    rate: Signal<usize>,
    turn: Signal<u32>,
    is_broken: Signal<bool>,
    is_renewed: CopyValue<bool>,
    /// Where to go on once the renewed address has answered.
    left: CopyValue<Option<u32>>,
}

impl Player {
    fn rate(self) -> f64 {
        RATES[*self.rate.peek() % RATES.len()].0
    }

    fn toggle(mut self, id: &str) {
        if self.moment.peek().is_playing {
            return media::pause(id);
        }
        if let Some(kept) = dom::recall(RATE_KEY).and_then(|kept| kept.parse().ok()) {
            self.rate.set(kept);
        }
        if self.is_broken.replace(false) {
            self.is_renewed.set(false);
            return self.renew(id);
        }
        media::play(id, self.rate());
    }

    fn renew(mut self, id: &str) {
        self.left.set(Some(self.moment.peek().at_ms));
        self.turn += 1;
        let (id, rate) = (id.to_owned(), self.rate());
        spawn(async move {
            dom::sleep(PAINT_MS).await;
            media::play(&id, rate);
        });
    }

    fn failed(mut self, id: &str) {
        self.moment.write().is_playing = false;
        if self.is_renewed.replace(true) {
            self.is_broken.set(true);
        } else {
            self.renew(id);
        }
    }

    fn faster(mut self, id: &str) {
        let next = (*self.rate.peek() + 1) % RATES.len();
        self.rate.set(next);
        dom::remember(RATE_KEY, &next.to_string());
        media::set_rate(id, RATES[next].0);
    }

    fn seek(mut self, id: &str, at_ms: u32) {
        self.moment.write().at_ms = at_ms;
        media::seek(id, at_ms);
    }

    fn look(mut self, id: &str) {
        if let Some(moment) = media::moment(id) {
            self.moment.set(moment);
        }
    }
}

/// A player. `id` is its element's, one of its own on the page; `name` is what it is called aloud; `meta` stands at the end.
#[component]
pub fn Sound(
    id: String,
    file: Attachment,
    name: String,
    #[props(default)] meta: Option<Element>,
    #[props(default = "-1")] tab: &'static str,
) -> Element {
    let player = use_hook(|| Player {
        moment: Signal::new(media::Moment::default()),
        rate: Signal::new(0),
        turn: Signal::new(0),
        is_broken: Signal::new(false),
        is_renewed: CopyValue::new(false),
        left: CopyValue::new(None),
    });
    let id = use_signal(|| id);
    let progress = use_progress(file.id);
    let local = use_local(file.id);
    let is_voice = file.kind == AttachmentKind::Voice;
    let moment = (player.moment)();
    let length = moment.length_ms.or(file.duration_ms).unwrap_or(0);
    let at = moment.at_ms.min(length);
    let share = if length == 0 { 0.0 } else { f64::from(at) / f64::from(length) };
    let url = local.unwrap_or_else(|| file_url(file.id, Variant::Full));
    let turn = (player.turn)();
    let src = if turn == 0 { url } else { format!("{url}#{turn}") };
    let rate = RATES[(player.rate)() % RATES.len()].1;
    let is_untouched = at == 0 && !moment.is_playing;
    let mut left = player.left;
    let mut renewed = player.is_renewed;
    rsx! {
        div { class: "sound", "data-voice": is_voice.then_some(""), "data-testid": "sound", dir: "ltr", role: "group", "aria-label": "{name}",
            audio {
                id: "{id}",
                src,
                preload: "none",
                onplay: move |_| {
                    media::pause_others(&id.peek());
                    player.look(&id.peek());
                },
                onpause: move |_| player.look(&id.peek()),
                ontimeupdate: move |_| player.look(&id.peek()),
                onended: move |_| player.seek(&id.peek(), 0),
                onloadedmetadata: move |_| {
                    renewed.set(false);
                    media::set_rate(&id.peek(), player.rate());
                    if let Some(at) = left.take().filter(|at| *at > 0) {
                        media::seek(&id.peek(), at);
                    }
                },
                onerror: move |_| player.failed(&id.peek()),
            }
            match &progress {
                Some(progress) => rsx! { Ring { id: file.id, name: name.clone(), progress: progress.clone(), tab } },
                None => rsx! {
                    button {
                        class: "sound-play",
                        r#type: "button",
                        tabindex: tab,
                        "aria-label": if moment.is_playing { "Pause" } else { "Play" },
                        onclick: move |event: MouseEvent| {
                            event.stop_propagation();
                            player.toggle(&id.peek());
                        },
                        Icon { d: if moment.is_playing { icon::PAUSE } else { icon::PLAY } }
                    }
                },
            }
            div { class: "sound-main",
                if !is_voice {
                    FileName { name: file.name.clone() }
                }
                div { class: "sound-track", style: "--at:{share:.4}",
                    if is_voice {
                        Wave { waveform: file.waveform.clone(), share }
                    } else {
                        span { class: "sound-bar", "aria-hidden": "true" }
                    }
                    input {
                        class: "sound-seek",
                        r#type: "range",
                        min: "0",
                        max: "{length.max(1)}",
                        step: "1",
                        value: "{at}",
                        tabindex: tab,
                        disabled: length == 0,
                        "aria-label": "Position",
                        "aria-valuetext": "{names::length(at)} of {names::length(length)}",
                        oninput: move |event| {
                            if let Ok(at) = event.value().parse() {
                                player.seek(&id.peek(), at);
                            }
                        },
                        onkeydown: move |event: KeyboardEvent| {
                            let at = player.moment.peek().at_ms;
                            let at = match event.key() {
                                Key::ArrowLeft => at.saturating_sub(STEP_MS),
                                Key::ArrowRight => (at + STEP_MS).min(length),
                                _ => return,
                            };
                            event.prevent_default();
                            player.seek(&id.peek(), at);
                        },
                    }
                }
                div { class: "sound-foot",
                    if (player.is_broken)() {
                        span { role: "alert", "This can't be loaded. Press play to try again." }
                    } else if let Some(progress) = &progress {
                        span { class: "tnum", "data-failed": progress.failed.is_some().then_some(""), {progress_words(progress)} }
                    } else {
                        span { class: "tnum",
                            if is_untouched { {names::length(length)} } else { "{names::length(at)} / {names::length(length)}" }
                        }
                        if !is_voice {
                            span { "aria-hidden": "true", "·" }
                            span { title: words::exact_bytes(file.size), {words::bytes(file.size)} }
                        }
                    }
                    {meta}
                }
            }
            if is_voice {
                button {
                    class: "sound-rate tnum",
                    r#type: "button",
                    tabindex: tab,
                    "aria-label": "Speed {rate}",
                    onclick: move |event: MouseEvent| {
                        event.stop_propagation();
                        player.faster(&id.peek());
                    },
                    "{rate}"
                }
            } else if progress.is_none() {
                DownloadButton { file: file.clone(), tab }
            }
        }
    }
}

/// Bars, those that were heard in the stronger colour.
#[component]
pub fn Wave(waveform: Option<String>, share: f64) -> Element {
    let path = use_memo(use_reactive(&waveform, |waveform| waveform::path(waveform.as_deref())));
    let width = waveform::BARS as f32 * waveform::STEP;
    let height = waveform::HEIGHT;
    rsx! {
        svg { class: "wave", view_box: "0 0 {width} {height}", preserve_aspect_ratio: "none", "aria-hidden": "true",
            path { class: "wave-rest", d: "{path}" }
            svg { width: "{share * f64::from(width):.1}", height: "{height}", path { d: "{path}" } }
        }
    }
}
