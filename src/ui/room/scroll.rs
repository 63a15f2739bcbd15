//! The one writer of the stream's scroll position.
//!
//! The stream is laid out from its end, so at the end it stays there by itself. Anywhere else the first row in view keeps
//! its place: it is remembered at every scroll, and put back after every change of the document. The browser's own
//! anchoring is off: two writers make jumps.

use super::Visit;
use super::window::{Extent, Window};
use crate::client::Live;
use crate::model::Seq;
use crate::ui::dom;
use dioxus::prelude::*;

/// The id of the scrolled element.
pub const ID: &str = "messages";
/// This near to the end is at the end, in pixels.
const NEAR_END: f64 = 50.0;
/// The jump button shows when the newest message is farther than this below.
const FAR: f64 = 200.0;
/// Rows come when less than this many heights are left.
const AHEAD: f64 = 1.5;
/// Where a message that was jumped to stands, below the upper edge.
const REVEALED_AT: f64 = 72.0;
/// How long a message is on a watched screen until it counts as read.
const READ_AFTER_MS: u32 = 100;
/// The rows around a message are drawn after this many looks, or never: it is hidden, and so is all that follows.
const PATIENCE: u8 = 3;
/// From one look to the next when nothing changes meanwhile.
const LOOK_AGAIN_MS: u32 = 50;
/// As long as `lv-flash` takes.
const FLASH_MS: u32 = 1_700;

/// What is remembered between two changes. Nothing renders from it.
#[derive(Clone, PartialEq, Debug)]
struct Memory {
    is_opened: bool,
    is_at_end: bool,
    anchor: Option<(String, f64)>,
    reveal: Option<Reveal>,
    is_reading: bool,
}

/// A message on its way into view.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Reveal {
    seq: Seq,
    /// Looks that it may still take until it has a row.
    patience: u8,
}

/// Moves the stream of one visit.
#[derive(Clone, Copy)]
pub struct Scroller {
    live: Live,
    visit: Visit,
    window: Signal<Window>,
    /// Whether the end is out of sight.
    is_away: Signal<bool>,
    memory: CopyValue<Memory>,
}

impl PartialEq for Scroller {
    fn eq(&self, other: &Self) -> bool {
        self.window == other.window
    }
}

pub fn use_scroller(live: Live, visit: Visit) -> Scroller {
    use_hook(|| Scroller {
        live,
        visit,
        window: Signal::new(Window::default()),
        is_away: Signal::new(false),
        memory: CopyValue::new(Memory {
            is_opened: false,
            is_at_end: true,
            anchor: None,
            reveal: None,
            is_reading: false,
        }),
    })
}

impl Scroller {
    /// The rows to draw; a subscription.
    pub fn window(self) -> Window {
        *self.window.read()
    }

    pub fn is_away(self) -> bool {
        *self.is_away.read()
    }

    fn extent(self) -> Extent {
        Extent::of(&self.live.state.peek(), self.visit.room_id)
    }

    fn move_window(mut self, to: Window) -> bool {
        let changed = *self.window.peek() != to;
        if changed {
            self.window.set(to);
        }
        changed
    }

    /// Someone scrolled, or the browser did.
    pub fn scrolled(mut self) {
        if !self.memory.peek().is_opened {
            return;
        }
        let Some(scroll) = dom::scroll(ID) else { return };
        let window = *self.window.peek();
        let extent = self.extent();
        // The end of what is around a message that was jumped to is not the end.
        let is_last = window.is_at_end(extent) && !self.has_newer();
        let is_at_end = scroll.from_end < NEAR_END && is_last;
        {
            let mut memory = self.memory.write();
            memory.is_at_end = is_at_end;
            memory.anchor = if is_at_end { None } else { dom::first_in_view(ID) };
        }
        let is_away = scroll.from_end > FAR || !is_last;
        if *self.is_away.peek() != is_away {
            self.is_away.set(is_away);
        }
        if is_at_end {
            self.move_window(Window::default());
        } else if !self.fill(scroll) {
            self.move_window(window.pinned(extent));
        }
        self.read_soon();
    }

    /// Brings rows near before they are reached. Whether it changed what is drawn.
    fn fill(self, scroll: dom::Scroll) -> bool {
        let window = *self.window.peek();
        let extent = self.extent();
        let ahead = scroll.height * AHEAD;
        if scroll.to_start < ahead {
            if window.range(extent).start > 0 {
                return self.move_window(window.older(extent));
            }
            let room_id = self.visit.room_id;
            let may_load =
                self.live.state.peek().shown(room_id).is_some_and(|shown| {
                    shown.is_loaded && shown.has_older && !shown.is_loading_older && !shown.failed
                });
            if may_load {
                self.live.load_older(room_id);
            }
        }
        if scroll.from_end < ahead && window.is_at_end(extent) {
            let room_id = self.visit.room_id;
            let may_load = self
                .live
                .state
                .peek()
                .shown(room_id)
                .is_some_and(|shown| shown.has_newer && !shown.is_loading_newer && !shown.failed);
            if may_load {
                self.live.load_newer(room_id);
            }
        }
        scroll.from_end < ahead && !window.is_at_end(extent) && self.move_window(window.newer(extent))
    }

    /// The document changed: everything goes back to its place.
    pub fn settle(mut self) {
        let Some(scroll) = dom::scroll(ID) else { return };
        let memory = self.memory.peek().clone();
        if !memory.is_opened {
            if !self.has_rows() {
                return;
            }
            self.memory.write().is_opened = true;
            if let Some(reveal) = memory.reveal {
                return self.go_on_revealing(reveal);
            }
            // A visit begins at the first unread message.
            if let Some(offset) = dom::offset_of(ID, "[data-testid=unread-divider]") {
                dom::scroll_by(ID, (offset - REVEALED_AT).min(0.0));
            }
            return self.scrolled();
        }
        if let Some(reveal) = memory.reveal {
            return self.go_on_revealing(reveal);
        }
        if memory.is_at_end {
            if scroll.from_end > 0.0 {
                dom::scroll_to_end(ID);
            }
        } else if let Some((key, before)) = &memory.anchor
            && let Some(now) = dom::offset_of(ID, &format!("[data-key='{key}']"))
            && (now - before).abs() >= 0.5
        {
            dom::scroll_by(ID, now - before);
        }
        self.scrolled();
    }

    fn has_newer(self) -> bool {
        self.live.state.peek().shown(self.visit.room_id).is_some_and(|shown| shown.has_newer)
    }

    fn has_rows(self) -> bool {
        self.live.state.peek().shown(self.visit.room_id).is_some_and(|shown| shown.is_shown)
    }

    /// To the newest message.
    pub fn to_end(mut self) {
        {
            let mut memory = self.memory.write();
            memory.is_at_end = true;
            memory.anchor = None;
            memory.reveal = None;
        }
        self.live.back_to_newest(self.visit.room_id);
        self.move_window(Window::default());
        dom::scroll_to_end(ID);
        self.is_away.set(false);
        self.read_soon();
    }

    /// To a message, loading what lies between if need be.
    pub fn reveal(mut self, seq: Seq) {
        let reveal = Reveal { seq, patience: PATIENCE };
        {
            let has_rows = self.has_rows();
            let mut memory = self.memory.write();
            memory.reveal = Some(reveal);
            // A visit that leads to a message begins there, not at the first unread one.
            memory.is_opened |= has_rows;
        }
        self.go_on_revealing(reveal);
    }

    fn go_on_revealing(mut self, Reveal { seq, patience }: Reveal) {
        let extent = self.extent();
        let room_id = self.visit.room_id;
        if self.live.state.peek().rooms.get(&room_id).is_some_and(|room| room.jump.is_some()) {
            // What is around it is on its way.
            return;
        }
        if extent.first.is_some_and(|first| first > seq) {
            let (has_older, has_failed) = {
                let state = self.live.state.peek();
                state.shown(room_id).map_or((false, true), |shown| (shown.has_older, shown.failed))
            };
            if has_older && !has_failed {
                // Goes on when they are here.
                self.live.load_older(room_id);
                return;
            }
        }
        // A hidden one has no row: then the next one has to do, if it is not the first one only because what stands
        // before it was loaded a moment ago and is not drawn yet.
        let found = dom::row_from(ID, seq);
        let is_drawn = self.window.peek().reaches(seq, extent)
            && (patience == 0 || dom::row_from(ID, 0).is_some_and(|(first, _)| first < seq));
        let Some((found, offset)) = found.filter(|(found, _)| *found == seq || is_drawn) else {
            if !self.move_window(Window::around(seq, extent)) {
                self.look_again(Reveal { seq, patience });
            }
            return;
        };
        self.flash(found);
        {
            let mut memory = self.memory.write();
            memory.reveal = None;
            memory.is_at_end = false;
        }
        dom::scroll_by(ID, offset - REVEALED_AT);
        self.scrolled();
    }

    /// The window may have moved a moment ago: then its rows are drawn with the next change, or already were.
    fn look_again(mut self, Reveal { seq, patience }: Reveal) {
        let next = patience.checked_sub(1).map(|patience| Reveal { seq, patience });
        self.memory.write().reveal = next;
        let Some(next) = next else { return };
        spawn(async move {
            dom::sleep(LOOK_AGAIN_MS).await;
            // Unless a change came first.
            if self.memory.peek().reveal == Some(next) {
                self.go_on_revealing(next);
            }
        });
    }

    /// Lights a message up for as long as the animation takes.
    fn flash(self, seq: Seq) {
        let mut flash = self.visit.flash;
        flash.set(Some(seq));
        spawn(async move {
            dom::sleep(FLASH_MS).await;
            if *flash.peek() == Some(seq) {
                flash.set(None);
            }
        });
    }

    /// Counts what is in view as read, if it still is in a moment and someone looks.
    pub fn read_soon(mut self) {
        if self.memory.peek().is_reading || !dom::is_watched() {
            return;
        }
        self.memory.write().is_reading = true;
        spawn(async move {
            dom::sleep(READ_AFTER_MS).await;
            self.memory.write().is_reading = false;
            if dom::is_watched()
                && let Some(seq) = dom::last_seq_in_view(ID)
            {
                self.live.mark_read(self.visit.room_id, seq);
            }
        });
    }
}
