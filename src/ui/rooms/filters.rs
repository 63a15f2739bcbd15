//! Which chats the list shows.

use crate::client::state::{ListFilter, State};
use crate::client::use_live;
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

const TABS: [(ListFilter, &str, &str); 4] = [
    (ListFilter::All, "tab-all", "All"),
    (ListFilter::Unread, "tab-unread", "Unread"),
    (ListFilter::Groups, "tab-groups", "Groups"),
    (ListFilter::Bots, "tab-ai", "AI"),
];

/// What the list hangs on for screen readers.
pub const PANEL: &str = "rooms-panel";

/// The id of a filter's tab.
pub fn tab_id(filter: ListFilter) -> Option<&'static str> {
    TABS.iter().find(|(tab, ..)| *tab == filter).map(|(_, id, _)| *id)
}

/// Unread messages in the list, also of muted chats.
fn unread(state: &State) -> u32 {
    let listed = state.rooms.keys().filter(|id| !state.prefs(**id).archived);
    listed.map(|id| state.tally(*id).count).fold(0, u32::saturating_add)
}

/// The filters, or the way back from the archive.
#[component]
pub fn Filters(filter: Signal<ListFilter>) -> Element {
    let mut filter = filter;
    let live = use_live();
    let unread = use_memo(move || unread(&live.state.read()));
    if filter() == ListFilter::Archived {
        return rsx! {
            div { class: "flex items-center gap-1 px-1 pb-1.5",
                button { class: "icon-btn", r#type: "button", "aria-label": "Back to all chats", onclick: move |_| filter.set(ListFilter::All),
                    Icon { d: icon::CHEVRON_LEFT }
                }
                h2 { class: "font-semibold", "Archived" }
            }
        };
    }
    let on_key = move |event: KeyboardEvent| {
        let step = match event.key() {
            Key::ArrowRight => 1,
            Key::ArrowLeft => TABS.len() - 1,
            _ => return,
        };
        event.prevent_default();
        let at = TABS.iter().position(|(tab, ..)| *tab == *filter.peek()).unwrap_or(0);
        let (next, id, _) = TABS[(at + step) % TABS.len()];
        filter.set(next);
        dom::focus(id);
    };
    rsx! {
        div { class: "filters", role: "tablist", "aria-label": "Filter chats", onkeydown: on_key,
            for (tab , id , label) in TABS {
                button {
                    key: "{id}",
                    id,
                    class: "chip",
                    r#type: "button",
                    role: "tab",
                    "aria-selected": if filter() == tab { "true" } else { "false" },
                    "aria-controls": PANEL,
                    tabindex: if filter() == tab { "0" } else { "-1" },
                    onclick: move |_| filter.set(tab),
                    "{label}"
                    if tab == ListFilter::Unread && unread() > 0 {
                        span { class: "text-ink-subtle",
                            if unread() > 999 {
                                "999+"
                            } else {
                                "{unread}"
                            }
                        }
                    }
                }
            }
        }
    }
}

/// In place of an empty list.
#[component]
pub fn Nothing(filter: ListFilter) -> Element {
    let (title, text) = match filter {
        ListFilter::All => ("No chats yet", "Find people by name and send them a request."),
        ListFilter::Unread => ("You're all caught up", "New messages show up here."),
        ListFilter::Groups => ("No groups yet", "Groups that you make or join show up here."),
        ListFilter::Bots => ("No AI here yet", "Chats with an AI in them show up here."),
        ListFilter::Archived => ("Nothing is archived", "Chats that you archive wait here, out of the way."),
    };
    rsx! {
        div { class: "grid justify-items-center text-center px-6 py-10 text-ink-muted",
            p { class: "font-semibold text-ink", "{title}" }
            p { class: "text-sm mt-1", "{text}" }
        }
    }
}
