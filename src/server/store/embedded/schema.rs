//! The tables, and how a file of an older version becomes one of this version.

use super::convert::failure;
use crate::server::store::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// Marks the file as ours ("LAVN"), so that another program's database is never migrated.
const APPLICATION_ID: i64 = 0x4c41_564e;

/// One script per version, in order; `user_version` counts those that ran. A script that was released never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("0001_first_conversation.sql"),
    include_str!("0002_search.sql"),
    include_str!("0003_accounts.sql"),
    include_str!("0004_groups.sql"),
    include_str!("0005_changes.sql"),
    include_str!("0006_files.sql"),
    include_str!("0007_links.sql"),
    include_str!("0008_extras.sql"),
    include_str!("0009_answers.sql"),
    include_str!("0010_assistant.sql"),
    include_str!("0011_identities.sql"),
    include_str!("0012_privacy.sql"),
    include_str!("0013_mails.sql"),
    include_str!("0014_leaving.sql"),
];

/// Brings a file to the newest version. Each step is one transaction.
///
/// # Errors
/// [`StoreError::Other`] with a plain reason when the file belongs to another program or to a newer version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let version = pragma(connection, "user_version")?;
    let application = pragma(connection, "application_id")?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(|e| failure(&e))?;
    if application != APPLICATION_ID && (version != 0 || tables != 0) {
        return Err(StoreError::Other("the database file belongs to another program".into()));
    }
    let known = MIGRATIONS.len() as i64;
    if version > known {
        return Err(StoreError::Other(format!(
            "the database file is of schema version {version} and this Lavender knows {known}: run a newer Lavender"
        )));
    }
    for (script, next) in MIGRATIONS.iter().zip(1_i64..).skip(version as usize) {
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| failure(&e))?;
        step.execute_batch(script).map_err(|e| failure(&e))?;
        step.pragma_update(None, "application_id", APPLICATION_ID).map_err(|e| failure(&e))?;
        step.pragma_update(None, "user_version", next).map_err(|e| failure(&e))?;
        step.commit().map_err(|e| failure(&e))?;
    }
    Ok(())
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|e| failure(&e))
}
