//! Letters, to a real mail server: addresses that are confirmed and changed, the way back in, notices, and the outbox.

use crate::support::mail::{self, letter, letters, name};
use crate::support::server::{PASSWORD, Person, Store, TestServer, has_mongodb};
use lavender::id::MailId;
use lavender::server::service::mails::{self, About};
use lavender::server::store::MailRow;
use lavender::time::Timestamp;
use serde_json::json;

const NEW_PASSWORD: &str = "four quiet herons in march";

async fn started(store: Store) -> Option<TestServer> {
    if store == Store::MongoDb && !has_mongodb() {
        return None;
    }
    mail::server(store).await
}

async fn is_confirmed(server: &TestServer, person: &Person) -> bool {
    server.app.db.user(person.user_id).await.unwrap().unwrap().email_confirmed_at.is_some()
}

/// A new account whose address is confirmed; and the address.
async fn confirmed(server: &TestServer, begin: &str) -> (Person, String) {
    let name = name(begin);
    let person = server.register(&name).await;
    let address = format!("{name}@example.org");
    let token = letter(&address, 0).await.token("/confirm");
    let answer = person.client.submit("/auth/confirm", &[("token", &token)]).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/confirm?token=done")));
    (person, address)
}

on_both_stores! {
    async fn a_new_account_gets_a_link_that_confirms_its_address(store) {
        let Some(server) = started(store).await else { return };
        let name = name("ada");
        let ada = server.register(&name).await;
        let address = format!("{name}@example.org");
        let first = letter(&address, 0).await;
        assert_eq!(first.header("X-Tls").as_deref(), Some("True"), "never in the clear where TLS is offered");
        assert_eq!(first.header("Subject").as_deref(), Some("Confirm your address"));
        assert_eq!(first.header("Auto-Submitted").as_deref(), Some("auto-generated"));
        assert!(first.header("From").unwrap().contains("chat@example.org"));
        assert!(first.header("Content-Type").unwrap().starts_with("multipart/alternative"));
        let body = first.body();
        assert!(body.contains("text/plain") && body.contains("text/html") && body.contains(&server.origin), "{body}");
        let token = first.token("/confirm");
        assert!(!is_confirmed(&server, &ada).await);
        // Looking at the page does nothing: mail programs do.
        let page = server.visitor().open(&format!("/confirm?token={token}")).await;
        assert_eq!(page.status, 200);
        assert!(!is_confirmed(&server, &ada).await);
        let visitor = server.visitor();
        for wrong in ["", "x", "a.1.b", &token[..token.len() - 1], &format!("{token}x")] {
            let answer = visitor.submit("/auth/confirm", &[("token", wrong)]).await;
            assert!(answer.location().unwrap().starts_with("/confirm?token=") , "{wrong}");
            assert!(!is_confirmed(&server, &ada).await, "{wrong}");
        }
        // By whoever has the letter; twice is as good as once.
        for _ in 0..2 {
            let answer = visitor.submit("/auth/confirm", &[("token", &token)]).await;
            assert_eq!(answer.location(), Some("/confirm?token=done"));
            assert!(is_confirmed(&server, &ada).await);
        }
        let ways = ada.client.get("/api/account/ways").await.json();
        assert_eq!(ways["email"], json!({ "address": address, "is_confirmed": true, "can_write": true }));
    }

    async fn a_forgotten_password_is_helped_and_nobody_learns_who_has_an_account(store) {
        let Some(server) = started(store).await else { return };
        let (ada, address) = confirmed(&server, "ada").await;
        let stranger = format!("{}@example.org", name("nobody"));
        let visitor = server.visitor();
        let known = visitor.submit("/auth/forgot", &[("email", &address.to_uppercase())]).await;
        let unknown = visitor.submit("/auth/forgot", &[("email", &stranger)]).await;
        assert_eq!((known.status, known.location()), (303, Some("/forgot?sent=yes")));
        assert_eq!((unknown.status, unknown.location()), (known.status, known.location()));
        let token = letter(&address, 1).await.token("/reset");
        let answer = visitor.submit("/auth/reset", &[("token", &token), ("password", NEW_PASSWORD)]).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/")));
        assert_eq!(ada.client.get("/api/account/ways").await.status, 401, "whoever was signed in is out");
        let notice = letter(&address, 2).await;
        assert_eq!(notice.header("Subject").as_deref(), Some("Your password was changed"));
        assert!(letters(&stranger).is_empty());
        let again = visitor.submit("/auth/reset", &[("token", &token), ("password", PASSWORD)]).await;
        assert!(again.location().unwrap().starts_with("/reset"), "once");
        for wrong in ["", "ada", "a@b@c", &format!("{}@example.org", "x".repeat(300))] {
            let answer = server.visitor().submit("/auth/forgot", &[("email", wrong)]).await;
            assert_eq!((answer.status, answer.location()), (303, Some("/forgot")), "{wrong}");
        }
    }

    async fn another_address_counts_once_its_letter_was_answered(store) {
        let Some(server) = started(store).await else { return };
        let (ada, old) = confirmed(&server, "ada").await;
        let (ben, bens) = confirmed(&server, "ben").await;
        let new = format!("{}@example.org", name("ada_new"));
        let change = |email: &str, password: &str| {
            let body = json!({ "password": password, "email": email });
            let client = ada.client.clone();
            async move { client.post("/api/account/email", &body).await }
        };
        let wrong = change(&new, "not the password at all").await;
        assert_eq!((wrong.status, wrong.code().as_str()), (422, "invalid"), "{wrong:?}");
        assert_eq!(change("no address", PASSWORD).await.status, 422);
        // Taken: nothing is said, and nobody is written to.
        assert_eq!(change(&bens, PASSWORD).await.status, 200);
        assert_eq!(change(&new, PASSWORD).await.status, 200);
        let token = letter(&new, 0).await.token("/confirm");
        let other = format!("{}@example.org", name("ada_other"));
        assert_eq!(change(&other, PASSWORD).await.status, 200);
        let later = letter(&other, 0).await.token("/confirm");
        assert_eq!(letters(&bens).len(), 1, "his own, when he came");
        assert_eq!(server.app.db.user(ada.user_id).await.unwrap().unwrap().email, old, "nothing before it is answered");
        let answer = server.visitor().submit("/auth/confirm", &[("token", &token)]).await;
        assert_eq!(answer.location(), Some("/confirm?token=done"));
        assert_eq!(server.app.db.user(ada.user_id).await.unwrap().unwrap().email, new);
        assert_eq!(letter(&old, 1).await.header("Subject").as_deref(), Some("Your address was changed"));
        // The other link was for an account with the address before.
        server.visitor().submit("/auth/confirm", &[("token", &later)]).await;
        assert_eq!(server.app.db.user(ada.user_id).await.unwrap().unwrap().email, new);
        assert_eq!(server.visitor().login(&new, PASSWORD).await.location(), Some("/"));
        // Somebody else may have registered with it meanwhile.
        let wanted = format!("{}@example.org", name("both"));
        let body = json!({ "password": PASSWORD, "email": wanted });
        assert_eq!(ben.client.post("/api/account/email", &body).await.status, 200);
        let token = letter(&wanted, 0).await.token("/confirm");
        let first = wanted.split('@').next().unwrap();
        server.register(first).await;
        let answer = ben.client.submit("/auth/confirm", &[("token", &token)]).await;
        assert_eq!(answer.location(), Some("/confirm?token=taken"));
        assert_eq!(server.app.db.user(ben.user_id).await.unwrap().unwrap().email, bens);
    }

    async fn a_link_that_waits_is_worth_nothing_once_the_password_was_changed(store) {
        let Some(server) = started(store).await else { return };
        let (ada, address) = confirmed(&server, "ada").await;
        let stolen = format!("{}@example.org", name("eve"));
        let body = json!({ "password": PASSWORD, "email": stolen });
        assert_eq!(ada.client.post("/api/account/email", &body).await.status, 200);
        let token = letter(&stolen, 0).await.token("/confirm");
        server.visitor().submit("/auth/forgot", &[("email", &address)]).await;
        let reset = letter(&address, 1).await.token("/reset");
        let body = json!({ "old_password": PASSWORD, "password": NEW_PASSWORD });
        assert_eq!(ada.client.post("/api/account/password", &body).await.status, 200);
        let visitor = server.visitor();
        let answer = visitor.submit("/auth/confirm", &[("token", &token)]).await;
        assert_ne!(answer.location(), Some("/confirm?token=done"));
        let answer = visitor.submit("/auth/reset", &[("token", &reset), ("password", PASSWORD)]).await;
        assert!(answer.location().unwrap().starts_with("/reset"));
        assert_eq!(server.app.db.user(ada.user_id).await.unwrap().unwrap().email, address);
        assert_eq!(server.visitor().login(&address, NEW_PASSWORD).await.location(), Some("/"));
    }

    async fn who_signs_in_where_they_never_were_is_told(store) {
        let Some(server) = started(store).await else { return };
        let (ada, address) = confirmed(&server, "ada").await;
        // The device of before.
        ada.client.submit("/auth/logout", &[]).await;
        assert_eq!(ada.client.login(&address, PASSWORD).await.location(), Some("/"));
        assert_eq!(server.visitor().login(&address, PASSWORD).await.location(), Some("/"));
        let notice = letter(&address, 1).await;
        assert_eq!(notice.header("Subject").as_deref(), Some("A new sign-in to your account"));
        assert!(notice.body().contains("127.0.0.0/24") && notice.body().contains("UTC"), "{}", notice.body());
        assert!(notice.body().contains("/settings/sign-in"));
        let body = json!({ "old_password": PASSWORD, "password": NEW_PASSWORD });
        assert_eq!(ada.client.post("/api/account/password", &body).await.status, 200);
        assert_eq!(letter(&address, 2).await.header("Subject").as_deref(), Some("Your password was changed"));
        assert_eq!(letters(&address).len(), 3, "nothing of the device that was known");
    }

    async fn a_letter_waits_for_the_mail_server_and_is_given_up_where_nobody_is(store) {
        let Some(server) = started(store).await else { return };
        let db = &server.app.db;
        // The first part of an address is what the mail server goes by.
        for begin in ["later", "never"] {
            let person = server.register(&name(begin)).await;
            let row = db.user(person.user_id).await.unwrap().unwrap();
            // As of the hour to come: also when the server's own look has it already.
            let soon = Timestamp::now().plus_ms(600_000);
            mails::carry(&server.app, soon).await.unwrap();
            let own = db.take_mails(soon.plus_ms(600_000), soon.plus_ms(600_001), 100).await.unwrap();
            assert_eq!(own.len(), usize::from(begin == "later"), "{begin}: {own:?}");
            assert!(letters(&row.email).is_empty());
            if let [waits] = own.as_slice() {
                assert!(waits.tries > 1);
                std::fs::write(mail::folder().join(format!("{}.open", row.email)), "").unwrap();
                db.put_mail_off(waits.id, Timestamp(0)).await.unwrap();
                mails::carry(&server.app, Timestamp::now()).await.unwrap();
                assert_eq!(letter(&row.email, 0).await.header("Subject").as_deref(), Some("Confirm your address"));
                std::fs::remove_file(mail::folder().join(format!("{}.open", row.email))).ok();
            }
        }
    }

    async fn what_no_longer_says_anything_is_not_written(store) {
        let Some(server) = started(store).await else { return };
        let (ada, address) = confirmed(&server, "ada").await;
        let row = |about: String| MailRow {
            id: MailId::new(),
            user_id: ada.user_id,
            to: address.clone(),
            about,
            created_at: Timestamp::now(),
            due_at: Timestamp::now().plus_ms(-1),
            tries: 0,
        };
        let unknown = row(r#"{"kind":"of a newer version"}"#.to_owned());
        let gone = MailRow { user_id: lavender::id::UserId::new(), ..row(serde_json::to_string(&About::Reset { state: "x".into() }).unwrap()) };
        // Asked when the account was another.
        let outdated = row(serde_json::to_string(&About::Reset { state: "of before".into() }).unwrap());
        for row in [unknown, gone, outdated] {
            server.app.db.add_mail(&row).await.unwrap();
        }
        while mails::carry(&server.app, Timestamp::now()).await.unwrap() > 0 {}
        assert_eq!(letters(&address).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_can_have_somebody_flooded() {
    let Some(settings) = mail::settings() else { return };
    let server = TestServer::start_with(Store::Embedded, |config| {
        config.mail = Some(settings);
        config.limit_scale = 1;
    })
    .await;
    let ada = name("ada");
    server.register(&ada).await;
    let address = format!("{ada}@example.org");
    letter(&address, 0).await;
    let visitor = server.visitor();
    for n in 0..4 {
        let answer = visitor.submit("/auth/forgot", &[("email", &address)]).await;
        let told = if n < 3 { "/forgot?sent=yes" } else { "/forgot" };
        assert_eq!(answer.location(), Some(told), "{n}");
    }
    letter(&address, 3).await;
    assert_eq!(letters(&address).len(), 4);
    let other = visitor.submit("/auth/forgot", &[("email", "somebody-else@example.org")]).await;
    assert_eq!(other.location(), Some("/forgot?sent=yes"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_mail_server_nothing_that_needs_one_is_there() {
    let server = TestServer::start(Store::Embedded).await;
    let ada = server.register("ada").await;
    let visitor = server.visitor();
    let page = visitor.open("/login").await;
    assert!(!page.body.contains("href=\"/forgot\"") && page.body.contains("Ask one of the people who run this server"));
    let answer = visitor.submit("/auth/forgot", &[("email", "ada@example.org")]).await;
    assert_eq!(answer.location(), Some("/forgot"));
    for (path, body) in [
        ("/api/account/email/confirm", json!({})),
        ("/api/account/email", json!({ "password": PASSWORD, "email": "new@example.org" })),
    ] {
        let answer = ada.client.post(path, &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
    let ways = ada.client.get("/api/account/ways").await.json();
    assert_eq!(ways["email"]["can_write"], false);
    let later = Timestamp::now().plus_ms(3_600_000);
    assert!(server.app.db.take_mails(later, later.plus_ms(1), 10).await.unwrap().is_empty(), "nothing piles up");
}
