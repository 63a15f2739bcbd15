use super::{Db, NOW, at_once, two_users, user};
use lavender::id::{AuditId, MessageId, ReportId, UserId};
use lavender::model::Body;
use lavender::model::Person;
use lavender::model::report::{AuditEntry, EvidenceText, Reason, Report, ReportState, Reported};
use lavender::server::store::{ProfileChange, Sanction, SanctionRow, StoreError};
use std::collections::BTreeSet;

pub async fn of_many_claims_one_wins(db: Db) {
    let users: Vec<UserId> = (0..12).map(|_| UserId::new()).collect();
    let winners = at_once(12, |n| {
        let (db, value) = (db.clone(), users[n]);
        async move { db.claim("first", value, None).await.unwrap() }
    })
    .await;
    let winner = winners[0];
    assert!(users.contains(&winner) && winners.iter().all(|other| *other == winner));
    let other = UserId::new();
    assert_eq!(db.claim("first", other, Some(UserId::new())).await.unwrap(), winner);
    assert_eq!(db.claim("first", other, Some(winner)).await.unwrap(), other);
    assert_eq!(db.claim("second", winner, None).await.unwrap(), winner);
}

pub async fn a_profile_changes_field_by_field(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let before = db.user(ana).await.unwrap().unwrap();
    assert_eq!((before.revision, before.is_admin, before.status), (1, false, None));
    let status = ProfileChange { status: Some("$set away".into()), ..ProfileChange::default() };
    let about = ProfileChange { about: Some("I grow beans".into()), is_admin: Some(true), ..ProfileChange::default() };
    db.set_profile(ana, &status).await.unwrap();
    let row = db.set_profile(ana, &about).await.unwrap();
    assert_eq!(db.user(ana).await.unwrap().unwrap(), row);
    assert_eq!((row.revision, row.is_admin), (3, true));
    assert_eq!((row.status.as_deref(), row.about.as_deref()), (Some("$set away"), Some("I grow beans")));
    let taken_away = ProfileChange { status: Some(String::new()), ..ProfileChange::default() };
    let row = db.set_profile(ana, &taken_away).await.unwrap();
    assert_eq!((row.status, row.about.as_deref()), (None, Some("I grow beans")));
    assert_eq!(db.user(ben).await.unwrap().unwrap().revision, 1);
    assert!(matches!(db.set_profile(UserId::new(), &about).await, Err(StoreError::Missing)));
}

pub async fn a_changed_name_is_found(db: Db) {
    let (ana, _) = two_users(&db).await;
    let rename = ProfileChange { display_name: Some("Zora Quill".into()), ..ProfileChange::default() };
    db.set_profile(ana, &rename).await.unwrap();
    let found = db.find_users("quil", 10).await.unwrap();
    assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), [ana]);
    let again = ProfileChange { display_name: Some("Mona".into()), ..ProfileChange::default() };
    db.set_profile(ana, &again).await.unwrap();
    assert!(db.find_users("quil", 10).await.unwrap().is_empty());
}

pub async fn sanctions_are_listed_until_they_are_lifted(db: Db) {
    let (ana, ben) = two_users(&db).await;
    assert!(db.sanctioned().await.unwrap().is_empty());
    db.sanction(ana, &Sanction::Ban(Some(NOW))).await.unwrap();
    db.sanction(ana, &Sanction::Mute(Some(NOW.plus_ms(5)))).await.unwrap();
    db.sanction(ben, &Sanction::Warning(Some("Please stop".into()))).await.unwrap();
    let listed = db.sanctioned().await.unwrap();
    assert_eq!(listed, [SanctionRow { user_id: ana, banned_at: Some(NOW), muted_until: Some(NOW.plus_ms(5)) }]);
    let row = db.user(ana).await.unwrap().unwrap();
    assert_eq!((row.banned_at, row.muted_until), (Some(NOW), Some(NOW.plus_ms(5))));
    assert_eq!(db.user(ben).await.unwrap().unwrap().warning.as_deref(), Some("Please stop"));
    for lift in [Sanction::Ban(None), Sanction::Mute(None)] {
        db.sanction(ana, &lift).await.unwrap();
    }
    db.sanction(ben, &Sanction::Warning(None)).await.unwrap();
    assert!(db.sanctioned().await.unwrap().is_empty());
    assert_eq!(db.user(ben).await.unwrap().unwrap().warning, None);
    assert!(matches!(db.sanction(UserId::new(), &Sanction::Ban(None)).await, Err(StoreError::Missing)));
}

pub async fn accounts_are_listed_by_name(db: Db) {
    for name in ["cleo", "ana", "ben"] {
        user(&db, name).await;
    }
    let names =
        |rows: Vec<lavender::server::store::UserRow>| rows.into_iter().map(|row| row.username).collect::<Vec<_>>();
    assert_eq!(names(db.list_users("", 2).await.unwrap()), ["ana", "ben"]);
    assert_eq!(names(db.list_users("ben", 2).await.unwrap()), ["cleo"]);
    assert!(db.list_users("cleo", 2).await.unwrap().is_empty());
}

pub(super) fn report(reporter: UserId, subject: UserId) -> Report {
    let person = |id, name: &str| Person::new(id, name, name, NOW);
    Report {
        id: ReportId::new(),
        state: ReportState::Open,
        reported: Reported::Person { user_id: subject },
        subject: Some(person(subject, "ben")),
        reporter: person(reporter, "ana"),
        reason: Reason::Spam,
        note: "{\"$gt\": \"\"} again and again".into(),
        room_id: None,
        room_name: None,
        evidence: vec![EvidenceText {
            message_id: Some(MessageId::new()),
            seq: Some(3),
            author: person(subject, "ben"),
            body: Body::stored("Buy beans\n\"now\"".into()),
            at: NOW,
            is_reported: true,
            attachments: Vec::new(),
        }],
        created_at: NOW,
        handled_by: None,
        handled_at: None,
    }
}

pub async fn a_report_is_closed_once(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let report = report(ana, ben);
    db.create_report(&report).await.unwrap();
    db.create_report(&Report { note: "another".into(), ..report.clone() }).await.unwrap();
    assert_eq!(db.report(report.id).await.unwrap(), Some(report.clone()));
    let closed = at_once(8, |_| {
        let (db, id) = (db.clone(), report.id);
        async move { db.close_report(id, ReportState::Acted, ben, NOW.plus_ms(9)).await.unwrap() }
    })
    .await;
    assert_eq!(closed.into_iter().filter(|closed| *closed).count(), 1);
    let closed = db.report(report.id).await.unwrap().unwrap();
    let expected =
        Report { state: ReportState::Acted, handled_by: Some(ben), handled_at: Some(NOW.plus_ms(9)), ..report };
    assert_eq!(closed, expected);
    assert!(!db.close_report(ReportId::new(), ReportState::Dismissed, ben, NOW).await.unwrap());
}

pub async fn reports_and_audit_lines_come_newest_first(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let (mut reports, mut lines) = (Vec::new(), Vec::new());
    for at in 0..5 {
        let report = report(ana, ben);
        db.create_report(&report).await.unwrap();
        reports.push(report.id);
        let entry = AuditEntry {
            id: AuditId::new(),
            at: NOW.plus_ms(at),
            actor: ana,
            action: "ban".into(),
            target: Some(ben),
            report: Some(report.id),
            note: None,
        };
        db.add_audit(&entry).await.unwrap();
        lines.push(entry);
    }
    db.close_report(reports[4], ReportState::Dismissed, ana, NOW).await.unwrap();
    let ids = |found: Vec<Report>| found.into_iter().map(|report| report.id).collect::<Vec<_>>();
    assert_eq!(ids(db.reports(ReportState::Open, None, 2).await.unwrap()), [reports[3], reports[2]]);
    assert_eq!(ids(db.reports(ReportState::Open, Some(reports[2]), 5).await.unwrap()), [reports[1], reports[0]]);
    assert_eq!(ids(db.reports(ReportState::Dismissed, None, 5).await.unwrap()), [reports[4]]);
    lines.reverse();
    assert_eq!(db.audit(None, 2).await.unwrap(), lines[..2]);
    assert_eq!(db.audit(Some(lines[1].id), 9).await.unwrap(), lines[2..]);
    let distinct: BTreeSet<AuditId> = lines.iter().map(|line| line.id).collect();
    assert_eq!(distinct.len(), 5);
}
