//! The rows: only those in sight and a few around them are in the document, however many chats there are.

use super::menu::{MenuPage, OpenMenu, RoomMenu};
use super::row::RowFace;
use crate::app::Route;
use crate::id::RoomId;
use crate::ui::dom;
use crate::ui::dom::layer::Anchor;
use crate::ui::kit::icon::{ELLIPSIS, Icon};
use dioxus::prelude::*;
use std::rc::Rc;

/// Rows that are drawn at least: more than a screen holds before its height is known.
const DRAWN: usize = 40;
/// Rows drawn above and below what is in sight, and by how many the drawn part moves at a time.
const AROUND: usize = 10;
const STEP: usize = 8;
/// A finger that rests this long opens the menu, unless it moved by so many pixels.
const HOLD_MS: u32 = 400;
const HOLD_PX: f64 = 10.0;

/// The id of a row in the document.
fn row_id(room_id: RoomId) -> String {
    format!("room-{room_id}")
}

/// The part of the list that is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Window {
    first: usize,
    len: usize,
}

impl Window {
    /// For a list that is scrolled to `top`, of which `height` pixels are in sight; a row has `row` pixels.
    fn at(top: f64, height: f64, row: f64) -> Self {
        let row = row.max(1.0);
        let first = ((top.max(0.0) / row) as usize).saturating_sub(AROUND) / STEP * STEP;
        let seen = (height / row).ceil() as usize;
        Self { first, len: (seen + 2 * AROUND + STEP).max(DRAWN) }
    }

    /// The places that are drawn of `count`, among them `stop`, which has the focus or would get it.
    fn places(self, count: usize, stop: usize) -> Vec<usize> {
        let first = self.first.min(count.saturating_sub(self.len));
        let end = (first + self.len).min(count);
        let mut places: Vec<usize> = (first..end).collect();
        if stop < first {
            places.insert(0, stop);
        } else if stop >= end && stop < count {
            places.push(stop);
        }
        places
    }
}

/// A finger on a row.
#[derive(Clone, Copy, Default)]
struct Hold {
    /// Counts touches; another number: that touch is over.
    touch: u32,
    x: f64,
    y: f64,
    /// The menu opened: letting go is no press on the row.
    has_opened: bool,
}

/// The rows, with `children` above them.
#[component]
pub fn Rows(rooms: Memo<Rc<Vec<RoomId>>>, current: Signal<Option<RoomId>>, children: Element) -> Element {
    let navigator = use_navigator();
    let mut window = use_signal(|| Window { first: 0, len: DRAWN });
    // The row that Tab stops at, and the one to be given the focus once it is drawn.
    let mut stop = use_signal(|| None::<RoomId>);
    let mut wanted = use_signal(|| None::<RoomId>);
    let mut menu = use_signal(|| None::<OpenMenu>);
    let mut hold = use_hook(|| CopyValue::new(Hold::default()));
    use_effect(move || {
        if let Some(room_id) = wanted() {
            dom::focus(&row_id(room_id));
            wanted.set(None);
        }
    });
    let all = rooms.read().clone();
    let count = all.len();
    let place_of = |room_id: Option<RoomId>| all.iter().position(|id| Some(*id) == room_id);
    let at = place_of(stop()).or_else(|| place_of(current())).unwrap_or(0);
    let drawn: Vec<(usize, RoomId)> =
        window().places(count, at).into_iter().filter_map(|place| Some((place, *all.get(place)?))).collect();
    let on_scroll = move |event: ScrollEvent| {
        if count > DRAWN {
            let row = f64::from(event.scroll_height()) / count as f64;
            let next = Window::at(event.scroll_top(), f64::from(event.client_height()), row);
            if *window.peek() != next {
                window.set(next);
            }
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if !event.modifiers().is_empty() || count == 0 {
            return;
        }
        let next = match event.key() {
            Key::ArrowDown => (at + 1).min(count - 1),
            Key::ArrowUp => at.saturating_sub(1),
            Key::Home => 0,
            Key::End => count - 1,
            _ => return,
        };
        event.prevent_default();
        let next = rooms.peek().get(next).copied();
        stop.set(next);
        wanted.set(next);
    };
    let mut open = move |room_id: RoomId, anchor: Anchor| {
        if menu.peek().is_none() {
            stop.set(Some(room_id));
            menu.set(Some(OpenMenu { room_id, anchor, page: MenuPage::Main }));
        }
    };
    let mut let_go = move || hold.write().touch += 1;
    rsx! {
        div { class: "rows scroll", onscroll: on_scroll,
            {children}
            ul { class: "rooms", style: "--n:{count}", "data-testid": "rooms", onkeydown: on_key,
                for (place , room_id) in drawn {
                    li {
                        key: "{room_id}",
                        class: "room",
                        style: "--i:{place}",
                        "aria-posinset": "{place + 1}",
                        "aria-setsize": "{count}",
                        onfocusin: move |_| {
                            if *stop.peek() != Some(room_id) {
                                stop.set(Some(room_id));
                            }
                        },
                        oncontextmenu: move |event| {
                            event.prevent_default();
                            let point = event.client_coordinates();
                            // A key has no place.
                            let is_key = point.x == 0.0 && point.y == 0.0;
                            open(room_id, if is_key { Anchor::Id(row_id(room_id)) } else { Anchor::Point(point.x, point.y) });
                        },
                        onpointerdown: move |event| {
                            let point = event.client_coordinates();
                            let touch = hold.peek().touch + 1;
                            hold.set(Hold { touch, x: point.x, y: point.y, has_opened: false });
                            if event.pointer_type() == "touch" {
                                spawn(async move {
                                    dom::sleep(HOLD_MS).await;
                                    if hold.peek().touch == touch {
                                        hold.write().has_opened = true;
                                        open(room_id, Anchor::Point(point.x, point.y));
                                    }
                                });
                            }
                        },
                        onpointermove: move |event| {
                            let (point, from) = (event.client_coordinates(), *hold.peek());
                            if (point.x - from.x).hypot(point.y - from.y) > HOLD_PX {
                                let_go();
                            }
                        },
                        onpointerup: move |_| let_go(),
                        onpointercancel: move |_| let_go(),
                        Link {
                            id: row_id(room_id),
                            class: "row",
                            to: Route::Room { room_id },
                            tabindex: if place == at { "0" } else { "-1" },
                            "data-testid": "room",
                            onclick_only: true,
                            onclick: move |_| {
                                if hold.peek().has_opened {
                                    hold.write().has_opened = false;
                                } else {
                                    navigator.push(Route::Room { room_id });
                                }
                            },
                            RowFace { room_id, is_current: current() == Some(room_id) }
                        }
                        button {
                            id: "{row_id(room_id)}-more",
                            class: "icon-btn row-more",
                            r#type: "button",
                            tabindex: if place == at { "0" } else { "-1" },
                            title: "More",
                            "aria-label": "More",
                            "aria-describedby": row_id(room_id),
                            "aria-haspopup": "menu",
                            onclick: move |_| open(room_id, Anchor::Id(format!("{}-more", row_id(room_id)))),
                            Icon { d: ELLIPSIS, class: "i-sm" }
                        }
                    }
                }
            }
        }
        RoomMenu { open: menu }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_draws_what_is_in_sight() {
        let at = |top| Window::at(top, 700.0, 70.0);
        assert_eq!(at(0.0), Window { first: 0, len: DRAWN });
        for top in [0.0, 69.0, 700.0, 5_000.0, 34_999.0, 69_300.0] {
            let places = at(top).places(1_000, 0);
            let seen = (top / 70.0) as usize;
            assert!((seen..(seen + 11).min(1_000)).all(|place| places.contains(&place)), "{top}");
            assert!(places.len() <= DRAWN + 1 && places.is_sorted(), "{top}");
        }
    }

    #[test]
    fn what_has_the_focus_stays() {
        let window = Window { first: 400, len: 40 };
        assert_eq!(window.places(1_000, 3)[..2], [3, 400]);
        assert_eq!(window.places(1_000, 999).last(), Some(&999));
        assert_eq!(window.places(1_000, 410).len(), 40);
    }

    #[test]
    fn a_list_that_became_short_is_drawn_whole() {
        let window = Window { first: 400, len: 40 };
        assert_eq!(window.places(3, 0), [0, 1, 2]);
        assert_eq!(window.places(0, 0), [0_usize; 0]);
    }
}
