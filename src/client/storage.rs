//! This device's disk: waiting sends, drafts and what is shown without a network, in IndexedDB, one database per account, gone
//! at sign-out. Beside it the browser remembers whose account was here last.

use crate::client::draft::Draft;
use crate::client::outbox::Entry;
use crate::id::{FileId, RoomId, TxnId, UserId};
use idb::{
    Database, DatabaseEvent, Error, Factory, KeyRange, ObjectStoreParams, Transaction, TransactionMode,
    TransactionResult,
};
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

const OUTBOX: &str = "outbox";
const DRAFTS: &str = "drafts";
const KEPT: &str = "kept";
/// Bytes of the files of waiting sends, under `<txn_id>/<local id>`.
const FILES: &str = "files";
const STORES: [&str; 4] = [OUTBOX, DRAFTS, KEPT, FILES];
/// What the key of a draft's answer begins with.
const REPLY: &str = "reply-";
const VERSION: u32 = 3;

/// Where the browser remembers the account that was here last.
const LAST: &str = "lavender-account";

/// The open database of an account.
pub struct Storage {
    name: String,
    database: Database,
}

fn file_key(txn_id: TxnId, local: FileId) -> String {
    format!("{txn_id}/{local}")
}

/// Fails with the first request that failed. A full disk may show only now.
async fn committed(transaction: Transaction) -> Result<(), Error> {
    match transaction.commit()?.await? {
        TransactionResult::Committed => Ok(()),
        TransactionResult::Aborted => Err(Error::TransactionCommitError(JsValue::NULL)),
    }
}

fn name(user_id: UserId) -> String {
    format!("lavender-{user_id}")
}

impl Storage {
    /// # Errors
    /// Where the browser has no IndexedDB or refuses it (some private windows).
    pub async fn open(user_id: UserId) -> Result<Self, Error> {
        let name = name(user_id);
        let mut request = Factory::new()?.open(&name, Some(VERSION))?;
        request.on_upgrade_needed(|event| {
            if let Ok(database) = event.database() {
                for store in STORES {
                    // Those of an earlier version stay.
                    database.create_object_store(store, ObjectStoreParams::new()).ok();
                }
            }
        });
        let mut database = request.await?;
        // Another tab signs out: it must not have to wait for this one.
        database.on_version_change(|event| {
            if let Ok(database) = event.database() {
                database.close();
            }
        });
        Ok(Self { name, database })
    }

    /// A send and the bytes of those of its files that are not there yet: all of it or nothing.
    ///
    /// # Errors
    /// When the disk is full or the database is gone.
    pub async fn put_entry(&self, entry: &Entry, files: &[(FileId, Blob)]) -> Result<(), Error> {
        let text = serde_json::to_string(entry).unwrap_or_default();
        let key = entry.txn_id.to_string();
        let transaction = self.database.transaction(&[OUTBOX, FILES], TransactionMode::ReadWrite)?;
        transaction.object_store(OUTBOX)?.put(&JsValue::from_str(&text), Some(&JsValue::from_str(&key)))?;
        for (local, bytes) in files {
            let key = JsValue::from_str(&file_key(entry.txn_id, *local));
            transaction.object_store(FILES)?.put(bytes, Some(&key))?;
        }
        committed(transaction).await
    }

    pub async fn remove_entry(&self, txn_id: TxnId) -> Result<(), Error> {
        let transaction = self.database.transaction(&[OUTBOX, FILES], TransactionMode::ReadWrite)?;
        transaction.object_store(OUTBOX)?.delete(JsValue::from_str(&txn_id.to_string()))?;
        // `0` comes after `/`.
        let (from, to) = (format!("{txn_id}/"), format!("{txn_id}0"));
        let range = KeyRange::bound(&JsValue::from_str(&from), &JsValue::from_str(&to), Some(false), Some(true))?;
        transaction.object_store(FILES)?.delete(range)?;
        committed(transaction).await
    }

    /// The bytes of a file of a waiting send.
    pub async fn file(&self, txn_id: TxnId, local: FileId) -> Option<Blob> {
        let transaction = self.database.transaction(&[FILES], TransactionMode::ReadOnly).ok()?;
        let key = JsValue::from_str(&file_key(txn_id, local));
        let found = transaction.object_store(FILES).ok()?.get(key).ok()?.await.ok()??;
        found.dyn_into().ok()
    }

    /// An empty draft is removed. The text is a record of its own, as it always was; what it answers is one beside it.
    pub async fn put_draft(&self, room_id: RoomId, draft: &Draft) -> Result<(), Error> {
        let (mut put, mut gone) = (Vec::new(), Vec::new());
        let reply = draft.reply_to.and_then(|reply| serde_json::to_string(&reply).ok());
        let text = Some(draft.text.clone()).filter(|text| !text.is_empty());
        for (key, value) in [(room_id.to_string(), text), (format!("{REPLY}{room_id}"), reply)] {
            match value {
                Some(value) => put.push((key, value)),
                None => gone.push(key),
            }
        }
        self.write(DRAFTS, &put, &gone).await
    }

    /// What an older version of the page wrote and this one cannot read is left where it is.
    pub async fn entries(&self) -> Result<Vec<Entry>, Error> {
        let all = self.all(OUTBOX).await?;
        Ok(all.iter().filter_map(|(_, text)| serde_json::from_str(text).ok()).collect())
    }

    pub async fn drafts(&self) -> Result<Vec<(RoomId, Draft)>, Error> {
        let mut drafts = BTreeMap::<RoomId, Draft>::new();
        for (key, value) in self.all(DRAFTS).await? {
            if let Some(room_id) = key.strip_prefix(REPLY).and_then(|key| key.parse().ok()) {
                drafts.entry(room_id).or_default().reply_to = serde_json::from_str(&value).ok();
            } else if let Ok(room_id) = key.parse() {
                drafts.entry(room_id).or_default().text = value;
            }
        }
        Ok(drafts.into_iter().collect())
    }

    /// What [`crate::client::kept`] wrote.
    pub async fn kept(&self) -> Result<Vec<(String, String)>, Error> {
        self.all(KEPT).await
    }

    /// Puts and removes at once, or not at all.
    pub async fn keep(&self, put: &[(String, String)], gone: &[String]) -> Result<(), Error> {
        self.write(KEPT, put, gone).await
    }

    pub async fn forget_kept(&self) -> Result<(), Error> {
        self.clear(KEPT).await
    }

    async fn clear(&self, store: &str) -> Result<(), Error> {
        let transaction = self.database.transaction(&[store], TransactionMode::ReadWrite)?;
        transaction.object_store(store)?.clear()?.await?;
        transaction.commit()?.await?;
        Ok(())
    }

    /// All of it, or nothing.
    async fn write(&self, store: &str, put: &[(String, String)], gone: &[String]) -> Result<(), Error> {
        let transaction = self.database.transaction(&[store], TransactionMode::ReadWrite)?;
        let store = transaction.object_store(store)?;
        for (key, text) in put {
            store.put(&JsValue::from_str(text), Some(&JsValue::from_str(key)))?;
        }
        for key in gone {
            store.delete(JsValue::from_str(key))?;
        }
        committed(transaction).await
    }

    async fn all(&self, store: &str) -> Result<Vec<(String, String)>, Error> {
        let transaction = self.database.transaction(&[store], TransactionMode::ReadOnly)?;
        let store = transaction.object_store(store)?;
        let keys = store.get_all_keys(None, None)?.await?;
        let values = store.get_all(None, None)?.await?;
        let text = |value: JsValue| value.as_string().unwrap_or_default();
        Ok(keys.into_iter().map(text).zip(values.into_iter().map(text)).collect())
    }

    /// Empties and removes the database. Other tabs that hold it open cannot stop this: it is empty before it is removed.
    pub async fn wipe(self) -> Result<(), Error> {
        for store in STORES {
            self.clear(store).await?;
        }
        self.database.close();
        let delete = Factory::new()?.delete(&self.name)?;
        // Waits while another tab does not let go.
        crate::client::platform::within(1_000, std::future::IntoFuture::into_future(delete)).await.unwrap_or(Ok(()))
    }
}

/// A connection that nobody holds any more would still be asked to make room for a removal, by a handler that is gone.
impl Drop for Storage {
    fn drop(&mut self) {
        self.database.close();
    }
}

fn local() -> Option<web_sys::Storage> {
    crate::client::platform::window()?.local_storage().ok()?
}

/// Whose account was here last, and has not signed out.
pub fn last_account() -> Option<UserId> {
    local()?.get_item(LAST).ok()??.parse().ok()
}

/// Remembers the account of this page. What was kept to be shown of another one goes.
pub async fn set_last_account(user_id: UserId) {
    if last_account() == Some(user_id) {
        return;
    }
    forget_last_account().await;
    if let Some(local) = local() {
        local.set_item(LAST, &user_id.to_string()).ok();
    }
}

/// Nobody is signed in: what was kept to be shown goes. Waiting sends and drafts stay for when they come back.
pub async fn forget_last_account() {
    let Some(user_id) = last_account() else { return };
    if let Ok(storage) = Storage::open(user_id).await {
        storage.forget_kept().await.ok();
    }
    unset_last_account();
}

/// The account ends on this device, and with it what was noted for it.
pub fn unset_last_account() {
    crate::client::notes::forget();
    if let Some(local) = local() {
        local.remove_item(LAST).ok();
    }
}

/// Removes cached pages of the account (the service worker's caches whose name begins with `lavender-account`).
pub async fn wipe_caches() {
    let Some(window) = crate::client::platform::window() else { return };
    let Ok(caches) = window.caches() else { return };
    let Ok(keys) = JsFuture::from(caches.keys()).await else { return };
    for key in keys.dyn_into::<js_sys::Array>().map(|keys| keys.to_vec()).unwrap_or_default() {
        if let Some(name) = key.as_string().filter(|name| name.starts_with("lavender-account")) {
            JsFuture::from(caches.delete(&name)).await.ok();
        }
    }
}
