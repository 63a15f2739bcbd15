//! The store for several processes: MongoDB, by its official driver.
//!
//! Writes wait for a majority and its journal, reads see only what a majority has; so nothing that a call returned `Ok` for
//! is lost with a node. A call whose outcome is unknown answers [`StoreError::Unavailable`]: try again with the same ids.

mod append;
mod blocks;
mod changes;
mod connect;
mod convert;
mod erasure;
mod failure;
mod files;
mod groups;
mod identities;
mod indexes;
mod invites;
mod mails;
mod memories;
mod messages;
mod moderation;
mod prefs;
mod requests;
mod rooms;
mod search;
mod search_index;
mod sessions;
mod users;

use super::{Database, StoreError};
use crate::id::RoomId;
use async_trait::async_trait;
use convert::{
    AuditDoc, BarDoc, BlockDoc, FactDoc, FileDoc, IdentityDoc, InviteDoc, MailDoc, MemberDoc, MemoryDoc, MessageDoc,
    ReportDoc, RequestDoc, RoomDoc, SessionDoc, UsageDoc, UserDoc,
};
use dashmap::DashMap;
use failure::failure;
use futures_util::TryStreamExt;
use mongodb::bson::doc;
use mongodb::{Collection, Cursor};
use std::future::{Future, IntoFuture};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// `maxTimeMS`: what the server itself may spend on an operation.
const SERVER_TIME_MAX: Duration = Duration::from_secs(5);
/// What an operation may take altogether: finding a primary, a retry of the driver, waiting for the majority. The driver
/// alone would wait without end on a connection that went silent.
const OPERATION_TIME_MAX: Duration = Duration::from_secs(15);

/// A database in a replica set.
pub struct Mongo {
    client: mongodb::Client,
    database: mongodb::Database,
    users: Collection<UserDoc>,
    sessions: Collection<SessionDoc>,
    rooms: Collection<RoomDoc>,
    members: Collection<MemberDoc>,
    bars: Collection<BarDoc>,
    invites: Collection<InviteDoc>,
    messages: Collection<MessageDoc>,
    requests: Collection<RequestDoc>,
    blocks: Collection<BlockDoc>,
    search_index: search_index::SearchIndex,
    facts: Collection<FactDoc>,
    files: Collection<FileDoc>,
    reports: Collection<ReportDoc>,
    audit: Collection<AuditDoc>,
    memories: Collection<MemoryDoc>,
    usage: Collection<UsageDoc>,
    identities: Collection<IdentityDoc>,
    mails: Collection<MailDoc>,
    /// What is known of the rooms that this process appends to.
    logs: DashMap<RoomId, Arc<append::RoomLog>>,
    /// Held while this process lets people into a group.
    changing: tokio::sync::Mutex<()>,
    /// The greatest cursor given out.
    cursor: AtomicU64,
    is_closed: AtomicBool,
}

impl Mongo {
    /// Connects, checks that it is a replica set and makes the indexes. The database is the one that the address names, else
    /// `lavender`.
    ///
    /// # Errors
    /// One plain sentence each, never with a part of user or password: a malformed address, no answer, refused user or
    /// password, no replica set, no primary.
    pub async fn connect(uri: &str) -> Result<Self, StoreError> {
        let (client, database) = connect::open(uri).await?;
        let mongo = Self {
            users: database.collection("users"),
            sessions: database.collection("sessions"),
            rooms: database.collection("rooms"),
            members: database.collection("members"),
            bars: database.collection("bars"),
            invites: database.collection("invites"),
            messages: database.collection("messages"),
            requests: database.collection("requests"),
            blocks: database.collection("blocks"),
            search_index: search_index::SearchIndex::new(&database),
            facts: database.collection("facts"),
            files: database.collection("files"),
            reports: database.collection("reports"),
            audit: database.collection("audit"),
            memories: database.collection("memories"),
            usage: database.collection("usage"),
            identities: database.collection("identities"),
            mails: database.collection("mails"),
            logs: DashMap::new(),
            changing: tokio::sync::Mutex::new(()),
            cursor: AtomicU64::new(0),
            is_closed: AtomicBool::new(false),
            client,
            database,
        };
        indexes::create(&mongo).await?;
        mongo.search_index.start();
        Ok(mongo)
    }

    /// Runs one operation of the driver within [`OPERATION_TIME_MAX`].
    async fn run<T, O>(&self, operation: O) -> Result<T, StoreError>
    where
        O: IntoFuture<Output = mongodb::error::Result<T>> + Send,
        O::IntoFuture: Send,
    {
        self.attempt(operation).await?.map_err(|error| failure(&error))
    }

    /// As [`Mongo::run`], for callers that look at the driver's error themselves.
    async fn attempt<T, O>(&self, operation: O) -> Result<mongodb::error::Result<T>, StoreError>
    where
        O: IntoFuture<Output = mongodb::error::Result<T>> + Send,
        O::IntoFuture: Send,
    {
        if self.is_closed.load(Ordering::Acquire) {
            return Err(StoreError::Unavailable("the store is closed".into()));
        }
        tokio::time::timeout(OPERATION_TIME_MAX, operation.into_future())
            .await
            .map_err(|_| StoreError::Unavailable("MongoDB did not answer in time".into()))
    }

    /// Runs a query and reads all that it finds; queries are bounded by their filter or limit.
    async fn all<T, O>(&self, query: O) -> Result<Vec<T>, StoreError>
    where
        T: serde::de::DeserializeOwned + Send + Sync + Unpin,
        O: IntoFuture<Output = mongodb::error::Result<Cursor<T>>> + Send,
        O::IntoFuture: Send,
    {
        let query = query.into_future();
        self.run(gather(query)).await
    }
}

impl Drop for Mongo {
    fn drop(&mut self) {
        self.search_index.stop();
    }
}

async fn gather<T>(
    query: impl Future<Output = mongodb::error::Result<Cursor<T>>> + Send,
) -> mongodb::error::Result<Vec<T>>
where
    T: serde::de::DeserializeOwned + Send + Sync + Unpin,
{
    query.await?.try_collect().await
}

#[async_trait]
impl Database for Mongo {
    fn name(&self) -> &'static str {
        "mongodb"
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.run(self.database.run_command(doc! { "ping": 1 })).await.map(drop)
    }

    /// The cluster's logical time of what a majority has, to the second. MongoDB carries it from node to node and through
    /// its log, so it does not go back when another node with another clock becomes the primary, nor over a restart.
    ///
    /// A change takes its stamp from the same clock a moment before a majority has it, so ask again from some seconds before
    /// a cursor: the usual overlap of 30 s is ample.
    async fn cursor(&self) -> Result<u64, StoreError> {
        let hello = self.run(self.database.run_command(doc! { "hello": 1 })).await?;
        let of_majority = hello
            .get_document("lastWrite")
            .and_then(|last_write| last_write.get_document("majorityOpTime"))
            .and_then(|optime| optime.get_timestamp("ts"));
        // A router of a sharded cluster knows no `lastWrite`.
        let time = of_majority
            .or_else(|_| hello.get_timestamp("operationTime"))
            .map_err(|_| StoreError::Other("MongoDB tells no cluster time: it is no replica set".into()))?;
        let now = u64::from(time.time) * 1_000;
        Ok(self.cursor.fetch_max(now, Ordering::AcqRel).max(now))
    }

    async fn close(&self) {
        if !self.is_closed.swap(true, Ordering::AcqRel) {
            self.search_index.stop();
            self.client.clone().shutdown().immediate(true).await;
        }
    }
}
