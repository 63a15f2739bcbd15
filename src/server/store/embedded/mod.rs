//! The store that needs nothing: SQLite in one file, for one process.
//!
//! WAL with full sync: what a call returned `Ok` for is on disk. One thread writes ([`writer`]), a few connections read
//! ([`readers`]). Beside `lavender.db` live `-wal`, `-shm` and a `.lock` that keeps a second process out.

mod blocks;
mod changes;
mod convert;
mod erasure;
mod files;
mod groups;
mod identities;
mod invites;
mod mails;
mod memories;
mod messages;
mod moderation;
mod prefs;
mod readers;
mod requests;
mod rooms;
mod schema;
mod search;
mod search_index;
mod sessions;
mod users;
mod writer;

use super::{Database, StoreError};
use async_trait::async_trait;
use convert::failure;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a statement waits for a lock that another program holds (`sqlite3`, a copy).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements that a connection keeps; more than we have.
const STATEMENTS: usize = 64;
/// Pages of the log (16 MiB) after which a commit also folds it into the file.
const CHECKPOINT_PAGES: u32 = 4_096;
/// The log file is cut back to this after it was folded in.
const LOG_LIMIT_BYTES: u32 = 64 << 20;
/// Cache of the writing connection, in KiB (SQLite takes a negative number for that unit).
const CACHE_KIB: i32 = -32_768;

/// SQLite in one file.
pub struct Embedded {
    path: PathBuf,
    writer: Arc<writer::Writer>,
    readers: readers::Readers,
    indexer: std::sync::Mutex<Option<std::thread::JoinHandle<()>>>,
    /// Held while the store is open; the system gives it back when the process ends, however it ends.
    lock: std::sync::Mutex<Option<File>>,
}

impl Embedded {
    /// Opens the file, creating it (readable by its owner only) if there is none, and brings it to the newest version.
    ///
    /// # Errors
    /// One plain sentence each: another process has it open, it was written by a newer version, it is not ours, or the
    /// folder cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = lock(path)?;
        private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(|e| failure(&e))?;
        configure(&connection).map_err(|e| failure(&e))?;
        schema::migrate(&mut connection)?;
        let newest = messages::newest_stamp(&connection).map_err(|e| failure(&e))?;
        let readers = readers::Readers::open(path)?;
        // Full when the index has not been told yet: then it needs no second telling.
        let (wake, woken) = std::sync::mpsc::sync_channel(1);
        let after_commit = move || {
            wake.try_send(()).ok();
        };
        let writer = Arc::new(writer::Writer::start(connection, newest, after_commit)?);
        let indexer = search_index::start(Arc::clone(&writer), woken)?;
        let (indexer, lock) = (std::sync::Mutex::new(Some(indexer)), std::sync::Mutex::new(Some(lock)));
        Ok(Self { path: path.to_owned(), writer, readers, indexer, lock })
    }

    /// Writes a consistent copy to `target` (which must not exist) while the store goes on: see [`backup`].
    ///
    /// # Errors
    /// Those of [`backup`].
    pub async fn backup_to(&self, target: &Path) -> Result<(), StoreError> {
        let (source, target) = (self.path.clone(), target.to_owned());
        tokio::task::spawn_blocking(move || backup(&source, &target))
            .await
            .map_err(|error| StoreError::Other(error.to_string()))?
    }
}

/// Writes a consistent copy of the database file `source` to `target`, which must not exist. Another process may have
/// `source` open and write to it: everything that it acknowledged before is in the copy. Blocks.
///
/// # Errors
/// One plain sentence: `source` is not there or not a database, `target` exists or cannot be written.
pub fn backup(source: &Path, target: &Path) -> Result<(), StoreError> {
    let plain = |what: &str, error: &dyn std::fmt::Display| StoreError::Other(format!("{what}: {error}"));
    if !source.is_file() {
        return Err(StoreError::Other(format!("there is no database {}", source.display())));
    }
    let from = readers::open(source)?;
    // Written beside and then renamed, so that a copy is whole or not there.
    let part = sibling(target, "part");
    if target.exists() {
        return Err(StoreError::Other(format!("{} exists", target.display())));
    }
    private(&part)?;
    let copied = (|| {
        let mut to = Connection::open(&part).map_err(|e| failure(&e))?;
        // All pages in one step: in WAL mode that is one snapshot and keeps no writer waiting; in several steps every
        // write in between would begin the copy anew.
        match Backup::new(&from, &mut to).and_then(|copy| copy.step(-1)).map_err(|e| failure(&e))? {
            StepResult::Done => {}
            _ => return Err(StoreError::Unavailable("the database is locked".into())),
        }
        // One file that needs no log beside it.
        to.pragma_update(None, "journal_mode", "delete").map_err(|e| failure(&e))?;
        to.close().map_err(|(_, e)| failure(&e))?;
        let copy = OpenOptions::new().write(true).open(&part).map_err(|e| plain("the copy", &e))?;
        copy.sync_all().map_err(|e| plain("the copy", &e))?;
        std::fs::rename(&part, target).map_err(|e| plain("the copy", &e))
    })();
    if copied.is_err() {
        std::fs::remove_file(&part).ok();
    }
    copied
}

#[async_trait]
impl Database for Embedded {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn is_shared(&self) -> bool {
        false
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.readers.read(|connection| connection.query_row("SELECT 1", [], |_| Ok(()))).await
    }

    /// The stamp of the newest change that is on disk. Every later change gets a greater one, also after a restart with
    /// the machine's clock set back.
    async fn cursor(&self) -> Result<u64, StoreError> {
        self.ping().await?;
        Ok(self.writer.newest_stamp())
    }

    async fn close(&self) {
        self.readers.close().await;
        let writer = Arc::clone(&self.writer);
        let indexer = self.indexer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        tokio::task::spawn_blocking(move || {
            writer.close();
            indexer.map(std::thread::JoinHandle::join)
        })
        .await
        .ok();
        drop(self.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        // Before the lock is given back.
        self.writer.close();
    }
}

/// Keeps every other process out of the file at `path`.
fn lock(path: &Path) -> Result<File, StoreError> {
    let name = sibling(path, "lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name)
        .map_err(|error| StoreError::Other(format!("{} cannot be written: {error}", name.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Other(format!(
            "{} is in use by another process: stop it, or give this one another data folder",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => {
            Err(StoreError::Other(format!("{} cannot be locked: {error}", name.display())))
        }
    }
}

/// Creates the file for its owner only, if it is not there. SQLite gives its log the same mode.
fn private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(|error| StoreError::Other(format!("{} cannot be written: {error}", path.display())))
}

/// `lavender.db` → `lavender.db.lock`.
fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "wal")?;
    // FULL: a commit waits until the log is on disk. NORMAL would lose the newest ones with the power.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "journal_size_limit", LOG_LIMIT_BYTES)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)
}
