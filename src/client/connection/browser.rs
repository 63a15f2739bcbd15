//! The browser's half: sockets, timers, IndexedDB, page events. One task per page runs [`run`].

mod files;

use super::{Core, Effect, Fetch, Input, Transport};
use crate::Error;
use crate::client::kept::{Keeper, Task};
use crate::client::platform::{self, Listener};
use crate::client::{State, Uploads, storage};
use crate::id::ConnectionId;
use crate::live::{ClientFrame, EVENTS_PATH, POST_PATH, SOCKET_PATH, ServerFrame};
use crate::time::Timestamp;
use dioxus::prelude::*;
use files::Files;
use futures_util::future::{Either, select};
use futures_util::stream::StreamExt;
use gloo_timers::future::TimeoutFuture;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use storage::Storage;
use wasm_bindgen::JsCast;
use web_sys::{CloseEvent, Event, EventSource, MessageEvent, WebSocket};

/// Frames of one post.
const POST_MAX: usize = 16;

/// What the disk of this device may take: some browsers' IndexedDB never answers at times, and no send may wait for that.
const DISK_MS: u32 = 3_000;

/// Runs the connection of a page until the page goes.
pub async fn run(
    mut state: Signal<State>,
    uploads: Uploads,
    inputs: Coroutine<Input>,
    mut queue: UnboundedReceiver<Input>,
) {
    let mut core = Core::default();
    let user_id = state.peek().me.person.id;
    let mut browser = Browser {
        inputs,
        link: None,
        generation: Rc::default(),
        storage: Rc::new(RefCell::new(None)),
        is_storage_ready: Rc::default(),
        user_id,
        files: Files::new(state, uploads, inputs),
        _listeners: listen(inputs),
    };
    let keeper = Rc::new(RefCell::new(Keeper::default()));
    browser.start_keeping(keeper.clone());
    loop {
        let wake = [core.next_wake(&state.peek()), keeper.borrow().next_wake()].into_iter().flatten().min();
        let mut batch = Vec::new();
        match wake {
            Some(at) => {
                let wait = at.0.saturating_sub(platform::now_ms()).clamp(0, 60_000);
                let timer = TimeoutFuture::new(u32::try_from(wait).unwrap_or(0));
                match select(queue.next(), timer).await {
                    Either::Left((Some(input), _)) => batch.push(input),
                    Either::Left((None, _)) => return,
                    Either::Right(_) => batch.push(Input::Tick),
                }
            }
            None => match queue.next().await {
                Some(input) => batch.push(input),
                None => return,
            },
        }
        // Everything that has piled up is folded in before anything is drawn.
        while let Ok(input) = queue.try_recv() {
            batch.push(input);
        }
        browser.files.take(&mut batch);
        if batch.is_empty() {
            continue;
        }
        let mut effects = Vec::new();
        let is_leaving = batch.contains(&Input::Leaving);
        if batch.iter().any(|input| *input != Input::Tick) {
            keeper.borrow_mut().touch(Timestamp::now());
        }
        {
            let mut state = state.write();
            for input in batch {
                let now = Timestamp::now();
                effects.extend(core.handle(&mut state, input, now, platform::random()));
            }
        }
        for effect in effects {
            browser.perform(effect);
        }
        browser.files.follow();
        let task = keeper.borrow_mut().task(&state.peek(), Timestamp::now(), is_leaving);
        if let Some(task) = task {
            browser.keep(task);
        }
    }
}

fn listen(inputs: Coroutine<Input>) -> Vec<Listener> {
    let mut listeners = Vec::new();
    if let Some(window) = platform::window() {
        listeners.push(Listener::new(&window, "online", move |_| inputs.send(Input::Online)));
        listeners.push(Listener::new(&window, "offline", move |_| inputs.send(Input::Offline)));
        listeners.push(Listener::new(&window, "pagehide", move |_| inputs.send(Input::Leaving)));
    }
    if let Some(document) = platform::document() {
        listeners.push(Listener::new(&document, "visibilitychange", move |_| {
            let on = platform::is_visible();
            if !on {
                inputs.send(Input::Leaving);
            }
            inputs.send(Input::Visible(on));
        }));
    }
    listeners
}

struct Browser {
    inputs: Coroutine<Input>,
    link: Option<Link>,
    /// Counts connections: what an old one still says is not heard.
    generation: Rc<Cell<u64>>,
    storage: Rc<RefCell<Option<Rc<Storage>>>>,
    is_storage_ready: Rc<Cell<bool>>,
    user_id: crate::id::UserId,
    files: Rc<Files>,
    _listeners: Vec<Listener>,
}

enum Link {
    Socket { socket: WebSocket, _listeners: Vec<Listener> },
    Events { source: EventSource, posts: Rc<Posts>, _listeners: Vec<Listener> },
}

/// What waits to be posted: one post at a time, so that order is kept.
#[derive(Default)]
struct Posts {
    connection_id: Cell<Option<ConnectionId>>,
    waiting: RefCell<VecDeque<ClientFrame>>,
    is_posting: Cell<bool>,
    is_closed: Cell<bool>,
}

impl Browser {
    fn perform(&mut self, effect: Effect) {
        let inputs = self.inputs;
        match effect {
            Effect::Open(transport) => self.open(transport),
            Effect::Close => self.close(),
            Effect::Send(frames) => self.send(frames),
            Effect::Refresh => {
                spawn(async move { inputs.send(Input::Refreshed(refresh().await)) });
            }
            Effect::Probe => {
                spawn(async move { inputs.send(Input::Probed(platform::get("/healthz").await.is_ok())) });
            }
            Effect::Fetch { room_id, fetch } => {
                let (before, after, around) = match fetch {
                    Fetch::Newest => (None, None, None),
                    Fetch::Before(seq) | Fetch::Above(seq) => (Some(seq), None, None),
                    Fetch::After(seq) | Fetch::Below(seq) => (None, Some(seq), None),
                    Fetch::Around(seq) => (None, None, Some(seq)),
                };
                let limit = after.map(|_| crate::model::limits::PAGE_MAX);
                spawn(async move {
                    let answer = crate::api::rooms::messages(room_id, before, after, around, limit);
                    let result = platform::within(platform::ANSWER_MS, answer).await.unwrap_or(Err(Error::Offline));
                    inputs.send(Input::Fetched { room_id, fetch, result });
                });
            }
            Effect::FetchPeople(asked) => {
                spawn(async move {
                    let answer = crate::api::people::people_by_ids(list(&asked));
                    let result = platform::within(platform::ANSWER_MS, answer).await.unwrap_or(Err(Error::Offline));
                    inputs.send(Input::People { asked, result });
                });
            }
            Effect::FetchQuoted { room_id, ids: asked } => {
                spawn(async move {
                    let answer = crate::api::rooms::quoted(room_id, list(&asked));
                    let result = platform::within(platform::ANSWER_MS, answer).await.unwrap_or(Err(Error::Offline));
                    inputs.send(Input::Quoted { room_id, asked, result });
                });
            }
            Effect::Reload => {
                spawn(async move {
                    let answer = crate::api::start::start(None);
                    let result = platform::within(platform::ANSWER_MS, answer).await.unwrap_or(Err(Error::Offline));
                    inputs.send(Input::Reloaded(result.map(Box::new)));
                });
            }
            Effect::Upload(upload) => self.files.begin(&upload, inputs),
            Effect::Withdraw(ids) => ids.into_iter().for_each(files::withdraw),
            Effect::Store(entry) => self.store(*entry),
            Effect::Forget(txn_id) => self.forget(txn_id),
            Effect::StoreDraft(room_id, draft) => self.with_storage(move |storage| async move {
                if let Some(storage) = storage {
                    storage.put_draft(room_id, &draft).await.ok();
                }
            }),
            Effect::Restore => self.restore(),
            Effect::LeaveSignedOut => platform::go_to("/login"),
            Effect::Wipe => {
                let held = self.storage.clone();
                let user_id = self.user_id;
                spawn(async move {
                    let open = held.borrow_mut().take().and_then(Rc::into_inner);
                    let storage = match open {
                        Some(storage) => Some(storage),
                        None => platform::within(DISK_MS, Storage::open(user_id)).await.and_then(Result::ok),
                    };
                    if let Some(storage) = storage {
                        platform::within(DISK_MS, storage.wipe()).await;
                    }
                    storage::unset_last_account();
                    storage::wipe_caches().await;
                    platform::submit_form("/auth/logout");
                });
            }
        }
    }

    /// What earlier visits kept is looked at once, so that what is written now can take its place.
    fn start_keeping(&self, keeper: Rc<RefCell<Keeper>>) {
        let (inputs, user_id) = (self.inputs, self.user_id);
        self.with_storage(move |storage| async move {
            platform::within(DISK_MS, storage::set_last_account(user_id)).await;
            if let Some(storage) = storage
                && let Some(Ok(records)) = platform::within(DISK_MS, storage.kept()).await
            {
                keeper.borrow_mut().start(&records);
                // It may have been waited for.
                inputs.send(Input::Tick);
            }
        });
    }

    fn keep(&self, task: Task) {
        self.with_storage(move |storage| async move {
            let Some(storage) = storage else { return };
            match task {
                Task::Keep(put, gone) => drop(storage.keep(&put, &gone).await),
                Task::Forget => {
                    storage.forget_kept().await.ok();
                    storage::unset_last_account();
                }
            }
        });
    }

    /// Calls with the open database, `None` if there is none to be had; the first call opens it.
    fn with_storage<F: Future<Output = ()> + 'static>(&self, f: impl FnOnce(Option<Rc<Storage>>) -> F + 'static) {
        let (held, is_ready, user_id) = (self.storage.clone(), self.is_storage_ready.clone(), self.user_id);
        spawn(async move {
            if !is_ready.get() {
                let opened = platform::within(DISK_MS, Storage::open(user_id)).await.and_then(Result::ok);
                // Another call may have been faster: one connection is enough.
                if !is_ready.replace(true) {
                    *held.borrow_mut() = opened.map(Rc::new);
                }
            }
            let storage = held.borrow().clone();
            f(storage).await;
        });
    }

    fn open(&mut self, transport: Transport) {
        self.close();
        let (inputs, current) = (self.inputs, self.generation.clone());
        let mine = current.get();
        let say = move |input: Input| {
            if current.get() == mine {
                inputs.send(input);
            }
        };
        self.link = match transport {
            Transport::Socket => open_socket(say),
            Transport::Events => open_events(say),
        };
        if self.link.is_none() {
            self.inputs.send(Input::Closed { code: 0 });
        }
    }

    fn close(&mut self) {
        self.generation.set(self.generation.get() + 1);
        match self.link.take() {
            Some(Link::Socket { socket, .. }) => drop(socket.close()),
            Some(Link::Events { source, posts, .. }) => {
                posts.is_closed.set(true);
                source.close();
            }
            None => {}
        }
    }

    fn send(&mut self, frames: Vec<ClientFrame>) {
        match &self.link {
            Some(Link::Socket { socket, .. }) => {
                for frame in frames {
                    if let Ok(text) = serde_json::to_string(&frame) {
                        // A socket that is closing says so itself.
                        socket.send_with_str(&text).ok();
                    }
                }
            }
            Some(Link::Events { posts, .. }) => {
                posts.waiting.borrow_mut().extend(frames);
                post(posts.clone(), self.inputs);
            }
            None => {}
        }
    }
}

fn list(ids: &[impl std::fmt::Display]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn frame_of(text: &str) -> Input {
    serde_json::from_str::<ServerFrame>(text).map_or(Input::Unreadable, |frame| Input::Frame(Box::new(frame)))
}

fn open_socket(say: impl Fn(Input) + Clone + 'static) -> Option<Link> {
    let location = platform::window()?.location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    let socket = WebSocket::new(&format!("{scheme}://{}{SOCKET_PATH}", location.host().ok()?)).ok()?;
    let (on_open, on_message, on_close) = (say.clone(), say.clone(), say);
    let listeners = vec![
        Listener::new(&socket, "open", move |_| on_open(Input::Opened)),
        Listener::new(&socket, "message", move |event| {
            if let Some(text) = text_of(&event) {
                on_message(frame_of(&text));
            }
        }),
        Listener::new(&socket, "close", move |event| {
            let code = event.dyn_ref::<CloseEvent>().map_or(0, CloseEvent::code);
            on_close(Input::Closed { code });
        }),
    ];
    Some(Link::Socket { socket, _listeners: listeners })
}

fn open_events(say: impl Fn(Input) + Clone + 'static) -> Option<Link> {
    let source = EventSource::new(EVENTS_PATH).ok()?;
    let posts = Rc::new(Posts::default());
    let (on_open, on_message, on_close, on_error) = (say.clone(), say.clone(), say.clone(), say);
    let (named, ended, failed) = (posts.clone(), source.clone(), source.clone());
    let listeners = vec![
        Listener::new(&source, "open", move |_| on_open(Input::Opened)),
        Listener::new(&source, "message", move |event| {
            let Some(text) = text_of(&event) else { return };
            let input = frame_of(&text);
            if let Input::Frame(frame) = &input
                && let ServerFrame::Welcome(info) = &**frame
            {
                named.connection_id.set(Some(info.connection_id));
            }
            on_message(input);
        }),
        Listener::new(&source, "close", move |event| {
            let code = text_of(&event).and_then(|code| code.parse().ok()).unwrap_or(0);
            ended.close();
            on_close(Input::Closed { code });
        }),
        Listener::new(&source, "error", move |_| {
            // Reconnecting is the machine's business, with its back-off.
            failed.close();
            on_error(Input::Closed { code: 0 });
        }),
    ];
    Some(Link::Events { source, posts, _listeners: listeners })
}

fn text_of(event: &Event) -> Option<String> {
    event.dyn_ref::<MessageEvent>()?.data().as_string()
}

fn post(posts: Rc<Posts>, inputs: Coroutine<Input>) {
    let Some(connection_id) = posts.connection_id.get() else { return };
    if posts.is_posting.replace(true) {
        return;
    }
    spawn(async move {
        loop {
            let frames: Vec<ClientFrame> = {
                let mut waiting = posts.waiting.borrow_mut();
                let count = waiting.len().min(POST_MAX);
                waiting.drain(..count).collect()
            };
            if frames.is_empty() || posts.is_closed.get() {
                break;
            }
            let body = serde_json::json!({ "connection_id": connection_id, "frames": frames }).to_string();
            if platform::post_json(POST_PATH, &body).await.is_err() && !posts.is_closed.get() {
                inputs.send(Input::Closed { code: 0 });
                break;
            }
        }
        posts.is_posting.set(false);
    });
}

async fn refresh() -> Result<(Timestamp, Timestamp), Error> {
    #[derive(serde::Deserialize)]
    struct Refreshed {
        access_until: Timestamp,
        now: Option<Timestamp>,
    }
    let text = platform::post_json("/auth/refresh", "{}").await?;
    let refreshed: Refreshed = serde_json::from_str(&text).map_err(|_| Error::Outdated)?;
    Ok((refreshed.access_until, refreshed.now.unwrap_or_else(Timestamp::now)))
}
