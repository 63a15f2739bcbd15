//! A coin. Chance has two halves, the server's and the flipper's page's; once it lies, every page checks both.

use super::super::Visit;
use super::super::acts::Acts;
use super::{can_play, use_begin};
use crate::client::state::Row;
use crate::model::game::{Face, Landed};
use crate::model::{Coin, NewExtra};
use crate::ui::kit::brand::Brand;
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

#[component]
pub fn CoinCard(coin: Coin, row: Row, author: String, is_stop: bool, is_idle: bool) -> Element {
    let acts = use_hook(try_consume_context::<Acts>);
    // It turns once, where it was seen in the air: not after a reload, not when one scrolls back to it.
    let was_in_air = use_hook(|| coin.landed.is_none());
    let mut has_turned = use_signal(|| false);
    let face = coin.landed.as_ref().map(|landed| landed.face);
    let goes = was_in_air && face.is_some() && !has_turned();
    let (code, word) = match face {
        Some(Face::Heads) => ("heads", "Heads"),
        Some(Face::Tails) => ("tails", "Tails"),
        None => ("air", "In the air"),
    };
    rsx! {
        div { class: "game coin-card", "data-testid": "coin", "data-face": code,
            div { class: "coin-stage", "aria-hidden": "true",
                div { class: "grid justify-items-center",
                    div {
                        class: "coin",
                        "data-face": code,
                        "data-go": goes.then_some(""),
                        style: if face == Some(Face::Tails) { "--coin-end: 1980deg" } else { "--coin-end: 1800deg" },
                        // Drawn again for another reason, it must not turn again.
                        onanimationend: move |_| has_turned.set(true),
                        span { Brand { size: 54 } }
                        span { b { "L" } }
                    }
                    i { class: "coin-shadow" }
                }
            }
            b { class: "game-word", role: "status", "data-go": goes.then_some(""), "{word}" }
            span { class: "game-sub", "{author} flipped a coin" }
            if let Some(landed) = &coin.landed {
                Proof { coin: coin.clone(), landed: landed.clone(), row: row.clone(), is_stop }
                if can_play(acts, &row, is_idle) {
                    Again { is_stop }
                }
            }
        }
    }
}

/// What the face follows from, checked here.
#[component]
fn Proof(coin: Coin, landed: Landed, row: Row, is_stop: bool) -> Element {
    let id = row.message.id;
    let is_fair = use_memo(use_reactive((&coin, &id), |(coin, id)| coin.is_fair(id)));
    rsx! {
        details { class: "coin-proof", "data-testid": "proof", "data-fair": if is_fair() { "true" } else { "false" },
            summary { tabindex: if is_stop { "0" } else { "-1" },
                if is_fair() {
                    Icon { d: icon::SHIELD_CHECK, class: "i-xs" }
                    "Verified. How?"
                } else {
                    Icon { d: icon::CIRCLE_ALERT, class: "i-xs" }
                    "This doesn't add up"
                }
            }
            p {
                "The server chose a seed and showed its SHA-256 first. Then the page of whoever flipped added a number that the server couldn't know. "
                "The last bit of SHA-256(seed, number, message id) is the face: 0 heads, 1 tails. Your page has just checked both."
            }
            dl {
                dt { "SHA-256 of the seed" }
                dd { "{coin.commitment}" }
                dt { "Seed" }
                dd { "{landed.seed}" }
                dt { "Number" }
                dd { "{landed.nonce}" }
                dt { "Message id" }
                dd { "{id}" }
            }
        }
    }
}

#[component]
fn Again(is_stop: bool) -> Element {
    let visit = use_context::<Visit>();
    let begin = use_begin(visit.room_id);
    let mut sent = visit.sent;
    rsx! {
        button {
            class: "btn btn-soft game-btn",
            r#type: "button",
            tabindex: if is_stop { "0" } else { "-1" },
            onclick: move |_| {
                if begin.begin(NewExtra::Flip, None) {
                    sent += 1;
                }
            },
            Icon { d: icon::COINS, class: "i-sm" }
            "Flip again"
        }
    }
}
