//! Changes of stored messages, each one update by `_id`, as a pipeline: what it sets may depend on what is there.
//!
//! In a pipeline a text that begins with `$` would be a path or an operator, so every value goes in as a `$literal`.

use super::convert::{EditsDoc, MessageDoc, date, json, signed, uuid};
use super::messages::without_edits;
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{MessageId, UserId};
use crate::model::{Answer, Body, Edit, Extra, LinkPreview, Message, limits};
use crate::server::store::{Changes, Messages, NewText, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Bson, Document, Uuid, doc};
use mongodb::options::ReturnDocument;
use std::time::Duration;

type Result<T> = std::result::Result<T, StoreError>;

/// In a `$set` stage: takes the field away.
const REMOVE: &str = "$$REMOVE";

#[async_trait]
impl Changes for Mongo {
    async fn edit(&self, id: MessageId, revision: u64, text: &NewText) -> Result<Option<Message>> {
        let mut set = doc! {
            "edits": with_text(),
            "body": literal(text.body.as_str()),
            "edited_at": literal(date(Timestamp::now())),
            "mentions": REMOVE,
        };
        if !text.mentions.is_empty() {
            let users: Vec<Uuid> = text.mentions.users.iter().map(|user| uuid(user.0)).collect();
            set.insert("mentions", literal(doc! { "users": users, "all": text.mentions.all }));
        }
        if !text.keeps_preview {
            set.insert("preview", REMOVE);
        }
        let Some(before) = self.message(id).await? else { return Err(StoreError::Missing) };
        self.search_index.changing(before.room_id, before.seq).await?;
        let changed = self.change_message(id, doc! { "revision": signed(revision) }, set).await;
        self.search_index.changed(before.room_id, before.seq).await;
        changed
    }

    async fn delete(&self, id: MessageId, by: UserId, now: Timestamp) -> Result<Option<Message>> {
        let set = doc! {
            "deleted": literal(doc! { "by": uuid(by.0), "at": date(now) }),
            "body": literal(""),
            "edits": REMOVE,
            "mentions": REMOVE,
            "reactions": REMOVE,
            "preview": REMOVE,
            "files": REMOVE,
            "extra": REMOVE,
            "held_until": REMOVE,
            "seen": REMOVE,
        };
        let Some(before) = self.message(id).await? else { return Err(StoreError::Missing) };
        self.search_index.changing(before.room_id, before.seq).await?;
        let changed = self.change_message(id, doc! {}, set).await;
        self.search_index.changed(before.room_id, before.seq).await;
        changed
    }

    async fn react(&self, id: MessageId, user_id: UserId, emoji: &str, on: bool) -> Result<Option<Message>> {
        let me = uuid(user_id.0);
        let (filter, reactions) = if on { reacting(me, emoji) } else { taking_back(me, emoji) };
        // Not more than a few times: what refused the update may not be with the majority that is read from.
        for pause_ms in [0, 2, 8, 32, 128, 512] {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            let changed = self.change_message(id, filter.clone(), doc! { "reactions": reactions.clone() }).await?;
            if changed.is_some() {
                return Ok(changed);
            }
            let mut stored = self.find_message(doc! { "_id": uuid(id.0) }).await?.ok_or(StoreError::Missing)?;
            if on && stored.is_countable() && !stored.takes_emoji(emoji) {
                return Err(StoreError::Full);
            }
            if !stored.react(user_id, emoji, on) {
                return Ok(None);
            }
        }
        Err(StoreError::Unavailable("a message keeps changing".into()))
    }

    async fn set_preview(
        &self,
        id: MessageId,
        of: Option<&Body>,
        preview: Option<&LinkPreview>,
    ) -> Result<Option<Message>> {
        let preview = preview.map(json).transpose()?;
        let mut filter = match &preview {
            Some(text) => doc! { "preview": { "$ne": text } },
            None => doc! { "preview": { "$exists": true } },
        };
        if let Some(text) = of {
            filter.insert("body", text.as_str());
        }
        let preview: Bson = preview.map_or(REMOVE.into(), |text| literal(text).into());
        let changed = self.change_message(id, filter, doc! { "preview": preview }).await?;
        self.there(id, changed).await
    }

    async fn set_extra(&self, id: MessageId, revision: u64, extra: &Extra) -> Result<Option<Message>> {
        let set = doc! { "extra": literal(json(extra)?) };
        let changed = self.change_message(id, doc! { "revision": signed(revision) }, set).await?;
        self.there(id, changed).await
    }

    async fn write_answer(
        &self,
        id: MessageId,
        revision: u64,
        text: &Body,
        answer: &Answer,
        keeps_text: bool,
    ) -> Result<Option<Message>> {
        let held_until: Bson = answer.held_until.map_or(REMOVE.into(), |at| literal(date(at)).into());
        let mut set = doc! {
            "body": literal(text.as_str()),
            "extra": literal(json(&Extra::Answer(answer.clone()))?),
            "held_until": held_until,
        };
        if keeps_text {
            set.insert("edits", with_text());
        }
        let Some(before) = self.message(id).await? else { return Err(StoreError::Missing) };
        // While it grows nobody finds it: the index is made of what it says in the end.
        let is_final = answer.held_until.is_none();
        if is_final {
            self.search_index.changing(before.room_id, before.seq).await?;
        }
        let changed = self.change_message(id, doc! { "revision": signed(revision) }, set).await;
        if is_final {
            self.search_index.changed(before.room_id, before.seq).await;
        }
        changed
    }

    async fn lapsed_answers(&self, now: Timestamp, limit: usize) -> Result<Vec<Message>> {
        // The driver takes a limit of 0 for none.
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let find = self
            .messages
            .find(doc! { "held_until": { "$lte": date(now) } })
            .projection(without_edits())
            .sort(doc! { "held_until": 1 })
            .limit(most)
            .max_time(SERVER_TIME_MAX);
        Ok(self.all(find).await?.into_iter().map(MessageDoc::row).collect())
    }

    async fn hide_from_assistant(&self, id: MessageId, on: bool) -> Result<Option<Message>> {
        // Where there is no such field it is not hidden.
        let other = doc! { "hidden_from_assistant": if on { doc! { "$ne": true } } else { doc! { "$eq": true } } };
        let set = doc! { "hidden_from_assistant": literal(on) };
        let changed = self.change_message(id, other, set).await?;
        self.there(id, changed).await
    }

    async fn edits(&self, id: MessageId) -> Result<Vec<Edit>> {
        let edits = self.messages.clone_with_type::<EditsDoc>();
        let find = edits.find_one(doc! { "_id": uuid(id.0) }).projection(doc! { "edits": 1 });
        Ok(self.run(find.max_time(SERVER_TIME_MAX)).await?.map(EditsDoc::row).unwrap_or_default())
    }
}

impl Mongo {
    /// Sets these fields of a text that fits the filter, raises its revision and stamps it.
    async fn change_message(&self, id: MessageId, filter: Document, mut set: Document) -> Result<Option<Message>> {
        let mut texts = doc! { "_id": uuid(id.0), "system": { "$exists": false }, "deleted": { "$exists": false } };
        texts.extend(filter);
        set.insert("revision", doc! { "$add": ["$revision", 1_i64] });
        // The cluster's clock as the primary knew it when this began; every write of before is behind it.
        set.insert("changed", "$$CLUSTER_TIME");
        let update = self
            .messages
            .find_one_and_update(texts, vec![doc! { "$set": set }])
            .projection(without_edits())
            .return_document(ReturnDocument::After)
            .max_time(SERVER_TIME_MAX);
        Ok(self.run(update).await?.map(MessageDoc::row))
    }

    /// Tells a message that did not change from one that is not there.
    async fn there(&self, id: MessageId, changed: Option<Message>) -> Result<Option<Message>> {
        if changed.is_none() && self.find_message(doc! { "_id": uuid(id.0) }).await?.is_none() {
            return Err(StoreError::Missing);
        }
        Ok(changed)
    }
}

/// The earlier texts with the one that is there as the newest of them.
fn with_text() -> Document {
    let text = doc! { "body": "$body", "at": { "$ifNull": ["$edited_at", "$created_at"] } };
    let edits = doc! { "$concatArrays": [{ "$ifNull": ["$edits", []] }, [text]] };
    doc! { "$slice": [edits, -(limits::EDITS_MAX as i32)] }
}

fn literal(value: impl Into<Bson>) -> Document {
    doc! { "$literal": value.into() }
}

/// What may be reacted to, and its reactions after that. See [`Message::react`].
fn reacting(me: Uuid, emoji: &str) -> (Document, Document) {
    let last_place = format!("reactions.{}", limits::REACTIONS_MAX - 1);
    let filter = doc! {
        "reactions": { "$not": { "$elemMatch": { "emoji": emoji, "by": me } } },
        "$or": [{ "reactions.emoji": emoji }, { last_place: { "$exists": false } }],
    };
    let joined = doc! { "emoji": "$$one.emoji", "by": { "$concatArrays": ["$$one.by", [me]] } };
    let first = doc! { "emoji": literal(emoji), "by": [me] };
    let reactions = doc! { "$cond": [
        { "$in": [literal(emoji), { "$ifNull": ["$reactions.emoji", []] }] },
        with_emoji(emoji, joined),
        { "$concatArrays": [{ "$ifNull": ["$reactions", []] }, [first]] },
    ] };
    (filter, reactions)
}

/// What may be taken back, and the reactions after that.
fn taking_back(me: Uuid, emoji: &str) -> (Document, Document) {
    let filter = doc! { "reactions": { "$elemMatch": { "emoji": emoji, "by": me } } };
    let others = doc! { "$filter": { "input": "$$one.by", "as": "who", "cond": { "$ne": ["$$who", me] } } };
    let left = with_emoji(emoji, doc! { "emoji": "$$one.emoji", "by": others });
    let reactions = doc! { "$filter": { "input": left, "as": "one", "cond": { "$gt": [{ "$size": "$$one.by" }, 0] } } };
    (filter, reactions)
}

/// The reactions with `$$one` of this emoji replaced.
fn with_emoji(emoji: &str, replacement: Document) -> Document {
    let one = doc! { "$cond": [{ "$eq": ["$$one.emoji", literal(emoji)] }, replacement, "$$one"] };
    doc! { "$map": { "input": "$reactions", "as": "one", "in": one } }
}
