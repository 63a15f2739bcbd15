//! The side panel: what is known of a person or a group, and what can be done about it. A column at the right, a sheet above
//! the chat where there is less room, the whole screen on a phone.

mod add;
mod ask;
mod edit;
mod group;
mod invites;
mod links;
mod load;
mod media;
mod members;
mod memory;
mod mute;
mod pins;
mod report;
mod top;
mod wallpaper;

pub use ask::{Ask, Asking, Call};
pub use group::head_count;
pub(crate) use group::{ClearLine, PinsLine};
pub use load::{Load, LoadView, use_load};
pub use media::MediaSection;
pub(crate) use members::role_name;
pub(crate) use memory::{MemoryLine, has_assistant, may_forget};
pub use mute::MuteItems;
pub use report::Reporting;
pub use top::{Faces, Line, Tags, Top};
pub use wallpaper::{WallpaperSection, backdrop, own_picture};

use crate::client::use_live;
use crate::id::{RoomId, UserId};
use crate::model::report::Reported;
use crate::ui::dom::{self, FocusMark};
use crate::ui::kit::avatar::Tint;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::{Toast, Toasts};
use crate::ui::profile::{EditMe, PersonPage};
use crate::ui::words;
use dioxus::core::spawn_forever;
use dioxus::prelude::*;

/// The button that closes the panel or goes back in it: where the focus goes.
const BACK: &str = "panel-back";

/// What the panel shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Page {
    /// A group, or the other person of a direct room.
    Room(RoomId),
    Members(RoomId),
    Add(RoomId),
    /// Name, description and settings of a group.
    Edit(RoomId),
    Invites(RoomId),
    Pins(RoomId),
    /// Photos, files and voice messages.
    Media(RoomId),
    /// What the assistant keeps.
    Memory(RoomId),
    Person(UserId),
    /// My own profile, to be changed.
    Me,
}

impl Page {
    fn room_id(self) -> Option<RoomId> {
        match self {
            Self::Room(id)
            | Self::Members(id)
            | Self::Add(id)
            | Self::Edit(id)
            | Self::Invites(id)
            | Self::Pins(id)
            | Self::Media(id)
            | Self::Memory(id) => Some(id),
            Self::Person(_) | Self::Me => None,
        }
    }
}

/// The panel of the app's frame. Copy; all of it is signals.
#[derive(Clone, Copy, PartialEq)]
pub struct Panel {
    /// The last one is shown; back leads to the one before.
    pages: Signal<Vec<Page>>,
    /// A question that waits for its answer.
    asking: Signal<Option<Ask>>,
    /// What is being reported.
    reporting: Signal<Option<Reported>>,
    focus: Signal<FocusMark>,
    toasts: Toasts,
}

impl Panel {
    pub fn new(toasts: Toasts) -> Self {
        Self {
            pages: Signal::new(Vec::new()),
            asking: Signal::new(None),
            reporting: Signal::new(None),
            focus: Signal::new(Default::default()),
            toasts,
        }
    }

    pub fn is_open(self) -> bool {
        !self.pages.read().is_empty()
    }

    /// How many pages lie on each other.
    pub fn depth(self) -> usize {
        self.pages.read().len()
    }

    /// Opens it with a page, or turns it to that page: back closes it.
    pub fn open(mut self, page: Page) {
        if self.pages.peek().is_empty() {
            self.focus.set(FocusMark::now());
        }
        self.pages.set(vec![page]);
        focus_back();
    }

    /// Opens it with a page, or closes it.
    pub fn toggle(self, page: Page) {
        if self.pages.peek().is_empty() { self.open(page) } else { self.close() }
    }

    /// Goes on to a page; back leads to this one.
    pub fn push(mut self, page: Page) {
        if self.pages.peek().is_empty() {
            return self.open(page);
        }
        self.pages.write().push(page);
        focus_back();
    }

    pub fn back(mut self) {
        if self.pages.peek().len() < 2 {
            return self.close();
        }
        self.pages.write().pop();
        focus_back();
    }

    pub fn close(mut self) {
        self.pages.set(Vec::new());
        self.focus.take().restore();
    }

    /// Asks before something is done that can't be taken back.
    pub fn ask(mut self, ask: Ask) {
        self.asking.set(Some(ask));
    }

    /// Opens the dialog that reports something to the admins of the instance.
    pub fn report(mut self, reported: Reported) {
        self.reporting.set(Some(reported));
    }

    pub fn say(self, toast: Toast) {
        self.toasts.show(toast);
    }

    /// Runs a call to its end whatever closes meanwhile, and says what went wrong.
    pub fn run(self, call: Call) {
        spawn_forever(async move {
            if let Err(error) = call.await {
                self.say(Toast::error(words::error(&error)));
            }
        });
    }

    /// The buttons for what is not there yet.
    pub fn calls_come_later(self) {
        self.say(Toast::new("Calls are coming soon").icon(icon::PHONE));
    }

    /// Another room is open, or none: the panel follows where there is room for both.
    fn follow(mut self, room_id: Option<RoomId>) {
        if self.pages.peek().is_empty() {
            return;
        }
        match room_id {
            Some(room_id) if !dom::is_compact() => self.pages.set(vec![Page::Room(room_id)]),
            _ => self.close(),
        }
    }
}

/// Once it is painted.
fn focus_back() {
    spawn_forever(async {
        dom::sleep(50).await;
        dom::focus(BACK);
    });
}

/// Provides the panel to everything below. It follows the room that is open.
pub fn use_provide_panel(toasts: Toasts, current: Signal<Option<RoomId>>) -> Panel {
    let panel = use_hook(|| try_consume_context::<Panel>().unwrap_or_else(|| provide_context(Panel::new(toasts))));
    let mut before = use_hook(|| CopyValue::new(*current.peek()));
    use_effect(move || {
        let room_id = current();
        if before.replace(room_id) != room_id {
            panel.follow(room_id);
        }
    });
    panel
}

pub fn use_panel() -> Panel {
    use_context()
}

/// The pane, its questions and its dialogs.
#[component]
pub fn SidePanel() -> Element {
    let panel = use_panel();
    let last = panel.pages.read().last().copied();
    rsx! {
        if let Some(page) = last {
            // New for each page: nothing of one leaks into the next.
            for page in [page] {
                Pane { key: "{page:?}", page }
            }
        }
        Asking {}
        Reporting {}
    }
}

#[component]
fn Pane(page: Page) -> Element {
    let live = use_live();
    let panel = use_panel();
    let is_deep = panel.pages.read().len() > 1;
    let peer = use_memo(move || {
        let state = live.state.read();
        let Page::Room(room_id) = page else { return None };
        state.rooms.get(&room_id).and_then(|room| room.summary.peer(state.me.person.id)).map(|peer| peer.id)
    });
    let tint = use_memo(move || {
        let state = live.state.read();
        let user_id = match page {
            Page::Me => return Some(Tint::of(&state.me.person)),
            Page::Person(user_id) => Some(user_id),
            _ => peer(),
        };
        match user_id {
            Some(user_id) => state.person(user_id).map(|person| Tint::of(person)),
            None => page.room_id().and_then(|id| state.rooms.get(&id)).map(|room| Tint::of_group(&room.summary.room)),
        }
    });
    let is_gone = use_memo(move || page.room_id().is_some_and(|id| !live.state.read().rooms.contains_key(&id)));
    use_effect(move || {
        if is_gone() {
            panel.close();
        }
    });
    if is_gone() {
        return rsx! {};
    }
    // On a phone it is all there is.
    let is_alone = dom::is_compact();
    let title = match page {
        Page::Room(_) if peer().is_none() => "Group",
        Page::Room(_) | Page::Person(_) => "Profile",
        Page::Members(_) => "Members",
        Page::Add(_) => "Add people",
        Page::Edit(_) => "Group settings",
        Page::Invites(_) => "Invite links",
        Page::Pins(_) => "Pinned messages",
        Page::Media(_) => "Photos, files and links",
        Page::Memory(_) => "Memory",
        Page::Me => "Your profile",
    };
    rsx! {
        // Not an aside: that can't be the main thing of a page.
        div {
            class: "pane-side",
            role: if is_alone { "main" } else { "complementary" },
            "aria-label": "Details",
            "data-testid": "panel",

            section { class: "sheet panel", "data-peer": tint().map(|_| ""), "data-hue": tint().and_then(Tint::hue), style: tint().and_then(Tint::style),
                header { class: "panel-bar",
                    button {
                        id: BACK,
                        class: "icon-btn",
                        r#type: "button",
                        "aria-label": if is_deep { "Back" } else { "Close details" },
                        onclick: move |_| panel.back(),
                        Icon { d: if is_deep { icon::CHEVRON_LEFT } else { icon::X } }
                    }
                    h2 { class: "text-sm font-semibold text-ink-muted", "aria-level": is_alone.then_some("1"), "{title}" }
                    if let Page::Room(room_id) = page {
                        mute::MuteButton { room_id }
                    } else {
                        span { class: "hit" }
                    }
                }
                div { class: "scroll flex-1 px-3 pb-4",
                    match page {
                        Page::Room(room_id) => match peer() {
                            Some(user_id) => rsx! {
                                PersonPage { user_id, room_id }
                            },
                            None => rsx! {
                                group::GroupPage { room_id }
                            },
                        },
                        Page::Members(room_id) => rsx! {
                            members::MembersPage { room_id }
                        },
                        Page::Add(room_id) => rsx! {
                            add::AddPage { room_id }
                        },
                        Page::Edit(room_id) => rsx! {
                            edit::EditPage { room_id }
                        },
                        Page::Invites(room_id) => rsx! {
                            invites::InvitesPage { room_id }
                        },
                        Page::Pins(room_id) => rsx! {
                            pins::PinsPage { room_id }
                        },
                        Page::Media(room_id) => rsx! {
                            media::MediaPane { room_id }
                        },
                        Page::Memory(room_id) => rsx! {
                            memory::MemoryPage { room_id }
                        },
                        Page::Person(user_id) => rsx! {
                            PersonPage { user_id }
                        },
                        Page::Me => rsx! {
                            EditMe {}
                        },
                    }
                }
            }
        }
    }
}
