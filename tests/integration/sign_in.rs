//! Signing in with an account elsewhere: against a provider that keeps to the standard, and against one that cheats.

use crate::support::process::Installation;
use crate::support::provider::{Flaw, OpenId, Someone};
use crate::support::server::{Answer, Client, PASSWORD, Store, TestServer};
use lavender::id::UserId;
use lavender::server::http::cookies::{ACCESS, ATTEMPT, FRESH, JOINING, REFRESH};
use lavender::server::store::{IdentityRow, Sanction, UserRow};
use lavender::time::Timestamp;
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";

async fn server(store: Store, provider: &OpenId) -> TestServer {
    let own = provider.config();
    TestServer::start_with(store, move |config| config.providers = vec![own]).await
}

/// Goes to the provider, signs in there, and comes back.
async fn travel(client: &Client, provider: &OpenId, someone: &Someone, flaw: Flaw) -> Answer {
    let back = there(client, provider, "/auth/oidc", someone, flaw).await;
    client.open(&back).await
}

/// Goes to the provider from here and signs in there. Returns where it leads back to.
async fn there(client: &Client, provider: &OpenId, from: &str, someone: &Someone, flaw: Flaw) -> String {
    let gone = client.open(from).await;
    assert_eq!(gone.status, 303, "{gone:?}");
    provider.visit(gone.location().expect("a way there"), someone, flaw)
}

async fn is_in(client: &Client) -> bool {
    client.get("/api/people?query=zz").await.status == 200
}

/// Sends the form of who has come from there.
async fn join(client: &Client, fields: &[(&str, &str)]) -> Answer {
    client.submit("/auth/register", &[fields, &[("joining", "1")]].concat()).await
}

/// Signs in to connect it.
async fn join_in(client: &Client, login: &str, password: &str) -> Answer {
    client.submit("/auth/login", &[("login", login), ("password", password), ("joining", "1")]).await
}

async fn form(client: &Client) -> Value {
    client.get("/api/start").await.json()["SignedOut"].clone()
}

async fn name(client: &Client) -> String {
    let start = client.get("/api/start").await.json();
    start["SignedIn"]["me"]["person"]["username"].as_str().unwrap_or_else(|| panic!("{start}")).to_owned()
}

on_both_stores! {
    async fn who_is_new_chooses_a_name_and_is_let_in_the_next_time(store) {
        let provider = OpenId::start().await;
        let server = server(store, &provider).await;
        let client = server.visitor();
        assert_eq!(form(&client).await["providers"], json!([{ "key": "oidc", "name": "Example" }]));
        let ada = Someone::new("1001", ADA);
        let back = there(&client, &provider, "/auth/oidc?next=%2Fnew", &ada, Flaw::Nothing).await;
        let answer = client.open(&back).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/register?next=%2Fnew")), "{answer:?}");
        assert!(!is_in(&client).await, "nobody is made without being asked");
        for name in [ATTEMPT, JOINING] {
            let line = answer.set_cookie(name).unwrap_or_else(|| panic!("{name}"));
            for attribute in ["; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/"] {
                assert!(line.contains(attribute), "{line}");
            }
        }
        assert_eq!(client.cookie(ATTEMPT), None, "the attempt is over");
        let shown = form(&client).await;
        assert_eq!(shown["joining"], json!({ "provider": "Example", "email": ADA, "is_known": false }));
        assert_eq!((shown["username"].as_str(), shown["display_name"].as_str()), (Some("ada"), Some("Ada Lovelace")));
        // A form that was opened before is not about that.
        let answer = client.submit("/auth/register", &[("username", "eve"), ("email", "eve@example.org")]).await;
        assert_eq!(answer.location(), Some("/register"), "it has no password");
        // Another address in the form counts nothing.
        let fields = [("username", "ada"), ("display_name", "Ada"), ("email", "x@example.org"), ("next", "/new")];
        let answer = join(&client, &fields).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/new")), "{answer:?}");
        assert_eq!((name(&client).await.as_str(), client.cookie(JOINING)), ("ada", None));
        let user = server.app.db.user_by_login(ADA).await.unwrap().expect("with the address of the provider");
        assert_eq!(user.password_hash, "");
        assert_eq!(server.visitor().login("ada", PASSWORD).await.location(), Some("/login"), "no password opens it");
        assert_eq!(server.visitor().login("ada", "").await.location(), Some("/login"));

        // With another address there by now.
        let later = Someone::new("1001", "lovelace@example.org");
        let again = server.visitor();
        let answer = travel(&again, &provider, &later, Flaw::Nothing).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/")), "{answer:?}");
        assert_eq!(name(&again).await, "ada");
        let ways = again.get("/api/account/ways").await.json();
        assert_eq!(ways["has_password"], false);
        assert_eq!(ways["ways"][0]["email"], "lovelace@example.org");
    }

    async fn an_account_with_the_same_address_is_opened_by_its_password_first(store) {
        let provider = OpenId::start().await;
        let server = server(store, &provider).await;
        let owner = server.register("ada").await;
        let thief = server.visitor();
        let someone = Someone::new("666", "Ada@Example.org");
        let answer = travel(&thief, &provider, &someone, Flaw::Nothing).await;
        assert_eq!(answer.location(), Some("/login"), "{answer:?}");
        assert_eq!(form(&thief).await["joining"]["is_known"], true);
        assert!(!is_in(&thief).await);
        assert_eq!(join_in(&thief, "ada", "something else here").await.location(), Some("/login"));
        assert!(server.app.db.identities_of(owner.user_id).await.unwrap().is_empty());

        // Whoever knows another account's password gets into that one, and connects nothing.
        server.register("ben").await;
        let other = server.visitor();
        travel(&other, &provider, &someone, Flaw::Nothing).await;
        assert_eq!(join_in(&other, "ben", PASSWORD).await.location(), Some("/"));
        assert!(server.app.db.identity(provider.issuer(), "666").await.unwrap().is_none());

        let ada = server.visitor();
        travel(&ada, &provider, &Someone::new("1001", "Ada@Example.org"), Flaw::Nothing).await;
        assert_eq!(join_in(&ada, "ada", PASSWORD).await.location(), Some("/"));
        let again = server.visitor();
        assert_eq!(travel(&again, &provider, &Someone::new("1001", ADA), Flaw::Nothing).await.location(), Some("/"));
        assert_eq!(name(&again).await, "ada");
    }

    async fn an_address_that_nobody_vouches_for_is_none(store) {
        let provider = OpenId::start().await;
        let server = server(store, &provider).await;
        server.register("ada").await;
        let client = server.visitor();
        let someone = Someone { is_verified: false, ..Someone::new("5", ADA) };
        let answer = travel(&client, &provider, &someone, Flaw::Nothing).await;
        assert_eq!(answer.location(), Some("/register"), "no account is found by it");
        assert_eq!(form(&client).await["joining"], json!({ "provider": "Example", "email": null, "is_known": false }));
        let answer = join(&client, &[("username", "mallory"), ("email", ADA)]).await;
        assert_eq!(answer.location(), Some("/register"), "that address has an account");
        assert!(!is_in(&client).await);
        assert!(server.app.db.identity(provider.issuer(), "5").await.unwrap().is_none(), "nothing is left");
        let answer = join(&client, &[("username", "mallory"), ("email", "m@example.org")]).await;
        assert_eq!(answer.location(), Some("/"));
        assert_eq!(name(&client).await, "mallory");
    }

    async fn an_address_that_is_told_only_when_asked_for_counts(store) {
        let provider = OpenId::start_with(false).await;
        let server = server(store, &provider).await;
        let client = server.visitor();
        travel(&client, &provider, &Someone::new("1001", ADA), Flaw::Nothing).await;
        assert_eq!(form(&client).await["joining"]["email"], ADA);
        let lied_to = server.visitor();
        let answer = travel(&lied_to, &provider, &Someone::new("1001", ADA), Flaw::UserInfoOfAnother).await;
        assert_eq!((answer.location(), lied_to.cookie(JOINING)), (Some("/login"), None));
    }

    async fn an_account_is_connected_by_its_password_from_the_same_session(store) {
        let provider = OpenId::start().await;
        let server = server(store, &provider).await;
        let ada = server.register("ada").await;
        let connect = |password: &str| json!({ "provider": "oidc", "password": password });
        let wrong = ada.post("/api/account/ways/connect", &connect("not the password")).await;
        assert_eq!((wrong.status, wrong.json()["data"]["problem"].as_str()), (422, Some("no_match")), "{wrong:?}");
        let none = json!({ "provider": "google", "password": PASSWORD });
        assert_eq!(ada.post("/api/account/ways/connect", &none).await.status, 404);
        let way = ada.post("/api/account/ways/connect", &connect(PASSWORD)).await;
        let way = way.json().as_str().expect("a path").to_owned();

        // A way that was made for somebody else leads nowhere.
        let ben = server.register("ben").await;
        assert_eq!(ben.open(&way).await.location(), Some("/settings/sign-in/late"));
        assert_eq!(server.visitor().open(&way).await.location(), Some("/login"));

        let someone = Someone::new("77", "other@example.org");
        let back = there(&ada, &provider, &way, &someone, Flaw::Nothing).await;
        // Whoever is signed in by then must be the one who began.
        let swapped = ada.copy();
        swapped.set_cookie(ACCESS, ben.cookie(ACCESS).as_deref());
        assert_eq!(swapped.open(&back).await.location(), Some("/settings/sign-in/late"));
        assert!(server.app.db.identity(provider.issuer(), "77").await.unwrap().is_none());
        let way = ada.post("/api/account/ways/connect", &connect(PASSWORD)).await.json().as_str().unwrap().to_owned();
        let back = there(&ada, &provider, &way, &someone, Flaw::Nothing).await;
        // It took so long there that the access token has run out: the session is the same.
        ada.set_cookie(ACCESS, None);
        assert_eq!(ada.open(&back).await.location(), Some("/settings/sign-in/connected"));
        ada.open("/").await;
        let visitor = server.visitor();
        travel(&visitor, &provider, &someone, Flaw::Nothing).await;
        assert_eq!(name(&visitor).await, "ada");

        // It opens no second account, and this one has one of its issuer only.
        let way = ben.post("/api/account/ways/connect", &connect(PASSWORD)).await.json().as_str().unwrap().to_owned();
        let back = there(&ben, &provider, &way, &someone, Flaw::Nothing).await;
        assert_eq!(ben.open(&back).await.location(), Some("/settings/sign-in/taken"));

        let gone = ada.post("/api/account/ways/disconnect", &connect("not the password")).await;
        assert_eq!(gone.status, 422);
        let gone = ada.post("/api/account/ways/disconnect", &connect(PASSWORD)).await;
        assert_eq!(gone.json()["ways"][0]["is_connected"], false, "{gone:?}");
        let answer = travel(&server.visitor(), &provider, &someone, Flaw::Nothing).await;
        assert_eq!(answer.location(), Some("/register"), "it opens nothing any more");
    }

    async fn a_first_password_needs_a_fresh_sign_in(store) {
        let provider = OpenId::start().await;
        let server = server(store, &provider).await;
        let ada = server.visitor();
        let someone = Someone::new("1001", ADA);
        travel(&ada, &provider, &someone, Flaw::Nothing).await;
        assert_eq!(join(&ada, &[("username", "ada")]).await.location(), Some("/"));
        let set = json!({ "old_password": null, "password": PASSWORD });
        let disconnect = json!({ "provider": "oidc", "password": PASSWORD });
        assert_eq!(ada.post("/api/account/ways/disconnect", &disconnect).await.status, 422, "nothing else opens it");
        let weak = ada.post("/api/account/password", &json!({ "old_password": null, "password": "password12" })).await;
        assert_eq!(weak.json()["data"]["problem"], "too_weak", "{weak:?}");
        assert_eq!(ada.post("/api/account/password", &set).await.status, 200, "it was made a moment ago");
        assert_eq!(server.visitor().login("ada", PASSWORD).await.location(), Some("/"));
        let again = ada.post("/api/account/password", &set).await;
        assert_eq!(again.json()["data"]["field"], "old_password", "now there is one: {again:?}");
        assert_eq!(ada.post("/api/account/ways/disconnect", &disconnect).await.status, 200);

        // An account that was made an hour ago.
        let hour_ago = Timestamp::now().plus_ms(-3_600_000);
        let id = UserId::new();
        let new = UserRow::new(id, "old".into(), "old".into(), "old@example.org".into(), "old@example.org".into());
        server.app.db.create_user(&UserRow { created_at: hour_ago, ..new }).await.unwrap();
        assert!(server.app.db.add_identity(&identity(&provider, "7", id, hour_ago)).await.unwrap());
        let someone = Someone::new("7", "old@example.org");
        let old = server.visitor();
        assert_eq!(travel(&old, &provider, &someone, Flaw::Nothing).await.location(), Some("/"));
        let refused = old.post("/api/account/password", &set).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "not_fresh"), "a session alone is not enough");
        let from = "/auth/oidc?again=true&next=%2Fsettings%2Fsign-in";
        let gone = old.open(from).await;
        let way = gone.location().unwrap().to_owned();
        assert!(way.contains("prompt=login") && way.contains("max_age=0"), "{way}");
        // One who signed in there long ago, whatever was asked for.
        let back = provider.visit(&way, &someone, Flaw::StaleSignIn);
        assert_eq!(old.open(&back).await.location(), Some("/settings/sign-in/failed"));
        assert_eq!(old.post("/api/account/password", &set).await.status, 403);
        let back = there(&old, &provider, from, &someone, Flaw::Nothing).await;
        assert_eq!((old.cookie(FRESH), old.open(&back).await.location()), (None, Some("/settings/sign-in")));
        // It is of this session: another one has nothing of it.
        let thief = server.visitor();
        travel(&thief, &provider, &someone, Flaw::Nothing).await;
        thief.set_cookie(FRESH, old.cookie(FRESH).as_deref());
        assert_eq!(thief.post("/api/account/password", &set).await.status, 403);
        assert_eq!(old.post("/api/account/password", &set).await.status, 200);
    }

    async fn closed_doors_and_bans_hold_for_accounts_elsewhere_too(store) {
        let provider = OpenId::start().await;
        let mut server = server(store, &provider).await;
        let ada = server.visitor();
        travel(&ada, &provider, &Someone::new("1001", ADA), Flaw::Nothing).await;
        assert_eq!(join(&ada, &[("username", "ada")]).await.location(), Some("/"));
        let user = server.app.db.user_by_login(ADA).await.unwrap().unwrap();
        server.shut_down().await;
        let server = server.reconfigured(|config| config.registration = false).await;
        let stranger = server.visitor();
        let answer = travel(&stranger, &provider, &Someone::new("2", "new@example.org"), Flaw::Nothing).await;
        assert_eq!((answer.location(), stranger.cookie(JOINING)), (Some("/login"), None));
        assert_eq!(form(&stranger).await["error"]["code"], "forbidden");
        let again = server.visitor();
        assert_eq!(travel(&again, &provider, &Someone::new("1001", ADA), Flaw::Nothing).await.location(), Some("/"));
        let ban = Sanction::Ban(Some(Timestamp::now()));
        server.app.db.sanction(user.id, &ban).await.unwrap();
        let banned = server.visitor();
        travel(&banned, &provider, &Someone::new("1001", ADA), Flaw::Nothing).await;
        assert_eq!(form(&banned).await["error"]["code"], "banned");
        assert!(!is_in(&banned).await);
    }

    async fn an_account_elsewhere_of_an_account_that_never_came_to_be_is_free(store) {
        let provider = OpenId::start().await;
        let server = server(store, &provider).await;
        // Its process ended between the two: a moment ago, it may yet come; long ago, it will not.
        for (subject, ago, answer) in [("1", 0, "/login"), ("2", 600_000, "/register")] {
            let row = identity(&provider, subject, UserId::new(), Timestamp::now().plus_ms(-ago));
            assert!(server.app.db.add_identity(&row).await.unwrap());
            let answered = travel(&server.visitor(), &provider, &Someone::new(subject, ADA), Flaw::Nothing).await;
            assert_eq!(answered.location(), Some(answer));
        }
        let ada = server.visitor();
        assert_eq!(travel(&ada, &provider, &Someone::new("2", ADA), Flaw::Nothing).await.location(), Some("/register"));
        // A registration that was stored without an answer is found by the second try.
        let kept = ada.copy();
        assert_eq!(join(&ada, &[("username", "ada")]).await.location(), Some("/"));
        assert_eq!(join(&kept, &[("username", "ada")]).await.location(), Some("/"));
        assert_eq!(name(&kept).await, "ada");
        assert!(server.app.db.identity(provider.issuer(), "2").await.unwrap().is_some());
    }
}

fn identity(provider: &OpenId, subject: &str, user_id: UserId, at: Timestamp) -> IdentityRow {
    IdentityRow {
        issuer: provider.issuer().to_owned(),
        subject: subject.to_owned(),
        user_id,
        email: None,
        created_at: at,
        last_used_at: at,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_browser_that_began_can_end_and_only_once() {
    let provider = OpenId::start().await;
    let server = server(Store::Embedded, &provider).await;
    let ada = Someone::new("1001", ADA);
    let failed = |client: &Client, answer: &Answer| {
        assert_eq!((answer.status, answer.location()), (303, Some("/login")), "{answer:?}");
        assert_eq!((client.cookie(ACCESS), client.cookie(REFRESH), client.cookie(JOINING)), (None, None, None));
    };
    // A link that somebody else began: login CSRF.
    let (attacker, victim) = (server.visitor(), server.visitor());
    let back = there(&attacker, &provider, "/auth/oidc", &ada, Flaw::Nothing).await;
    failed(&victim, &victim.open(&back).await);
    // The victim has an attempt of its own: another state.
    there(&victim, &provider, "/auth/oidc", &ada, Flaw::Nothing).await;
    failed(&victim, &victim.open(&back).await);
    // The control passes, and only once.
    let kept = attacker.cookie(ATTEMPT).expect("an attempt");
    assert_eq!(attacker.open(&back).await.location(), Some("/register"));
    let replay = server.visitor();
    replay.set_cookie(ATTEMPT, Some(&kept));
    failed(&replay, &replay.open(&back).await);
    // Also where the provider would take the code: it has not come there yet.
    let client = server.visitor();
    let back = there(&client, &provider, "/auth/oidc", &ada, Flaw::Nothing).await;
    let kept = client.cookie(ATTEMPT).expect("an attempt");
    failed(&client, &client.open(&back.replace("code=", "code=x")).await);
    client.set_cookie(ATTEMPT, Some(&kept));
    failed(&client, &client.open(&back).await);
    // A changed attempt is none.
    let client = server.visitor();
    let back = there(&client, &provider, "/auth/oidc", &ada, Flaw::Nothing).await;
    let sealed = client.cookie(ATTEMPT).expect("an attempt");
    client.set_cookie(ATTEMPT, Some(&format!("A{}", &sealed[1..])));
    failed(&client, &client.open(&back).await);
    // A code without its state, a state without a code, another issuer, none, and nothing at all.
    for change in ["state=", "code=", "iss="] {
        let client = server.visitor();
        let back = there(&client, &provider, "/auth/oidc", &ada, Flaw::Nothing).await;
        let (path, query) = back.split_once('?').expect("a query");
        let without: Vec<&str> = query.split('&').filter(|part| !part.starts_with(change)).collect();
        failed(&client, &client.open(&format!("{path}?{}", without.join("&"))).await);
        let client = server.visitor();
        let back = there(&client, &provider, "/auth/oidc", &ada, Flaw::Nothing).await;
        failed(&client, &client.open(&back.replace(change, &format!("{change}x"))).await);
    }
    failed(&victim, &victim.open("/auth/oidc/callback").await);
    assert_eq!(victim.open("/auth/google").await.status, 404, "one that is not configured is not there");
    assert_eq!(victim.open("/auth/google/callback").await.status, 404);
    assert_eq!(victim.submit("/auth/oidc", &[]).await.status, 415, "it is no form");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_want_to_comes_back_with_a_word() {
    let provider = OpenId::start().await;
    let server = server(Store::Embedded, &provider).await;
    for (error, code) in [("access_denied", "provider_cancelled"), ("server_error", "provider_failed")] {
        let client = server.visitor();
        let gone = client.open("/auth/oidc?next=%2Fnew").await;
        let url = url::Url::parse(gone.location().unwrap()).unwrap();
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let issuer = provider.issuer();
        let answer = client.open(&format!("/auth/oidc/callback?error={error}&state={state}&iss={issuer}")).await;
        assert_eq!(answer.location(), Some("/login?next=%2Fnew"), "the way on is kept: {answer:?}");
        assert_eq!(form(&client).await["error"]["code"], code);
    }
    let client = server.visitor();
    let answer =
        there(&client, &provider, "/auth/oidc?next=https%3A%2F%2Fevil.example", &Someone::new("1", ADA), Flaw::Nothing)
            .await;
    assert_eq!(client.open(&answer).await.location(), Some("/register"), "nobody is led elsewhere");
    assert_eq!(client.submit("/auth/join/cancel", &[]).await.location(), Some("/login"));
    assert_eq!(client.cookie(JOINING), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_cheats_gets_nobody_in_and_leaves_one_line_in_the_log() {
    let provider = OpenId::start().await;
    let mut installation = Installation::new();
    let config = provider.config();
    installation.set("OIDC_ISSUER", config.issuer);
    installation.set("OIDC_NAME", "Example");
    installation.set("OIDC_CLIENT_ID", config.client_id);
    installation.set("OIDC_CLIENT_SECRET", secrecy::ExposeSecret::expose_secret(&config.client_secret));
    installation.set("LAVENDER_LOG", "debug,dioxus_server=warn");
    installation.set("LAVENDER_LOG_FORMAT", "json");
    let process = installation.start().await;
    let ada = Someone::new("1001", ADA);
    let mut lines = 0;
    let flaws = [
        (Flaw::Audience, "for another client"),
        (Flaw::Issuer, "of another issuer"),
        (Flaw::Nonce, "of another attempt"),
        (Flaw::NoNonce, "lacks something"),
        (Flaw::AlgorithmNone, "is no token"),
        (Flaw::PublicKeyAsSecret, "not signed by a private key"),
        (Flaw::Expired, "has expired"),
        (Flaw::OldIssue, "not made now"),
        (Flaw::UnknownKey, "key is not known"),
        (Flaw::ForgedKey, "signature is wrong"),
        (Flaw::NoSubject, "names nobody"),
        (Flaw::NoIdToken, "there is no ID token"),
        (Flaw::NoJson, "not readable"),
        (Flaw::Endless, "too long"),
        (Flaw::Refuses, "cancelled there"),
        (Flaw::Breaks, "not readable"),
    ];
    for (flaw, reason) in flaws {
        let client = Client::new(process.address, process.origin.clone());
        let answer = travel(&client, &provider, &ada, flaw).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/login")), "{flaw:?}: {answer:?}");
        assert!(!is_in(&client).await, "{flaw:?}");
        assert_eq!((client.cookie(ACCESS), client.cookie(JOINING)), (None, None), "{flaw:?}");
        let said = installation.said();
        let new: Vec<&str> = audit(&said).skip(lines).collect();
        assert_eq!(new.len(), 1, "{flaw:?}: one line: {new:?}");
        assert!(new[0].contains("signing in elsewhere failed") && new[0].contains(reason), "{flaw:?}: {}", new[0]);
        lines += 1;
    }
    let client = Client::new(process.address, process.origin.clone());
    assert_eq!(
        travel(&client, &provider, &ada, Flaw::Nothing).await.location(),
        Some("/register"),
        "the control passes"
    );
    let said = installation.said();
    assert_eq!(audit(&said).count(), lines);
    assert!(said.lines().count() > lines, "the rest is there, too");
    for secret in [ADA, "s3cret", "Bearer", "code_verifier", "code=", "eyJ"] {
        assert!(!said.contains(secret), "{secret} is in the log");
    }
}

fn audit(said: &str) -> impl Iterator<Item = &str> {
    said.lines().filter(|line| line.contains("\"target\":\"audit\""))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_provider_says_of_itself_is_looked_at() {
    for (name, value) in [
        ("issuer", json!("https://accounts.google.com")),
        ("token_endpoint", json!("http://198.51.100.7/token")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("jwks_uri", json!("https://id.example.invalid/keys")),
        ("token_endpoint", Value::Null),
    ] {
        let provider = OpenId::start().await;
        provider.say(name, value.clone());
        let server = server(Store::Embedded, &provider).await;
        let client = server.visitor();
        let answer = client.open("/auth/oidc").await;
        assert_eq!((answer.status, answer.location()), (303, Some("/login")), "{name} = {value}: {answer:?}");
        assert_eq!(form(&client).await["error"]["code"], "provider_failed");
    }
    // It is asked again, and may be well by then.
    let provider = OpenId::start().await;
    provider.say("issuer", json!("https://accounts.google.com"));
    let server = server(Store::Embedded, &provider).await;
    assert_eq!(server.visitor().open("/auth/oidc").await.location(), Some("/login"));
    provider.say("issuer", json!(provider.issuer()));
    let answer = travel(&server.visitor(), &provider, &Someone::new("1", ADA), Flaw::Nothing).await;
    assert_eq!(answer.location(), Some("/register"));
}
