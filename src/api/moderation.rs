//! Reports, and what the admins of the instance do. To everybody else the functions of admins answer 404.

use crate::error::Result;
use crate::id::{AuditId, ReportId, UserId};
use crate::model::Person;
use crate::model::report::{Account, AuditEntry, Reason, Report, ReportState, Reported, Verdict};
use crate::model::usage::AssistantUsage;
use dioxus::prelude::*;

/// Tells the admins of something that the caller can see. What was written is kept as it is now. At most 5 an hour.
#[post("/api/reports", app: crate::server::App, session: crate::server::session::Session)]
pub async fn report(reported: Reported, reason: Reason, note: String) -> Result<()> {
    crate::server::service::moderation::report(&app, &session, reported, reason, &note).await
}

/// Reports of a state, newest first, 50 of those older than `before`.
#[get("/api/admin/reports?state&before", app: crate::server::App, session: crate::server::session::Session)]
pub async fn reports(state: ReportState, before: Option<ReportId>) -> Result<Vec<Report>> {
    crate::server::service::moderation::reports(&app, &session, state, before).await
}

/// Decides an open report. `conflict` when another admin was first.
#[post("/api/admin/reports/{report_id}", app: crate::server::App, session: crate::server::session::Session)]
pub async fn judge(report_id: ReportId, verdict: Verdict) -> Result<()> {
    crate::server::service::moderation::judge(&app, &session, report_id, verdict).await
}

/// Accounts by username, 50 after `after`; or those that `query` finds.
#[get("/api/admin/accounts?query&after", app: crate::server::App, session: crate::server::session::Session)]
pub async fn accounts(query: String, after: String) -> Result<Vec<Account>> {
    crate::server::service::moderation::accounts(&app, &session, &query, &after).await
}

/// Shuts an account out everywhere within a second, or lets it in again. Admins cannot be banned.
#[post("/api/admin/ban", app: crate::server::App, session: crate::server::session::Session)]
pub async fn set_ban(user_id: UserId, on: bool) -> Result<()> {
    crate::server::service::moderation::set_ban(&app, &session, user_id, on).await
}

/// Lets an account read but not write for 1 to 720 hours; 0 ends it.
#[post("/api/admin/mute", app: crate::server::App, session: crate::server::session::Session)]
pub async fn set_mute(user_id: UserId, hours: u32) -> Result<()> {
    crate::server::service::moderation::set_mute(&app, &session, user_id, hours).await
}

/// Makes an account an admin of the instance, or takes that back; nobody does it to themselves.
#[post("/api/admin/admins", app: crate::server::App, session: crate::server::session::Session)]
pub async fn set_admin(user_id: UserId, on: bool) -> Result<()> {
    crate::server::service::moderation::set_admin(&app, &session, user_id, on).await
}

/// A path under which an account gets a new password: good once, and for half an hour. Not for admins and bots.
#[post("/api/admin/reset", app: crate::server::App, session: crate::server::session::Session)]
pub async fn reset_link(user_id: UserId) -> Result<String> {
    crate::server::service::moderation::reset_link(&app, &session, user_id).await
}

/// What the assistant's language model has taken in the last days, and how it is.
#[get("/api/admin/assistant", app: crate::server::App, session: crate::server::session::Session)]
pub async fn assistant_usage() -> Result<AssistantUsage> {
    crate::server::service::usage::of_days(&app, &session).await
}

/// What admins did, newest first, 50 of those older than `before`, and the people named in it.
#[get("/api/admin/audit?before", app: crate::server::App, session: crate::server::session::Session)]
pub async fn audit(before: Option<AuditId>) -> Result<(Vec<AuditEntry>, Vec<Person>)> {
    crate::server::service::moderation::audit(&app, &session, before).await
}

/// The caller has read what an admin had to say to them.
#[post("/api/warning/read", app: crate::server::App, session: crate::server::session::Session)]
pub async fn read_warning() -> Result<()> {
    crate::server::service::moderation::read_warning(&app, &session).await
}
