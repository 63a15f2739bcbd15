//! People who are signed in already, without a password, and the rooms they share.

use super::client::Client;
use super::server::{Client as Browser, Store, TestServer};
use lavender::id::{RoomId, SessionId, UserId};
use lavender::live::{LiveEvent, Snapshot};
use lavender::model::{MessageRequest, RequestOutcome};
use lavender::server::App;
use lavender::server::config::Config;
use lavender::server::http::cookies;
use lavender::server::keys::Claims;
use lavender::server::service::{assistant, groups, requests};
use lavender::server::session::Session;
use lavender::server::store::{SessionRow, UserRow};
use lavender::time::Timestamp;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

/// Every wait of a test ends after this, as a failure.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// A running server with people on it. It ends with this value.
pub struct Stage {
    pub server: TestServer,
    people: AtomicU32,
}

impl std::ops::Deref for Stage {
    type Target = TestServer;
    fn deref(&self) -> &TestServer {
        &self.server
    }
}

/// Someone with an account and a session.
#[derive(Clone)]
pub struct Person {
    pub app: App,
    pub address: SocketAddr,
    pub user_id: UserId,
    pub session: Session,
    pub cookie: String,
    pub username: String,
}

impl Stage {
    /// Every rate limit is a thousand times wider than usual.
    pub async fn start(store: Store) -> Self {
        Self { server: TestServer::start(store).await, people: AtomicU32::new(0) }
    }

    /// With a changed configuration.
    pub async fn start_with(store: Store, change: impl FnOnce(&mut Config)) -> Self {
        Self { server: TestServer::start_with(store, change).await, people: AtomicU32::new(0) }
    }

    /// With limits that are `limit_scale` times the usual.
    pub async fn start_limited(store: Store, limit_scale: u32) -> Self {
        let server = TestServer::start_with(store, |config| config.limit_scale = limit_scale).await;
        Self { server, people: AtomicU32::new(0) }
    }

    /// Another process of the same MongoDB; people come to it by [`Self::again`].
    pub async fn beside(&self) -> Self {
        Self { server: self.server.beside().await, people: AtomicU32::new(1_000) }
    }

    /// A new person. `name` is the beginning of a username that is free.
    pub async fn person(&self, name: &str) -> Person {
        self.person_since(name, Timestamp::now().plus_ms(-30 * 24 * 3_600_000)).await
    }

    /// [`Self::person`] with an account of that age.
    pub async fn person_since(&self, name: &str, created_at: Timestamp) -> Person {
        self.person_as(name, |row| row.created_at = created_at).await
    }

    /// [`Self::person`] with a changed account.
    pub async fn person_as(&self, name: &str, change: impl FnOnce(&mut UserRow)) -> Person {
        let username = format!("{name}{}", self.people.fetch_add(1, Ordering::Relaxed));
        let user_id = UserId::new();
        let created_at = Timestamp::now().plus_ms(-30 * 24 * 3_600_000);
        let mut row = UserRow {
            id: user_id,
            username: username.clone(),
            username_key: username.clone(),
            display_name: format!("{name} Example"),
            email: format!("{username}@example.org"),
            email_key: format!("{username}@example.org"),
            password_hash: "none".into(),
            created_at,
            ..UserRow::new(user_id, String::new(), String::new(), String::new(), String::new())
        };
        change(&mut row);
        self.app.db.create_user(&row).await.unwrap();
        self.sign_in(user_id, username).await
    }

    async fn sign_in(&self, user_id: UserId, username: String) -> Person {
        let now = Timestamp::now();
        let session_id = SessionId::new();
        let hash = std::array::from_fn(|i| session_id.0.as_bytes()[i % 16]);
        let session = SessionRow {
            id: session_id,
            user_id,
            created_at: now,
            last_used_at: now,
            refresh_hash: hash,
            previous_hash: None,
            rotated_at: now,
            user_agent: String::new(),
            network: String::new(),
            revoked_at: None,
        };
        self.app.db.create_session(&session).await.unwrap();
        let claims = Claims { user_id, session_id, expires_at: now.plus_ms(600_000) };
        let cookie = format!("{}={}", cookies::ACCESS, self.app.keys.sign(&claims, now));
        let session = Session { user_id, session_id, access_until: claims.expires_at };
        Person { app: self.app.clone(), address: self.address, user_id, session, cookie, username }
    }

    /// A group of two and the assistant.
    pub async fn with_assistant(store: Store, change: impl FnOnce(&mut Config)) -> (Self, Vec<Person>, RoomId) {
        let stage = Self::start_with(store, change).await;
        assistant::begin(&stage.app).await.unwrap();
        let (members, room_id) = stage.group(2).await;
        groups::add(&members[0].app, &members[0].session, room_id, &[assistant::ID]).await.unwrap();
        (stage, members, room_id)
    }

    /// The same person on another device.
    pub async fn again(&self, person: &Person) -> Person {
        self.sign_in(person.user_id, person.username.clone()).await
    }

    /// Two people who share a direct room.
    pub async fn pair(&self) -> (Person, Person, RoomId) {
        let (ana, ben) = (self.person("ana").await, self.person("ben").await);
        let (room, _) = self.app.db.direct_room(ana.user_id, ben.user_id, Timestamp::now()).await.unwrap();
        (ana, ben, room.id)
    }

    /// People who share a group.
    pub async fn group(&self, size: usize) -> (Vec<Person>, RoomId) {
        let mut people = Vec::with_capacity(size);
        for _ in 0..size {
            people.push(self.person("member").await);
        }
        let ids: Vec<_> = people.iter().map(|person| person.user_id).collect();
        let room = self.app.db.create_group(RoomId::new(), "Group", None, &ids, Timestamp::now()).await.unwrap();
        (people, room.id)
    }
}

impl Person {
    /// A websocket that has said hello and holds nothing.
    pub async fn connect(&self) -> Client {
        self.connect_with().await.0
    }

    /// [`Self::connect`] and the answer to hello.
    pub async fn connect_with(&self) -> (Client, Snapshot) {
        let mut client = Client::open(self).await;
        let snapshot = client.hello([], None).await;
        (client, snapshot)
    }

    /// A browser that is signed in as they are.
    pub fn browser(&self) -> Browser {
        let browser = Browser::new(self.address, self.app.config.origin.clone());
        if let Some((name, value)) = self.cookie.split_once('=') {
            browser.set_cookie(name, Some(value));
        }
        browser
    }

    /// Asks someone to talk; the request waits.
    pub async fn ask(&self, other: &Self, intro: &str) -> MessageRequest {
        match requests::send(&self.app, &self.session, other.user_id, intro).await {
            Ok(RequestOutcome::Waiting { request }) => request,
            other => panic!("a waiting request, not {other:?}"),
        }
    }
}

/// The new messages among events, as (author, text).
pub fn texts(events: &[LiveEvent]) -> Vec<(UserId, &str)> {
    fn text(event: &LiveEvent) -> Option<(UserId, &str)> {
        match event {
            LiveEvent::Message { message } => Some((message.author_id, message.body.as_str())),
            _ => None,
        }
    }
    events.iter().filter_map(text).collect()
}
