//! The admins of the instance: reports, bans and mutes, and the log of what they did.
//!
//! The first account is an admin. Who is banned or muted is few: every process keeps all of them at hand, reads them again
//! every second, and knows at once what it did itself.

use crate::error::{Error, Problem, Result, What};
use crate::id::{AuditId, MessageId, ReportId, RoomId, UserId};
use crate::live::{LiveEvent, LogoutReason};
use crate::model::report::{
    Account, AuditEntry, CONTEXT, EvidenceText, NOTE_MAX_CHARS, Reason, Report, ReportState, Reported, Verdict,
};
use crate::model::{Body, Message, Person};
use crate::server::App;
use crate::server::limits::Rule;
use crate::server::service::{accounts, changes, memory, pins};
use crate::server::session::{self, Session};
use crate::server::store::{ProfileChange, Sanction, SanctionRow, UserRow};
use crate::server::{access, audit};
use crate::time::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

/// The fact that names the first account.
const FIRST_ADMIN: &str = "first_admin";
/// Rows of one page of a list.
const PAGE: usize = 50;
const HOUR_MS: i64 = 3_600_000;
const MUTE_MAX_HOURS: u32 = 720;

const NO_PAGE: Error = Error::NotFound { what: What::Page };

/// Who is banned or muted now.
#[derive(Default)]
pub struct Sanctions(RwLock<HashMap<UserId, SanctionRow>>);

impl Sanctions {
    pub fn is_banned(&self, user_id: UserId) -> bool {
        self.get(user_id).is_some_and(|row| row.banned_at.is_some())
    }

    /// Until when a person may not write.
    pub fn muted_until(&self, user_id: UserId) -> Option<Timestamp> {
        self.get(user_id)?.muted_until.filter(|until| *until > Timestamp::now())
    }

    fn get(&self, user_id: UserId) -> Option<SanctionRow> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&user_id).copied()
    }

    /// Returns those who were not banned before.
    fn replace(&self, rows: Vec<SanctionRow>) -> Vec<UserId> {
        let new: HashMap<_, _> = rows.into_iter().map(|row| (row.user_id, row)).collect();
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_banned = |row: Option<&SanctionRow>| row.is_some_and(|row| row.banned_at.is_some());
        let banned = new.values().filter(|row| is_banned(Some(row)) && !is_banned(held.get(&row.user_id)));
        let banned = banned.map(|row| row.user_id).collect();
        *held = new;
        banned
    }
}

/// Reads who is banned or muted, and throws out whoever has just been banned.
pub async fn refresh(app: &App) -> Result<()> {
    let rows = app.db.sanctioned().await?;
    for user_id in app.sanctions.replace(rows) {
        throw_out(app, user_id).await?;
    }
    Ok(())
}

/// Ends all sessions of a person: their tokens are worth nothing and their sockets close.
async fn throw_out(app: &App, user_id: UserId) -> Result<()> {
    let sessions = app.db.sessions_of(user_id).await?;
    for session in sessions.into_iter().filter(|session| session.revoked_at.is_none()) {
        session::end(app, session.id, LogoutReason::Revoked).await?;
    }
    Ok(())
}

/// Whether the account about to be made is the first one, and so an admin. Of many at once one is. A first account that was
/// never made (its name was taken meanwhile) leaves its place to the next.
pub async fn is_first(app: &App, id: UserId) -> Result<bool> {
    let holder = app.db.claim(FIRST_ADMIN, id, None).await?;
    if holder == id {
        return Ok(true);
    }
    if app.db.user(holder).await?.is_some() {
        return Ok(false);
    }
    Ok(app.db.claim(FIRST_ADMIN, id, Some(holder)).await? == id)
}

/// The caller, if they are an admin. To anybody else the pages of admins do not exist.
pub(super) async fn admin(app: &App, session: &Session) -> Result<UserRow> {
    let row = app.db.user(session.user_id).await?.ok_or(Error::Unauthenticated)?;
    if row.is_admin {
        return Ok(row);
    }
    audit::refused("denied", "admin").user(session.user_id).session(session.session_id).note();
    Err(NO_PAGE)
}

/// See [`crate::api::moderation::report`].
pub async fn report(app: &App, session: &Session, reported: Reported, reason: Reason, note: &str) -> Result<()> {
    let (me, note) = (session.user_id, bounded("note", note)?);
    app.limits.take(Rule::Report, me).await?;
    let reporter = app.db.user(me).await?.ok_or(Error::Unauthenticated)?.person();
    let case = gather(app, me, reported).await?;
    if case.subject == Some(me) {
        return Err(Error::invalid("reported", Problem::OutOfRange));
    }
    let mut people = people(app, case.texts.iter().map(|message| message.author_id).chain(case.subject)).await?;
    let subject = case.subject.and_then(|id| people.get(&id).cloned());
    let evidence = case
        .texts
        .into_iter()
        .filter_map(|message| {
            Some(EvidenceText {
                message_id: Some(message.id),
                seq: Some(message.seq),
                author: people.get_mut(&message.author_id)?.clone(),
                body: message.body,
                at: message.created_at,
                is_reported: Some(message.id) == case.message,
                attachments: message.attachments,
            })
        })
        .chain(case.intro)
        .collect();
    let report = Report {
        id: ReportId::new(),
        state: ReportState::Open,
        reported,
        subject,
        reporter,
        reason,
        note,
        room_id: case.room,
        room_name: case.room_name,
        evidence,
        created_at: Timestamp::now(),
        handled_by: None,
        handled_at: None,
    };
    app.db.create_report(&report).await?;
    tracing::info!(report.id = %report.id, "reported");
    Ok(())
}

/// What a report is about, as far as its reporter may see it.
#[derive(Default)]
struct Case {
    subject: Option<UserId>,
    message: Option<MessageId>,
    room: Option<RoomId>,
    room_name: Option<String>,
    texts: Vec<Message>,
    intro: Option<EvidenceText>,
}

async fn gather(app: &App, me: UserId, reported: Reported) -> Result<Case> {
    let no_message = Error::NotFound { what: What::Message };
    match reported {
        Reported::Message { message_id } => {
            let message = app.db.message(message_id).await?.ok_or(no_message.clone())?;
            let own = app.db.member(message.room_id, me).await?.ok_or(no_message.clone())?;
            if message.seq <= own.floor() || !message.is_countable() {
                return Err(no_message);
            }
            let (room, floor, seq) = (message.room_id, own.floor(), message.seq);
            let (before, after) = tokio::join!(
                app.db.page(room, floor, Some(seq), None, CONTEXT),
                app.db.page(room, floor, None, Some(seq), CONTEXT),
            );
            let subject = Some(message.author_id);
            let texts = before?.into_iter().chain([message]).chain(after?).filter(Message::is_countable).collect();
            let room_name = app.db.room(room).await?.and_then(|room| room.name);
            Ok(Case { subject, message: Some(message_id), room: Some(room), room_name, texts, intro: None })
        }
        Reported::Person { user_id } => {
            app.db.user(user_id).await?.ok_or(Error::NotFound { what: What::Person })?;
            Ok(Case { subject: Some(user_id), ..Case::default() })
        }
        Reported::Room { room_id } => {
            let no_room = Error::NotFound { what: What::Room };
            let own = app.db.member(room_id, me).await?.ok_or(no_room.clone())?;
            let room = app.db.room(room_id).await?.ok_or(no_room)?;
            let texts = app.db.page(room_id, own.floor(), None, None, 2 * CONTEXT).await?;
            let subject = access::member(app, room_id, me).await?.peer(me);
            let texts = texts.into_iter().filter(Message::is_countable).collect();
            Ok(Case { subject, room: Some(room_id), room_name: room.name, texts, ..Case::default() })
        }
        Reported::Request { request_id } => {
            let request = app.db.request(request_id).await?.filter(|request| request.to == me);
            let request = request.ok_or(Error::NotFound { what: What::Request })?;
            let author = people(app, [request.from]).await?.remove(&request.from);
            let author = author.ok_or(Error::NotFound { what: What::Person })?;
            let (body, at) = (request.intro, request.created_at);
            let intro = EvidenceText {
                message_id: None,
                seq: None,
                author,
                body,
                at,
                is_reported: true,
                attachments: Vec::new(),
            };
            Ok(Case { subject: Some(request.from), intro: Some(intro), ..Case::default() })
        }
    }
}

async fn people(app: &App, ids: impl IntoIterator<Item = UserId>) -> Result<HashMap<UserId, Person>> {
    let ids: HashSet<UserId> = ids.into_iter().collect();
    let known = access::people(app, ids).await?;
    Ok(known.into_iter().map(|(id, known)| (id, known.person.clone())).collect())
}

/// See [`crate::api::moderation::reports`].
pub async fn reports(
    app: &App,
    session: &Session,
    state: ReportState,
    before: Option<ReportId>,
) -> Result<Vec<Report>> {
    admin(app, session).await?;
    Ok(app.db.reports(state, before, PAGE).await?)
}

/// See [`crate::api::moderation::judge`].
pub async fn judge(app: &App, session: &Session, id: ReportId, verdict: Verdict) -> Result<()> {
    let me = admin(app, session).await?;
    let report = app.db.report(id).await?.ok_or(NO_PAGE)?;
    let subject = report.subject.as_ref().map(|person| person.id);
    let needs_subject = || subject.ok_or(Error::Conflict);
    let deed = match &verdict {
        Verdict::Dismiss => None,
        Verdict::Warn { text } => Some(Deed::Warn(needs_subject()?, bounded("text", text)?)),
        Verdict::Mute { hours } => Some(Deed::Mute(needs_subject()?, mute_end(*hours)?)),
        Verdict::Ban => Some(Deed::Ban(needs_subject()?)),
        Verdict::DeleteMessage => match report.reported {
            Reported::Message { message_id } => Some(Deed::DeleteMessage(message_id)),
            _ => return Err(Error::Conflict),
        },
    };
    if let Some(Deed::Ban(target) | Deed::Mute(target, _) | Deed::Warn(target, _)) = &deed {
        somebody(app, *target).await?;
    }
    let state = if deed.is_some() { ReportState::Acted } else { ReportState::Dismissed };
    // Of two admins at once one decides.
    if !app.db.close_report(id, state, me.id, Timestamp::now()).await? {
        return Err(Error::Conflict);
    }
    // As it is now: its people may have gone meanwhile.
    if let Some(mut closed) = app.db.report(id).await?
        && redact(&mut closed)
    {
        app.db.rewrite_report(&closed).await?;
    }
    match deed {
        None => note(app, me.id, "dismiss", subject, Some(id), None).await,
        Some(deed) => carry_out(app, me.id, deed, Some(id)).await,
    }
}

enum Deed {
    Ban(UserId),
    Unban(UserId),
    Mute(UserId, Timestamp),
    Unmute(UserId),
    Warn(UserId, String),
    DeleteMessage(MessageId),
}

async fn carry_out(app: &App, me: UserId, deed: Deed, report: Option<ReportId>) -> Result<()> {
    let (action, target, text) = match deed {
        Deed::Ban(target) => {
            protect(app, me, target).await?;
            app.db.sanction(target, &Sanction::Ban(Some(Timestamp::now()))).await?;
            ("ban", Some(target), None)
        }
        Deed::Unban(target) => {
            app.db.sanction(target, &Sanction::Ban(None)).await?;
            ("unban", Some(target), None)
        }
        Deed::Mute(target, until) => {
            protect(app, me, target).await?;
            app.db.sanction(target, &Sanction::Mute(Some(until))).await?;
            ("mute", Some(target), None)
        }
        Deed::Unmute(target) => {
            app.db.sanction(target, &Sanction::Mute(None)).await?;
            ("unmute", Some(target), None)
        }
        Deed::Warn(target, text) => {
            app.db.sanction(target, &Sanction::Warning(Some(text.clone()))).await?;
            ("warn", Some(target), Some(text))
        }
        Deed::DeleteMessage(message_id) => {
            let message = app.db.message(message_id).await?.ok_or(Error::NotFound { what: What::Message })?;
            let made_of = [(message_id, message.seq)];
            memory::part_with(app, message.room_id, &made_of).await?;
            if let Some(deleted) = app.db.delete(message_id, me, Timestamp::now()).await? {
                changes::tell(app, &deleted).await?;
            }
            memory::part_with(app, message.room_id, &made_of).await?;
            pins::unpin(app, message.room_id, &[message_id]).await?;
            ("delete_message", Some(message.author_id), None)
        }
    };
    refresh(app).await?;
    note(app, me, action, target, report, text).await
}

/// Takes somebody who is erased out of the reports by them and about them: who they were, and of those that are closed what they
/// wrote. Of an open one that goes when it is closed.
pub(super) async fn forget(app: &App, nobody: &Person) -> Result<()> {
    for state in [ReportState::Open, ReportState::Dismissed, ReportState::Acted] {
        let mut before = None;
        loop {
            let reports = app.db.reports(state, before, PAGE).await?;
            let Some(last) = reports.last() else { break };
            before = Some(last.id);
            for mut report in reports {
                if rename(&mut report, nobody) {
                    if state != ReportState::Open {
                        redact(&mut report);
                    }
                    app.db.rewrite_report(&report).await?;
                }
            }
        }
    }
    Ok(())
}

/// Returns whether they were in it.
fn rename(report: &mut Report, nobody: &Person) -> bool {
    let authors = report.evidence.iter_mut().map(|text| &mut text.author);
    let people = authors.chain(&mut report.subject).chain([&mut report.reporter]);
    people.filter(|person| person.id == nobody.id).map(|person| *person = nobody.clone()).count() > 0
}

/// Takes out what people wrote who are erased. Returns whether there was any.
fn redact(report: &mut Report) -> bool {
    let mut was_there = report.reporter.is_deleted && !report.note.is_empty();
    if was_there {
        report.note.clear();
    }
    for text in report.evidence.iter_mut().filter(|text| text.author.is_deleted) {
        was_there = true;
        text.body = Body::stored(String::new());
        text.attachments.clear();
    }
    was_there
}

/// An account that is not erased.
async fn somebody(app: &App, user_id: UserId) -> Result<UserRow> {
    let row = app.db.user(user_id).await?.filter(|row| row.deleted_at.is_none());
    row.ok_or(Error::NotFound { what: What::Person })
}

/// Admins do not shut each other out: first the role goes.
async fn protect(app: &App, me: UserId, target: UserId) -> Result<()> {
    let row = somebody(app, target).await?;
    if target == me || row.is_admin { Err(Error::Forbidden) } else { Ok(()) }
}

fn mute_end(hours: u32) -> Result<Timestamp> {
    if !(1..=MUTE_MAX_HOURS).contains(&hours) {
        return Err(Error::invalid("hours", Problem::OutOfRange));
    }
    Ok(Timestamp::now().plus_ms(i64::from(hours) * HOUR_MS))
}

async fn note(
    app: &App,
    actor: UserId,
    action: &str,
    target: Option<UserId>,
    report: Option<ReportId>,
    note: Option<String>,
) -> Result<()> {
    let entry =
        AuditEntry { id: AuditId::new(), at: Timestamp::now(), actor, action: action.into(), target, report, note };
    audit::done("admin_action").user(actor).about(target).action(action).note();
    Ok(app.db.add_audit(&entry).await?)
}

/// See [`crate::api::moderation::accounts`].
pub async fn accounts(app: &App, session: &Session, query: &str, after: &str) -> Result<Vec<Account>> {
    admin(app, session).await?;
    let rows = match query.trim() {
        "" => app.db.list_users(after, PAGE).await?,
        query => app.db.find_users(&query.to_lowercase(), PAGE).await?,
    };
    let account = |row: UserRow| Account {
        person: row.person(),
        email: row.email,
        last_seen: row.last_seen,
        banned_at: row.banned_at,
        muted_until: row.muted_until,
    };
    Ok(rows.into_iter().map(account).collect())
}

/// See [`crate::api::moderation::set_ban`].
pub async fn set_ban(app: &App, session: &Session, user_id: UserId, on: bool) -> Result<()> {
    let me = admin(app, session).await?;
    carry_out(app, me.id, if on { Deed::Ban(user_id) } else { Deed::Unban(user_id) }, None).await
}

/// See [`crate::api::moderation::set_mute`].
pub async fn set_mute(app: &App, session: &Session, user_id: UserId, hours: u32) -> Result<()> {
    let me = admin(app, session).await?;
    let deed = if hours == 0 { Deed::Unmute(user_id) } else { Deed::Mute(user_id, mute_end(hours)?) };
    carry_out(app, me.id, deed, None).await
}

/// See [`crate::api::moderation::set_admin`].
pub async fn set_admin(app: &App, session: &Session, user_id: UserId, on: bool) -> Result<()> {
    let me = admin(app, session).await?;
    if user_id == me.id {
        // The last one would leave nobody behind.
        return Err(Error::Forbidden);
    }
    if !on && me.leaving.is_some() {
        // Whoever goes must not be the last one.
        return Err(Error::Conflict);
    }
    let row = app.db.set_profile(user_id, &ProfileChange { is_admin: Some(on), ..ProfileChange::default() }).await;
    let row = row.map_err(|_| Error::NotFound { what: What::Person })?;
    app.hub.forget_person(user_id);
    app.hub.tell_user(user_id, &LiveEvent::Person { person: row.person() });
    note(app, me.id, if on { "make_admin" } else { "unmake_admin" }, Some(user_id), None, None).await
}

/// See [`crate::api::moderation::reset_link`].
pub async fn reset_link(app: &App, session: &Session, user_id: UserId) -> Result<String> {
    let me = admin(app, session).await?;
    let user = somebody(app, user_id).await?;
    // Whoever has the link is that account: no admin becomes another one by it.
    if user.is_admin || user.is_bot {
        return Err(Error::Forbidden);
    }
    note(app, me.id, "reset_link", Some(user_id), None, None).await?;
    Ok(accounts::link(app, &user))
}

/// See [`crate::api::moderation::audit`].
pub async fn audit(app: &App, session: &Session, before: Option<AuditId>) -> Result<(Vec<AuditEntry>, Vec<Person>)> {
    admin(app, session).await?;
    let entries = app.db.audit(before, PAGE).await?;
    let named = entries.iter().flat_map(|entry| [Some(entry.actor), entry.target]).flatten();
    let people = people(app, named).await?.into_values().collect();
    Ok((entries, people))
}

/// See [`crate::api::moderation::read_warning`].
pub async fn read_warning(app: &App, session: &Session) -> Result<()> {
    Ok(app.db.sanction(session.user_id, &Sanction::Warning(None)).await?)
}

fn bounded(field: &str, text: &str) -> Result<String> {
    let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
    let text = text.trim();
    match text.chars().count() {
        0 if field == "text" => Err(Error::invalid(field, Problem::Missing)),
        count if count > NOTE_MAX_CHARS => Err(Error::invalid(field, Problem::TooLong)),
        _ => Ok(text.to_owned()),
    }
}
