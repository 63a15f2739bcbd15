//! Answers to requests. Each disables its buttons while it is on its way, and says what went wrong.

use crate::api;
use crate::app::Route;
use crate::client::Live;
use crate::error::Result;
use crate::id::{RequestId, RoomId, UserId};
use crate::ui::words;
use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use dioxus::router::Navigator;
use std::pin::Pin;

/// What a call and what follows it look like to [`run`], which is compiled once for all of them.
type Call = Pin<Box<dyn Future<Output = Result<Option<RoomId>>>>>;
type Done = Box<dyn FnOnce(&mut Live, Option<RoomId>)>;

/// Runs a call, then takes up what changed. `done` gets the room that it led to, if any. It goes on when its card goes: the
/// event that says that a request is answered may be here before the answer itself.
fn run(mut live: Live, mut busy: Signal<bool>, mut failed: Signal<Option<String>>, call: Call, done: Done) {
    if *busy.peek() {
        return;
    }
    busy.set(true);
    failed.set(None);
    spawn_forever(async move {
        match call.await {
            Ok(room_id) => {
                live.resync();
                done(&mut live, room_id);
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

fn forget(id: RequestId) -> Done {
    Box::new(move |live, _| {
        live.state.write().requests.remove(&id);
    })
}

pub fn accept(live: Live, id: RequestId, busy: Signal<bool>, failed: Signal<Option<String>>, navigator: Navigator) {
    let call = async move { api::requests::accept_request(id).await.map(|room| Some(room.room.id)) };
    let done = move |live: &mut Live, room_id: Option<RoomId>| {
        if let Some(room_id) = room_id {
            navigator.push(Route::Room { room_id });
        }
        live.state.write().requests.remove(&id);
    };
    run(live, busy, failed, Box::pin(call), Box::new(done));
}

pub fn decline(live: Live, id: RequestId, busy: Signal<bool>, failed: Signal<Option<String>>) {
    let call = async move { api::requests::decline_request(id).await.map(|()| None) };
    run(live, busy, failed, Box::pin(call), forget(id));
}

pub fn cancel(live: Live, id: RequestId, busy: Signal<bool>, failed: Signal<Option<String>>) {
    let call = async move { api::requests::cancel_request(id).await.map(|()| None) };
    run(live, busy, failed, Box::pin(call), forget(id));
}

/// Blocks or unblocks a person. A block answers their request too.
pub fn set_block(live: Live, user_id: UserId, on: bool, busy: Signal<bool>, failed: Signal<Option<String>>) {
    let call = async move { api::people::set_block(user_id, on).await.map(|()| None) };
    let done = move |live: &mut Live, _: Option<RoomId>| {
        if on {
            live.state.write().requests.retain(|_, request| request.from.id != user_id);
        }
    };
    run(live, busy, failed, Box::pin(call), Box::new(done));
}
