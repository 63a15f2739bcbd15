//! Notifications while a tab is open: one for each room, of what is not on the screen.

#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod browser;
mod news;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
mod nothing;
mod settings;

use crate::app::Route;
use crate::client::state::ConnectionState;
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::Seq;
use crate::time::Timestamp;
use crate::ui::dom::{self, PageEvent};
#[cfg(all(feature = "web", target_arch = "wasm32"))]
use browser::Desk;
use dioxus::prelude::*;
use futures_util::StreamExt;
use news::{News, Seen};
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
use nothing::Desk;
pub use settings::NotifySettings;

/// Notifications that one batch of news may bring; a long absence brings no avalanche.
const AT_ONCE: usize = 5;

/// What the browser allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Permission {
    Unsupported,
    Unasked,
    Granted,
    Denied,
}

impl Permission {
    pub fn code(self) -> &'static str {
        match self {
            Self::Unsupported => "unsupported",
            Self::Unasked => "unasked",
            Self::Granted => "granted",
            Self::Denied => "denied",
        }
    }
}

/// The settings of this device's notifications, and what the browser says of them.
#[derive(Clone, Copy, PartialEq)]
pub struct Notifier {
    settings: Signal<NotifySettings>,
    permission: Signal<Permission>,
    desk: CopyValue<Desk>,
}

impl Notifier {
    pub fn settings(self) -> NotifySettings {
        *self.settings.read()
    }

    pub fn permission(self) -> Permission {
        *self.permission.read()
    }

    pub fn set(mut self, settings: NotifySettings) {
        settings.keep();
        self.settings.set(settings);
    }

    /// Has the browser ask, which it does only for a press.
    pub fn ask(self) {
        spawn(async move {
            Desk::ask().await;
            self.refresh();
        });
    }

    /// The sound of a notification.
    pub fn chime(self) {
        self.desk.peek().chime();
    }

    /// Another tab or the browser's own settings may have changed something.
    fn refresh(mut self) {
        let (settings, permission) = (NotifySettings::load(), Desk::permission());
        if *self.settings.peek() != settings {
            self.settings.set(settings);
        }
        if *self.permission.peek() != permission {
            self.permission.set(permission);
        }
    }
}

/// Watches for news as long as the app's frame is there, and provides the [`Notifier`].
pub fn use_provide_notifier() -> Notifier {
    let live = use_live();
    let navigator = use_navigator();
    let clicks = use_coroutine(move |mut clicks: UnboundedReceiver<(RoomId, Seq)>| async move {
        while let Some((room_id, seq)) = clicks.next().await {
            navigator.push(Route::Room { room_id });
            // The room opens at its newest messages first.
            dom::sleep(0).await;
            live.jump_to(room_id, seq);
        }
    });
    let sender = clicks.tx();
    let on_click = move |room_id, seq| drop(sender.unbounded_send((room_id, seq)));
    let notifier = use_context_provider(|| Notifier {
        settings: Signal::new(NotifySettings::default()),
        permission: Signal::new(Permission::Unsupported),
        desk: CopyValue::new(Desk::new(on_click)),
    });
    use_effect(move || {
        notifier.refresh();
        notifier.desk.peek().claim();
    });
    dom::use_page_events(move |event| {
        if event == PageEvent::Seen {
            notifier.refresh();
            notifier.desk.peek().claim();
        }
    });
    let mut seen = use_hook(|| CopyValue::new(None::<Seen>));
    use_effect(move || {
        let state = live.state.read();
        let is_live = matches!(state.connection, ConnectionState::Online | ConnectionState::Slow) && !state.is_kept;
        if seen.peek().is_none() {
            // What came before this visit is no news.
            if is_live {
                seen.set(Some(Seen::all(&state)));
            }
            return;
        }
        let now = Timestamp::now();
        let on_screen = state.open_room.filter(|_| dom::is_watched());
        let news = seen.write().as_mut().map(|seen| seen.news(&state, on_screen, now)).unwrap_or_default();
        let desk = notifier.desk.peek();
        desk.tidy(|room_id, seq| {
            let last = state.rooms.get(&room_id).and_then(|room| room.summary.last.as_ref());
            let is_gone = last.is_none_or(|last| last.seq == seq && last.deleted.is_some());
            !is_gone && on_screen != Some(room_id) && seq > state.mark(room_id)
        });
        let settings = NotifySettings::load();
        let is_heard = settings.is_on && !settings.is_quiet(now) && Desk::permission() == Permission::Granted;
        if news.is_empty() || !is_heard || !desk.is_chosen() {
            return;
        }
        for item in news.iter().take(AT_ONCE) {
            desk.show(item, &body(item, settings.has_text));
        }
        if settings.has_sound {
            desk.chime();
        }
    });
    notifier
}

/// What stands below the title.
fn body(news: &News, has_text: bool) -> String {
    let text = if has_text { &*news.text } else { "New message" };
    match &news.author {
        Some(author) => format!("{author}: {text}"),
        None => text.to_owned(),
    }
}

/// The notifier provided above.
pub fn use_notifier() -> Notifier {
    use_context()
}
