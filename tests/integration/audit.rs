//! The audit log of a real process: a line for each thing that matters, which names nobody and can be read by a program.

use crate::support::process::Installation;
use crate::support::server::PASSWORD;
use lavender::id::FileId;
use lavender::live::{SOCKET_PATH, close};
use reqwest::Method;
use serde_json::{Value, json};

fn lines(installation: &Installation) -> Vec<Value> {
    let said = installation.said();
    let all = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    all.filter(|line| line["target"] == "audit").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_to_accounts_and_what_is_refused_is_one_line_each() {
    let mut installation = Installation::new();
    installation.set("LAVENDER_LOG", "info");
    installation.set("LAVENDER_LOG_FORMAT", "json");
    let process = installation.start().await;
    let ana = process.register("canaryana").await;
    let ben = process.register("canaryben").await;
    // Wrong passwords, also of somebody who is not there; a right one.
    ben.client.submit("/auth/logout", &[]).await;
    ben.client.login("canaryben", "canary wrong password 1").await;
    ben.client.login("canarynobody", "canary wrong password 2").await;
    assert_eq!(ben.client.login("canaryben", PASSWORD).await.location(), Some("/"));
    // A page of admins, another site, a file that is none of those that are taken.
    assert_eq!(ben.client.get("/api/admin/reports?state=open").await.status, 404);
    let foreign = ben.client.request(Method::POST, "/api/rooms").header("origin", "https://evil.example");
    assert_eq!(ben.client.send(foreign.header("content-type", "application/json").body("{}")).await.status, 403);
    let socket = ben.client.request(Method::GET, SOCKET_PATH).header("origin", "https://evil.example");
    assert_eq!(ben.client.send(socket).await.status, 403);
    let refused = ben.put(FileId::new(), "canary\nname.exe", "application/x-msdownload", b"MZ canary").await;
    assert_eq!(refused.status, 422);
    // A socket that talks nonsense.
    let mut live = ana.connect().await.expect("let in");
    for _ in 0..5 {
        live.post_raw("canary nonsense").await;
    }
    assert_eq!(live.close_code().await, Some(close::PROTOCOL));
    let body = json!({ "old_password": PASSWORD, "password": "four quiet canaries in march" });
    assert_eq!(ana.client.post("/api/account/password", &body).await.status, 200);
    process.kill();

    let lines = lines(&installation);
    let told: Vec<(String, String)> = lines
        .iter()
        .map(|line| {
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            assert!(text("timestamp").ends_with('Z'), "universal time: {line}");
            assert!(["ok", "refused"].contains(&text("outcome").as_str()), "{line}");
            (text("event"), text("reason"))
        })
        .collect();
    let expected = [
        ("account_made", ""),
        ("account_made", ""),
        ("signed_out", ""),
        ("sign_in", "password"),
        ("sign_in", "password"),
        ("signed_in", ""),
        ("denied", "admin"),
        ("cross_site", "/api/rooms"),
        ("cross_site", SOCKET_PATH),
    ];
    assert_eq!(
        told[..expected.len()],
        expected.map(|(event, reason)| (event.to_owned(), reason.to_owned())),
        "{told:?}"
    );
    for event in ["upload", "socket", "password_changed"] {
        assert_eq!(told.iter().filter(|(known, _)| known == event).count(), 1, "{event}: {told:?}");
    }
    // Who it was is known by the id; of who is not there, by the network only. Every request has a name.
    let failed: Vec<&Value> = lines.iter().filter(|line| line["event"] == "sign_in").collect();
    assert!(failed[0]["user.id"].is_string() && failed[1]["user.id"].is_null(), "{failed:?}");
    assert!(failed.iter().all(|line| line["network"] == "127.0.0.0/24"), "{failed:?}");
    let with_request = lines.iter().filter(|line| line["event"] != "socket");
    assert!(with_request.clone().all(|line| line["span"]["request.id"].is_string()), "{lines:?}");
    assert!(!installation.said().contains("canary"), "nothing that anybody wrote");
}
