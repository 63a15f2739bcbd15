//! Accounts that go: kept for a while, then nobody's, and nothing of them is left.

use crate::export::with_password;
use crate::files::{put, sending};
use crate::support::server::PASSWORD;
use crate::support::stage::{Person, Stage};
use crate::support::storage::Inventory;
use lavender::Error;
use lavender::error::What;
use lavender::id::{FileId, RoomId, UserId};
use lavender::live::{LiveEvent, LogoutReason, ServerFrame};
use lavender::model::report::{Reason, ReportState, Reported, Verdict};
use lavender::model::{DELETED_NAME, LEAVING_DAYS, MemoryAct, Role};
use lavender::server::service::{accounts, changes, groups, memory, moderation, people, profiles, requests};
use lavender::server::store::{Leaving, UserRow};
use lavender::time::Timestamp;
use serde_json::{Value, json};

const DAY_MS: i64 = 24 * 3_600_000;

fn in_days(days: i64) -> Timestamp {
    Timestamp::now().plus_ms(days * DAY_MS)
}

async fn leave(person: &Person, takes_messages: bool) -> Value {
    let wish = json!({ "password": PASSWORD, "takes_messages": takes_messages });
    let answer = person.browser().post("/api/account/leave", &wish).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// Somebody who wants to go, and whose time has come.
async fn gone(person: &Person, takes_messages: bool) {
    let leaving = Leaving { due_at: Timestamp::now().plus_ms(-1), takes_messages };
    person.app.db.set_leaving(person.user_id, Some(&leaving)).await.unwrap();
    assert_eq!(accounts::sweep(&person.app, Timestamp::now()).await.unwrap(), 1);
    // What was under way then has ended.
    assert_eq!(accounts::sweep(&person.app, Timestamp::now().plus_ms(3 * 60_000)).await.unwrap(), 0);
}

/// What comes of a send that was under way when its author was erased.
async fn sending_late(stage: &Stage, person: &Person, room_id: RoomId) -> Result<(), Error> {
    lavender::server::access::sender(&stage.app, room_id, person.user_id).await.map(drop)
}

async fn row(person: &Person) -> UserRow {
    person.app.db.user(person.user_id).await.unwrap().unwrap()
}

on_both_stores! {
    async fn an_account_goes_after_14_days_unless_its_owner_says_no(store) {
        let stage = Stage::start(store).await;
        let ana = stage.person("ana").await;
        with_password(&ana).await;
        let phone = stage.again(&ana).await;
        let mut phones = phone.connect().await;
        let wrong = json!({ "password": "not the password", "takes_messages": false });
        let refused = ana.browser().post("/api/account/leave", &wrong).await.json()["data"].clone();
        assert_eq!((refused["field"].as_str(), refused["problem"].as_str()), (Some("password"), Some("no_match")));
        assert_eq!(row(&ana).await.leaving, None);

        let me = leave(&ana, true).await;
        let due = row(&ana).await.leaving.unwrap();
        assert_eq!((me["leaves_at"].as_i64(), due.takes_messages), (Some(due.due_at.0), true));
        assert!((in_days(LEAVING_DAYS).0 - due.due_at.0).abs() < 60_000);
        let (frames, _) = phones.ending().await;
        assert!(frames.contains(&ServerFrame::LoggedOut { reason: LogoutReason::SignedOut }), "{frames:?}");
        assert_eq!(accounts::sweep(&stage.app, in_days(LEAVING_DAYS - 1)).await.unwrap(), 0);

        // From the settings.
        let me = ana.browser().post("/api/account/stay", &json!({})).await.json();
        assert_eq!((me["leaves_at"].as_i64(), row(&ana).await.leaving), (None, None));
        // By signing in, also anew.
        for _ in 0..2 {
            leave(&ana, false).await;
            assert_eq!(stage.visitor().login(&format!("{}@example.org", ana.username), PASSWORD).await.location(), Some("/"));
            assert_eq!(row(&ana).await.leaving, None);
        }
        assert_eq!(accounts::sweep(&stage.app, in_days(LEAVING_DAYS + 1)).await.unwrap(), 0);

        leave(&ana, false).await;
        assert_eq!(accounts::sweep(&stage.app, in_days(LEAVING_DAYS + 1)).await.unwrap(), 1);
        assert_eq!(accounts::sweep(&stage.app, in_days(LEAVING_DAYS + 1)).await.unwrap(), 0, "once");
        assert_eq!(stage.visitor().login(&format!("{}@example.org", ana.username), PASSWORD).await.location(), Some("/login"));
        assert_eq!(ana.browser().get("/api/account/sessions").await.status, 401);
    }

    async fn nothing_is_left_of_who_takes_all_with_them(store) {
        let stage = Stage::start(store).await;
        let admin = stage.person_as("admin", |row| row.is_admin = true).await;
        let ana = stage.person_as("canaryname", |row| row.display_name = "Canarydisplay Canarylast".into()).await;
        let ben = stage.person("ben").await;
        let cleo = stage.person("cleo").await;
        let (room, _) = stage.app.db.direct_room(ana.user_id, ben.user_id, Timestamp::now()).await.unwrap();
        let (mut anas, mut bens) = (ana.connect().await, ben.connect().await);
        profiles::change(&stage.app, &ana.session, None, Some("canarystatus".into()), Some("canaryabout".into())).await.unwrap();
        let words = anas.send(room.id, "canaryfirst words").await.unwrap();
        changes::edit(&stage.app, ana.user_id, room.id, words.message_id, "canarysecond words").await.unwrap();
        let kept = bens.send(room.id, "bens own words").await.unwrap();
        changes::react(&stage.app, ana.user_id, room.id, kept.message_id, "👍", true).await.unwrap();
        let file = FileId::new();
        assert_eq!(put(&ana, file, room.id, "canaryfile.txt", "text/plain", b"canarybytes").await.status, 200);
        let id = anas.command(sending(room.id, "canarycaption", &[file])).await;
        anas.answer(id).await.unwrap();
        let unsent = FileId::new();
        assert_eq!(put(&ana, unsent, room.id, "canaryunsent.txt", "text/plain", b"canarybytes").await.status, 200);
        ana.ask(&cleo, "canaryintro").await;
        people::set_block(&stage.app, &ana.session, admin.user_id, true).await.unwrap();
        moderation::report(&stage.app, &ana.session, Reported::Person { user_id: ben.user_id }, Reason::Spam, "canarynote").await.unwrap();
        let about_her = Reported::Message { message_id: words.message_id };
        moderation::report(&stage.app, &ben.session, about_her, Reason::Spam, "a note of ben").await.unwrap();
        for report in stage.app.db.reports(ReportState::Open, None, 10).await.unwrap() {
            moderation::judge(&stage.app, &admin.session, report.id, Verdict::Dismiss).await.unwrap();
        }
        let (room_id, note) = (room.id, MemoryAct::Add { text: "canarykept".into() });
        memory::act(&stage.app, &ana.session, room_id, note).await.unwrap();
        let before = stage.dump().await.to_lowercase();
        for canary in [
            "canaryname", "canarydisplay", "canarystatus", "canaryabout", "canaryfirst", "canarysecond", "canaryfile", "canarycaption",
            "canaryunsent", "canaryintro", "canarynote", "canarykept",
        ] {
            assert!(before.contains(canary), "{canary} was there");
        }
        let blobs = stage.app.config.data.join("blobs");
        assert_eq!(Inventory::of_folder(&blobs).blobs.len(), 2);

        gone(&ana, true).await;
        // What was named in a send a moment ago is removed by a later sweep.
        lavender::server::service::files::sweep(&stage.app, in_days(2)).await.unwrap();
        let after = stage.dump().await.to_lowercase();
        let left: Vec<&str> = after.lines().filter(|line| line.contains("canary")).collect();
        assert!(left.is_empty(), "{left:#?}");
        assert!(after.contains("bens own words") && after.contains("a note of ben"));
        assert_eq!(Inventory::of_folder(&blobs).blobs.len(), 0);
        assert!(stage.app.db.message(kept.message_id).await.unwrap().unwrap().reactions.is_empty());
        // Her id is on rows that others need: the account that is nobody's, the place in the room of two, and the marks of what was there.
        let id = ana.user_id.0.simple().to_string();
        let named: Vec<&str> = after.lines().filter(|line| line.contains(&id) || line.contains(&ana.user_id.to_string())).collect();
        let tables: std::collections::BTreeSet<&str> = named.iter().filter_map(|line| line.split_whitespace().next()).collect();
        for table in &tables {
            assert!(["users", "members", "messages", "rooms", "reports", "audit"].contains(table), "{table}: {named:#?}");
        }

        // Who shares a room was told, with what they see.
        let events = bens.settle().await;
        let told = events.iter().any(|event| {
            matches!(event, LiveEvent::Person { person } if person.id == ana.user_id && person.is_deleted && person.display_name == DELETED_NAME)
        });
        assert!(told, "{events:?}");
        let taken = events.iter().any(|event| {
            matches!(event, LiveEvent::MessageChanged { message } if message.id == words.message_id && message.body.as_str().is_empty())
        });
        assert!(taken, "{events:?}");
        assert!(requests::open(&stage.app, cleo.user_id).await.unwrap().is_empty());
    }

    async fn what_was_written_stays_under_no_name_where_its_author_wished_so(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room_id) = stage.pair().await;
        let mut anas = ana.connect().await;
        let words = anas.send(room_id, "words that stay").await.unwrap();
        gone(&ana, false).await;
        let message = stage.app.db.message(words.message_id).await.unwrap().unwrap();
        assert_eq!((message.body.as_str(), message.author_id), ("words that stay", ana.user_id));
        let row = row(&ana).await;
        assert_eq!((row.display_name.as_str(), row.username.as_str(), row.email.as_str()), (DELETED_NAME, "", ""));
        // The other one keeps the room, and finds nobody in it.
        let mut bens = ben.connect().await;
        assert_eq!(bens.send(room_id, "are you there?").await.unwrap_err(), Error::Unreachable);
        let profile = profiles::profile(&stage.app, &ben.session, ana.user_id).await.unwrap();
        assert!(profile.person.is_deleted && profile.about.is_none());
        let summary = lavender::server::service::rooms::summary(&stage.app, ben.user_id, room_id).await.unwrap();
        assert!(!summary.can_send && !summary.blocked_by_me);
        // Nobody finds them, asks them, takes them into a group, or does anything to them.
        assert!(people::find(&stage.app, &ben.session, "ana").await.unwrap().is_empty());
        assert!(people::find(&stage.app, &ben.session, "deleted").await.unwrap().is_empty());
        let cleo = stage.person("cleo").await;
        let no_person = Error::NotFound { what: What::Person };
        assert_eq!(requests::send(&stage.app, &cleo.session, ana.user_id, "hello").await.unwrap_err(), no_person);
        let (owner, group) = (stage.person("owner").await, lavender::id::RoomId::new());
        let made = groups::create(&stage.app, &ben.session, group, "Group", "", &[ana.user_id]).await.unwrap();
        assert_eq!(made.added.refused, [ana.user_id]);
        let admin = stage.person_as("admin", |row| row.is_admin = true).await;
        assert_eq!(moderation::set_ban(&stage.app, &admin.session, ana.user_id, true).await.unwrap_err(), no_person);
        assert_eq!(moderation::reset_link(&stage.app, &admin.session, ana.user_id).await.unwrap_err(), no_person);
        assert!(moderation::accounts(&stage.app, &admin.session, "", "").await.unwrap().iter().all(|found| found.person.id != ana.user_id));
        // The names are free.
        let id = UserId::new();
        let again = UserRow::new(id, ana.username.clone(), ana.username.clone(), format!("{}@example.org", ana.username), format!("{}@example.org", ana.username));
        stage.app.db.create_user(&again).await.unwrap();
        drop(owner);
    }

    async fn a_group_goes_on_without_its_owner_and_an_empty_room_does_not(store) {
        let stage = Stage::start(store).await;
        let (members, group) = stage.group(3).await;
        let (ana, ben, cleo) = (&members[0], &members[1], &members[2]);
        let mut bens = ben.connect().await;
        gone(ana, false).await;
        let left = stage.app.db.members(&[group]).await.unwrap().pop().unwrap().1;
        let roles: Vec<_> = left.iter().map(|member| (member.user_id, member.role)).collect();
        assert_eq!(roles, [(ben.user_id, Role::Owner), (cleo.user_id, Role::Member)]);
        let lines = |messages: Vec<lavender::model::Message>| messages.into_iter().filter(|message| message.system.is_some()).count();
        let page = || stage.app.db.page(group, 0, None, None, 50);
        assert_eq!(lines(page().await.unwrap()), 2, "a new owner, and somebody left");
        bens.settle().await;
        let (room, _) = stage.app.db.direct_room(ben.user_id, cleo.user_id, Timestamp::now()).await.unwrap();
        bens.hello([], None).await;
        bens.send(room.id, "between the two").await.unwrap();
        bens.send(group, "in the group").await.unwrap();
        gone(ben, false).await;
        assert!(stage.app.db.room(room.id).await.unwrap().is_some(), "cleo reads it");
        gone(cleo, false).await;
        for id in [room.id, group] {
            assert!(stage.app.db.room(id).await.unwrap().is_none());
        }
        let dump = stage.dump().await;
        assert!(!dump.contains("between the two") && !dump.contains("in the group"), "nobody could read it");
    }

    async fn what_a_process_left_half_done_another_one_ends(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room_id) = stage.pair().await;
        let mut anas = ana.connect().await;
        let words = anas.send(room_id, "half done").await.unwrap();
        ana.ask(&stage.person("cleo").await, "an intro").await;
        let leaving = Leaving { due_at: Timestamp::now().plus_ms(-1), takes_messages: true };
        stage.app.db.set_leaving(ana.user_id, Some(&leaving)).await.unwrap();
        stage.app.db.erase_user(ana.user_id, Timestamp::now()).await.unwrap().unwrap();
        // It ended here. Nobody can come back any more.
        assert!(stage.app.db.set_leaving(ana.user_id, None).await.is_err());
        assert_eq!(accounts::sweep(&stage.app, Timestamp::now()).await.unwrap(), 0, "it was gone before");
        assert!(!stage.app.db.sessions_of(ana.user_id).await.unwrap().is_empty(), "other processes look for ended ones");
        assert_eq!(sending_late(&stage, &ana, room_id).await, Err(Error::Unauthenticated));
        accounts::sweep(&stage.app, Timestamp::now().plus_ms(3 * 60_000)).await.unwrap();
        assert!(stage.app.db.message(words.message_id).await.unwrap().unwrap().body.as_str().is_empty());
        assert!(stage.app.db.sessions_of(ana.user_id).await.unwrap().is_empty());
        assert!(stage.app.db.due_leavings(in_days(99), 9).await.unwrap().is_empty());
        drop(ben);
    }

    async fn the_only_admin_of_others_makes_another_one_first(store) {
        let stage = Stage::start(store).await;
        let ana = stage.person_as("ana", |row| row.is_admin = true).await;
        with_password(&ana).await;
        let wish = json!({ "password": PASSWORD, "takes_messages": false });
        let (ben, _cleo) = (stage.person("ben").await, stage.person("cleo").await);
        let refused = ana.browser().post("/api/account/leave", &wish).await;
        assert_eq!(refused.json()["data"]["code"], "conflict");
        moderation::set_admin(&stage.app, &ana.session, ben.user_id, true).await.unwrap();
        leave(&ana, false).await;
        // Now ben is the one who is needed.
        with_password(&ben).await;
        let refused = ben.browser().post("/api/account/leave", &wish).await;
        assert_eq!((refused.status, row(&ben).await.leaving), (409, None));
    }
}
