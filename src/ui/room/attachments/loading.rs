//! How bytes of a file get into the page: near the view, by an address that is asked for again once when it fails (the
//! signed one behind it lives for a minute), and then only when someone asks.

use crate::model::Attachment;
use crate::ui::dom::media;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

/// Pictures this far from the view, in CSS pixels, are asked for.
const MARGIN: u32 = 500;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    /// Far away, or on its way.
    Waiting,
    /// Loading costs: someone has to want it.
    Held,
    Here,
    Broken,
}

impl Look {
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Here => "here",
            Self::Broken => "broken",
        }
    }
}

/// The way of one file into the page. Copy; all of it is signals.
#[derive(Clone, Copy)]
pub struct Loading {
    look: Signal<Look>,
    is_wanted: Signal<bool>,
    /// How often it was asked for anew.
    turn: Signal<u32>,
    /// Whether the address was renewed since something came by it.
    is_renewed: CopyValue<bool>,
}

/// `is_local`: its bytes are on this device.
pub fn use_loading(is_local: bool) -> Loading {
    use_hook(|| Loading {
        look: Signal::new(Look::Waiting),
        is_wanted: Signal::new(is_local),
        turn: Signal::new(0),
        is_renewed: CopyValue::new(false),
    })
}

impl Loading {
    pub fn look(self) -> Look {
        (self.look)()
    }

    /// The address, once it is to be loaded. The part behind `#` says nothing but that it is asked for again.
    pub fn src(self, url: &str) -> Option<String> {
        let turn = (self.turn)();
        let url = || if turn == 0 { url.to_owned() } else { format!("{url}#{turn}") };
        ((self.is_wanted)() && self.look() != Look::Broken).then(url)
    }

    /// Waits until the element is near the view; the handler of its `onmounted`.
    pub async fn watch(mut self, event: MountedEvent) {
        if *self.is_wanted.peek() {
            return;
        }
        media::near(&event, MARGIN).await;
        if media::saves_data() { self.look.set(Look::Held) } else { self.is_wanted.set(true) }
    }

    pub fn here(mut self) {
        self.is_renewed.set(false);
        if *self.look.peek() != Look::Here {
            self.look.set(Look::Here);
        }
    }

    /// It did not come, or stopped coming: it is asked for again, once.
    pub fn failed(mut self) {
        if self.is_renewed.replace(true) {
            self.look.set(Look::Broken);
        } else {
            self.turn += 1;
        }
    }

    /// Someone wants it.
    pub fn ask(mut self) {
        self.is_renewed.set(false);
        if *self.look.peek() == Look::Broken {
            self.turn += 1;
        }
        self.look.set(Look::Waiting);
        self.is_wanted.set(true);
    }
}

/// In place of a picture or a film that isn't there: why, and what can be done. Nothing while it is there.
#[component]
pub fn Instead(
    file: Attachment,
    loading: Look,
    what: &'static str,
    tab: &'static str,
    on_ask: Callback<()>,
) -> Element {
    let ask = move |event: MouseEvent| {
        event.stop_propagation();
        on_ask.call(());
    };
    match loading {
        Look::Waiting | Look::Here => rsx! {},
        Look::Held => rsx! {
            span { class: "media-instead", "data-held": "",
                button { class: "media-load", r#type: "button", tabindex: tab, onclick: ask,
                    Icon { d: icon::DOWNLOAD, class: "i-sm" }
                    {format!("Load, {}", words::bytes(file.size))}
                }
            }
        },
        Look::Broken => rsx! {
            span { class: "media-instead", role: "group", "aria-label": "The {what} can't be loaded",
                Icon { d: icon::IMAGE_OFF }
                span { class: "media-why", "The {what} can't be loaded." }
                button { class: "media-load", r#type: "button", tabindex: tab, onclick: ask, "Try again" }
            }
        },
    }
}
