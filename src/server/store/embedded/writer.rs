//! The one thread that writes. What has piled up while it wrote is its next transaction, so that one wait for the disk
//! serves many writers (group commit).

use super::convert::failure;
use crate::server::store::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Writes that may wait; more and their callers wait to hand them over.
const QUEUE_MAX: usize = 1_024;
/// Writes of one transaction: bounds how long the first one of them waits for the last.
const GROUP_MAX: usize = 256;

/// What a write may use: the open transaction, and the clock of changes.
pub(super) struct Scope<'a> {
    pub(super) connection: &'a Connection,
    clock: &'a mut u64,
}

impl Scope<'_> {
    /// A stamp for a change, in Unix milliseconds: later than every stamp before, whatever the machine's clock says.
    pub(super) fn stamp(&mut self) -> u64 {
        let now = u64::try_from(crate::time::Timestamp::now().0).unwrap_or(0);
        *self.clock = now.max(*self.clock + 1);
        *self.clock
    }
}

/// A write whose result nobody hears before it is on disk.
trait Job: Send {
    /// Runs inside a savepoint, which is kept when this is `true`.
    fn run(&mut self, scope: &mut Scope<'_>) -> bool;
    /// Whether nobody needs to know that it was committed.
    fn is_quiet(&self) -> bool;
    /// Answers the caller. `lost`: why the transaction was not committed.
    fn answer(self: Box<Self>, lost: Option<&str>);
}

struct Call<T, F> {
    work: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    is_quiet: bool,
}

impl<T, F> Job for Call<T, F>
where
    T: Send,
    F: FnOnce(&mut Scope<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, scope: &mut Scope<'_>) -> bool {
        self.result = self.work.take().map(|work| work(scope));
        matches!(self.result, Some(Ok(_)))
    }

    fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    fn answer(self: Box<Self>, lost: Option<&str>) {
        // A refusal does not outlive its transaction either: what it saw may be among what was lost.
        let result = match (self.result, lost) {
            (_, Some(reason)) => Err(StoreError::Unavailable(reason.to_owned())),
            (Some(result), None) => result,
            (None, None) => Err(StoreError::Unavailable("the write was not done".into())),
        };
        // A caller that has gone away does not want to know.
        self.reply.send(result).ok();
    }
}

/// A handle on the thread; ends it when closed or dropped.
pub(super) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    committed: Arc<AtomicU64>,
}

impl Writer {
    /// Takes the connection that writes; `newest` is the newest stamp in it. `after_commit` runs on the writing thread when
    /// something was written by [`Writer::write`].
    pub(super) fn start(
        connection: Connection,
        newest: u64,
        after_commit: impl Fn() + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let committed = Arc::new(AtomicU64::new(newest));
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn({
                let committed = Arc::clone(&committed);
                move || serve(connection, queue, &committed, after_commit)
            })
            .map_err(|error| StoreError::Other(format!("the writer does not start: {error}")))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)), committed })
    }

    /// Runs `work` in the next transaction; its value comes back once that is on disk.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Scope<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let closed = || StoreError::Unavailable("the store is closed".into());
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        jobs.send(Box::new(Call { work: Some(work), result: None, reply, is_quiet: false }))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// [`Writer::write`] for a thread that may wait; it does not count as a commit for `after_commit`.
    pub(super) fn write_blocking<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Scope<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let closed = || StoreError::Unavailable("the store is closed".into());
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        jobs.blocking_send(Box::new(Call { work: Some(work), result: None, reply, is_quiet: true }))
            .map_err(|_| closed())?;
        drop(jobs);
        answer.blocking_recv().map_err(|_| closed())?
    }

    /// The newest stamp that is on disk.
    pub(super) fn newest_stamp(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }

    /// Finishes what was handed over, folds the log into the file and closes it. Blocks.
    pub(super) fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            thread.join().ok();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

fn serve(
    mut connection: Connection,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    committed: &AtomicU64,
    after_commit: impl Fn(),
) {
    let mut clock = committed.load(Ordering::Acquire);
    let mut group = Vec::with_capacity(GROUP_MAX);
    while queue.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
        let lost = commit(&mut connection, &mut group, &mut clock).err();
        if lost.is_none() {
            committed.fetch_max(clock, Ordering::Release);
        }
        let is_quiet = group.iter().all(|job| job.is_quiet());
        for job in group.drain(..) {
            job.answer(lost.as_deref());
        }
        if !is_quiet {
            after_commit();
        }
    }
    connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);").ok();
}

/// One transaction around all of `group`, on disk when this is `Ok`; else nothing of it is, and this is why.
fn commit(connection: &mut Connection, group: &mut [Box<dyn Job>], clock: &mut u64) -> Result<(), String> {
    let plain = |error: rusqlite::Error| failure(&error).to_string();
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(plain)?;
    for job in group {
        let savepoint = transaction.savepoint().map_err(plain)?;
        if job.run(&mut Scope { connection: &savepoint, clock }) {
            savepoint.commit().map_err(plain)?;
        } else if savepoint.is_autocommit() {
            // A full disk ends the whole transaction, not only the statement.
            return Err("the transaction was rolled back".into());
        } else {
            savepoint.finish().map_err(plain)?;
        }
    }
    transaction.commit().map_err(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    fn open(path: &std::path::Path) -> Connection {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        connection
            .execute_batch("CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY, text TEXT NOT NULL)")
            .unwrap();
        connection
    }

    fn rows(path: &std::path::Path) -> Vec<i64> {
        let connection = open(path);
        let mut select = connection.prepare("SELECT n FROM rows ORDER BY n").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    fn insert(writer: &Writer, n: i64) -> impl Future<Output = Result<i64, StoreError>> {
        writer.write(move |scope| {
            let text = "x".repeat(2_000);
            scope.connection.execute("INSERT INTO rows VALUES (?1, ?2)", (n, text)).map_err(|e| failure(&e))?;
            Ok(n)
        })
    }

    #[tokio::test]
    async fn when_the_disk_is_full_what_was_acknowledged_is_there_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("full.db");
        let connection = open(&path);
        connection.pragma_update(None, "max_page_count", 20).unwrap();
        let writer = Writer::start(connection, 0, || {}).unwrap();
        let mut acked = Vec::new();
        let mut refused = 0;
        for round in 0..8 {
            for outcome in join_all((0..10).map(|n| insert(&writer, round * 10 + n))).await {
                match outcome {
                    Ok(n) => acked.push(n),
                    Err(StoreError::Unavailable(_)) => refused += 1,
                    Err(error) => panic!("{error}"),
                }
            }
        }
        assert!(!acked.is_empty() && refused > 0);
        assert_eq!(rows(&path), acked);
        // Space returns, and so does the store.
        let more = writer
            .write(|scope| scope.connection.pragma_update(None, "max_page_count", 10_000).map_err(|e| failure(&e)));
        more.await.unwrap();
        assert_eq!(insert(&writer, 999).await.unwrap(), 999);
    }

    #[tokio::test]
    async fn a_failed_write_leaves_nothing_and_the_others_of_its_group_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("group.db");
        let writer = Writer::start(open(&path), 0, || {}).unwrap();
        let outcomes = join_all((0..30).map(|n| {
            writer.write(move |scope| {
                scope.connection.execute("INSERT INTO rows VALUES (?1, 'x')", [n]).map_err(|e| failure(&e))?;
                if n % 3 == 0 { Err(StoreError::Missing) } else { Ok(n) }
            })
        }))
        .await;
        let acked: Vec<i64> = outcomes.into_iter().flatten().collect();
        assert_eq!(acked, (0..30).filter(|n| n % 3 != 0).collect::<Vec<_>>());
        assert_eq!(rows(&path), acked);
    }

    #[tokio::test]
    async fn stamps_only_grow_and_count_once_they_are_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::start(open(&folder.path().join("clock.db")), u64::MAX / 2, || {}).unwrap();
        let stamp = |is_kept: bool| {
            writer.write(move |scope| {
                let stamp = scope.stamp();
                if is_kept { Ok(stamp) } else { Err(StoreError::Missing) }
            })
        };
        assert_eq!(stamp(true).await.unwrap(), u64::MAX / 2 + 1);
        assert_eq!(writer.newest_stamp(), u64::MAX / 2 + 1);
        assert!(stamp(false).await.is_err());
        assert!(stamp(true).await.unwrap() > u64::MAX / 2 + 1);
    }
}
