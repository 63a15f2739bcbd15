//! Answers to requests. Each disables its buttons while it is on its way, and says what went wrong.

use crate::api;
use crate::app::Route;
use crate::client::Live;
use crate::error::Result;
use crate::id::{RequestId, UserId};
use crate::ui::words;
use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use dioxus::router::Navigator;

/// Runs a call, then takes up what changed. `done` gets its answer. It goes on when its card goes: the event that says that
/// a request is answered may be here before the answer itself.
fn run<T: 'static>(
    live: Live,
    mut busy: Signal<bool>,
    mut failed: Signal<Option<String>>,
    call: impl Future<Output = Result<T>> + 'static,
    done: impl FnOnce(T) + 'static,
) {
    if *busy.peek() {
        return;
    }
    busy.set(true);
    failed.set(None);
    spawn_forever(async move {
        match call.await {
            Ok(answer) => {
                live.resync();
                done(answer);
            }
            Err(error) => {
                if let Ok(mut failed) = failed.try_write() {
                    *failed = Some(words::error(&error));
                }
            }
        }
        if let Ok(mut busy) = busy.try_write() {
            *busy = false;
        }
    });
}

pub fn accept(
    mut live: Live,
    id: RequestId,
    busy: Signal<bool>,
    failed: Signal<Option<String>>,
    navigator: Navigator,
) {
    run(live, busy, failed, api::requests::accept_request(id), move |room| {
        navigator.push(Route::Room { room_id: room.room.id });
        live.state.write().requests.remove(&id);
    });
}

pub fn decline(mut live: Live, id: RequestId, busy: Signal<bool>, failed: Signal<Option<String>>) {
    run(live, busy, failed, api::requests::decline_request(id), move |()| {
        live.state.write().requests.remove(&id);
    });
}

pub fn cancel(mut live: Live, id: RequestId, busy: Signal<bool>, failed: Signal<Option<String>>) {
    run(live, busy, failed, api::requests::cancel_request(id), move |()| {
        live.state.write().requests.remove(&id);
    });
}

pub fn block(mut live: Live, user_id: UserId, busy: Signal<bool>, failed: Signal<Option<String>>) {
    run(live, busy, failed, api::people::set_block(user_id, true), move |()| {
        live.state.write().requests.retain(|_, request| request.from.id != user_id);
    });
}

pub fn unblock(live: Live, user_id: UserId, busy: Signal<bool>, failed: Signal<Option<String>>) {
    run(live, busy, failed, api::people::set_block(user_id, false), |()| {});
}
