//! Fills a store with people, signed-in sessions, rooms and messages, for benchmarks and long-history tests.
//!
//! ```sh
//! cargo run --release --features server --bin seed -- --out fixture.json --users 5000 --set dm:500x2 --set team:50x20
//! ```
//!
//! It reads the server's own settings (`MONGODB_URI`, `LAVENDER_DATA`, `LAVENDER_URL`, `PORT`): run it with those of the server
//! that will use the store; an embedded store must not be open elsewhere meanwhile. Sets of two are direct rooms, larger
//! ones groups; the members of a set's rooms are disjoint. Users are called `u000000`, `u000001` … and share a password.
//! The output is `{"server", "password", "users": [{"name", "id", "token"}], "sets": {"dm": [{"id", "members": [0, 1]}]}}`,
//! with an access token of 12 hours as `token`.

use futures_util::{StreamExt, TryStreamExt, stream};
use lavender::id::{RoomId, SessionId, TxnId, UserId};
use lavender::model::Body;
use lavender::server::config::Config;
use lavender::server::keys::{Claims, Keys};
use lavender::server::service::accounts::Passwords;
use lavender::server::startup;
use lavender::server::store::{Database, NewMessage, SessionRow, UserRow};
use lavender::time::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const PASSWORD: &str = "a long seeded pass phrase";
const TOKEN_MS: i64 = 12 * 3_600_000;
const AT_ONCE: usize = 64;
/// Messages of one batch: the append queue of the server takes as many.
const BATCH: usize = 512;

struct Wanted {
    out: String,
    users: usize,
    sets: Vec<(String, usize, usize)>,
    history: usize,
}

fn arguments() -> Result<Wanted, String> {
    let mut wanted = Wanted { out: String::new(), users: 0, sets: Vec::new(), history: 0 };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        let number = |text: &str| text.parse::<usize>().map_err(|_| format!("{name}: \"{text}\" is not a number"));
        match name.as_str() {
            "--out" => wanted.out = value,
            "--users" => wanted.users = number(&value)?,
            "--history" => wanted.history = number(&value)?,
            "--set" => {
                let (set, size) = value.split_once(':').ok_or("--set takes NAME:ROOMSxMEMBERS")?;
                let (rooms, members) = size.split_once('x').ok_or("--set takes NAME:ROOMSxMEMBERS")?;
                wanted.sets.push((set.to_owned(), number(rooms)?, number(members)?));
            }
            _ => return Err(format!("unknown argument {name}")),
        }
    }
    let most = wanted.sets.iter().map(|(_, rooms, members)| rooms * members).max().unwrap_or(0);
    if wanted.out.is_empty() || wanted.users < most.max(1) {
        return Err(format!("--out and at least --users {most} are needed"));
    }
    Ok(wanted)
}

#[tokio::main]
async fn main() -> Result<(), String> {
    let wanted = arguments()?;
    let config = Config::from_env().map_err(|error| error.to_string())?;
    let db = startup::open_store(&config).await?;
    let keys = Keys::open(&config.data, &config.origin).map_err(|error| error.to_string())?;
    let passwords = Passwords::new().map_err(|error| error.to_string())?;
    let hash = passwords.make(PASSWORD.into(), Vec::new()).await.map_err(|error| error.to_string())?;

    let users: Vec<(UserId, Value)> =
        stream::iter(0..wanted.users).map(|n| user(&db, &keys, &hash, n)).buffered(AT_ONCE).try_collect().await?;
    let mut sets = BTreeMap::new();
    for (name, rooms, members) in &wanted.sets {
        let made: Vec<Value> = stream::iter(0..*rooms)
            .map(|n| {
                let places: Vec<usize> = (n * members..(n + 1) * members).collect();
                let ids: Vec<UserId> = places.iter().map(|place| users[*place].0).collect();
                let db = db.clone();
                async move {
                    let room_id = room(&db, name, n, &ids).await?;
                    write_history(&db, room_id, &ids, wanted.history).await?;
                    Ok::<_, String>(json!({ "id": room_id, "members": places }))
                }
            })
            .buffered(8)
            .try_collect()
            .await?;
        sets.insert(name.clone(), made);
    }
    db.close().await;
    let users: Vec<Value> = users.into_iter().map(|(_, user)| user).collect();
    let fixture = json!({ "server": "lavender", "password": PASSWORD, "users": users, "sets": sets });
    std::fs::write(&wanted.out, fixture.to_string()).map_err(|error| format!("{}: {error}", wanted.out))
}

async fn user(db: &Arc<dyn Database>, keys: &Keys, hash: &str, n: usize) -> Result<(UserId, Value), String> {
    let now = Timestamp::now();
    let name = format!("u{n:06}");
    let id = UserId::new();
    let row = UserRow {
        id,
        username: name.clone(),
        username_key: name.clone(),
        display_name: format!("User {n:06}"),
        email: format!("{name}@example.org"),
        email_key: format!("{name}@example.org"),
        password_hash: hash.to_owned(),
        created_at: now,
        ..UserRow::new(id, String::new(), String::new(), String::new(), String::new())
    };
    db.create_user(&row).await.map_err(|error| error.to_string())?;
    let session_id = SessionId::new();
    let mut refresh_hash = [0; 32];
    refresh_hash[..16].copy_from_slice(session_id.0.as_bytes());
    let session = SessionRow {
        id: session_id,
        user_id: id,
        created_at: now,
        last_used_at: now,
        refresh_hash,
        previous_hash: None,
        rotated_at: now,
        user_agent: "seed".into(),
        network: "127.0.0.0/24".into(),
        revoked_at: None,
    };
    db.create_session(&session).await.map_err(|error| error.to_string())?;
    let token = keys.sign(&Claims { user_id: id, session_id, expires_at: now.plus_ms(TOKEN_MS) }, now);
    Ok((id, json!({ "name": name, "id": id, "token": token })))
}

async fn room(db: &Arc<dyn Database>, set: &str, n: usize, members: &[UserId]) -> Result<RoomId, String> {
    let now = Timestamp::now();
    let room = match members {
        [a, b] => db.direct_room(*a, *b, now).await.map(|(room, _)| room),
        _ => db.create_group(RoomId::new(), &format!("{set} {n}"), None, members, now).await,
    };
    room.map(|room| room.id).map_err(|error| error.to_string())
}

async fn write_history(
    db: &Arc<dyn Database>,
    room_id: RoomId,
    members: &[UserId],
    count: usize,
) -> Result<(), String> {
    // A minute apart, ending now.
    let start = Timestamp::now().plus_ms(-60_000 * i64::try_from(count).unwrap_or(0));
    for first in (0..count).step_by(BATCH) {
        let batch = (first..count.min(first + BATCH))
            .map(|n| {
                let body =
                    Body::parse(&format!("Message {} of a long history", n + 1)).map_err(|error| error.to_string())?;
                Ok(NewMessage {
                    created_at: start.plus_ms(60_000 * i64::try_from(n).unwrap_or(0)),
                    ..NewMessage::text(room_id, members[n % members.len()], TxnId::new(), body)
                })
            })
            .collect::<Result<Vec<_>, String>>()?;
        for result in db.append(batch).await {
            result.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}
