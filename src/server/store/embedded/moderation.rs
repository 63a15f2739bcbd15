//! Reports and the audit log, each as JSON beside what it is found by, and facts of the instance.

use super::Embedded;
use super::convert::{Named, failure, id, uuid};
use crate::id::{AuditId, ReportId, UserId};
use crate::model::report::{AuditEntry, Report, ReportState};
use crate::server::store::moderation::{pack, unpack};
use crate::server::store::{Moderation, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};

type Result<T> = std::result::Result<T, StoreError>;

pub(super) const REPORT: &str = "content, state, handled_by, handled_at";

#[async_trait]
impl Moderation for Embedded {
    async fn claim(&self, key: &str, value: UserId, old: Option<UserId>) -> Result<UserId> {
        let key = key.to_owned();
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(
                        "INSERT INTO facts (key, value) VALUES (?1, ?2) \
                         ON CONFLICT (key) DO UPDATE SET value = ?2 WHERE value = ?3",
                    )
                    .and_then(|mut put| put.execute(params![key, id(value.0), old.map(|old| id(old.0))]))
                    .map_err(|e| failure(&e))?;
                scope
                    .connection
                    .prepare_cached("SELECT value FROM facts WHERE key = ?1")
                    .and_then(|mut find| find.query_row([key], |row| Ok(UserId(uuid(row, "value")?))))
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn create_report(&self, report: &Report) -> Result<()> {
        let (report, content) = (report.clone(), pack(report)?);
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(
                        "INSERT OR IGNORE INTO reports (id, state, reporter_id, created_at, content) \
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )
                    .and_then(|mut insert| {
                        insert.execute(params![
                            id(report.id.0),
                            Named(report.state),
                            id(report.reporter.id.0),
                            report.created_at.0,
                            content
                        ])
                    })
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn report(&self, report_id: ReportId) -> Result<Option<Report>> {
        let stored = self
            .readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {REPORT} FROM reports WHERE id = ?1"))?
                    .query_row([id(report_id.0)], stored)
                    .optional()
            })
            .await?;
        stored.map(Stored::report).transpose()
    }

    async fn reports(&self, state: ReportState, before: Option<ReportId>, limit: usize) -> Result<Vec<Report>> {
        let before = before.map_or([255; 16], |before| before.0.into_bytes());
        let found: Vec<Stored> = self
            .readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {REPORT} FROM reports WHERE state = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
                    ))?
                    .query_map(params![Named(state), before, limit as i64], stored)?
                    .collect()
            })
            .await?;
        found.into_iter().map(Stored::report).collect()
    }

    async fn close_report(&self, report_id: ReportId, state: ReportState, by: UserId, at: Timestamp) -> Result<bool> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(
                        "UPDATE reports SET state = ?2, handled_by = ?3, handled_at = ?4 WHERE id = ?1 AND state = ?5",
                    )
                    .and_then(|mut update| {
                        let open = Named(ReportState::Open);
                        update.execute(params![id(report_id.0), Named(state), id(by.0), at.0, open])
                    })
                    .map(|rows| rows > 0)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn rewrite_report(&self, report: &Report) -> Result<()> {
        let (report_id, content) = (report.id, pack(report)?);
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("UPDATE reports SET content = ?2 WHERE id = ?1")
                    .and_then(|mut update| update.execute(params![id(report_id.0), content]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn add_audit(&self, entry: &AuditEntry) -> Result<()> {
        let (entry_id, at, content) = (entry.id, entry.at, pack(entry)?);
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("INSERT OR IGNORE INTO audit (id, at, content) VALUES (?1, ?2, ?3)")
                    .and_then(|mut insert| insert.execute(params![id(entry_id.0), at.0, content]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn audit(&self, before: Option<AuditId>, limit: usize) -> Result<Vec<AuditEntry>> {
        let before = before.map_or([255; 16], |before| before.0.into_bytes());
        let found: Vec<String> = self
            .readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT content FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2")?
                    .query_map(params![before, limit as i64], |row| row.get("content"))?
                    .collect()
            })
            .await?;
        found.iter().map(|content| unpack(content)).collect()
    }
}

pub(super) struct Stored {
    content: String,
    state: ReportState,
    handled_by: Option<UserId>,
    handled_at: Option<Timestamp>,
}

impl Stored {
    pub(super) fn report(self) -> Result<Report> {
        let report: Report = unpack(&self.content)?;
        Ok(Report { state: self.state, handled_by: self.handled_by, handled_at: self.handled_at, ..report })
    }
}

pub(super) fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let handled_by: Option<super::convert::Bytes<16>> = row.get("handled_by")?;
    Ok(Stored {
        content: row.get("content")?,
        state: row.get::<_, Named<ReportState>>("state")?.0,
        handled_by: handled_by.map(|bytes| UserId(uuid::Uuid::from_bytes(bytes.0))),
        handled_at: row.get::<_, Option<i64>>("handled_at")?.map(Timestamp),
    })
}
