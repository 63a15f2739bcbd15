//! Reports, in `reports`, the audit log, in `audit`, and facts of the instance, in `facts`.

use super::convert::{AuditDoc, FactDoc, ReportDoc, date, id, time, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{AuditId, ReportId, UserId};
use crate::model::report::{AuditEntry, Report, ReportState};
use crate::server::store::moderation::{pack, unpack};
use crate::server::store::name::Name;
use crate::server::store::{Moderation, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Document, doc};

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Moderation for Mongo {
    async fn claim(&self, key: &str, value: UserId, old: Option<UserId>) -> Result<UserId> {
        if let Some(old) = old {
            let from = doc! { "_id": key, "value": uuid(old.0) };
            self.run(self.facts.update_one(from, doc! { "$set": { "value": uuid(value.0) } })).await?;
        }
        let fact = FactDoc { key: key.to_owned(), value: uuid(value.0) };
        match self.attempt(self.facts.insert_one(fact)).await? {
            Ok(_) => return Ok(value),
            Err(error) if taken(&error).is_some() => {}
            Err(error) => return Err(failure(&error)),
        }
        // The one that was first may not be with a majority yet.
        for pause_ms in [0, 2, 8, 32, 128, 512, 1_024] {
            tokio::time::sleep(std::time::Duration::from_millis(pause_ms)).await;
            let found = self.run(self.facts.find_one(doc! { "_id": key }).max_time(SERVER_TIME_MAX)).await?;
            if let Some(found) = found {
                return Ok(UserId(id(found.value)));
            }
        }
        Err(StoreError::Unavailable("a fact of the instance is being set".into()))
    }

    async fn create_report(&self, report: &Report) -> Result<()> {
        let row = ReportDoc {
            id: uuid(report.id.0),
            state: report.state.name().into(),
            reporter_id: uuid(report.reporter.id.0),
            created_at: date(report.created_at),
            content: pack(report)?,
            handled_by: None,
            handled_at: None,
        };
        match self.attempt(self.reports.insert_one(row)).await? {
            Ok(_) => Ok(()),
            Err(error) if taken(&error).is_some() => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn report(&self, report_id: ReportId) -> Result<Option<Report>> {
        let found = self.reports.find_one(doc! { "_id": uuid(report_id.0) }).max_time(SERVER_TIME_MAX);
        self.run(found).await?.map(ReportDoc::report).transpose()
    }

    async fn reports(&self, state: ReportState, before: Option<ReportId>, limit: usize) -> Result<Vec<Report>> {
        let mut filter = doc! { "state": state.name() };
        if let Some(before) = before {
            filter.insert("_id", doc! { "$lt": uuid(before.0) });
        }
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let page = self.reports.find(filter).sort(doc! { "_id": -1 }).limit(most).max_time(SERVER_TIME_MAX);
        self.all(page).await?.into_iter().map(ReportDoc::report).collect()
    }

    async fn close_report(&self, report_id: ReportId, state: ReportState, by: UserId, at: Timestamp) -> Result<bool> {
        let open = doc! { "_id": uuid(report_id.0), "state": ReportState::Open.name() };
        let close = doc! { "state": state.name(), "handled_by": uuid(by.0), "handled_at": date(at) };
        let closed = self.run(self.reports.update_one(open, doc! { "$set": close })).await?;
        Ok(closed.modified_count > 0)
    }

    async fn rewrite_report(&self, report: &Report) -> Result<()> {
        let set = doc! { "$set": { "content": pack(report)? } };
        self.run(self.reports.update_one(doc! { "_id": uuid(report.id.0) }, set)).await.map(drop)
    }

    async fn add_audit(&self, entry: &AuditEntry) -> Result<()> {
        let row = AuditDoc { id: uuid(entry.id.0), at: date(entry.at), content: pack(entry)? };
        match self.attempt(self.audit.insert_one(row)).await? {
            Ok(_) => Ok(()),
            Err(error) if taken(&error).is_some() => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn audit(&self, before: Option<AuditId>, limit: usize) -> Result<Vec<AuditEntry>> {
        let filter = before.map_or_else(Document::new, |before| doc! { "_id": { "$lt": uuid(before.0) } });
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let page = self.audit.find(filter).sort(doc! { "_id": -1 }).limit(most).max_time(SERVER_TIME_MAX);
        self.all(page).await?.iter().map(|row| unpack(&row.content)).collect()
    }
}

impl ReportDoc {
    pub(super) fn report(self) -> Result<Report> {
        Ok(Report {
            state: Name::from_name(&self.state)?,
            handled_by: self.handled_by.map(|by| UserId(id(by))),
            handled_at: self.handled_at.map(time),
            ..unpack(&self.content)?
        })
    }
}
