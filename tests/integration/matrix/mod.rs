//! Who may do what: every route and every command, against everybody who may try. `table.txt` says what is expected, and a
//! route or a command without a row fails.
//!
//! `UPDATE_MATRIX=1 cargo test --features server --test integration matrix` writes the table anew; look at the difference.

mod rows;
mod world;

use crate::support::client::Client;
use crate::support::server::Store;
use crate::support::stage::Stage;
use futures_util::FutureExt;
use lavender::live::{Command, ServerFrame};
use lavender::server::http::cookies;
use rows::{Ask, ROWS};
use std::collections::BTreeSet;
use std::fmt::Write;
use world::{ACTORS, Actor, World};

const TABLE: &str = include_str!("table.txt");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_what_the_table_says() {
    let stage = Stage::start(Store::Embedded).await;
    let width = ROWS.iter().map(|row| row.name.len()).max().unwrap();
    let mut found = String::new();
    write!(found, "{:width$}", "").unwrap();
    let columns: Vec<usize> = ACTORS.iter().map(|(name, _)| name.len().max(CELL)).collect();
    for ((name, _), column) in ACTORS.iter().zip(&columns) {
        write!(found, "  {name:column$}").unwrap();
    }
    for row in ROWS {
        // A world of its own: what one row does to a room is not seen by the next.
        let world = World::new(&stage).await;
        write!(found, "\n{:width$}", row.name).unwrap();
        for (actor, column) in world.actors.iter().zip(&columns) {
            let ask = (row.ask)(&world, actor).await;
            let outcome = outcome(&stage, actor, ask).await;
            write!(found, "  {outcome:column$}").unwrap();
        }
    }
    let found: String = found.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if std::env::var_os("UPDATE_MATRIX").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/matrix/table.txt"), &found).unwrap();
        return;
    }
    let differences: Vec<_> = found.lines().zip(TABLE.lines()).filter(|(found, said)| found != said).collect();
    assert!(differences.is_empty(), "(found, said): {differences:#?}");
    assert_eq!(found.lines().count(), TABLE.lines().count());
}

/// The width of an outcome: most are shorter.
const CELL: usize = 12;

/// `ok`, or the code of the refusal.
async fn outcome(stage: &Stage, actor: &Actor, ask: Ask) -> String {
    let browser = stage.visitor();
    if let Some(person) = &actor.person {
        browser.set_cookie(cookies::ACCESS, person.cookie.split_once('=').map(|(_, token)| token));
    }
    let request = match ask {
        Ask::Get(path) => browser.request(reqwest::Method::GET, &path),
        Ask::Post(path, body) => browser
            .request(reqwest::Method::POST, &path)
            .header("origin", &browser.origin)
            .header("content-type", "application/json")
            .body(body.to_string()),
        Ask::Put(path) => browser.request(reqwest::Method::PUT, &path).header("origin", &browser.origin).body("bytes"),
        Ask::Delete(path) => browser.request(reqwest::Method::DELETE, &path).header("origin", &browser.origin),
        Ask::Form(path) => {
            let answer = browser.submit(&path, &[]).await;
            return answer.status.to_string();
        }
        Ask::Command(command) => return command_outcome(actor, command).await,
        Ask::Socket => {
            let Some(person) = &actor.person else {
                let mut request = crate::support::client::handshake(&stage.person("nobody").await);
                request.headers_mut().remove("cookie");
                return crate::support::client::refused(request).await.to_string();
            };
            return match std::panic::AssertUnwindSafe(Client::open(person)).catch_unwind().await {
                Ok(_) => "ok".into(),
                Err(_) => crate::support::client::refused(crate::support::client::handshake(person)).await.to_string(),
            };
        }
    };
    let response = request.send().await.unwrap();
    if response.status().is_success() || response.status() == 302 {
        // An event stream has no end.
        return "ok".into();
    }
    let status = response.status();
    let body: serde_json::Value = serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default();
    body["data"]["code"].as_str().map_or_else(|| status.to_string(), str::to_owned)
}

async fn command_outcome(actor: &Actor, command: Command) -> String {
    let Some(person) = &actor.person else { return "no socket".into() };
    let opened = std::panic::AssertUnwindSafe(Client::open(person)).catch_unwind().await;
    let Ok(mut client) = opened else { return "no socket".into() };
    match command {
        // Nothing else is heard before it.
        Command::Hello { .. } => {
            client.hello([], None).await;
            "ok".into()
        }
        Command::Ping => {
            client.settle().await;
            "ok".into()
        }
        command => {
            client.hello([], None).await;
            let id = client.command(command).await;
            match client.answer(id).await {
                Ok(ServerFrame::Ack { .. } | ServerFrame::Done { .. }) => "ok".into(),
                Ok(other) => format!("{other:?}"),
                Err(error) => serde_json::to_value(&error).unwrap()["code"].as_str().unwrap().to_owned(),
            }
        }
    }
}

#[test]
fn every_route_and_every_command_has_a_row() {
    // "GET /api/x (of another)" is a row of "GET /api/x".
    let rows: BTreeSet<&str> = ROWS.iter().map(|row| row.name.split(" (").next().unwrap()).collect();
    let mut routes: BTreeSet<String> = BTreeSet::new();
    for function in dioxus::server::ServerFunction::collect() {
        let path = function.path().split('?').next().unwrap();
        // Made by these tests themselves.
        if path.starts_with("/api/test/") {
            continue;
        }
        routes.insert(format!("{} {path}", function.method()));
    }
    assert!(routes.len() > 20, "the server functions are registered");
    for source in [
        include_str!("../../../src/server/http/auth.rs"),
        include_str!("../../../src/server/http/blobs.rs"),
        include_str!("../../../src/server/http/export.rs"),
        include_str!("../../../src/server/http/files.rs"),
        include_str!("../../../src/server/http/health.rs"),
        include_str!("../../../src/server/http/sign_in.rs"),
        include_str!("../../../src/server/http/live/mod.rs"),
        include_str!("../../../src/server/http/stickers.rs"),
    ] {
        routes.extend(plain_routes(source));
    }
    let named = rows.iter().filter(|name| !name.starts_with("frame ")).map(|name| (*name).to_owned()).collect();
    assert_eq!(routes.difference(&named).collect::<Vec<_>>(), Vec::<&String>::new(), "routes without a row");
    let gone: Vec<_> = named.difference(&routes).collect();
    assert!(gone.is_empty(), "rows without a route: {gone:?}");
    let frames: BTreeSet<&str> = rows.iter().filter_map(|name| name.strip_prefix("frame ")).collect();
    let commands: BTreeSet<&str> = rows::COMMANDS.into_iter().collect();
    assert_eq!(frames, commands, "commands and their rows");
}

/// The plain routes in a file: `.route("/path", get(…))`, also by the names of the live connection's paths.
fn plain_routes(source: &str) -> Vec<String> {
    let named = |path: &str| match path {
        "SOCKET_PATH" => lavender::live::SOCKET_PATH.to_owned(),
        "EVENTS_PATH" => lavender::live::EVENTS_PATH.to_owned(),
        "POST_PATH" => lavender::live::POST_PATH.to_owned(),
        text => text.trim_matches('"').to_owned(),
    };
    source
        .split(".route(")
        .skip(1)
        .filter_map(|rest| {
            let (path, handler) = rest.split_once(',')?;
            let method = match handler.trim_start().split('(').next()? {
                "get" => "GET",
                "post" => "POST",
                "put" => "PUT",
                "delete" => "DELETE",
                // What is not found, at any path.
                "any" => return None,
                other => panic!("a method that this does not know: {other}"),
            };
            Some(format!("{method} {}", named(path)))
        })
        .collect()
}

#[test]
fn the_table_has_a_line_per_row_and_a_cell_per_actor() {
    let mut lines = TABLE.lines();
    let head: Vec<&str> = lines.next().unwrap().split("  ").map(str::trim).filter(|name| !name.is_empty()).collect();
    assert_eq!(head, ACTORS.map(|(name, _)| name));
    assert_eq!(lines.count(), ROWS.len());
}
