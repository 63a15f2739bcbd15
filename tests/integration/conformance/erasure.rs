use super::files::{ROOMY, file_row, show};
use super::invites::invite;
use super::memories::memory;
use super::moderation::report;
use super::requests::request_row;
use super::search::{fill, index, texts};
use super::sessions::session_row;
use super::{Db, NOW, append, new_message, new_text, room_of_two, say, say_many, two_users, user, user_row};
use super::{identities, mails};
use lavender::id::{FileId, MessageId, RequestId, RoomId, TxnId, UserId};
use lavender::model::report::{Report, ReportState};
use lavender::model::{
    AttachmentKind, Invite, Memory, Message, Picture, Pin, PrefsChange, Privacy, RequestState, RequestsFrom, Role,
    Room, SystemLine, Theme,
};
use lavender::server::store::{
    Account, FileRow, Leaving, NewMessage, ProfileChange, RequestRow, Sanction, StoreError, UserRow,
};

fn leaving(after_ms: i64) -> Leaving {
    Leaving { due_at: NOW.plus_ms(after_ms), takes_messages: true }
}

/// Erases an account at [`NOW`].
async fn erase(db: &Db, id: UserId) -> UserRow {
    db.set_leaving(id, Some(&leaving(0))).await.unwrap();
    db.erase_user(id, NOW).await.unwrap().unwrap()
}

fn ids(rows: &[UserRow]) -> Vec<UserId> {
    rows.iter().map(|row| row.id).collect()
}

pub async fn leaving_is_arranged_and_taken_back(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let without_messages = Leaving { takes_messages: false, ..leaving(7) };
    for arranged in [Some(leaving(5)), Some(without_messages), None, None] {
        db.set_leaving(ana, arranged.as_ref()).await.unwrap();
        let row = db.user(ana).await.unwrap().unwrap();
        assert_eq!((row.leaving, row.deleted_at, row.revision), (arranged, None, 1));
        assert_eq!(db.user(ben).await.unwrap().unwrap().leaving, None);
    }
    for arranged in [Some(leaving(5)), None] {
        let missing = db.set_leaving(UserId::new(), arranged.as_ref()).await;
        assert!(matches!(missing, Err(StoreError::Missing)), "{missing:?}");
    }
    assert!(db.due_leavings(NOW.plus_ms(99), 9).await.unwrap().is_empty());
    let cleo = UserRow { leaving: Some(leaving(1)), ..user_row("cleo") };
    db.create_user(&cleo).await.unwrap();
    assert_eq!(db.due_leavings(NOW.plus_ms(1), 9).await.unwrap(), [cleo]);
}

pub async fn accounts_are_due_in_their_order_until_all_is_done(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let (cleo, dan) = (user(&db, "cleo").await, user(&db, "dan").await);
    for (id, at) in [(ana, 9), (ben, 5), (cleo, 7)] {
        db.set_leaving(id, Some(&leaving(at))).await.unwrap();
    }
    let due = async |at: i64, limit: usize| ids(&db.due_leavings(NOW.plus_ms(at), limit).await.unwrap());
    assert!(due(4, 9).await.is_empty());
    assert_eq!(due(7, 9).await, [ben, cleo]);
    assert_eq!(due(9, 2).await, [ben, cleo]);
    assert!(due(9, 0).await.is_empty());
    db.erase_user(ben, NOW.plus_ms(8)).await.unwrap().unwrap();
    assert_eq!(due(9, 9).await, [ben, cleo, ana], "also who is erased already");
    for id in [ben, ben, dan, UserId::new()] {
        db.end_leaving(id).await.unwrap();
    }
    assert_eq!(due(9, 9).await, [cleo, ana]);
    let row = db.user(ben).await.unwrap().unwrap();
    assert_eq!((row.leaving, row.deleted_at), (None, Some(NOW.plus_ms(8))));
    assert_eq!(db.erase_user(ben, NOW.plus_ms(20)).await.unwrap(), Some(row), "it stays what it is");
}

pub async fn an_account_becomes_nobodys_when_it_is_due(db: Db) {
    let row = UserRow {
        display_name: "Ana Berg".into(),
        email_confirmed_at: Some(NOW),
        last_seen: Some(NOW),
        theme: Theme::Dark,
        status: Some("away".into()),
        about: Some("I grow beans".into()),
        is_admin: true,
        ..user_row("ana")
    };
    db.create_user(&row).await.unwrap();
    let id = row.id;
    let privacy = Privacy { hides_last_seen: true, requests: RequestsFrom::Shared };
    db.set_privacy(id, &privacy).await.unwrap();
    let picture = Some(Some(Picture { file_id: FileId::new(), colour: None }));
    db.set_profile(id, &ProfileChange { picture, ..ProfileChange::default() }).await.unwrap();
    let warning = Sanction::Warning(Some("Please stop".into()));
    for sanction in [Sanction::Ban(Some(NOW)), Sanction::Mute(Some(NOW.plus_ms(5))), warning] {
        db.sanction(id, &sanction).await.unwrap();
    }
    assert_eq!(db.erase_user(id, NOW.plus_ms(9)).await.unwrap(), None, "it stays");
    db.set_leaving(id, Some(&leaving(5))).await.unwrap();
    assert_eq!(db.erase_user(id, NOW.plus_ms(4)).await.unwrap(), None, "not due");
    assert_eq!(db.erase_user(UserId::new(), NOW.plus_ms(9)).await.unwrap(), None);
    let before = db.user(id).await.unwrap().unwrap();
    assert_eq!((before.display_name.as_str(), before.privacy), ("Ana Berg", privacy));

    let erased = db.erase_user(id, NOW.plus_ms(5)).await.unwrap().unwrap();
    let key = format!("deleted:{id}");
    let expected = UserRow {
        display_name: "Deleted account".into(),
        created_at: row.created_at,
        revision: before.revision + 1,
        banned_at: Some(NOW),
        leaving: Some(leaving(5)),
        deleted_at: Some(NOW.plus_ms(5)),
        ..UserRow::new(id, String::new(), key.clone(), String::new(), key)
    };
    assert_eq!(erased, expected);
    assert!(erased.person().is_deleted);
    assert_eq!(db.user(id).await.unwrap().as_ref(), Some(&erased));
    assert_eq!(db.users(&[id]).await.unwrap(), std::slice::from_ref(&erased));
    for arranged in [Some(leaving(9)), None] {
        let late = db.set_leaving(id, arranged.as_ref()).await;
        assert!(matches!(late, Err(StoreError::Missing)), "{late:?}");
    }
    assert_eq!(db.erase_user(id, NOW.plus_ms(50)).await.unwrap(), Some(erased), "once");
}

pub async fn of_staying_and_going_at_once_one_happens(db: Db) {
    for n in 0..12 {
        let ana = user(&db, &format!("ana{n}")).await;
        db.set_leaving(ana, Some(&leaving(0))).await.unwrap();
        let (stayed, erased) = tokio::join!(db.set_leaving(ana, None), db.erase_user(ana, NOW));
        let (erased, row) = (erased.unwrap(), db.user(ana).await.unwrap().unwrap());
        match stayed {
            Ok(()) => assert_eq!((erased, row.leaving, row.deleted_at), (None, None, None)),
            Err(StoreError::Missing) => assert_eq!(erased, Some(row)),
            Err(error) => panic!("{error}"),
        }
    }
}

pub async fn nobody_finds_who_is_erased_and_their_names_are_free(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let rename = ProfileChange { display_name: Some("Zora Quill".into()), ..ProfileChange::default() };
    db.set_profile(ana, &rename).await.unwrap();
    let erased = erase(&db, ana).await;
    for prefix in ["ana", "zora", "quill", "deleted", "account", "deleted:"] {
        assert!(db.find_users(prefix, 9).await.unwrap().is_empty(), "{prefix}");
    }
    assert_eq!(ids(&db.find_users("", 9).await.unwrap()), [ben]);
    assert_eq!(ids(&db.list_users("", 9).await.unwrap()), [ben]);
    assert!(db.users_by_name(&["ana".into(), String::new()]).await.unwrap().is_empty());
    for key in ["ana", "ana@example.org", "", erased.username_key.as_str()] {
        assert_eq!(db.user_by_login(key).await.unwrap(), None, "{key}");
    }
    // A second account of nobody, and one under the names of the first.
    erase(&db, ben).await;
    let new = user_row("ana");
    db.create_user(&new).await.unwrap();
    assert_eq!(db.user_by_login("ana@example.org").await.unwrap().as_ref(), Some(&new));
    assert_eq!(db.users_by_name(&["ana".into()]).await.unwrap(), [new]);
    assert_eq!(db.user(ana).await.unwrap(), Some(erased));
}

pub async fn an_erased_account_takes_nothing_in(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let erased = erase(&db, ana).await;
    let change = ProfileChange {
        display_name: Some("Ana".into()),
        status: Some("back".into()),
        is_admin: Some(true),
        ..ProfileChange::default()
    };
    let privacy = Privacy { hides_last_seen: true, ..Privacy::default() };
    let outcomes = [
        db.set_theme(ana, Theme::Dark).await,
        db.set_password_hash(ana, "$other$").await,
        db.set_privacy(ana, &privacy).await,
        db.set_email(ana, "a@example.org", "a@example.org", Some(NOW)).await,
        db.set_profile(ana, &change).await.map(drop),
    ];
    for (n, outcome) in outcomes.iter().enumerate() {
        assert!(matches!(outcome, Err(StoreError::Missing)), "call {n}: {outcome:?}");
    }
    db.set_last_seen(ana, NOW.plus_ms(5)).await.unwrap();
    assert_eq!(db.user(ana).await.unwrap(), Some(erased));
    assert!(db.find_users("ana", 9).await.unwrap().is_empty());
    db.set_profile(ben, &change).await.unwrap();
}

/// Leaves one of each kind that is kept under the id of a member of both rooms, and takes them out of the second one.
async fn leave_traces(db: &Db, me: UserId, n: u8, room: &Room, group: &Room) -> [RequestId; 3] {
    db.create_session(&session_row(me, n)).await.unwrap();
    db.add_identity(&identities::row(me, &n.to_string())).await.unwrap();
    db.add_mail(&mails::row(me)).await.unwrap();
    let (sent, got, over) =
        (request_row(me, UserId::new()), request_row(UserId::new(), me), request_row(UserId::new(), me));
    for request in [&sent, &got, &over] {
        db.create_request(request).await.unwrap();
    }
    db.move_request(over.id, RequestState::Pending, RequestState::Expired, false, NOW).await.unwrap();
    db.set_block(me, UserId::new(), true, NOW).await.unwrap();
    db.set_block(UserId::new(), me, true, NOW).await.unwrap();
    db.remove_member(group.id, me, &[Role::Member], true).await.unwrap().unwrap();
    db.create_invite(&Invite { by: me, ..invite(group, &format!("code-{n}")) }).await.unwrap();
    let account = Account { name: format!("person {me}"), runs_max: 9, tokens_max: 99 };
    for day in [7, 19_000] {
        db.reserve_usage(day, std::slice::from_ref(&account), 5).await.unwrap();
    }
    db.set_prefs(room.id, me, &PrefsChange::Archived { on: true }, NOW).await.unwrap();
    db.set_prefs(room.id, me, &PrefsChange::Cleared { upto: 1 }, NOW).await.unwrap();
    [sent.id, got.id, over.id]
}

/// How many there are of each kind, but for letters.
async fn traces(db: &Db, me: UserId, requests: &[RequestId], room: &Room, group: &Room) -> [usize; 9] {
    let mut asked = 0;
    for id in requests {
        asked += usize::from(db.request(*id).await.unwrap().is_some());
    }
    let mut runs = 0;
    for day in [7, 19_000] {
        runs += db.usage(day, &[format!("person {me}")]).await.unwrap()[0].runs as usize;
    }
    [
        db.sessions_of(me).await.unwrap().len(),
        db.identities_of(me).await.unwrap().len(),
        asked,
        db.blocks_of(me).await.unwrap().len(),
        usize::from(db.is_barred(group.id, me).await.unwrap()),
        db.invites_of(group.id, NOW).await.unwrap().iter().filter(|invite| invite.by == me).count(),
        runs,
        db.prefs(&[room.id], me).await.unwrap().len(),
        db.member(room.id, me).await.unwrap().unwrap().cleared_seq as usize,
    ]
}

pub async fn what_is_kept_under_an_id_goes_and_that_of_others_stays(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let owner = user(&db, "owner").await;
    let group = db.create_group(RoomId::new(), "Team", None, &[owner, ana, ben], NOW).await.unwrap();
    let said = say(&db, room.id, ana, "hello").await;
    let anas = leave_traces(&db, ana, 1, &room, &group).await;
    let bens = leave_traces(&db, ben, 2, &room, &group).await;
    let all = [1, 1, 3, 2, 1, 1, 2, 1, 1];
    for (me, requests) in [(ana, &anas), (ben, &bens)] {
        assert_eq!(traces(&db, me, requests, &room, &group).await, all);
    }
    let row = db.user(ana).await.unwrap();
    for _ in 0..2 {
        db.drop_traces(ana).await.unwrap();
        assert_eq!(traces(&db, ana, &anas, &room, &group).await, [0; 9]);
        assert_eq!(traces(&db, ben, &bens, &room, &group).await, all);
    }
    let letters = db.take_mails(NOW, NOW.plus_ms(50), 9).await.unwrap();
    assert_eq!(letters.iter().map(|letter| letter.user_id).collect::<Vec<_>>(), [ben]);
    assert_eq!(db.user(ana).await.unwrap(), row);
    assert_eq!(db.message(said.id).await.unwrap(), Some(said));
    assert_eq!(db.rooms_of(ana).await.unwrap(), [room]);
    db.drop_traces(UserId::new()).await.unwrap();
}

pub async fn texts_of_an_author_come_in_pages(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let (other, ..) = room_of_two(&db, 2).await;
    let mut mine = Vec::new();
    for n in 0..5 {
        let room_id = if n % 2 == 0 { room.id } else { other.id };
        mine.push(say(&db, room_id, ana, &format!("text {n}")).await);
        say(&db, room_id, ben, "of another").await;
        let gone = say(&db, room_id, ana, "deleted").await;
        db.delete(gone.id, ben, NOW).await.unwrap().unwrap();
        append(&db, NewMessage::system(room_id, ana, TxnId::new(), SystemLine::Left)).await.unwrap();
    }
    mine[1] = db.edit(mine[1].id, 1, &new_text("edited")).await.unwrap().unwrap();
    mine.sort_by_key(|message| message.id);
    for limit in [1, 2, 5, 99] {
        let mut found: Vec<Message> = Vec::new();
        loop {
            let page = db.messages_by(ana, found.last().map(|last| last.id), limit).await.unwrap();
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        assert_eq!(found, mine, "by {limit}");
    }
    assert!(db.messages_by(ana, None, 0).await.unwrap().is_empty());
    assert!(db.messages_by(UserId::new(), None, 9).await.unwrap().is_empty());
}

pub async fn messages_with_reactions_of_somebody_come_in_pages(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let (other, ..) = room_of_two(&db, 2).await;
    let mut expected = Vec::new();
    for n in 0..5 {
        let room_id = if n % 2 == 0 { room.id } else { other.id };
        let sent = say(&db, room_id, ben, &ana.to_string()).await;
        for (who, emoji) in [(ben, "👍"), (ana, "👍"), (ana, "🎉")] {
            db.react(sent.id, who, emoji, true).await.unwrap().unwrap();
        }
        expected.push(db.message(sent.id).await.unwrap().unwrap());
        // Of another, taken back, or with nothing but the look of one.
        let none = say(&db, room_id, ana, "none").await;
        db.react(none.id, ben, "👍", true).await.unwrap().unwrap();
        db.react(none.id, ben, &ana.to_string(), true).await.unwrap().unwrap();
        db.react(none.id, ana, "👍", true).await.unwrap().unwrap();
        db.react(none.id, ana, "👍", false).await.unwrap().unwrap();
    }
    expected.sort_by_key(|message| message.id);
    let mut found: Vec<Message> = Vec::new();
    loop {
        let page = db.reacted_by(ana, found.last().map(|last| last.id), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!(found, expected);
    assert_eq!(db.reacted_by(ben, None, 99).await.unwrap().len(), 10);
    assert!(db.reacted_by(ana, None, 0).await.unwrap().is_empty());
    assert!(db.reacted_by(UserId::new(), None, 9).await.unwrap().is_empty());
}

pub async fn files_of_somebody_come_in_pages(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let mut expected: Vec<FileRow> = Vec::new();
    for n in 0..5 {
        db.begin_file(&file_row(ben, room.id, 1), ROOMY).await.unwrap();
        let row = file_row(ana, room.id, 9 - n);
        db.begin_file(&row, ROOMY).await.unwrap();
        match n % 3 {
            0 => assert!(db.finish_file(row.id, row.bytes, &row.content).await.unwrap()),
            1 => drop(db.doom_file(row.id, NOW).await.unwrap().unwrap()),
            _ => {}
        }
        expected.push(db.file(row.id).await.unwrap().unwrap());
    }
    expected.sort_by_key(|row| row.id);
    let mut found: Vec<FileRow> = Vec::new();
    loop {
        let page = db.files_of(ana, found.last().map(|last| last.id), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!(found, expected);
    assert!(db.files_of(ana, None, 0).await.unwrap().is_empty());
    assert!(db.files_of(UserId::new(), None, 9).await.unwrap().is_empty());
}

pub async fn what_somebody_reported_comes_newest_first(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let mut reports = Vec::new();
    for _ in 0..4 {
        let one = report(ana, ben);
        db.create_report(&one).await.unwrap();
        db.create_report(&report(ben, ana)).await.unwrap();
        reports.insert(0, one);
    }
    db.close_report(reports[1].id, ReportState::Acted, ben, NOW.plus_ms(9)).await.unwrap();
    let closed = Report {
        state: ReportState::Acted,
        handled_by: Some(ben),
        handled_at: Some(NOW.plus_ms(9)),
        ..reports[1].clone()
    };
    reports[1] = closed;
    assert_eq!(db.reports_by(ana, None, 99).await.unwrap(), reports);
    assert_eq!(db.reports_by(ana, None, 2).await.unwrap(), reports[..2]);
    assert_eq!(db.reports_by(ana, Some(reports[1].id), 99).await.unwrap(), reports[2..]);
    assert!(db.reports_by(ana, Some(reports[3].id), 99).await.unwrap().is_empty());
    assert!(db.reports_by(ana, None, 0).await.unwrap().is_empty());
    assert!(db.reports_by(UserId::new(), None, 9).await.unwrap().is_empty());
}

/// What [`Crowded::parts`] counts.
const PARTS: usize = 22;

/// A group of these, the first one its owner, with something of everything in it.
struct Crowded {
    room: Room,
    /// The last member, who was taken out.
    barred: UserId,
    edited: MessageId,
    file: FileId,
    request: RequestId,
    code: String,
}

impl Crowded {
    async fn new(db: &Db, members: &[UserId; 3], n: usize, is_indexed: bool) -> Self {
        let [ana, ben, barred] = *members;
        let room = db.create_group(RoomId::new(), "Team", Some("What we do"), members, NOW).await.unwrap();
        let (file, code) = (FileId::new(), format!("code-{n}"));
        fill(db, room.id, ana, &["the elephant", "https://example.org"]).await;
        show(db, room.id, ben, &[(file, AttachmentKind::Image)]).await;
        say_many(db, room.id, ben, 250).await;
        index(db, is_indexed).await;
        // The index knows the first one by a text that it no longer has.
        let first = db.page(room.id, 0, None, Some(0), 1).await.unwrap().remove(0);
        db.edit(first.id, 1, &new_text("the hippo")).await.unwrap().unwrap();
        db.set_prefs(room.id, ana, &PrefsChange::Archived { on: true }, NOW).await.unwrap();
        db.pin(room.id, &Pin { message_id: first.id, seq: 1, by: ana, at: NOW }).await.unwrap().unwrap();
        db.remove_member(room.id, barred, &[Role::Member], true).await.unwrap().unwrap();
        db.create_invite(&invite(&room, &code)).await.unwrap();
        let request = RequestRow { room_id: Some(room.id), ..request_row(ana, UserId::new()) };
        db.create_request(&request).await.unwrap();
        assert!(db.set_memory(&Memory { room_id: room.id, ..memory(1, "a note") }).await.unwrap());
        let account = Account { name: format!("room {}", room.id), runs_max: 9, tokens_max: 99 };
        db.reserve_usage(7, &[account], 5).await.unwrap();
        Self { room, barred, edited: first.id, file, request: request.id, code }
    }

    /// How much of everything is there.
    async fn parts(&self, db: &Db, member: UserId) -> [usize; PARTS] {
        let id = self.room.id;
        [
            usize::from(db.room(id).await.unwrap().is_some()),
            usize::from(db.rooms_of(member).await.unwrap().iter().any(|room| room.id == id)),
            db.memberships_of(member).await.unwrap().iter().filter(|(room_id, _)| *room_id == id).count(),
            db.members(&[id]).await.unwrap()[0].1.len(),
            db.prefs(&[id], member).await.unwrap().len(),
            usize::from(db.is_barred(id, self.barred).await.unwrap()),
            db.heads(&[id]).await.unwrap()[0].1 as usize,
            db.page(id, 0, None, None, 999).await.unwrap().len(),
            db.last_of(&[id]).await.unwrap().len(),
            db.changed_since(&[id], 0, 9).await.unwrap().len(),
            usize::from(db.message(self.edited).await.unwrap().is_some()),
            db.edits(self.edited).await.unwrap().len(),
            db.shown_files(&[self.file]).await.unwrap().len(),
            db.file_places(self.file, 9).await.unwrap().len(),
            db.media(id, 0, None, &[AttachmentKind::Image], 9).await.unwrap().len(),
            db.links(id, 0, None, 9).await.unwrap().messages.len(),
            texts(db, &[id], &["hippo"]).await.len(),
            texts(db, &[id], &["249"]).await.len(),
            usize::from(db.invite(&self.code, NOW).await.unwrap().is_some()),
            usize::from(db.request(self.request).await.unwrap().is_some()),
            usize::from(db.memory(id).await.unwrap().is_some()),
            db.usage(7, &[format!("room {id}")]).await.unwrap()[0].runs as usize,
        ]
    }
}

pub async fn a_room_goes_with_everything_in_it(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let members = [ana, ben, user(&db, "cleo").await];
    let whole = [1, 1, 1, 2, 1, 1, 293, 293, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    let kept = Crowded::new(&db, &members, 0, false).await;
    for (n, is_indexed) in [(1, false), (2, true)] {
        // The newest messages of all are in the room that goes.
        let gone = Crowded::new(&db, &members, n, is_indexed).await;
        assert_eq!(gone.parts(&db, ana).await, whole);
        for _ in 0..2 {
            db.drop_room(gone.room.id).await.unwrap();
            assert_eq!(gone.parts(&db, ana).await, [0; PARTS], "indexed: {is_indexed}");
        }
        let late = append(&db, new_message(gone.room.id, ana, "late")).await;
        assert!(matches!(late, Err(StoreError::Missing)), "{late:?}");
        assert_eq!(kept.parts(&db, ana).await, whole);
        // What comes next may take the places that are free again.
        let (other, cleo, _) = room_of_two(&db, n).await;
        fill(&db, other.id, cleo, &["a giraffe", "a hippo"]).await;
        let rooms = [kept.room.id, other.id, gone.room.id];
        for _ in 0..2 {
            assert_eq!(texts(&db, &rooms, &["giraffe"]).await, ["a giraffe"]);
            assert_eq!(texts(&db, &rooms, &["hippo"]).await.len(), 2);
            assert_eq!(texts(&db, &rooms, &["elephant"]).await.len(), 0);
            assert_eq!(texts(&db, &rooms, &["249"]).await, ["249"]);
            db.finish_index().await.unwrap();
        }
    }
    db.drop_room(RoomId::new()).await.unwrap();
}

pub async fn a_pair_may_begin_anew(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    say_many(&db, room.id, ana, 3).await;
    db.drop_room(room.id).await.unwrap();
    assert_eq!(db.find_direct_room(ana, ben).await.unwrap(), None);
    let (again, is_new) = db.direct_room(ben, ana, NOW).await.unwrap();
    assert!(is_new && again.id != room.id);
    assert_eq!(say(&db, again.id, ben, "hello").await.seq, 1);
    assert_eq!(db.rooms_of(ana).await.unwrap(), [again]);
}
