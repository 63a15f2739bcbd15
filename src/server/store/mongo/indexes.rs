//! The indexes: made at every start, which costs nothing when they are there. The unique ones carry promises.

use super::Mongo;
use crate::server::store::StoreError;
use mongodb::IndexModel;
use mongodb::bson::{Document, doc};
use mongodb::options::IndexOptions;

/// Of every collection.
pub(super) const ID: &str = "_id_";
pub(super) const USERNAME: &str = "username_key";
pub(super) const EMAIL: &str = "email_key";
pub(super) const PAIR: &str = "pair";
pub(super) const ROOM_SEQ: &str = "room_seq";
pub(super) const OPEN_REQUEST: &str = "open_pair";
pub(super) const OPEN_ROOM_REQUEST: &str = "open_room";

pub(super) async fn create(mongo: &Mongo) -> Result<(), StoreError> {
    let users = mongo.users.create_indexes([
        unique(USERNAME, doc! { "username_key": 1 }, None),
        unique(EMAIL, doc! { "email_key": 1 }, None),
        plain("username", doc! { "username": 1 }, None),
        plain("words", doc! { "words": 1 }, None),
        plain("banned", doc! { "banned_at": 1 }, Some(doc! { "banned_at": { "$exists": true } })),
        plain("muted", doc! { "muted_until": 1 }, Some(doc! { "muted_until": { "$exists": true } })),
        plain("leaving", doc! { "leaving.due_at": 1, "_id": 1 }, Some(doc! { "leaving.due_at": { "$exists": true } })),
    ]);
    let sessions = mongo.sessions.create_indexes([
        unique("refresh", doc! { "refresh_hash": 1 }, None),
        plain("previous", doc! { "previous_hash": 1 }, Some(doc! { "previous_hash": { "$exists": true } })),
        plain("user", doc! { "user_id": 1 }, None),
        plain("revoked", doc! { "revoked_at": 1 }, Some(doc! { "revoked_at": { "$exists": true } })),
    ]);
    let identities = mongo.identities.create_indexes([unique("user_issuer", doc! { "user_id": 1, "issuer": 1 }, None)]);
    let mails = mongo.mails.create_indexes([plain("due", doc! { "due_at": 1 }, None)]);
    let rooms =
        mongo.rooms.create_indexes([unique(PAIR, doc! { "pair": 1 }, Some(doc! { "pair": { "$exists": true } }))]);
    let members = mongo.members.create_indexes([
        unique("room_user", doc! { "room_id": 1, "user_id": 1 }, None),
        plain("user_room", doc! { "user_id": 1, "room_id": 1 }, None),
        plain("user_prefs", doc! { "user_id": 1, "prefs.revision": 1 }, Some(doc! { "prefs": { "$exists": true } })),
    ]);
    let bars = mongo.bars.create_indexes([
        unique("room_user", doc! { "room_id": 1, "user_id": 1 }, None),
        plain("user", doc! { "user_id": 1 }, None),
    ]);
    let invites = mongo
        .invites
        .create_indexes([plain("room", doc! { "room_id": 1 }, None), plain("by", doc! { "by_id": 1 }, None)]);
    let messages = mongo.messages.create_indexes([
        // Newest first, so that the heads of many rooms are one jump each.
        unique(ROOM_SEQ, doc! { "room_id": 1, "seq": -1 }, None),
        // The client's UUIDv7 first, so that new entries land beside each other.
        unique("txn_author", doc! { "txn_id": 1, "author_id": 1 }, None),
        // A query by an id or a kind implies that there is one; by `files` itself it would not.
        plain("files", doc! { "files.id": 1 }, Some(doc! { "files.id": { "$exists": true } })),
        plain(
            "room_files",
            doc! { "room_id": 1, "seq": -1, "files.kind": 1 },
            Some(doc! { "files.kind": { "$exists": true } }),
        ),
        plain("held", doc! { "held_until": 1 }, Some(doc! { "held_until": { "$exists": true } })),
        plain("room_changed", doc! { "room_id": 1, "changed": 1 }, Some(doc! { "changed": { "$exists": true } })),
    ]);
    let files = mongo.files.create_indexes([plain("owner", doc! { "owner_id": 1, "bytes": 1 }, None)]);
    let requests = mongo.requests.create_indexes([
        unique(OPEN_REQUEST, doc! { "from_id": 1, "to_id": 1 }, Some(doc! { "open": true })),
        plain("open_to", doc! { "to_id": 1 }, Some(doc! { "open": true })),
        unique(OPEN_ROOM_REQUEST, doc! { "to_id": 1, "room_id": 1 }, Some(doc! { "open_room": true })),
        plain("open_room_from", doc! { "from_id": 1 }, Some(doc! { "open_room": true })),
        plain("open_since", doc! { "created_at": 1 }, Some(doc! { "open": true })),
        plain("open_room_since", doc! { "created_at": 1 }, Some(doc! { "open_room": true })),
        plain("from", doc! { "from_id": 1, "_id": 1 }, None),
        plain("to", doc! { "to_id": 1, "_id": 1 }, None),
        plain("room", doc! { "room_id": 1 }, Some(doc! { "room_id": { "$exists": true } })),
    ]);
    let blocks = mongo.blocks.create_indexes([
        unique("by_target", doc! { "by_id": 1, "target_id": 1 }, None),
        plain("target", doc! { "target_id": 1 }, None),
    ]);
    let search = mongo.search_index.blocks().create_indexes([
        // Newest first, so that the last block of many rooms is one jump each.
        unique("room_block", doc! { "room_id": 1, "block": -1 }, None),
        plain("open", doc! { "open": 1 }, Some(doc! { "open": true })),
    ]);
    let reports = mongo.reports.create_indexes([
        plain("state", doc! { "state": 1, "_id": -1 }, None),
        plain("reporter", doc! { "reporter_id": 1, "_id": -1 }, None),
    ]);
    tokio::try_join!(
        mongo.run(users),
        mongo.run(sessions),
        mongo.run(identities),
        mongo.run(mails),
        mongo.run(rooms),
        mongo.run(members),
        mongo.run(bars),
        mongo.run(invites),
        mongo.run(messages),
        mongo.run(files),
        mongo.run(requests),
        mongo.run(blocks),
        mongo.run(search),
        mongo.run(reports),
    )
    .map(drop)
}

fn unique(name: &str, keys: Document, only: Option<Document>) -> IndexModel {
    index(name, keys, only, Some(true))
}

fn plain(name: &str, keys: Document, only: Option<Document>) -> IndexModel {
    index(name, keys, only, None)
}

fn index(name: &str, keys: Document, only: Option<Document>, unique: Option<bool>) -> IndexModel {
    let options = IndexOptions::builder().name(name.to_owned()).unique(unique).partial_filter_expression(only).build();
    IndexModel::builder().keys(keys).options(options).build()
}
