//! What can be done to messages: one list of it for the menu, the keys and the buttons beside a message; and what is open
//! for a message, one thing at a time.

use super::answer::answer_of;
use super::{Visit, catch_up, composer, delete, delivery, edits, forward, menu, react, seen, take_back};
use crate::api;
use crate::client::state::Row;
use crate::client::{Live, use_live};
use crate::id::{MessageId, TxnId, UserId};
use crate::model::report::Reported;
use crate::model::{Act, AnswerAct, Role, Seq, Tick};
use crate::time::Timestamp;
use crate::ui::dom::{
    self,
    layer::{Anchor, Wish},
};
use crate::ui::kit::icon;
use crate::ui::kit::toast::{Toast, Toasts, use_toasts};
use crate::ui::panel::{Page, Panel, has_assistant, use_panel};
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::core::spawn_forever;
use dioxus::prelude::*;

/// Something to do to one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Do {
    Reply,
    Edit,
    Copy,
    Link,
    /// An answer of the assistant.
    Again,
    /// What the model saw for it.
    Seen,
    /// Whether the assistant reads it.
    Hide,
    Pin,
    Forward,
    Select,
    Unread,
    Who,
    Delivery,
    Edits,
    Report,
    Delete,
    /// A send that has not left.
    TakeBack,
}

/// What is open over messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Open {
    Menu,
    React,
    Picker,
    Who,
    Delivery,
    Edits,
    Seen,
    Delete,
    Forward,
}

/// An open thing, the messages that it is for, and where it hangs.
#[derive(Clone, PartialEq, Debug)]
pub struct Opened {
    pub what: Open,
    pub rows: Vec<Row>,
    pub wish: Wish,
}

/// One for a room; a context.
#[derive(Clone, Copy)]
pub struct Acts {
    pub live: Live,
    pub visit: Visit,
    toasts: Toasts,
    panel: Panel,
    opened: Signal<Option<Opened>>,
    /// Behind which message I want to catch up.
    catching: Signal<Option<Seq>>,
    /// Whether anything can be written here, reactions too.
    writes: Memo<bool>,
    /// The row that has the focus, or had it last: the one stop of the stream.
    pub active: Signal<Option<TxnId>>,
}

/// Provides it to everything below.
pub fn use_provide_acts(visit: Visit) -> Acts {
    let (live, toasts, panel, clock) = (use_live(), use_toasts(), use_panel(), use_clock());
    let writes = use_memo(use_reactive(&clock.now, move |now| live.state.read().can_write(visit.room_id, now)));
    use_context_provider(|| Acts {
        live,
        visit,
        toasts,
        panel,
        opened: Signal::new(None),
        catching: Signal::new(None),
        writes,
        active: Signal::new(None),
    })
}

/// The id of what a menu of a row hangs on.
pub fn anchor_id(key: TxnId) -> String {
    format!("a-{key}")
}

/// The id of a row.
pub fn row_id(key: TxnId) -> String {
    format!("m-{key}")
}

impl Acts {
    /// Opens something for a message, at its bubble unless a place is given.
    pub fn open(mut self, what: Open, row: &Row, anchor: Option<Anchor>) {
        let anchor = anchor.unwrap_or_else(|| Anchor::Id(anchor_id(row.key)));
        let wish = Wish { anchor, is_sheet: what != Open::React, is_end: row.is_own, is_above: what == Open::React };
        self.opened.set(Some(Opened { what, rows: vec![row.clone()], wish }));
    }

    /// Opens the dialog that says what I missed, or closes it.
    pub fn catch_up(mut self, after: Option<Seq>) {
        self.catching.set(after);
    }

    /// Opens a dialog for several messages.
    pub fn open_all(mut self, what: Open, rows: Vec<Row>) {
        self.opened.set(Some(Opened { what, rows, wish: Wish::default() }));
    }

    /// Closes it, unless something else has opened in its place.
    pub fn close(mut self, what: Open) {
        if self.opened.peek().as_ref().is_some_and(|opened| opened.what == what) {
            self.opened.set(None);
        }
    }

    fn may(self, act: Act) -> bool {
        self.live.state.peek().may(self.visit.room_id, act)
    }

    /// Whether anything can be written here, reactions too.
    pub fn can_write(self) -> bool {
        (self.writes)()
    }

    /// Whether a reaction of mine can be set or taken back.
    pub fn can_react(self, row: &Row) -> bool {
        row.id().is_some() && !row.is_deleted() && self.can_write()
    }

    /// Whether there is a menu for a row.
    pub fn has_menu(row: &Row) -> bool {
        row.system().is_none() && row.error.is_none()
    }

    /// Whether everyone's copies of these may be deleted.
    pub fn may_delete_for_all(self, rows: &[Row]) -> bool {
        let others = self.may(Act::DeleteOthers);
        rows.iter().all(|row| row.id().is_some() && !row.is_deleted() && (row.is_own || others))
    }

    /// Whether an answer may be had anew: by who asked, and by those who lead the room.
    fn can_ask_again(self, row: &Row) -> bool {
        let state = self.live.state.peek();
        let me = state.me.person.id;
        let own = state.rooms.get(&self.visit.room_id).and_then(|room| room.member(me));
        answer_of(row).is_some_and(|answer| {
            !answer.is_written() && (answer.asker == me || own.is_some_and(|own| own.role != Role::Member))
        })
    }

    /// What can be done to a message, in the order of the menu.
    pub fn offered(self, row: &Row) -> Vec<Do> {
        if row.id().is_none() {
            let takes_back = row.tick == Some(Tick::Queued);
            let copies = (!row.body().is_empty()).then_some(Do::Copy);
            return copies.into_iter().chain([Do::Delivery]).chain(takes_back.then_some(Do::TakeBack)).collect();
        }
        if row.is_deleted() {
            return vec![Do::Delete];
        }
        let writes = self.can_write();
        let is_muted = self.live.state.peek().muted_until(Timestamp::now()).is_some();
        let all = [
            (Do::Reply, writes),
            (Do::Edit, row.is_own && writes && row.message.forwarded_from.is_none() && !row.message.is_bound()),
            (Do::Copy, !row.body().is_empty()),
            (Do::Link, true),
            (Do::Again, writes && self.can_ask_again(row)),
            (Do::Seen, answer_of(row).is_some_and(|answer| answer.messages > 0)),
            (Do::Pin, writes && self.may(Act::Pin)),
            (Do::Forward, !is_muted && !row.message.is_bound()),
            (Do::Select, true),
            (Do::Unread, !row.is_own),
            (Do::Who, !row.message.reactions.is_empty()),
            (Do::Delivery, row.is_own),
            (Do::Edits, row.is_edited() || answer_of(row).is_some_and(|answer| answer.attempt > 0)),
            (Do::Hide, row.is_own && self.has_assistant()),
            (Do::Report, !row.is_own),
            (Do::Delete, true),
        ];
        all.into_iter().filter(|(_, is_offered)| *is_offered).map(|(what, _)| what).collect()
    }

    /// Does it, if it can be done.
    pub fn run(self, what: Do, row: &Row) {
        if !self.offered(row).contains(&what) {
            return;
        }
        let (live, room_id, mut visit) = (self.live, self.visit.room_id, self.visit);
        let seq = row.seq.unwrap_or_default();
        match (what, row.id()) {
            (Do::Copy, _) => self.copy(row.body().to_owned(), "Copied"),
            (Do::Delivery, _) => self.open(Open::Delivery, row, None),
            (Do::TakeBack, _) => take_back(live, visit, row.key, true),
            (Do::Reply, Some(id)) => {
                live.set_reply(room_id, Some(id));
                dom::focus(composer::ID);
            }
            (Do::Edit, Some(id)) => {
                if live.start_edit(room_id, id).is_some() {
                    visit.rewritten += 1;
                    dom::focus(composer::ID);
                }
            }
            (Do::Link, _) => self.copy(format!("{}/r/{room_id}?at={seq}", dom::origin()), "Link copied"),
            (Do::Pin, Some(id)) => self.pin(id, row.pinned_by.is_none()),
            (Do::Again, Some(id)) => live.answer(room_id, id, AnswerAct::Again),
            (Do::Forward, _) => self.open(Open::Forward, row, None),
            (Do::Select, _) => live.select(room_id, seq, true),
            (Do::Unread, _) => {
                live.mark_unread(room_id, seq);
                let count = live.state.peek().unread(room_id);
                visit.unread.set(Some((seq.saturating_sub(1), count)));
                self.toasts.show(Toast::new("Marked unread").icon(icon::MAIL));
            }
            (Do::Who, _) => self.open(Open::Who, row, None),
            (Do::Edits, _) => self.open(Open::Edits, row, None),
            (Do::Seen, _) => self.open(Open::Seen, row, None),
            (Do::Hide, Some(id)) => self.hide(id, !row.message.is_hidden_from_assistant),
            (Do::Report, Some(message_id)) => self.panel.report(Reported::Message { message_id }),
            (Do::Delete, _) => self.open(Open::Delete, row, None),
            (_, None) => {}
        }
    }

    fn pin(self, id: MessageId, on: bool) {
        let (live, room_id) = (self.live, self.visit.room_id);
        live.pin(room_id, id, on);
        if !on {
            let undo = move || live.pin(room_id, id, true);
            self.toasts.show(Toast::new("Unpinned").icon(icon::PIN).action("Undo", undo));
        }
    }

    /// Whether the assistant is in the room.
    fn has_assistant(self) -> bool {
        has_assistant(&self.live.state.peek(), self.visit.room_id)
    }

    /// Lets the assistant read an own message, or not.
    fn hide(self, id: MessageId, on: bool) {
        let room_id = self.visit.room_id;
        // The menu is gone before it is done.
        spawn_forever(async move {
            self.toasts.show(match api::memory::hide_message(room_id, id, on).await {
                Ok(()) if on => Toast::new("Hidden from the assistant").icon(icon::EYE_OFF),
                Ok(()) => Toast::new("The assistant may read it").icon(icon::EYE),
                Err(error) => Toast::error(words::error(&error)),
            });
        });
    }

    /// Opens the profile of somebody.
    pub fn show_person(self, id: UserId) {
        self.panel.open(Page::Person(id));
    }

    /// Puts a text on the clipboard and says so.
    pub fn copy(self, text: String, done: &'static str) {
        // The menu is gone before it is done.
        spawn_forever(async move {
            self.toasts.show(match dom::copy(&text).await {
                true => Toast::new(done).icon(icon::COPY),
                false => Toast::error("This browser doesn't allow copying here."),
            });
        });
    }

    /// Sets a reaction of mine, or takes it back.
    pub fn toggle(self, id: MessageId, emoji: &str) {
        let (live, room_id) = (self.live, self.visit.room_id);
        let held = live.state.peek().message(room_id, id);
        if let Some(message) = held {
            let me = live.state.peek().me.person.id;
            let is_mine = message.reactions.iter().any(|given| given.emoji == emoji && given.by.contains(&me));
            live.react(room_id, id, emoji, !is_mine);
        }
    }

    /// The chosen messages that are here, in their order.
    pub fn selected(self) -> Vec<Row> {
        let state = self.live.state.peek();
        let room_id = self.visit.room_id;
        let Some(room) = state.rooms.get(&room_id) else { return Vec::new() };
        let rows = state.rows(room_id).into_iter();
        rows.filter(|row| row.seq.is_some_and(|seq| room.selected.contains(&seq))).collect()
    }

    /// What a key does to the row with the focus. Whether it did something.
    pub fn key(self, event: &KeyboardEvent, row: &Row, is_selecting: bool) -> bool {
        let modifiers = event.modifiers();
        if modifiers.intersects(Modifiers::CONTROL | Modifiers::META | Modifiers::ALT) || !Self::has_menu(row) {
            return false;
        }
        let has_shift = modifiers.contains(Modifiers::SHIFT);
        match event.key() {
            Key::Escape if !dom::is_touch() && !is_selecting => dom::focus(composer::ID),
            Key::Enter if !is_selecting => self.open(Open::Menu, row, None),
            Key::Enter => self.choose(row),
            Key::Character(text) => match text.to_lowercase().as_str() {
                " " if is_selecting => self.choose(row),
                "r" if has_shift => self.run(Do::Reply, row),
                "r" if self.can_react(row) => self.open(Open::React, row, None),
                "p" => self.run(Do::Pin, row),
                _ => return false,
            },
            _ => return false,
        }
        true
    }

    /// Chooses a message, or no longer.
    pub fn choose(self, row: &Row) {
        let room_id = self.visit.room_id;
        if let Some(seq) = row.seq.filter(|_| row.system().is_none()) {
            let is_chosen = self.live.state.peek().rooms.get(&room_id).is_some_and(|room| room.selected.contains(&seq));
            self.live.select(room_id, seq, !is_chosen);
        }
    }
}

/// Draws what is open; once in a room.
#[component]
pub fn OpenActs() -> Element {
    let acts = use_context::<Acts>();
    if let Some(after) = (acts.catching)() {
        return rsx! {
            catch_up::CatchUpSheet { after }
        };
    }
    let Some(Opened { what, rows, wish }) = (acts.opened)() else { return rsx! {} };
    let Some(row) = rows.first().cloned() else { return rsx! {} };
    match what {
        Open::Menu => rsx! {
            menu::MessageMenu { key: "{row.key}", row, wish }
        },
        Open::React | Open::Picker => rsx! {
            react::Chooser { key: "{row.key}", row, wish, is_whole: what == Open::Picker }
        },
        Open::Who => rsx! {
            react::Who { key: "{row.key}", row, wish }
        },
        Open::Delivery => rsx! {
            delivery::Delivery { key: "{row.key}", row }
        },
        Open::Edits => rsx! {
            edits::Edits { key: "{row.key}", row }
        },
        Open::Seen => rsx! {
            seen::SeenSheet { key: "{row.key}", row }
        },
        Open::Delete => rsx! {
            delete::Delete { rows }
        },
        Open::Forward => rsx! {
            forward::ForwardDialog { rows }
        },
    }
}
