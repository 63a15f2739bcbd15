//! Previews of links: made behind the back of a message that is already stored and told, and taken off by its author.
//!
//! Never delays or fails a send: what cannot be had, or not now, is left out.

use crate::error::{Error, Result, What};
use crate::id::{MessageId, RoomId, UserId};
use crate::model::{Body, Message};
use crate::server::limits::Rule;
use crate::server::preview::{Previews, first_link};
use crate::server::service::changes;
use crate::server::{App, access};
use std::sync::Arc;
use tokio::sync::Semaphore;
use url::{Position, Url};

/// Previews that are being made or wait for it. Beyond that a message gets none.
const WAITING_MAX: usize = 256;

/// Where previews are made, in a server that makes any.
pub struct Desk {
    previews: Previews,
    waiting: Arc<Semaphore>,
}

impl Desk {
    pub fn new(previews: Previews) -> Self {
        Self { previews, waiting: Arc::new(Semaphore::new(WAITING_MAX)) }
    }
}

/// Makes the preview of a text that has just been stored, if it has a link that gets one, and tells the room. Returns at once.
pub fn begin(app: &App, message: &Message) {
    let Some(desk) = &app.previews else { return };
    if message.system.is_some() || message.deleted.is_some() || !message.body.as_str().contains("://") {
        return;
    }
    let Ok(place) = desk.waiting.clone().try_acquire_owned() else { return };
    let (app, message) = (app.clone(), message.clone());
    tokio::spawn(async move {
        make(&app, &message).await;
        drop(place);
    });
}

/// The same after an edit; `before` is the text that was replaced. Where the link is the same nothing is made: there is a preview,
/// or its author has taken it off.
pub fn begin_anew(app: &App, before: &Body, message: &Message) {
    if app.previews.is_some() && first_link(before.as_str()) != first_link(message.body.as_str()) {
        begin(app, message);
    }
}

/// Whether the preview of a message is still right when its text becomes `body`.
pub fn keeps(message: &Message, body: &Body) -> bool {
    let preview = message.preview.as_ref();
    preview.is_some_and(|preview| first_link(body.as_str()).is_some_and(|link| link.as_str() == preview.url))
}

async fn make(app: &App, message: &Message) -> Option<()> {
    let desk = app.previews.as_ref()?;
    let link = first_link(message.body.as_str()).filter(|link| !is_own(app, link))?;
    let may_fetch = || {
        let host = link.host_str().unwrap_or_default();
        app.limits.check(Rule::Preview, message.author_id).is_ok() && app.limits.check(Rule::PreviewHost, host).is_ok()
    };
    let preview = desk.previews.of(&link, may_fetch).await?;
    // Only if the text is still the one that was looked at; a deleted message has none.
    match app.db.set_preview(message.id, Some(&message.body), Some(&preview)).await {
        Ok(changed) => {
            if let Err(error) = changes::tell(app, &changed?).await {
                tracing::debug!(%error, "a preview was stored and not told");
            }
        }
        Err(error) => tracing::debug!(%error, "a preview was not stored"),
    }
    Some(())
}

/// Whether a link leads to this server: it shows nothing to someone without a session.
fn is_own(app: &App, link: &Url) -> bool {
    app.config.is_own_host(&link[Position::BeforeHost..Position::AfterPort])
}

/// Takes the preview off an own message. Nothing happens when there is none.
///
/// # Errors
/// [`Error::NotFound`] for a room the caller is not in, and for a message that is not in it; [`Error::Forbidden`] for somebody
/// else's.
pub async fn remove(app: &App, user_id: UserId, room_id: RoomId, message_id: MessageId) -> Result<()> {
    access::member(app, room_id, user_id).await?;
    let stored = app.db.message(message_id).await?.filter(|message| message.room_id == room_id);
    let message = stored.ok_or(Error::NotFound { what: What::Message })?;
    if message.author_id != user_id {
        return Err(Error::Forbidden);
    }
    if let Some(changed) = app.db.set_preview(message_id, None, None).await? {
        changes::tell(app, &changed).await?;
    }
    Ok(())
}
