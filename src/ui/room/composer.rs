//! Where a message is written.

use super::Visit;
use super::attach::{AttachButton, Problems, Recorder, Tray, use_bring};
use super::complete::{self, Picks, use_completion};
use super::format;
use super::game::{GamesButton, typed};
use super::gif::{self, GifButton};
use super::suggest::{SuggestionRow, use_suggestions};
use crate::client::use_live;
use crate::model::Person;
use crate::model::limits::MESSAGE_MAX_CHARS;
use crate::ui::dom;
use crate::ui::emoji::EmojiButton;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

/// The id of the text area.
pub const ID: &str = "composer";
/// The count of what is left shows from here on.
const NEAR_MAX: usize = MESSAGE_MAX_CHARS - 500;

/// `people` can be mentioned here, and everyone at once when `can_call_all`.
#[component]
pub fn Composer(title: String, people: Vec<Person>, can_call_all: bool) -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let room_id = visit.room_id;
    let mut text = use_signal(String::new);
    let mut problem = use_signal(|| None::<String>);
    let is_restored = use_memo(move || live.state.read().is_restored);

    let mut early = use_hook(|| CopyValue::new(dom::early_value(ID)));
    // What was typed before the page came alive, or in an earlier visit. Never over what is there.
    use_effect(move || {
        is_restored.read();
        if text.peek().is_empty() {
            let typed = early.write().take();
            if let Some(typed) = &typed {
                live.set_draft(room_id, typed);
            }
            let typed = typed.or_else(|| dom::value(ID)).filter(|typed| !typed.is_empty());
            let kept = typed.unwrap_or_else(|| live.draft(room_id));
            if !kept.is_empty() {
                text.set(kept);
            }
        }
    });
    let rewritten = visit.rewritten;
    use_effect(move || {
        if rewritten() > 0 {
            text.set(live.draft(room_id));
        }
    });
    use_effect(move || {
        text.read();
        dom::fit_height(ID);
    });

    let players = use_memo(use_reactive(&people, |people| people));
    let attach = use_bring(ID);
    let has_files = use_memo(move || !live.state.read().tray(room_id).is_empty());
    let is_editing = use_memo(move || live.state.read().rooms.get(&room_id).is_some_and(|room| room.editing.is_some()));
    // It is there, out of sight, while messages are chosen: what is being spoken goes on.
    let is_choosing =
        use_memo(move || live.state.read().rooms.get(&room_id).is_some_and(|room| !room.selected.is_empty()));
    let mut sent = visit.sent;
    let mut is_recording = use_signal(|| false);
    // Once the field is there to be written in: what is hidden takes no focus. On a phone a keyboard would come with it.
    use_effect(move || {
        let is_hidden = is_recording() || is_choosing();
        if !is_hidden && !dom::is_touch() {
            dom::focus(ID);
        }
    });
    // That no files can be added while a message is changed is over with the change.
    use_effect(move || {
        if !is_editing() {
            attach.forget_problems();
        }
    });
    let send = use_callback(move |()| {
        let body = text.peek().clone();
        if body.trim().is_empty() && (*is_editing.peek() || !*has_files.peek()) {
            return;
        }
        if *is_editing.peek() {
            match live.finish_edit(room_id, &body) {
                Ok(()) => {
                    problem.set(None);
                    text.set(live.draft(room_id));
                }
                Err(error) => problem.set(Some(words::error(&error))),
            }
            return;
        }
        let is_bare = !*has_files.peek();
        let game = || {
            let game = typed(&body, &players.peek())?;
            Some(game.and_then(|extra| live.send_extra(room_id, extra, None).map_err(|error| words::error(&error))))
        };
        let gif = || {
            let gif = gif::typed(&body)?;
            Some(gif.and_then(|gif| live.send_gif(room_id, gif.name).map_err(|error| words::error(&error))))
        };
        if let Some(begun) = is_bare.then(|| game().or_else(gif)).flatten() {
            match begun {
                Ok(_) => {
                    text.set(String::new());
                    live.set_draft(room_id, "");
                    problem.set(None);
                    sent += 1;
                }
                Err(wrong) => problem.set(Some(wrong)),
            }
            return;
        }
        match live.send_text(room_id, &body) {
            Ok(_) => {
                text.set(String::new());
                live.set_draft(room_id, "");
                problem.set(None);
                attach.forget_problems();
                sent += 1;
            }
            Err(error) => problem.set(Some(words::error(&error))),
        }
    });
    let suggestions = use_suggestions(text);
    let send_suggestion = use_callback(move |answer: String| {
        // A second click of a double one finds that it was sent.
        if !suggestions.holds(&answer) {
            return;
        }
        match live.send_text(room_id, &answer) {
            Ok(_) => {
                problem.set(None);
                sent += 1;
            }
            Err(error) => problem.set(Some(words::error(&error))),
        }
        if !dom::is_touch() {
            dom::focus(ID);
        }
    });
    let write_suggestion = use_callback(move |answer: String| {
        if suggestions.holds(&answer) {
            live.set_draft(room_id, &answer);
            text.set(answer);
            dom::focus(ID);
        }
    });
    let completion = use_completion(ID, people, can_call_all);
    let on_key = move |event: KeyboardEvent| {
        if event.is_composing() || completion.on_key(&event) {
            return;
        }
        if let Some(answer) = suggestions.of_key(&event) {
            event.prevent_default();
            send_suggestion(answer);
            return;
        }
        if let Some(marker) = format::marker(&event) {
            event.prevent_default();
            if let Some((from, to)) = dom::selection(ID) {
                dom::edit(ID, format::wrap(&text.peek(), from, to, marker));
            }
            return;
        }
        let is_plain = !event.modifiers().intersects(Modifiers::SHIFT | Modifiers::ALT);
        if event.key() == Key::ArrowUp && is_plain && text.peek().is_empty() {
            if let Some(last) = live.start_edit_last(room_id) {
                event.prevent_default();
                text.set(last);
            }
            return;
        }
        if event.key() == Key::Enter && is_plain && !dom::is_touch() {
            event.prevent_default();
            send(());
        }
    };
    let chars = text.read().chars().count();
    let is_captioned = has_files() && !is_editing();
    let is_empty = text.read().trim().is_empty() && !is_captioned;
    let is_over = chars > MESSAGE_MAX_CHARS;
    rsx! {
        if let Some(problem) = problem().filter(|_| !is_choosing()) {
            p { class: "hint px-4 pb-2", "data-error": "", role: "alert",
                Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                span { "{problem}" }
            }
        }
        if !is_choosing() {
            Problems {}
            if !is_editing() {
                Tray { field: ID }
            }
        }
        // No form: sent by a browser before the page is alive, it would lose the text.
        if is_recording() {
            Recorder {
                room_id,
                on_end: move |is_sent: bool| {
                    is_recording.set(false);
                    if is_sent {
                        sent += 1;
                    }
                },
            }
        }
        if !is_recording() {
            SuggestionRow { suggestions, on_send: send_suggestion, on_write: write_suggestion }
        }
        div {
            class: "composer",
            hidden: is_recording() || is_choosing(),
            "data-looking": if suggestions.is_looking() { "" },
            Picks { completion }
            if !is_editing() {
                AttachButton {}
            }
            textarea {
                id: ID,
                class: "in",
                rows: "1",
                "aria-label": "Message",
                placeholder: if is_captioned { "Add a caption" } else { "Message {title}" },
                autocomplete: "off",
                dir: "auto",
                enterkeyhint: "enter",
                "aria-invalid": is_over.then_some("true"),
                "aria-autocomplete": "list",
                "aria-controls": completion.is_open().then_some(complete::LIST),
                "aria-activedescendant": completion.active_id(),
                value: "{text}",
                oninput: move |event| {
                    let typed = event.value();
                    live.set_draft(room_id, &typed);
                    completion.refresh(&typed);
                    text.set(typed);
                    if problem.peek().is_some() {
                        problem.set(None);
                    }
                },
                onkeydown: on_key,
                // The caret moves without typing too.
                onkeyup: move |_| completion.refresh(&text.peek()),
                onclick: move |_| completion.refresh(&text.peek()),
                onblur: move |_| completion.close(),
            }
            if chars > NEAR_MAX {
                span { class: "composer-count", "data-over": is_over.then_some(""), role: "status",
                    "{chars} of {MESSAGE_MAX_CHARS}"
                }
            }
            EmojiButton { area: ID }
            if !is_editing() {
                GifButton { is_writing: !is_empty }
            }
            if is_empty && !is_editing() {
                GamesButton {}
                button {
                    class: "icon-btn composer-tool",
                    r#type: "button",
                    "aria-label": "Record a voice message",
                    title: "Record a voice message",
                    onclick: move |_| is_recording.set(true),
                    Icon { d: icon::MIC }
                }
            }
            button {
                class: "send",
                r#type: "button",
                "aria-label": "Send",
                "aria-disabled": (is_empty || is_over).then_some("true"),
                // The field keeps the focus, and a phone its keyboard.
                onmousedown: move |event| event.prevent_default(),
                onclick: move |_| send(()),
                Icon { d: icon::ARROW_UP }
            }
        }
    }
}
