//! One row per route and command; the same one in two situations says the second in brackets.

use super::world::{Actor, World};
use lavender::id::{ConnectionId, FileId, ReportId, RoomId, TxnId};
use lavender::live::{Command, PROTOCOL};
use lavender::model::{AnswerAct, GameAct, NewExtra, PrefsChange};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::pin::Pin;

/// What an actor does.
pub enum Ask {
    Get(String),
    Post(String, Value),
    /// Some bytes.
    Put(String),
    Delete(String),
    /// An empty form: its outcome is the status, for a form answers with a redirect.
    Form(String),
    Command(Command),
    Socket,
}

impl Ask {
    fn get(path: impl Into<String>) -> Self {
        Self::Get(path.into())
    }

    fn post(path: impl Into<String>, body: Value) -> Self {
        Self::Post(path.into(), body)
    }
}

pub struct Row {
    pub name: &'static str,
    pub ask: for<'w> fn(&'w World<'w>, &'w Actor) -> Asking<'w>,
}

type Asking<'w> = Pin<Box<dyn Future<Output = Ask> + Send + 'w>>;

/// The names of all commands: a new one does not compile until it is named here, and fails until it has a row.
pub const COMMANDS: [&str; 14] = [
    "hello",
    "send",
    "edit",
    "delete",
    "react",
    "pin",
    "remove_preview",
    "prefs",
    "typing",
    "mark",
    "visible",
    "ping",
    "play",
    "answer",
];

#[expect(dead_code, reason = "it only has to compile")]
fn all_are_named(command: &Command) -> usize {
    match command {
        Command::Hello { .. } => 0,
        Command::Send { .. } => 1,
        Command::Edit { .. } => 2,
        Command::Delete { .. } => 3,
        Command::React { .. } => 4,
        Command::Pin { .. } => 5,
        Command::RemovePreview { .. } => 6,
        Command::Prefs { .. } => 7,
        Command::Typing { .. } => 8,
        Command::Mark { .. } => 9,
        Command::Visible { .. } => 10,
        Command::Ping => 11,
        Command::Play { .. } => 12,
        Command::Answer { .. } => 13,
    }
}

/// A ticket of the other person's, in their session.
fn export_of(world: &World) -> String {
    let session = world.other.session;
    let value = [session.user_id.0.as_bytes().as_slice(), session.session_id.0.as_bytes()].concat();
    world.app.keys.seal("export", &value, lavender::time::Timestamp::now().plus_ms(60_000))
}

fn send(room_id: RoomId) -> Ask {
    let (txn_id, body) = (TxnId::new(), "a text".to_owned());
    Ask::Command(Command::Send { room_id, txn_id, body, reply_to: None, forward: None, files: Vec::new(), extra: None })
}

fn game(room_id: RoomId, extra: NewExtra) -> Ask {
    let (txn_id, body) = (TxnId::new(), String::new());
    Ask::Command(Command::Send {
        room_id,
        txn_id,
        body,
        reply_to: None,
        forward: None,
        files: Vec::new(),
        extra: Some(extra),
    })
}

macro_rules! rows {
    ($($name:literal => |$world:ident, $actor:ident| $ask:expr;)+) => {
        pub const ROWS: &[Row] = &[$(Row { name: $name, ask: |$world, $actor| Box::pin(async move { $ask }) }),+];
    };
}

rows! {
    "GET /healthz" => |_world, _actor| Ask::get("/healthz");
    "GET /stickers/{version}/{file}" => |_world, _actor| Ask::get("/stickers/0/party.gif");
    "GET /readyz" => |_world, _actor| Ask::get("/readyz");
    "POST /auth/register" => |_world, _actor| Ask::Form("/auth/register".into());
    "POST /auth/login" => |_world, _actor| Ask::Form("/auth/login".into());
    "POST /auth/logout (of another browser)" => |_world, _actor| Ask::Form("/auth/logout".into());
    "POST /auth/refresh (without its cookie)" => |_world, _actor| Ask::post("/auth/refresh", json!({}));
    "POST /auth/forgot" => |_world, _actor| Ask::Form("/auth/forgot".into());
    "POST /auth/confirm" => |_world, _actor| Ask::Form("/auth/confirm".into());
    "POST /auth/reset" => |_world, _actor| Ask::Form("/auth/reset".into());
    "POST /api/admin/reset" => |world, _actor| Ask::post("/api/admin/reset", json!({ "user_id": world.somebody().await }));
    "POST /auth/join/cancel" => |_world, _actor| Ask::Form("/auth/join/cancel".into());
    "GET /auth/google (not configured)" => |_world, _actor| Ask::get("/auth/google");
    "GET /auth/google/callback (not configured)" => |_world, _actor| Ask::get("/auth/google/callback");
    "GET /auth/oidc (not configured)" => |_world, _actor| Ask::get("/auth/oidc");
    "GET /auth/oidc/callback (not configured)" => |_world, _actor| Ask::get("/auth/oidc/callback");
    "GET /api/account/ways" => |_world, _actor| Ask::get("/api/account/ways");
    "POST /api/account/ways/connect (a provider that is not there)" => |_world, _actor| Ask::post("/api/account/ways/connect", json!({ "provider": "oidc", "password": "x" }));
    "POST /api/account/ways/disconnect (a provider that is not there)" => |_world, _actor| Ask::post("/api/account/ways/disconnect", json!({ "provider": "oidc", "password": "x" }));
    "POST /api/account/password (a wrong one)" => |_world, _actor| Ask::post("/api/account/password", json!({ "old_password": "not the password", "password": "four quiet herons in march" }));
    "POST /api/account/email/confirm (without a mail server)" => |_world, _actor| Ask::post("/api/account/email/confirm", json!({}));
    "POST /api/account/email (without a mail server)" => |_world, _actor| Ask::post("/api/account/email", json!({ "password": "x", "email": "new@example.org" }));
    "GET /api/account/privacy" => |_world, _actor| Ask::get("/api/account/privacy");
    "POST /api/account/privacy" => |_world, _actor| Ask::post("/api/account/privacy", json!({ "privacy": { "hides_last_seen": true, "requests": "nobody" } }));
    "POST /api/account/export (a wrong password)" => |_world, _actor| Ask::post("/api/account/export", json!({ "password": "not the password" }));
    "POST /api/account/leave (a wrong password)" => |_world, _actor| Ask::post("/api/account/leave", json!({ "password": "not the password", "takes_messages": true }));
    "POST /api/account/stay" => |_world, _actor| Ask::post("/api/account/stay", json!({}));
    "GET /export (of another)" => |world, _actor| Ask::get(format!("/export?ticket={}", export_of(world)));
    "GET /api/account/sessions" => |_world, _actor| Ask::get("/api/account/sessions");
    "POST /api/account/sessions/end (of another)" => |world, _actor| Ask::post("/api/account/sessions/end", json!({ "session_id": world.app.db.sessions_of(world.other.user_id).await.unwrap()[0].id }));
    "POST /api/account/sessions/end_others" => |_world, _actor| Ask::post("/api/account/sessions/end_others", json!({}));
    "GET /api/start" => |_world, _actor| Ask::get("/api/start");
    "GET /api/start (of the group)" => |world, _actor| Ask::get(format!("/api/start?room_id={}", world.room_id));
    "POST /api/theme" => |_world, _actor| Ask::post("/api/theme", json!({ "theme": "dark" }));
    "GET /api/people" => |world, _actor| Ask::get(format!("/api/people?query={}", world.other.username));
    "GET /api/people/{user_id}" => |world, _actor| Ask::get(format!("/api/people/{}", world.other.user_id));
    "GET /api/persons" => |world, _actor| Ask::get(format!("/api/persons?ids={}", world.other.user_id));
    "POST /api/profile" => |_world, _actor| Ask::post("/api/profile", json!({ "display_name": null, "status": "here", "about": null }));
    "POST /api/blocks" => |world, _actor| Ask::post("/api/blocks", json!({ "user_id": world.somebody().await, "on": true }));
    "POST /api/requests" => |world, _actor| Ask::post("/api/requests", json!({ "to": world.other.user_id, "intro": "hello" }));
    "POST /api/requests/{request_id}/accept" => |_world, actor| Ask::post(format!("/api/requests/{}/accept", actor.asked[0].id), json!({}));
    "POST /api/requests/{request_id}/accept (into the group)" => |_world, actor| Ask::post(format!("/api/requests/{}/accept", actor.asked[1].id), json!({}));
    "POST /api/requests/{request_id}/accept (of another)" => |world, _actor| Ask::post(format!("/api/requests/{}/accept", world.foreign_request.id), json!({}));
    "POST /api/requests/{request_id}/decline" => |_world, actor| Ask::post(format!("/api/requests/{}/decline", actor.asked[0].id), json!({}));
    "POST /api/requests/{request_id}/decline (of another)" => |world, _actor| Ask::post(format!("/api/requests/{}/decline", world.foreign_request.id), json!({}));
    "POST /api/requests/{request_id}/cancel (of another)" => |world, _actor| Ask::post(format!("/api/requests/{}/cancel", world.foreign_request.id), json!({}));
    "GET /api/rooms/{room_id}/messages" => |world, _actor| Ask::get(world.room("messages"));
    "GET /api/rooms/{room_id}/messages (of two)" => |_world, actor| Ask::get(format!("/api/rooms/{}/messages", actor.direct));
    "GET /api/rooms/{room_id}/quoted" => |world, _actor| Ask::get(world.room(&format!("quoted?ids={}", world.message)));
    "GET /api/rooms/{room_id}/messages/{message_id}/edits" => |world, _actor| Ask::get(world.room(&format!("messages/{}/edits", world.message)));
    "GET /api/rooms/{room_id}/messages/{message_id}/delivery" => |world, actor| Ask::get(world.room(&format!("messages/{}/delivery", world.own_message(actor).await)));
    "GET /api/search" => |_world, _actor| Ask::get("/api/search?q=text");
    "GET /api/search (in the group)" => |_world, _actor| Ask::get("/api/search?q=text%20in:Garden");
    "GET /api/rooms/{room_id}/search" => |world, _actor| Ask::get(world.room("search?q=text"));
    "POST /api/reports" => |world, _actor| Ask::post("/api/reports", json!({ "reported": { "kind": "message", "message_id": world.message }, "reason": "spam", "note": "" }));
    "GET /api/admin/reports" => |_world, _actor| Ask::get("/api/admin/reports?state=open");
    "POST /api/admin/reports/{report_id}" => |_world, _actor| Ask::post(format!("/api/admin/reports/{}", ReportId::new()), json!({ "verdict": { "do": "dismiss" } }));
    "GET /api/admin/accounts" => |_world, _actor| Ask::get("/api/admin/accounts?query=&after=");
    "POST /api/admin/ban" => |world, _actor| Ask::post("/api/admin/ban", json!({ "user_id": world.somebody().await, "on": true }));
    "POST /api/admin/mute" => |world, _actor| Ask::post("/api/admin/mute", json!({ "user_id": world.somebody().await, "hours": 1 }));
    "POST /api/admin/admins" => |world, _actor| Ask::post("/api/admin/admins", json!({ "user_id": world.somebody().await, "on": true }));
    "GET /api/admin/audit" => |_world, _actor| Ask::get("/api/admin/audit");
    "GET /api/admin/assistant" => |_world, _actor| Ask::get("/api/admin/assistant");
    "POST /api/warning/read" => |_world, _actor| Ask::post("/api/warning/read", json!({}));
    "POST /api/rooms/{room_id}/messages/{message_id}/hidden" => |world, _actor| Ask::post(world.room(&format!("messages/{}/hidden", world.message)), json!({ "on": true }));
    "GET /api/rooms/{room_id}/messages/{message_id}/seen" => |world, _actor| Ask::get(world.room(&format!("messages/{}/seen", world.message)));
    "POST /api/rooms/{room_id}/catch-up" => |world, _actor| Ask::post(world.room("catch-up"), json!({ "after": 0 }));
    "GET /api/rooms/{room_id}/memory" => |world, _actor| Ask::get(world.room("memory"));
    "POST /api/rooms/{room_id}/memory" => |world, _actor| Ask::post(world.room("memory"), json!({ "act": { "type": "add", "text": "a note" } }));
    "GET /api/rooms/{room_id}/pins" => |world, _actor| Ask::get(world.room("pins"));
    "POST /api/rooms" => |_world, _actor| Ask::post("/api/rooms", json!({ "room_id": RoomId::new(), "name": "New", "description": "", "members": [] }));
    "POST /api/rooms (under the id of the group)" => |world, _actor| Ask::post("/api/rooms", json!({ "room_id": world.room_id, "name": "New", "description": "", "members": [] }));
    "GET /api/rooms/{room_id}/members" => |world, _actor| Ask::get(world.room("members"));
    "POST /api/rooms/{room_id}/members" => |world, actor| Ask::post(world.room("members"), json!({ "users": [world.friend(actor).await] }));
    "POST /api/rooms/{room_id}/members (of two)" => |world, actor| Ask::post(format!("/api/rooms/{}/members", actor.direct), json!({ "users": [world.friend(actor).await] }));
    "POST /api/rooms/{room_id}/members/{user_id}/remove" => |world, _actor| Ask::post(world.room(&format!("members/{}/remove", world.member().await)), json!({}));
    "POST /api/rooms/{room_id}/members/{user_id}/role" => |world, _actor| Ask::post(world.room(&format!("members/{}/role", world.member().await)), json!({ "role": "admin" }));
    "POST /api/rooms/{room_id}/transfer" => |world, _actor| Ask::post(world.room("transfer"), json!({ "to": world.member().await }));
    "POST /api/rooms/{room_id}/leave" => |world, _actor| Ask::post(world.room("leave"), json!({}));
    "POST /api/rooms/{room_id}/change" => |world, _actor| Ask::post(world.room("change"), json!({ "change": { "name": "Orchard" } }));
    "POST /api/rooms/{room_id}/invites" => |world, _actor| Ask::post(world.room("invites"), json!({ "term": "day", "max_uses": null }));
    "GET /api/rooms/{room_id}/invites" => |world, _actor| Ask::get(world.room("invites"));
    "POST /api/rooms/{room_id}/invites/{code}/revoke" => |world, _actor| Ask::post(world.room(&format!("invites/{}/revoke", world.code)), json!({}));
    "GET /api/invites/{code}" => |world, _actor| Ask::get(format!("/api/invites/{}", world.code));
    "POST /api/invites/{code}/join" => |world, _actor| Ask::post(format!("/api/invites/{}/join", world.code), json!({}));
    "GET /api/files/usage" => |_world, _actor| Ask::get("/api/files/usage");
    "GET /api/rooms/{room_id}/media" => |world, _actor| Ask::get(world.room("media?kind=files"));
    "GET /api/rooms/{room_id}/media (links)" => |world, _actor| Ask::get(world.room("media?kind=links"));
    "GET /files/{id} (that the group shows)" => |world, _actor| Ask::get(format!("/files/{}", world.shown_file().await));
    "GET /files/{id} (that was not sent)" => |world, _actor| Ask::get(format!("/files/{}", world.file().await));
    "PUT /files/{id}" => |world, _actor| Ask::Put(format!("/files/{}?room={}&name=a.txt", FileId::new(), world.room_id));
    "PUT /files/{id} (of two)" => |_world, actor| Ask::Put(format!("/files/{}?room={}&name=a.txt", FileId::new(), actor.direct));
    "DELETE /files/{id} (of another)" => |world, _actor| Ask::Delete(format!("/files/{}", world.file().await));
    "PUT /pictures/me/{id} (no picture)" => |_world, _actor| Ask::Put(format!("/pictures/me/{}", FileId::new()));
    "DELETE /pictures/me" => |_world, _actor| Ask::Delete("/pictures/me".into());
    "PUT /pictures/rooms/{room_id}/{id} (no picture)" => |world, _actor| Ask::Put(format!("/pictures/rooms/{}/{}", world.room_id, FileId::new()));
    "DELETE /pictures/rooms/{room_id}" => |world, _actor| Ask::Delete(format!("/pictures/rooms/{}", world.room_id));
    "PUT /pictures/wallpapers/{room_id}/{id} (no picture)" => |world, _actor| Ask::Put(format!("/pictures/wallpapers/{}/{}", world.room_id, FileId::new()));
    "DELETE /pictures/wallpapers/{room_id}" => |world, _actor| Ask::Delete(format!("/pictures/wallpapers/{}", world.room_id));
    "GET /avatars/{id}/{size} (that is none)" => |world, _actor| Ask::get(format!("/avatars/{}/64", world.file().await));
    "GET /blobs/{key} (without a signature)" => |world, _actor| Ask::get(world.blob().await);
    "GET /api/live" => |_world, _actor| Ask::Socket;
    "GET /api/live/events" => |_world, _actor| Ask::get("/api/live/events");
    "POST /api/live/post (to another's connection)" => |_world, _actor| Ask::post("/api/live/post", json!({ "connection_id": ConnectionId::new(), "frames": [] }));
    "frame hello" => |_world, _actor| Ask::Command(Command::Hello { protocol: PROTOCOL, rooms: BTreeMap::new(), cursor: None });
    "frame ping" => |_world, _actor| Ask::Command(Command::Ping);
    "frame visible" => |_world, _actor| Ask::Command(Command::Visible { on: true });
    "frame send" => |world, _actor| send(world.room_id);
    "frame send (of two)" => |_world, actor| send(actor.direct);
    "frame send (a GIF)" => |world, _actor| game(world.room_id, NewExtra::Gif { name: "party".into() });
    "frame typing" => |world, _actor| Ask::Command(Command::Typing { room_id: world.room_id, on: true });
    "frame mark" => |world, _actor| Ask::Command(Command::Mark { room_id: world.room_id, delivered: Some(1), read: None });
    "frame prefs" => |world, _actor| Ask::Command(Command::Prefs { room_id: world.room_id, change: PrefsChange::Archived { on: true } });
    "frame edit" => |world, actor| Ask::Command(Command::Edit { room_id: world.room_id, message_id: world.own_message(actor).await, body: "new".into() });
    "frame edit (of another)" => |world, _actor| Ask::Command(Command::Edit { room_id: world.room_id, message_id: world.message, body: "new".into() });
    "frame delete" => |world, actor| Ask::Command(Command::Delete { room_id: world.room_id, message_ids: vec![world.own_message(actor).await] });
    "frame delete (of another)" => |world, _actor| Ask::Command(Command::Delete { room_id: world.room_id, message_ids: vec![world.another_message().await] });
    "frame react" => |world, _actor| Ask::Command(Command::React { room_id: world.room_id, message_id: world.message, emoji: "👍".into(), on: true });
    "frame react (with the id of another room)" => |world, actor| Ask::Command(Command::React { room_id: actor.direct, message_id: world.message, emoji: "👍".into(), on: true });
    "frame play (an open challenge)" => |world, _actor| Ask::Command(Command::Play { room_id: world.room_id, message_id: world.challenge(None).await, act: GameAct::Accept });
    "frame play (a challenge to them)" => |world, actor| Ask::Command(Command::Play { room_id: world.room_id, message_id: world.challenge(Some(actor.user_id)).await, act: GameAct::Decline });
    "frame play (a challenge to another)" => |world, _actor| Ask::Command(Command::Play { room_id: world.room_id, message_id: world.challenge(Some(world.other.user_id)).await, act: GameAct::Accept });
    "frame play (with the id of another room)" => |world, actor| Ask::Command(Command::Play { room_id: actor.direct, message_id: world.challenge(None).await, act: GameAct::Accept });
    "frame answer (that they asked for)" => |world, actor| Ask::Command(Command::Answer { room_id: world.room_id, message_id: world.answer(actor.user_id).await, act: AnswerAct::Stop });
    "frame answer (that another asked for)" => |world, _actor| Ask::Command(Command::Answer { room_id: world.room_id, message_id: world.answer(world.other.user_id).await, act: AnswerAct::Stop });
    "frame answer (with the id of another room)" => |world, actor| Ask::Command(Command::Answer { room_id: actor.direct, message_id: world.answer(actor.user_id).await, act: AnswerAct::Stop });
    "frame send (a coin)" => |world, _actor| game(world.room_id, NewExtra::Flip);
    "frame send (a challenge of two)" => |_world, actor| game(actor.direct, NewExtra::TicTacToe { with: None });
    "frame remove_preview (of another)" => |world, _actor| Ask::Command(Command::RemovePreview { room_id: world.room_id, message_id: world.message });
    "frame pin" => |world, _actor| Ask::Command(Command::Pin { room_id: world.room_id, message_id: world.message, on: true });
    "frame pin (with the id of another room)" => |world, actor| Ask::Command(Command::Pin { room_id: actor.direct, message_id: world.message, on: true });
}
