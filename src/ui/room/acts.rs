//! What can be done to a message: the menu at it, opened by a button, a right click or a long press.

use super::{Visit, composer};
use crate::client::state::Row;
use crate::client::{Live, use_live};
use crate::model::Act;
use crate::ui::dom::{
    self,
    layer::{Anchor, Wish},
};
use crate::ui::kit::icon;
use crate::ui::kit::menu::{Menu, MenuItem, MenuRule};
use crate::ui::kit::toast::{Toast, use_toasts};
use dioxus::core::spawn_forever;
use dioxus::prelude::*;

/// The reactions that are one press away.
pub const QUICK: [&str; 6] = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
/// A finger that rests this long means the menu; one that moves so far means something else.
const HOLD_MS: u32 = 380;
const HOLD_SLOP: f64 = 10.0;

/// Which message the menu is open for, and where. One for the whole room.
#[derive(Clone, Copy)]
pub struct ActsMenu(Signal<Option<(Row, Wish)>>);

impl ActsMenu {
    pub fn new() -> Self {
        Self(Signal::new(None))
    }

    /// Opens the menu of a message. Waiting and deleted ones and lines of the room have none.
    pub fn open(mut self, row: &Row, anchor: Anchor) {
        if row.id().is_some() && !row.is_deleted() && row.system().is_none() {
            self.0.set(Some((row.clone(), Wish { anchor, is_sheet: true, ..Wish::default() })));
        }
    }
}

/// The press that may become a long one.
#[derive(Clone, Copy)]
pub struct Hold {
    /// Rises with each press, and when one ends: a timer of an earlier one does nothing.
    turn: CopyValue<u32>,
    from: CopyValue<(f64, f64)>,
}

pub fn use_hold() -> Hold {
    use_hook(|| Hold { turn: CopyValue::new(0), from: CopyValue::new((0.0, 0.0)) })
}

impl Hold {
    pub fn begin(self, event: &PointerEvent, held: impl FnOnce(Anchor) + 'static) {
        let Self { mut turn, mut from } = self;
        if event.pointer_type() == "mouse" {
            return;
        }
        let at = event.client_coordinates();
        let mine = *turn.peek() + 1;
        turn.set(mine);
        from.set((at.x, at.y));
        spawn(async move {
            dom::sleep(HOLD_MS).await;
            if *turn.peek() == mine {
                held(Anchor::Point(at.x, at.y));
            }
        });
    }

    pub fn moved(self, event: &PointerEvent) {
        let (at, from) = (event.client_coordinates(), *self.from.peek());
        if (at.x - from.0).hypot(at.y - from.1) > HOLD_SLOP {
            self.end();
        }
    }

    pub fn end(mut self) {
        self.turn += 1;
    }
}

/// The menu itself; drawn once in a room.
#[component]
pub fn Acts() -> Element {
    let menu = use_context::<ActsMenu>();
    let mut open = menu.0;
    let Some((row, wish)) = open() else { return rsx! {} };
    rsx! {
        OpenActs { key: "{row.key}", row, wish, on_close: move |()| open.set(None) }
    }
}

#[component]
fn OpenActs(row: Row, wish: Wish, on_close: Callback<()>) -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let toasts = use_toasts();
    let room_id = visit.room_id;
    let (Some(id), Some(seq)) = (row.id(), row.seq) else { return rsx! {} };
    let may = |act: Act| live.state.peek().may(room_id, act);
    let is_pinned = row.pinned_by.is_some();
    let text = row.body().to_owned();
    let copy = use_callback(move |(text, done): (String, &'static str)| {
        // The menu is gone before it is done.
        spawn_forever(async move {
            toasts.show(match dom::copy(&text).await {
                true => Toast::new(done).icon(icon::COPY),
                false => Toast::error("This browser doesn't allow copying here."),
            });
        });
    });
    let link = format!("{}/r/{room_id}?at={seq}", dom::origin());
    rsx! {
        Menu { name: "Message", wish, on_close,
            div { class: "quick-reacts", role: "group", "aria-label": "React",
                for emoji in QUICK {
                    button {
                        key: "{emoji}",
                        r#type: "button",
                        role: "menuitem",
                        tabindex: "-1",
                        "aria-label": "React with {emoji}",
                        onclick: {
                            let row = row.clone();
                            move |_| {
                                toggle(live, &row, emoji);
                                on_close.call(());
                            }
                        },
                        "{emoji}"
                    }
                }
            }
            MenuRule {}
            MenuItem {
                icon: icon::REPLY,
                on_pick: move |()| {
                    live.set_reply(room_id, Some(id));
                    dom::focus(composer::ID);
                },
                "Reply"
            }
            if row.is_own {
                MenuItem { icon: icon::PENCIL, on_pick: move |()| edit(live, visit, id), "Edit" }
            }
            MenuItem {
                icon: icon::COPY,
                on_pick: move |()| copy.call((text.clone(), "Copied")),
                "Copy text"
            }
            MenuItem { icon: icon::LINK, on_pick: move |()| copy.call((link.clone(), "Link copied")), "Copy link" }
            if may(Act::Pin) {
                MenuItem { icon: icon::PIN, on_pick: move |()| live.pin(room_id, id, !is_pinned), if is_pinned { "Unpin" } else { "Pin" } }
            }
            if !row.is_own {
                MenuItem { icon: icon::MAIL, on_pick: move |()| live.mark_unread(room_id, seq), "Mark unread from here" }
            }
            MenuRule {}
            MenuItem {
                icon: icon::TRASH_2,
                is_danger: true,
                on_pick: move |()| {
                    live.delete_for_me(room_id, &[seq]).ok();
                },
                "Delete for me"
            }
            if row.is_own || may(Act::DeleteOthers) {
                MenuItem {
                    icon: icon::TRASH_2,
                    is_danger: true,
                    on_pick: move |()| {
                        live.delete_for_everyone(room_id, &[id]).ok();
                    },
                    "Delete for everyone"
                }
            }
        }
    }
}

/// Sets a reaction of mine, or takes it back.
pub fn toggle(live: Live, row: &Row, emoji: &str) {
    if let Some(id) = row.id() {
        let is_mine = row.reactions().any(|reaction| reaction.emoji == emoji && reaction.is_mine);
        live.react(row.message.room_id, id, emoji, !is_mine);
    }
}

fn edit(live: Live, mut visit: Visit, id: crate::id::MessageId) {
    if let Some(text) = live.start_edit(visit.room_id, id) {
        visit.replace.set(Some(text));
        dom::focus(composer::ID);
    }
}
