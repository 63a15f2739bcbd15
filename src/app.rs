//! `App`: the routes, the first loader, and what is provided to everything below.

use crate::Error;
use crate::api;
use crate::client::kept::{self, Kept};
use crate::client::{State, use_provide_live};
use crate::id::RoomId;
use crate::model::{Bootstrap, FormState, Seq, Start};
use crate::ui::admin::Admin;
use crate::ui::auth::{Confirm, Forgot, Login, Register, Reset};
use crate::ui::invite::InvitePage as Invite;
use crate::ui::people::{NewGroup, People as New};
use crate::ui::requests::Requests;
use crate::ui::room::RoomPage as Room;
use crate::ui::settings::{Settings, SettingsNews, SettingsPart};
use crate::ui::shell::{Broken, Home, Offline, Shell, Splash};
use crate::ui::{NotFound, dom, time};
use dioxus::prelude::*;
use serde::{Deserialize, Serialize};

/// Addresses.
#[derive(Routable, Clone, PartialEq, Debug)]
#[rustfmt::skip]
pub enum Route {
    #[layout(Shell)]
        #[route("/")]
        Home {},
        #[route("/r/:room_id")]
        Room { room_id: RoomId },
        #[route("/requests")]
        Requests {},
        #[route("/new")]
        New {},
        #[route("/new/group")]
        NewGroup {},
        #[route("/invite/:code")]
        Invite { code: String },
        #[route("/admin")]
        Admin {},
        #[route("/settings")]
        Settings {},
        #[route("/settings/:part")]
        SettingsPart { part: String },
        #[route("/settings/:part/:news")]
        SettingsNews { part: String, news: String },
    #[end_layout]
    #[route("/login?:next")]
    Login { next: String },
    #[route("/register?:next")]
    Register { next: String },
    #[route("/reset?:token")]
    Reset { token: String },
    #[route("/forgot?:sent")]
    Forgot { sent: String },
    #[route("/confirm?:token")]
    Confirm { token: String },
    #[route("/:..segments")]
    NotFound { segments: Vec<String> },
}

/// What the first loader brings, on its way from the server's render to the browser's: as JSON. Dioxus would encode it as
/// CBOR, and a second decoder for all of the model weighs more than a tenth of the page's code.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct First(String);

impl First {
    fn pack(first: &Result<Start, Error>) -> Self {
        Self(serde_json::to_string(first).unwrap_or_default())
    }

    fn unpack(&self) -> Result<Start, Error> {
        serde_json::from_str(&self.0).unwrap_or(Err(Error::Outdated))
    }
}

/// The room of the address, if it names one.
fn room_of_address() -> Option<RoomId> {
    let path = dioxus::history::history().current_route();
    match path.parse::<Route>() {
        Ok(Route::Room { room_id }) => Some(room_id),
        _ => None,
    }
}

/// The message that the first address named (`/r/…?at=7`), until its room takes it. The router keeps no such part.
#[derive(Clone, Copy)]
pub struct Permalink(pub CopyValue<Option<(RoomId, Seq)>>);

fn use_provide_permalink() {
    use_context_provider(|| {
        let seq = dom::query("at").and_then(|seq| seq.parse().ok());
        Permalink(CopyValue::new(room_of_address().zip(seq)))
    });
}

/// The style sheet, under a name that changes with it.
pub static STYLES: Asset = asset!("/assets/tailwind.css");

/// The root component.
#[component]
pub fn App() -> Element {
    let room_id = use_hook(room_of_address);
    let first = use_server_future(move || async move { First::pack(&api::start::start(room_id).await) })?;
    use_effect(dom::register_service_worker);
    // Once: nothing of it changes afterwards.
    let first = use_memo(move || first.read().as_ref().map(First::unpack));
    let Some(first) = first() else { return rsx! {} };
    rsx! {
        document::Stylesheet { href: STYLES }
        Screen { first }
    }
}

/// What is painted for an answer of the first loader.
#[component]
pub fn Screen(first: Result<Start, Error>) -> Element {
    rsx! {
        match first {
            Ok(Start::SignedIn(bootstrap)) => rsx! {
                SignedIn { bootstrap }
            },
            Ok(Start::SignedOut(form)) => rsx! {
                SignedOut { form }
            },
            Ok(Start::Shell) => rsx! {
                WithoutServer {}
            },
            Err(error) => rsx! {
                Broken { error }
            },
        }
    }
}

#[component]
fn SignedIn(bootstrap: Bootstrap) -> Element {
    let now = bootstrap.now;
    use_provide_permalink();
    use_provide_live(|| State::from_bootstrap(bootstrap));
    time::use_provide_clock(now);
    rsx! {
        Router::<Route> {}
    }
}

/// A start from the kept shell: with what this device kept of the account that was here last, if there is anything.
#[component]
fn WithoutServer() -> Element {
    let mut found = use_signal(|| None::<Option<Kept>>);
    use_effect(move || {
        spawn(async move {
            let kept = kept::load().await;
            if kept.is_some()
                && !matches!(
                    dom::path().parse(),
                    Ok(Route::Home {} | Route::Room { .. } | Route::Requests {} | Route::New {})
                )
            {
                // The forms, and the shell's own address.
                dioxus::history::history().replace("/".to_owned());
            }
            found.set(Some(kept));
        });
    });
    match found() {
        None => rsx! {
            Splash {}
        },
        Some(None) => rsx! {
            Offline {}
        },
        Some(Some(kept)) => rsx! {
            Restored { kept }
        },
    }
}

#[component]
fn Restored(kept: Kept) -> Element {
    let now = kept.bootstrap.now;
    use_provide_permalink();
    use_provide_live(|| State::from_kept(kept));
    time::use_provide_clock(now);
    rsx! {
        Router::<Route> {}
    }
}

#[component]
fn SignedOut(form: FormState) -> Element {
    use_context_provider(|| form);
    use_effect(kept::forget);
    rsx! {
        Router::<Route> {}
    }
}
