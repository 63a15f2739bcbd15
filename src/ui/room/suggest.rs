//! Short answers over the composer: one press sends one. See `client/chips` for what they are.

use super::hold::use_hold;
use super::{Visit, composer};
use crate::client::chips::{MOST, Packs};
use crate::client::state::Asked;
use crate::client::{Live, notes, use_live};
use crate::id::RoomId;
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::{Toast, use_toasts};
use crate::ui::time::use_clock;
use dioxus::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

/// Nothing is suggested before it has been quiet for so long: who reads along is not pushed about.
const QUIET_MS: u32 = 400;
/// Where the switch and the chats without suggestions are noted.
const OFF: &str = "suggest-off";
const ROOMS: &str = "suggest-not";
/// Chats of which it is remembered that they have none; the ones dismissed last.
const ROOMS_MAX: usize = 500;

thread_local! {
    static PACKS: RefCell<Option<Rc<Packs>>> = const { RefCell::new(None) };
}

/// What is known of languages; the first one to ask fetches it. `None`: it did not come.
async fn packs() -> Option<Rc<Packs>> {
    if let Some(packs) = PACKS.with(|packs| packs.borrow().clone()) {
        return Some(packs);
    }
    let path = asset!("/assets/replies.txt").to_string();
    let packs = Rc::new(Packs::parse(&dom::read_file(&path).await?)?);
    PACKS.with(|kept| kept.replace(Some(packs.clone())));
    Some(packs)
}

/// What fits, in a function of its own: no start needs it.
async fn look(live: Live, room_id: RoomId, wanted: &Asked) -> Option<Vec<String>> {
    let packs = packs().await?;
    Some(live.state.peek().suggestions(room_id, wanted, &packs))
}

/// What this device was told about suggestions. Read when they are first needed, which no start waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Wishes {
    is_on: bool,
    without: Vec<RoomId>,
}

/// Whether answers are suggested on this device, and where not.
#[derive(Clone, Copy, PartialEq)]
pub struct Suggesting(Signal<Option<Wishes>>);

pub fn use_provide_suggesting() -> Suggesting {
    use_context_provider(|| Suggesting(Signal::new(None)))
}

pub fn use_suggesting() -> Suggesting {
    use_context()
}

impl Suggesting {
    /// Looks once what is noted. Not while something renders.
    pub fn load(mut self) {
        if self.0.peek().is_none() {
            let without = notes::read(ROOMS).unwrap_or_default();
            let without = without.split_whitespace().filter_map(|id| id.parse().ok()).collect();
            self.0.set(Some(Wishes { is_on: notes::read(OFF).is_none_or(|text| text.is_empty()), without }));
        }
    }

    pub fn is_on(self) -> bool {
        self.0.read().as_ref().is_none_or(|wishes| wishes.is_on)
    }

    fn is_on_in(self, room_id: RoomId) -> bool {
        self.0.read().as_ref().is_none_or(|wishes| wishes.is_on && !wishes.without.contains(&room_id))
    }

    /// Turned on, they are there everywhere again: there is no other way back to a chat where they were dismissed.
    pub fn set(mut self, is_on: bool) {
        notes::write(OFF, if is_on { "" } else { "off" });
        notes::write(ROOMS, "");
        self.0.set(Some(Wishes { is_on, without: Vec::new() }));
    }

    fn set_in(mut self, room_id: RoomId, is_on: bool) {
        self.load();
        if let Some(wishes) = self.0.write().as_mut() {
            wishes.without.retain(|id| *id != room_id);
            if !is_on {
                wishes.without.push(room_id);
                let excess = wishes.without.len().saturating_sub(ROOMS_MAX);
                wishes.without.drain(..excess);
            }
            notes::write(ROOMS, &wishes.without.iter().map(RoomId::to_string).collect::<Vec<_>>().join(" "));
        }
    }
}

/// What is suggested in the open room.
#[derive(Clone, Copy, PartialEq)]
pub struct Suggestions {
    live: Live,
    room_id: RoomId,
    suggesting: Suggesting,
    /// What may be answered now.
    asked: Memo<Option<Asked>>,
    /// The answers, and to what.
    found: Signal<Option<(Asked, Vec<String>)>>,
}

/// `text`: what the composer holds.
pub fn use_suggestions(text: Signal<String>) -> Suggestions {
    let live = use_live();
    let room_id = use_context::<Visit>().room_id;
    let suggesting = use_suggesting();
    let clock = use_clock();
    let asked = use_memo(use_reactive(&clock.now, move |now| {
        if text.read().is_empty() { live.state.read().asked(room_id, now) } else { None }
    }));
    let mut found = use_signal(|| None::<(Asked, Vec<String>)>);
    // A timer of an earlier message does nothing.
    let mut turn = use_hook(|| CopyValue::new(0_u32));
    use_effect(move || {
        let wanted = asked();
        turn += 1;
        let mine = *turn.peek();
        let is_known = found.peek().as_ref().map(|(of, _)| of) == wanted.as_ref();
        let Some(wanted) = wanted.filter(|_| !is_known) else { return };
        spawn(async move {
            dom::sleep(QUIET_MS).await;
            if *turn.peek() != mine {
                return;
            }
            suggesting.load();
            let answers = look(live, room_id, &wanted).await;
            if let Some(answers) = answers.filter(|_| *turn.peek() == mine) {
                found.set(Some((wanted, answers)));
            }
        });
    });
    Suggestions { live, room_id, suggesting, asked, found }
}

impl Suggestions {
    /// What is to be seen; a subscription. The moment something else is asked, or something is written, that is nothing.
    fn shown(self) -> Vec<String> {
        let (found, asked) = (self.found.read(), self.asked.read());
        match &*found {
            Some((of, answers)) if asked.as_ref() == Some(of) && self.suggesting.is_on_in(self.room_id) => {
                answers.clone()
            }
            _ => Vec::new(),
        }
    }

    /// Whether something may be answered and it is not known yet with what. A subscription.
    pub fn is_looking(self) -> bool {
        let (found, asked) = (self.found.read(), self.asked.read());
        asked.is_some() && found.as_ref().map(|(of, _)| of) != asked.as_ref()
    }

    /// Whether an answer still fits: what is drawn may be a moment old.
    pub fn holds(self, answer: &str) -> bool {
        let found = self.found.peek();
        let Some((of, answers)) = &*found else { return false };
        let now = of.at();
        let asked = self.live.state.peek().asked(self.room_id, now);
        answers.iter().any(|held| held == answer) && asked.as_ref() == Some(of)
    }

    /// The answer that Alt with its number sends. By the place of the key: with Alt a Mac writes other signs.
    pub fn of_key(self, event: &KeyboardEvent) -> Option<String> {
        if event.modifiers() != Modifiers::ALT {
            return None;
        }
        let at = [Code::Digit1, Code::Digit2, Code::Digit3].iter().position(|code| *code == event.code())?;
        self.shown().get(at).cloned()
    }
}

fn id_of(at: usize) -> String {
    format!("suggestion-{at}")
}

#[component]
pub fn SuggestionRow(suggestions: Suggestions, on_send: Callback<String>, on_write: Callback<String>) -> Element {
    let answers = suggestions.shown();
    if answers.is_empty() {
        return rsx! {};
    }
    rsx! {
        // With other answers its stop is the first one again.
        for key in [answers.join("\n")] {
            Row { key: "{key}", suggestions, answers: answers.clone(), on_send, on_write }
        }
    }
}

#[component]
fn Row(
    suggestions: Suggestions,
    answers: Vec<String>,
    on_send: Callback<String>,
    on_write: Callback<String>,
) -> Element {
    let toasts = use_toasts();
    // One stop for the keyboard; arrows go on from there.
    let mut stop = use_signal(|| 0_usize);
    let last = answers.len().min(MOST);
    let Suggestions { room_id, suggesting, .. } = suggestions;
    let dismiss = move |_: MouseEvent| {
        suggesting.set_in(room_id, false);
        let undo = move || suggesting.set_in(room_id, true);
        toasts.show(Toast::new("No more suggestions in this chat").action("Undo", undo));
        if !dom::is_touch() {
            dom::focus(composer::ID);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if let Some(answer) = suggestions.of_key(&event) {
            event.prevent_default();
            on_send(answer);
            return;
        }
        let at = *stop.peek();
        let next = match event.key() {
            _ if !event.modifiers().is_empty() => return,
            Key::ArrowRight => (at + 1) % (last + 1),
            Key::ArrowLeft => (at + last) % (last + 1),
            Key::Home => 0,
            Key::End => last,
            Key::ArrowDown => {
                event.prevent_default();
                dom::focus(composer::ID);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        stop.set(next);
        dom::focus(&id_of(next));
    };
    let stop = stop();
    rsx! {
        div {
            class: "suggest",
            role: "group",
            "aria-label": "Suggested replies",
            "data-testid": "suggestions",
            onkeydown: on_key,
            for (at , answer) in answers.into_iter().take(MOST).enumerate() {
                Answer { key: "{at}", at, answer, is_stop: at == stop, on_send, on_write }
            }
            button {
                id: id_of(last),
                class: "s",
                "data-close": "",
                r#type: "button",
                tabindex: if stop == last { "0" } else { "-1" },
                "aria-label": "No suggestions in this chat",
                title: "No suggestions in this chat",
                onmousedown: move |event| event.prevent_default(),
                onclick: dismiss,
                Icon { d: icon::X, class: "i-sm" }
            }
        }
    }
}

/// A press sends it; a long one, or one with Alt, has it written to be changed.
#[component]
fn Answer(at: usize, answer: String, is_stop: bool, on_send: Callback<String>, on_write: Callback<String>) -> Element {
    let hold = use_hold();
    let number = at + 1;
    rsx! {
        button {
            id: id_of(at),
            class: "s",
            r#type: "button",
            dir: "auto",
            tabindex: if is_stop { "0" } else { "-1" },
            "aria-keyshortcuts": "Alt+{number}",
            // The field keeps the focus, and a phone its keyboard.
            onmousedown: move |event| event.prevent_default(),
            onpointerdown: {
                let answer = answer.clone();
                move |event: PointerEvent| {
                    let answer = answer.clone();
                    hold.begin(&event, move |_| on_write(answer));
                }
            },
            onpointermove: move |event: PointerEvent| hold.moved(&event),
            onpointerup: move |_| hold.end(),
            onpointercancel: move |_| hold.end(),
            ontouchend: move |event: TouchEvent| hold.lifted(&event),
            oncontextmenu: move |event: MouseEvent| event.prevent_default(),
            onclick: {
                let answer = answer.clone();
                move |event: MouseEvent| {
                    if hold.has_held() {
                        return;
                    }
                    let call = if event.modifiers().contains(Modifiers::ALT) { on_write } else { on_send };
                    call(answer.clone());
                }
            },
            "{answer}"
        }
    }
}
