use super::{News, Permission};
use crate::id::RoomId;
use crate::model::Seq;
use crate::ui::dom;
use js_sys::{Array, Function, Object, Promise, Reflect};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AudioContext, Event, MessageEvent, Notification, NotificationOptions, NotificationPermission,
    ServiceWorkerRegistration, Window,
};

/// The lock of the tab that notifies: the one that was looked at last.
const LOCK: &str = "lavender-notify";
const ICON: &str = "/icons/icon-192.png";
/// Notes of the sound: hertz, and seconds after its beginning.
const NOTES: [(f32, f64); 2] = [(784.0, 0.0), (1_046.5, 0.09)];
const NOTE_S: f64 = 0.28;

/// Opens a room at a message.
type Clicks = Rc<dyn Fn(RoomId, Seq)>;

/// Where this tab's notifications are.
pub struct Desk {
    clicks: Clicks,
    lead: Rc<Lead>,
    shown: RefCell<BTreeMap<RoomId, Shown>>,
    audio: RefCell<Option<AudioContext>>,
    /// Presses on notifications that the service worker had to show.
    _message: Closure<dyn FnMut(MessageEvent)>,
}

/// A notification, and what a press on it calls.
type Own = (Notification, Closure<dyn FnMut(Event)>);

struct Shown {
    seq: Seq,
    /// `None`: the service worker has it.
    own: Option<Own>,
}

/// Whether this tab is the one that notifies.
#[derive(Default)]
struct Lead {
    is_chosen: Cell<bool>,
    /// It waits for the tab that is chosen to go.
    is_waiting: Cell<bool>,
}

fn window() -> Option<Window> {
    web_sys::window()
}

/// A property that not every browser has.
fn find(of: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(of, &name.into()).ok().filter(|found| !found.is_undefined() && !found.is_null())
}

impl Desk {
    pub fn new(on_click: impl Fn(RoomId, Seq) + 'static) -> Self {
        let clicks: Clicks = Rc::new(on_click);
        let sender = clicks.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            let room_id = find(&data, "room").and_then(|room| room.as_string()?.parse().ok());
            let seq = find(&data, "seq").and_then(|seq| seq.as_f64());
            if let (Some(room_id), Some(seq)) = (room_id, seq) {
                sender(room_id, seq as Seq);
            }
        });
        if let Some(worker) = window().and_then(|window| find(&window.navigator(), "serviceWorker")) {
            let worker: web_sys::EventTarget = worker.unchecked_into();
            worker.add_event_listener_with_callback("message", message.as_ref().unchecked_ref()).ok();
        }
        Self { clicks, lead: Rc::default(), shown: RefCell::default(), audio: RefCell::default(), _message: message }
    }

    pub fn permission() -> Permission {
        let has = window().is_some_and(|window| window.is_secure_context() && find(&window, "Notification").is_some());
        if !has {
            return Permission::Unsupported;
        }
        match Notification::permission() {
            NotificationPermission::Granted => Permission::Granted,
            NotificationPermission::Denied => Permission::Denied,
            _ => Permission::Unasked,
        }
    }

    pub async fn ask() {
        if let Ok(asked) = Notification::request_permission() {
            JsFuture::from(asked).await.ok();
        }
    }

    pub fn is_chosen(&self) -> bool {
        self.lead.is_chosen.get()
    }

    /// This tab is looked at: from now on it is the one that notifies. One that isn't waits for its turn.
    pub fn claim(&self) {
        if !self.lead.is_chosen.get() {
            let lead = self.lead.clone();
            spawn_local(hold(lead, dom::is_watched()));
        }
    }

    /// Shows or replaces the notification of a room.
    pub fn show(&self, news: &News, body: &str) {
        let options = NotificationOptions::new();
        options.set_body(body);
        options.set_tag(&news.room_id.to_string());
        options.set_icon(ICON);
        options.set_renotify(true);
        // The sound is ours.
        options.set_silent(Some(true));
        let Ok(notification) = Notification::new_with_options(&news.title, &options) else {
            show_by_worker(news, options);
            self.shown.borrow_mut().insert(news.room_id, Shown { seq: news.seq, own: None });
            return;
        };
        let (clicks, room_id, seq) = (self.clicks.clone(), news.room_id, news.seq);
        let own = notification.clone();
        let click = Closure::<dyn FnMut(Event)>::new(move |_| {
            if let Some(window) = window() {
                window.focus().ok();
            }
            clicks(room_id, seq);
            own.close();
        });
        notification.set_onclick(Some(click.as_ref().unchecked_ref()));
        self.shown.borrow_mut().insert(room_id, Shown { seq, own: Some((notification, click)) });
    }

    /// Takes away what is no news any more.
    pub fn tidy(&self, is_news: impl Fn(RoomId, Seq) -> bool) {
        self.shown.borrow_mut().retain(|room_id, shown| {
            let stays = is_news(*room_id, shown.seq);
            match &shown.own {
                _ if stays => {}
                Some((notification, _)) => notification.close(),
                None => spawn_local(close_by_worker(*room_id)),
            }
            stays
        });
    }

    /// Two soft notes, if the page was used: before that browsers let nothing sound.
    pub fn chime(&self) {
        let activation = window().and_then(|window| find(&window.navigator(), "userActivation"));
        if activation.is_some_and(|activation| find(&activation, "hasBeenActive") == Some(JsValue::FALSE)) {
            return;
        }
        let mut audio = self.audio.borrow_mut();
        if audio.is_none() {
            *audio = AudioContext::new().ok();
        }
        if let Some(audio) = &*audio {
            play(audio).ok();
        }
    }
}

fn play(audio: &AudioContext) -> Result<(), JsValue> {
    drop(audio.resume()?);
    let begin = audio.current_time() + 0.02;
    for (hertz, after) in NOTES {
        let (note, volume) = (audio.create_oscillator()?, audio.create_gain()?);
        let at = begin + after;
        note.frequency().set_value(hertz);
        volume.gain().set_value_at_time(0.0, at)?;
        volume.gain().linear_ramp_to_value_at_time(0.12, at + 0.015)?;
        volume.gain().exponential_ramp_to_value_at_time(0.000_1, at + NOTE_S)?;
        note.connect_with_audio_node(&volume)?.connect_with_audio_node(&audio.destination())?;
        note.start_with_when(at)?;
        note.stop_with_when(at + NOTE_S)?;
    }
    Ok(())
}

/// The service worker, where it runs.
async fn worker() -> Option<ServiceWorkerRegistration> {
    let navigator = window()?.navigator();
    find(&navigator, "serviceWorker")?;
    let ready = navigator.service_worker().ready().ok()?;
    Some(JsFuture::from(ready).await.ok()?.unchecked_into())
}

/// Phones let only the service worker show something; it answers a press with a message to the page.
fn show_by_worker(news: &News, options: NotificationOptions) {
    let (title, room_id, seq) = (news.title.clone(), news.room_id, news.seq);
    spawn_local(async move {
        let Some(worker) = worker().await else { return };
        let data = Object::new();
        Reflect::set(&data, &"room".into(), &room_id.to_string().into()).ok();
        Reflect::set(&data, &"seq".into(), &JsValue::from_f64(seq as f64)).ok();
        options.set_data(&data);
        if let Ok(shown) = worker.show_notification_with_options(&title, &options) {
            JsFuture::from(shown).await.ok();
        }
    });
}

/// Takes away what the service worker shows of a room.
async fn close_by_worker(room_id: RoomId) {
    let Some(worker) = worker().await else { return };
    let Some(list) = find(&worker, "getNotifications").and_then(|list| list.dyn_into::<Function>().ok()) else {
        return;
    };
    let filter = Object::new();
    Reflect::set(&filter, &"tag".into(), &room_id.to_string().into()).ok();
    let Some(found) = list.call1(&worker, &filter).ok().and_then(|found| found.dyn_into::<Promise>().ok()) else {
        return;
    };
    if let Ok(found) = JsFuture::from(found).await {
        for notification in Array::from(&found) {
            notification.unchecked_into::<Notification>().close();
        }
    }
}

/// Holds the lock until another tab takes it (`is_taking`: from who has it now), then waits for it to be free again.
async fn hold(lead: Rc<Lead>, is_taking: bool) {
    let mut is_taking = is_taking;
    loop {
        if !is_taking && lead.is_waiting.replace(true) {
            return;
        }
        let Some(request) = request(&lead, is_taking) else {
            // Without locks every tab notifies; the same tag shows one of them.
            lead.is_chosen.set(true);
            return;
        };
        // Ends only when it is taken away.
        JsFuture::from(request).await.ok();
        lead.is_chosen.set(false);
        is_taking = false;
    }
}

fn request(lead: &Rc<Lead>, is_taking: bool) -> Option<Promise> {
    let locks = find(&window()?.navigator(), "locks")?;
    let request: Function = find(&locks, "request")?.dyn_into().ok()?;
    let options = Object::new();
    if is_taking {
        Reflect::set(&options, &"steal".into(), &JsValue::TRUE).ok();
    }
    let lead = lead.clone();
    let granted = Closure::once_into_js(move |_: JsValue| {
        lead.is_chosen.set(true);
        if !is_taking {
            lead.is_waiting.set(false);
        }
        // Until the tab goes.
        Promise::new(&mut |_, _| {})
    });
    request.call3(&locks, &LOCK.into(), &options, &granted).ok()?.dyn_into().ok()
}
