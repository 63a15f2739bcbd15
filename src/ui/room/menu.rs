//! The menu of a message: reactions first, then what can be done.

use super::acts::{Acts, Do, Open};
use crate::client::state::Row;
use crate::ui::dom::layer::Wish;
use crate::ui::emoji;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::menu::{Menu, MenuItem, MenuRule};
use dioxus::prelude::*;

/// What an item shows.
fn face(what: Do, row: &Row) -> (&'static str, &'static str) {
    match what {
        Do::Reply => (icon::REPLY, "Reply"),
        Do::Edit => (icon::PENCIL, "Edit"),
        Do::Copy => (icon::COPY, "Copy text"),
        Do::Link => (icon::LINK, "Copy link"),
        Do::Again => (icon::ROTATE_CW, "Answer anew"),
        Do::Seen => (icon::EYE, "What it saw"),
        Do::Hide if row.message.is_hidden_from_assistant => (icon::EYE, "Let the assistant read it"),
        Do::Hide => (icon::EYE_OFF, "Hide from the assistant"),
        Do::Pin if row.pinned_by.is_some() => (icon::PIN, "Unpin"),
        Do::Pin => (icon::PIN, "Pin"),
        Do::Forward => (icon::FORWARD, "Forward"),
        Do::Select => (icon::CIRCLE_CHECK, "Select"),
        Do::Unread => (icon::MAIL, "Mark unread from here"),
        Do::Who => (icon::SMILE, "Who reacted"),
        Do::Delivery => (icon::CHECK_CHECK, "Delivery"),
        Do::Edits => (icon::HISTORY, "Earlier versions"),
        Do::Report => (icon::FLAG, "Report"),
        Do::Delete => (icon::TRASH_2, "Delete"),
        Do::TakeBack => (icon::PENCIL, "Don't send, edit"),
    }
}

#[component]
pub fn MessageMenu(row: Row, wish: Wish) -> Element {
    let acts = use_context::<Acts>();
    let offered = acts.offered(&row);
    let reacts = row.id().filter(|_| acts.can_react(&row));
    let mine: Vec<String> = row.reactions().filter(|view| view.is_mine).map(|view| view.emoji.to_owned()).collect();
    rsx! {
        Menu { name: "Message", wish, on_close: move |()| acts.close(Open::Menu),
            if let Some(id) = reacts {
                div { class: "emoji-bar in-menu", role: "group", "aria-label": "React",
                    for (emoji , name , is_mine) in emoji::quick(&mine) {
                        button {
                            key: "{name}",
                            r#type: "button",
                            role: "menuitemcheckbox",
                            tabindex: "-1",
                            "aria-label": "{name}",
                            "aria-checked": if is_mine { "true" } else { "false" },
                            onclick: move |_| {
                                acts.toggle(id, &emoji);
                                acts.close(Open::Menu);
                            },
                            "{emoji}"
                        }
                    }
                    button {
                        r#type: "button",
                        role: "menuitem",
                        tabindex: "-1",
                        "aria-label": "More reactions",
                        onclick: {
                            let row = row.clone();
                            move |_| acts.open(Open::Picker, &row, None)
                        },
                        Icon { d: icon::PLUS }
                    }
                }
                MenuRule {}
            }
            for what in offered {
                MenuItem {
                    key: "{face(what, &row).1}",
                    icon: face(what, &row).0,
                    is_danger: what == Do::Delete,
                    on_pick: {
                        let row = row.clone();
                        move |()| acts.run(what, &row)
                    },
                    {face(what, &row).1}
                }
            }
        }
    }
}
