//! Six reactions at hand, and the way to all others.

use super::kept;
use super::list::{Tone, plain};
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

/// What people answer with most.
const QUICK: [(&str, &str); 6] = [
    ("👍", "Thumbs up"),
    ("❤\u{fe0f}", "Heart"),
    ("😂", "Laughing"),
    ("😮", "Surprised"),
    ("😢", "Crying"),
    ("🙏", "Thanks"),
];
/// Those that come in skin tones.
const TONED: [&str; 2] = ["👍", "🙏"];

/// A quick reaction as it is offered: as I have given it already, or in my skin tone. And whether I have.
fn offer(emoji: &str, mine: &[String], tone: Tone) -> (String, bool) {
    if let Some(given) = mine.iter().find(|given| plain(given) == plain(emoji)) {
        return (given.clone(), true);
    }
    let modifier = char::from_u32(0x1f3fa + u32::from(tone)).filter(|_| tone > 0 && TONED.contains(&emoji));
    (emoji.chars().chain(modifier).collect(), false)
}

/// The quick reactions as they are offered: emoji, name, whether it is one of `mine`.
pub fn quick(mine: &[String]) -> Vec<(String, &'static str, bool)> {
    let tone = kept::tone();
    let offer = |(emoji, name)| {
        let (emoji, is_mine) = offer(emoji, mine, tone);
        (emoji, name, is_mine)
    };
    QUICK.into_iter().map(offer).collect()
}

/// The bar. `mine` are the reactions that I have given: those are shown pressed, and picking one again is for taking it back.
/// `on_more` opens the picker.
#[component]
pub fn QuickBar(on_pick: Callback<String>, on_more: Callback<()>, mine: Vec<String>) -> Element {
    let tone = use_hook(kept::tone);
    let on_key = |event: KeyboardEvent| super::arrows(&event, ".emoji-bar > button");
    rsx! {
        div { class: "emoji-bar", role: "toolbar", "aria-label": "React", onkeydown: on_key,
            for (at , (emoji , name)) in QUICK.into_iter().enumerate() {
                QuickButton {
                    key: "{emoji}",
                    name,
                    offered: offer(emoji, &mine, tone),
                    is_first: at == 0,
                    on_pick,
                }
            }
            button { class: "text-ink-muted", r#type: "button", tabindex: "-1", "aria-label": "More reactions", title: "More reactions", onclick: move |_| on_more.call(()),
                Icon { d: icon::PLUS }
            }
        }
    }
}

#[component]
fn QuickButton(name: &'static str, offered: (String, bool), is_first: bool, on_pick: Callback<String>) -> Element {
    let (emoji, is_mine) = offered;
    rsx! {
        button {
            r#type: "button",
            "aria-label": "{name}",
            title: "{name}",
            "aria-pressed": if is_mine { "true" } else { "false" },
            tabindex: if is_first { "0" } else { "-1" },
            "data-autofocus": is_first.then_some(""),
            onclick: {
                let emoji = emoji.clone();
                move |_| on_pick.call(emoji.clone())
            },
            "{emoji}"
        }
    }
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use super::*;
    use crate::server::emoji::canonical;

    #[test]
    fn what_was_given_is_offered_back() {
        let mine = ["👍🏿".to_owned(), "❤\u{fe0f}".to_owned()];
        assert_eq!(offer("👍", &mine, 2), ("👍🏿".to_owned(), true));
        assert_eq!(offer("❤\u{fe0f}", &mine, 2), ("❤\u{fe0f}".to_owned(), true));
        assert_eq!(offer("🙏", &mine, 2), ("🙏🏼".to_owned(), false));
        assert_eq!(offer("😂", &mine, 2), ("😂".to_owned(), false));
    }

    #[test]
    fn all_are_written_as_the_server_writes_them() {
        for (emoji, _) in QUICK {
            for tone in 0..=5 {
                let (emoji, _) = offer(emoji, &[], tone);
                assert_eq!(canonical(&emoji), Some(emoji));
            }
        }
        assert!(TONED.iter().all(|toned| QUICK.iter().any(|(emoji, _)| emoji == toned)));
    }
}
