//! Photos, files and links of a room: by kind and month, a page at a time.

use super::links::{self, LinkItem, LinkLine};
use super::{Load, LoadView, Page, use_load, use_panel};
use crate::client::state::State;
use crate::client::{Live, use_live};
use crate::error::Result;
use crate::id::RoomId;
use crate::model::{Attachment, AttachmentKind, MediaKind, MediaPage, Message, Seq, Variant, markup};
use crate::time::Timestamp;
use crate::ui::dom::{self, media};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::room::attachments::{DownloadButton, FileName, FileSize, Sound, Still, extension_tile, glyph, length};
use crate::ui::time::{Clock, use_clock};
use crate::ui::viewer::{Source, Viewer};
use crate::ui::words;
use dioxus::prelude::*;
use std::rc::Rc;

const TABS: [(MediaKind, &str); 4] = [
    (MediaKind::Photos, "Photos"),
    (MediaKind::Files, "Files"),
    (MediaKind::Links, "Links"),
    (MediaKind::Voice, "Voice"),
];
/// Pictures on the first page of the panel.
const FEW: usize = 4;
/// The next page is asked for this far before the end, in CSS pixels.
const AHEAD: u32 = 400;

async fn page(room_id: RoomId, kind: MediaKind, before: Option<Seq>) -> Result<MediaPage> {
    crate::api::files::media(room_id, kind, before).await
}

fn has(message: &Message, kind: MediaKind) -> bool {
    match kind {
        MediaKind::Links => markup::may_have_web_links(message.body.as_str()),
        _ => message.attachments.iter().any(|file| kind.kinds().contains(&file.kind)),
    }
}

/// The newest message of the stream with what is of this kind, and the last edit that may have brought a link: when one changes,
/// there is more to show.
fn newest(state: &State, room_id: RoomId, kind: MediaKind) -> Option<(Seq, Option<Timestamp>)> {
    let messages = &state.rooms.get(&room_id)?.timeline.messages;
    let mut with = messages.iter().rev().filter(|message| message.deleted.is_none() && has(message, kind));
    let newest = with.next()?;
    let edits = std::iter::once(newest).chain(with).filter(|_| kind == MediaKind::Links);
    Some((newest.seq, edits.filter_map(|message| message.edited_at).max()))
}

/// Whether a message is known to be gone since it was fetched.
fn is_gone(state: &State, message: &Message) -> bool {
    state.message(message.room_id, message.id).is_some_and(|held| held.deleted.is_some())
        || state.prefs(message.room_id).hides(message.seq)
        || message.seq <= state.floor(message.room_id)
}

/// A message as it is now, when the stream has it too: links come and go with edits, and previews come later.
fn current(state: &State, message: &Rc<Message>) -> Rc<Message> {
    let held = state.message(message.room_id, message.id).filter(|held| held.revision >= message.revision);
    held.unwrap_or_else(|| message.clone())
}

/// A file with its message.
#[derive(Clone, PartialEq, Debug)]
struct Item {
    file: Attachment,
    message: Rc<Message>,
}

impl Item {
    fn key(&self) -> String {
        format!("{}{}", self.message.id, self.file.id)
    }
}

/// The files of a kind that a message has.
fn files(message: &Rc<Message>, kind: MediaKind) -> Vec<Item> {
    let files = message.attachments.iter().filter(|file| kind.kinds().contains(&file.kind));
    files.map(|file| Item { file: file.clone(), message: message.clone() }).collect()
}

/// What messages have, under the month that they were sent in, newest first.
fn months<T>(
    messages: &[Rc<Message>],
    items_of: impl Fn(&Rc<Message>) -> Vec<T>,
    month: impl Fn(&Message) -> String,
) -> Vec<(String, Vec<T>)> {
    let mut months: Vec<(String, Vec<T>)> = Vec::new();
    for message in messages {
        let (items, name) = (items_of(message), month(message));
        match months.last_mut() {
            Some((last, of_month)) if *last == name => of_month.extend(items),
            _ if items.is_empty() => {}
            _ => months.push((name, items)),
        }
    }
    months
}

fn name_of(live: Live, message: &Message) -> String {
    let state = live.state.read();
    if state.me.person.id == message.author_id {
        return "You".to_owned();
    }
    state.person(message.author_id).map_or_else(|| "Someone".to_owned(), |person| person.display_name.clone())
}

/// The newest pictures, and the way to all that was sent.
#[component]
pub fn MediaSection(room_id: RoomId) -> Element {
    let live = use_live();
    let panel = use_panel();
    let viewer = use_hook(try_consume_context::<Viewer>);
    let clock = use_clock();
    let newest = use_memo(move || newest(&live.state.read(), room_id, MediaKind::Photos));
    let (load, _) = use_load(move || {
        newest.read();
        Box::pin(page(room_id, MediaKind::Photos, None))
    });
    let few = use_memo(move || {
        let load = load.read();
        let Load::Here(page) = &*load else { return Vec::new() };
        let state = live.state.read();
        let messages = page.messages.iter().filter(|message| !is_gone(&state, message));
        let items = messages.cloned().map(Rc::new).flat_map(|message| files(&message, MediaKind::Photos));
        items.take(FEW).collect::<Vec<_>>()
    });
    let all = move |_| panel.push(Page::Media(room_id));
    let open = use_callback(move |item: Item| {
        if let Some(viewer) = viewer {
            let mut messages: Vec<Message> = few.peek().iter().map(|item| (*item.message).clone()).collect();
            messages.dedup_by_key(|message| message.id);
            messages.reverse();
            viewer.open(Source::These(room_id, Rc::new(messages)), item.message.id, item.file.id);
        }
    });
    rsx! {
        div { class: "sect",
            button { class: "ln", r#type: "button", "data-testid": "media-all", onclick: all,
                Icon { d: icon::IMAGE }
                span { class: "flex-1", "Photos, files and links" }
                Icon { d: icon::CHEVRON_RIGHT, class: "i-sm" }
            }
            if !few.read().is_empty() {
                div { class: "media-few",
                    for item in few() {
                        Cell { key: "{item.key()}", name: name_of(live, &item.message), clock, on_open: open, item }
                    }
                }
            }
        }
    }
}

#[component]
pub(super) fn MediaPane(room_id: RoomId) -> Element {
    let mut kind = use_signal(|| MediaKind::Photos);
    let on_key = move |event: KeyboardEvent| {
        let step = match event.key() {
            Key::ArrowLeft => -1,
            Key::ArrowRight => 1,
            _ => return,
        };
        event.prevent_default();
        let at = TABS.iter().position(|(tab, _)| *tab == *kind.peek()).unwrap_or(0) as i32;
        kind.set(TABS[(at + step).rem_euclid(TABS.len() as i32) as usize].0);
        dom::move_focus(".media-tabs [role=tab]", step);
    };
    rsx! {
        div { class: "media-tabs", role: "tablist", "aria-label": "What to list", onkeydown: on_key,
            for (tab , name) in TABS {
                button {
                    key: "{name}",
                    class: "chip",
                    r#type: "button",
                    role: "tab",
                    id: "media-{name}",
                    "aria-controls": "media-list",
                    "aria-selected": if kind() == tab { "true" } else { "false" },
                    tabindex: if kind() == tab { "0" } else { "-1" },
                    onclick: move |_| kind.set(tab),
                    "{name}"
                }
            }
        }
        // New for each kind: nothing of one leaks into the next.
        for now in [kind()] {
            MediaList { key: "{now:?}", room_id, kind: now }
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
enum Phase {
    Idle,
    Busy,
    Failed(String),
}

/// What was fetched so far.
#[derive(Clone, Copy)]
struct Fetched {
    messages: Signal<Vec<Rc<Message>>>,
    /// The `before` of the next page.
    next: Signal<Option<Seq>>,
    phase: Signal<Phase>,
    has_answered: Signal<bool>,
    /// Rises with each question: an answer that comes late is known.
    asked: CopyValue<u32>,
}

impl Fetched {
    fn ask(mut self, room_id: RoomId, kind: MediaKind, before: Option<Seq>) {
        let number = *self.asked.peek() + 1;
        self.asked.set(number);
        self.phase.set(Phase::Busy);
        spawn(async move {
            let answer = page(room_id, kind, before).await;
            if *self.asked.peek() != number {
                return;
            }
            match answer {
                Ok(page) => {
                    let new = page.messages.into_iter().map(Rc::new);
                    let mut messages = self.messages.write();
                    if before.is_none() {
                        messages.clear();
                    }
                    messages.extend(new);
                    drop(messages);
                    self.next.set(page.next);
                    self.has_answered.set(true);
                    self.phase.set(Phase::Idle);
                }
                Err(error) => self.phase.set(Phase::Failed(words::error(&error))),
            }
        });
    }
}

#[component]
fn MediaList(room_id: RoomId, kind: MediaKind) -> Element {
    let live = use_live();
    let panel = use_panel();
    let clock = use_clock();
    let viewer = use_hook(try_consume_context::<Viewer>);
    let fetched = use_hook(|| Fetched {
        messages: Signal::new(Vec::new()),
        next: Signal::new(None),
        phase: Signal::new(Phase::Busy),
        has_answered: Signal::new(false),
        asked: CopyValue::new(0),
    });
    let newest = use_memo(move || newest(&live.state.read(), room_id, kind));
    use_effect(move || {
        newest.read();
        fetched.ask(room_id, kind, None);
    });
    let shown = use_memo(move || {
        let state = live.state.read();
        let messages = fetched.messages.read();
        let messages = messages.iter().filter(|message| !is_gone(&state, message));
        messages.map(|message| current(&state, message)).collect::<Vec<_>>()
    });
    let open = use_callback(move |item: Item| {
        if let Some(viewer) = viewer {
            let messages = shown.peek().iter().rev().map(|message| (**message).clone()).collect();
            viewer.open(Source::These(room_id, Rc::new(messages)), item.message.id, item.file.id);
        }
    });
    let go = use_callback(move |seq: Seq| {
        if dom::is_compact() {
            panel.close();
        }
        live.jump_to(room_id, seq);
    });
    let name = TABS.iter().find(|(tab, _)| *tab == kind).map_or("", |(_, name)| name);
    let month = |message: &Message| clock.month(message.created_at);
    let files = months(&shown.read(), |message| files(message, kind), month);
    let links: Vec<(String, Vec<LinkItem>)> = match kind {
        MediaKind::Links => months(&shown.read(), links::items, month),
        _ => Vec::new(),
    };
    let next = (fetched.next)();
    let phase = (fetched.phase)();
    let is_empty = files.is_empty() && links.is_empty();
    let answered = (fetched.has_answered)();
    // Alone on the screen the panel's title is the first heading of the page.
    let level = dom::is_compact().then_some("2");
    rsx! {
        div { id: "media-list", role: "tabpanel", "aria-labelledby": "media-{name}", "aria-busy": (phase == Phase::Busy).then_some("true"), "data-testid": "media-list",
            for (month , items) in links {
                section { key: "{month}", "aria-label": "{month}",
                    h3 { class: "media-month", "aria-level": level, "{month}" }
                    ul { class: "sect",
                        for item in items {
                            li { key: "{item.key()}",
                                LinkLine { name: name_of(live, item.message()), clock, on_go: go, item }
                            }
                        }
                    }
                }
            }
            for (month , items) in files {
                section { key: "{month}", "aria-label": "{month}",
                    h3 { class: "media-month", "aria-level": level, "{month}" }
                    if kind == MediaKind::Photos {
                        div { class: "media-grid",
                            for item in items {
                                Cell { key: "{item.key()}", name: name_of(live, &item.message), clock, on_open: open, item }
                            }
                        }
                    } else {
                        ul { class: "sect",
                            for item in items {
                                li { key: "{item.key()}",
                                    if kind == MediaKind::Voice {
                                        VoiceLine { name: name_of(live, &item.message), clock, on_go: go, item }
                                    } else {
                                        FileLine { name: name_of(live, &item.message), clock, on_go: go, item }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            match phase {
                Phase::Failed(ref failed) => rsx! {
                    LoadView { failed: failed.clone(), on_retry: move |()| fetched.ask(room_id, kind, next.filter(|_| answered)) }
                },
                Phase::Busy if is_empty => rsx! {
                    LoadView { on_retry: move |()| () }
                },
                Phase::Busy => rsx! {
                    p { class: "p-3 text-center text-sm text-ink-muted", role: "status", "Loading…" }
                },
                Phase::Idle => rsx! {
                    if let Some(next) = next {
                        // It comes into view, and the next page with it.
                        div {
                            key: "{next}",
                            class: "h-6",
                            onmounted: move |event: MountedEvent| async move {
                                media::near(&event, AHEAD).await;
                                fetched.ask(room_id, kind, Some(next));
                            },
                        }
                    } else if is_empty {
                        Nothing { kind }
                    }
                },
            }
        }
    }
}

#[component]
fn Nothing(kind: MediaKind) -> Element {
    let (title, text) = match kind {
        MediaKind::Photos => ("No photos yet", "Photos, GIFs and videos of this chat are found here."),
        MediaKind::Files => ("No files yet", "Documents and other files of this chat are found here."),
        MediaKind::Links => ("No links yet", "Links to the web that were written in this chat are found here."),
        MediaKind::Voice => ("No recordings yet", "Voice messages and sounds of this chat are found here."),
    };
    rsx! {
        div { class: "text-center px-4 py-10",
            p { class: "font-semibold", "{title}" }
            p { class: "text-sm text-ink-muted mt-1", "{text}" }
        }
    }
}

/// A square of a photo or a film.
#[component]
fn Cell(item: Item, name: String, clock: Clock, on_open: Callback<Item>) -> Element {
    let alt = words::alt(
        &item.file,
        &name,
        &format!("{}, {}", clock.day(item.message.created_at), clock.time(item.message.created_at)),
    );
    let opened = item.clone();
    let open = use_callback(move |()| on_open.call(opened.clone()));
    rsx! {
        span { class: "media-cell", "data-testid": "media-cell",
            if item.file.kind == AttachmentKind::Video {
                // Not even its first moment is worth the bytes here.
                button { class: "media-open", r#type: "button", "aria-label": "{alt}", "aria-haspopup": "dialog", onclick: move |_| open.call(()),
                    span { class: "media-mark", "aria-hidden": "true", Icon { d: icon::PLAY, class: "i-sm" } }
                }
                if let Some(ms) = item.file.duration_ms {
                    span { class: "media-length tnum", "aria-hidden": "true", {length(ms)} }
                }
            } else {
                Still { file: item.file.clone(), variant: Variant::Grid, alt, on_open: open, tab: "0" }
            }
        }
    }
}

/// A file: a press goes to where it was said.
#[component]
fn FileLine(item: Item, name: String, clock: Clock, on_go: Callback<Seq>) -> Element {
    let Item { file, message } = item;
    let seq = message.seq;
    rsx! {
        div { class: "media-row", "data-testid": "media-file",
            button { class: "ln", r#type: "button", onclick: move |_| on_go.call(seq),
                span { class: "tile", "aria-hidden": "true",
                    match extension_tile(&file.name) {
                        Some(tile) => rsx! { "{tile}" },
                        None => rsx! { Icon { d: glyph(file.kind) } },
                    }
                }
                span { class: "flex-1 min-w-0",
                    FileName { name: file.name.clone() }
                    span { class: "block truncate text-sm text-ink-muted",
                        FileSize { size: file.size }
                        ", {name}, {clock.short(message.created_at)}"
                    }
                }
            }
            DownloadButton { file, tab: "0", class: "icon-btn" }
        }
    }
}

#[component]
fn VoiceLine(item: Item, name: String, clock: Clock, on_go: Callback<Seq>) -> Element {
    let Item { file, message } = item;
    let seq = message.seq;
    let time = format!("{}, {}", clock.day(message.created_at), clock.time(message.created_at));
    rsx! {
        div { class: "p-2", "data-testid": "media-sound",
            Sound { id: "p-{message.id}-{file.id}", name: words::alt(&file, &name, &time), tab: "0", file }
            button { class: "media-said", r#type: "button", "aria-label": "{name}, {clock.short(message.created_at)}: go to the message", onclick: move |_| on_go.call(seq),
                "{name}, {clock.short(message.created_at)}"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::FileId;
    use crate::live::LiveEvent;
    use crate::ui::samples::{NOW, arrives, message, room, room_id, state};

    #[test]
    fn a_link_that_came_or_was_edited_in_is_news() {
        let mut state = state(vec![room(1, &[1])]);
        state.put_page(crate::model::Page::new(room_id(1), Vec::new(), false, false));
        let news = |state: &State| newest(state, room_id(1), MediaKind::Links);
        arrives(&mut state, message(1, 1, 1, "see https://example.org"));
        arrives(&mut state, message(1, 2, 1, "no link"));
        assert_eq!(news(&state), Some((1, None)));
        let edited = Message { edited_at: Some(NOW), revision: 2, ..message(1, 2, 1, "see https://example.com") };
        state.apply(LiveEvent::MessageChanged { message: edited.clone() }, NOW);
        assert_eq!(news(&state), Some((2, Some(NOW))));
        let fetched = Rc::new(message(1, 2, 1, "no link"));
        assert_eq!(current(&state, &fetched).body, edited.body);
        let newer = Rc::new(Message { revision: 3, ..message(1, 2, 1, "https://example.net") });
        assert_eq!(current(&state, &newer), newer, "what was fetched may be newer than what came");
        assert_eq!(newest(&state, room_id(1), MediaKind::Photos), None);
    }

    #[test]
    fn files_are_under_their_month_in_the_order_that_they_came() {
        use AttachmentKind::{File, Image};
        let with = |seq: Seq, kinds: &[AttachmentKind]| {
            let file = |kind: &AttachmentKind| Attachment::new(FileId::new(), *kind, "a", "b/c", 1);
            Rc::new(Message { attachments: kinds.iter().map(file).collect(), ..message(1, seq, 1, "") })
        };
        let messages = [with(9, &[Image, File, Image]), with(8, &[File]), with(7, &[Image]), with(2, &[Image])];
        let month = |message: &Message| if message.seq > 6 { "June".to_owned() } else { "May".to_owned() };
        let found = months(&messages, |message| files(message, MediaKind::Photos), month);
        let seqs: Vec<_> = found
            .iter()
            .map(|(name, items)| (name.as_str(), items.iter().map(|item| item.message.seq).collect::<Vec<_>>()))
            .collect();
        assert_eq!(seqs, [("June", vec![9, 9, 7]), ("May", vec![2])]);
        assert_eq!(months(&messages, |message| files(message, MediaKind::Voice), month), []);
    }
}
