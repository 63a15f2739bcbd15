//! Changes of stored messages, each one write by the id. Earlier texts are in `edits`, keyed by message and revision.

use super::convert::{Json, failure, id, signed};
use super::messages::{COLUMNS, mentions_column, message};
use super::writer::Scope;
use super::{Embedded, files};
use crate::id::{MessageId, UserId};
use crate::model::{Answer, Body, Deleted, Edit, Extra, LinkPreview, Message, limits};
use crate::server::store::{Changes, NewText, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Changes for Embedded {
    async fn edit(&self, message_id: MessageId, revision: u64, text: &NewText) -> Result<Option<Message>> {
        let text = text.clone();
        self.change_message(message_id, move |scope, message, stamp| {
            if message.revision != revision {
                return Ok(false);
            }
            keep_text(scope, message)?;
            message.body = text.body;
            message.mentions = text.mentions;
            message.edited_at = Some(Timestamp(signed(stamp)));
            if !text.keeps_preview {
                message.preview = None;
            }
            Ok(true)
        })
        .await
    }

    async fn delete(&self, message_id: MessageId, by: UserId, now: Timestamp) -> Result<Option<Message>> {
        self.change_message(message_id, move |scope, message, _| {
            scope
                .connection
                .prepare_cached("DELETE FROM edits WHERE message_id = ?1")
                .and_then(|mut forget| forget.execute([id(message.id.0)]))
                .map_err(|e| failure(&e))?;
            files::hide(scope, message).map_err(|e| failure(&e))?;
            message.deleted = Some(Deleted { by, at: now });
            message.body = Body::stored(String::new());
            message.mentions = Default::default();
            message.reactions.clear();
            message.preview = None;
            message.attachments.clear();
            message.extra = None;
            Ok(true)
        })
        .await
    }

    async fn react(&self, message_id: MessageId, user_id: UserId, emoji: &str, on: bool) -> Result<Option<Message>> {
        let emoji = emoji.to_owned();
        self.change_message(message_id, move |_, message, _| {
            if on && !message.takes_emoji(&emoji) {
                return Err(StoreError::Full);
            }
            Ok(message.react(user_id, &emoji, on))
        })
        .await
    }

    async fn set_preview(
        &self,
        message_id: MessageId,
        of: Option<&Body>,
        preview: Option<&LinkPreview>,
    ) -> Result<Option<Message>> {
        let (of, preview) = (of.cloned(), preview.cloned());
        self.change_message(message_id, move |_, message, _| {
            let is_of = of.is_none_or(|text| text == message.body);
            let changes = is_of && message.preview != preview;
            if changes {
                message.preview = preview;
            }
            Ok(changes)
        })
        .await
    }

    async fn set_extra(&self, message_id: MessageId, revision: u64, extra: &Extra) -> Result<Option<Message>> {
        let extra = extra.clone();
        self.change_message(message_id, move |scope, message, _| {
            if message.revision != revision {
                return Ok(false);
            }
            scope
                .connection
                .prepare_cached("UPDATE messages SET extra = ?2 WHERE id = ?1")
                .and_then(|mut set| set.execute(params![id(message.id.0), Json(&extra)]))
                .map_err(|e| failure(&e))?;
            message.extra = Some(extra);
            Ok(true)
        })
        .await
    }

    async fn write_answer(
        &self,
        message_id: MessageId,
        revision: u64,
        text: &Body,
        answer: &Answer,
        keeps_text: bool,
    ) -> Result<Option<Message>> {
        let (text, answer) = (text.clone(), answer.clone());
        self.change_message(message_id, move |scope, message, _| {
            if message.revision != revision {
                return Ok(false);
            }
            if keeps_text {
                keep_text(scope, message)?;
            }
            let (held_until, extra) = (answer.held_until.map(|at| at.0), Extra::Answer(answer));
            scope
                .connection
                .prepare_cached("UPDATE messages SET extra = ?2, held_until = ?3 WHERE id = ?1")
                .and_then(|mut set| set.execute(params![id(message.id.0), Json(&extra), held_until]))
                .map_err(|e| failure(&e))?;
            message.body = text;
            message.extra = Some(extra);
            Ok(true)
        })
        .await
    }

    async fn lapsed_answers(&self, now: Timestamp, limit: usize) -> Result<Vec<Message>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM messages m WHERE m.held_until <= ?1 ORDER BY m.held_until LIMIT ?2"
                    ))?
                    .query_map(params![now.0, limit as i64], message)?
                    .collect()
            })
            .await
    }

    async fn hide_from_assistant(&self, message_id: MessageId, on: bool) -> Result<Option<Message>> {
        self.change_message(message_id, move |_, message, _| {
            let changes = message.is_hidden_from_assistant != on;
            message.is_hidden_from_assistant = on;
            Ok(changes)
        })
        .await
    }

    async fn edits(&self, message_id: MessageId) -> Result<Vec<Edit>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT body, at FROM edits WHERE message_id = ?1 ORDER BY revision")?
                    .query_map([id(message_id.0)], |row| {
                        Ok(Edit { body: Body::stored(row.get("body")?), at: Timestamp(row.get("at")?) })
                    })?
                    .collect()
            })
            .await
    }
}

impl Embedded {
    /// Reads a message, lets `change` have it (with the stamp of this change) and writes it when that says `true`.
    async fn change_message(
        &self,
        message_id: MessageId,
        change: impl FnOnce(&mut Scope<'_>, &mut Message, u64) -> Result<bool> + Send + 'static,
    ) -> Result<Option<Message>> {
        self.writer
            .write(move |scope| {
                let mut changed = scope
                    .connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM messages m WHERE m.id = ?1"))
                    .and_then(|mut find| find.query_row([id(message_id.0)], message).optional())
                    .map_err(|e| failure(&e))?
                    .ok_or(StoreError::Missing)?;
                if !changed.is_countable() {
                    return Ok(None);
                }
                let (stamp, text) = (scope.stamp(), changed.body.clone());
                if !change(scope, &mut changed, stamp)? {
                    return Ok(None);
                }
                changed.revision += 1;
                write(scope, &changed, stamp, changed.body != text).map_err(|e| failure(&e))?;
                Ok(Some(changed))
            })
            .await
    }
}

/// Keeps the text of a message as an earlier one, the newest [`limits::EDITS_MAX`] of them.
fn keep_text(scope: &Scope<'_>, message: &Message) -> Result<()> {
    let written_at = message.edited_at.unwrap_or(message.created_at);
    let revision = signed(message.revision);
    scope
        .connection
        .prepare_cached("INSERT INTO edits (message_id, revision, body, at) VALUES (?1, ?2, ?3, ?4)")
        .and_then(|mut keep| keep.execute(params![id(message.id.0), revision, message.body.as_str(), written_at.0]))
        .map_err(|e| failure(&e))?;
    scope
        .connection
        .prepare_cached(
            "DELETE FROM edits WHERE message_id = ?1 AND revision <= (SELECT revision FROM edits \
             WHERE message_id = ?1 ORDER BY revision DESC LIMIT 1 OFFSET ?2)",
        )
        .and_then(|mut bound| bound.execute(params![id(message.id.0), limits::EDITS_MAX as i64]))
        .map_err(|e| failure(&e))
        .map(drop)
}

/// The text is named only when it is another one, and the files only when they go: what is built on them need not look at the
/// others.
fn write(scope: &Scope<'_>, message: &Message, stamp: u64, has_new_text: bool) -> rusqlite::Result<()> {
    let body = if has_new_text { "body = ?2, " } else { "" };
    let others = "attachments = NULL, extra = NULL, held_until = NULL, seen = NULL, ";
    let others = if message.deleted.is_some() { others } else { "" };
    let reactions = (!message.reactions.is_empty()).then_some(Json(&message.reactions));
    scope
        .connection
        .prepare_cached(&format!(
            "UPDATE messages SET {body}{others}revision = ?3, edited_at = ?4, changed_at = ?5, deleted_by = ?6, \
             deleted_at = ?7, mentions = ?8, reactions = ?9, preview = ?10, hidden_from_assistant = ?11 WHERE id = ?1"
        ))?
        .execute(params![
            id(message.id.0),
            message.body.as_str(),
            signed(message.revision),
            message.edited_at.map(|at| at.0),
            signed(stamp),
            message.deleted.map(|deleted| id(deleted.by.0)),
            message.deleted.map(|deleted| deleted.at.0),
            mentions_column(&message.mentions),
            reactions,
            message.preview.as_ref().map(Json),
            message.is_hidden_from_assistant.then_some(1),
        ])
        .map(drop)
}
