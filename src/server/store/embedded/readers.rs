//! A few connections that only read, used on blocking threads. In WAL mode no writer keeps them waiting.

use super::convert::failure;
use crate::server::store::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Reads at once: they compete for the processor, not for the disk, so more would only wait elsewhere.
const READERS: usize = 4;

pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    free: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let connections = (0..READERS).map(|_| open(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { idle: Arc::new(Mutex::new(connections)), free: Arc::new(Semaphore::new(READERS)) })
    }

    /// Runs `work` on a connection of its own; it sees everything that was acknowledged before.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    {
        let closed = || StoreError::Unavailable("the store is closed".into());
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| closed())?;
        let idle = Arc::clone(&self.idle);
        let read = move || {
            let connection = idle.lock().unwrap_or_else(PoisonError::into_inner).pop().ok_or_else(closed)?;
            let result = work(&connection).map_err(|error| failure(&error));
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            // Given back by the thread, not by the caller, who may have gone away meanwhile.
            drop(permit);
            result
        };
        tokio::task::spawn_blocking(read).await.map_err(|error| StoreError::Other(error.to_string()))?
    }

    /// Waits for reads under way, then refuses further ones.
    pub(super) async fn close(&self) {
        let all = self.free.acquire_many(READERS as u32).await;
        self.free.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        drop(all);
    }
}

/// A connection for reading.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| failure(&e))?;
    connection.busy_timeout(super::BUSY_TIMEOUT).map_err(|e| failure(&e))?;
    connection.pragma_update(None, "query_only", true).map_err(|e| failure(&e))?;
    connection.set_prepared_statement_cache_capacity(super::STATEMENTS);
    Ok(connection)
}
