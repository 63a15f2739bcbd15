//! The first paint.

use crate::error::{Error, Result, What};
use crate::id::RoomId;
use crate::model::limits::PAGE_DEFAULT;
use crate::model::{Bootstrap, Start, Theme};
use crate::server::http::cookies;
use crate::server::service::{accounts, assistant, messages, requests, rooms};
use crate::server::session::{FormFlash, MaybeSession, Session};
use crate::server::{App, access};
use crate::time::Timestamp;
use dioxus::fullstack::FullstackContext;
use std::sync::LazyLock;

/// See [`crate::api::start::start`].
pub async fn start(app: &App, session: &MaybeSession, flash: FormFlash, room_id: Option<RoomId>) -> Result<Start> {
    match &session.0 {
        None => {
            let mut form = flash.0;
            form.providers = accounts::providers(app);
            form.has_mail = app.mails.is_some();
            Ok(Start::SignedOut(form))
        }
        Some(session) => Ok(Start::SignedIn(bootstrap(app, session, room_id).await?)),
    }
}

/// What someone signed in sees first.
async fn bootstrap(app: &App, session: &Session, room_id: Option<RoomId>) -> Result<Bootstrap> {
    let me = session.user_id;
    // Before anything is read: the first `hello` asks for everything since.
    let (cursor, row) = tokio::try_join!(app.db.cursor(), app.db.user(me))?;
    let row = row.ok_or(Error::Unauthenticated)?;
    let (view, requests, blocks, open) = tokio::join!(
        async { rooms::view(app, me, app.db.rooms_of(me).await?).await },
        requests::open(app, me),
        access::blocks(app, me),
        async {
            let Some(room_id) = room_id else { return Ok(None) };
            match messages::page_of(app, me, room_id, messages::Part::Newest, PAGE_DEFAULT).await {
                Ok(page) => Ok(Some(page)),
                // An address that leads nowhere shows the list, whether there is such a room or not.
                Err(Error::NotFound { what: What::Room }) => Ok(None),
                Err(error) => Err(error),
            }
        },
    );
    let view = view?;
    Ok(Bootstrap {
        me: row.me(app.sanctions.muted_until(me)),
        presence: view.presence(app, me),
        blocked: blocks?.made_by(me),
        rooms: view.summaries,
        requests: requests?,
        assistant: assistant::person(app).await?,
        open: open?,
        cursor,
        access_until: session.access_until,
        now: Timestamp::now(),
        version: version().to_owned(),
    })
}

/// The build of this process: `0.1.0+…`. Two processes of one build say the same; a page that was made by another one
/// knows that it is old.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let build = option_env!("LAVENDER_BUILD").map(str::to_owned).or_else(build_of_file);
        let build = build.map(|build| format!("+{build}")).unwrap_or_default();
        format!("{}{build}", env!("CARGO_PKG_VERSION"))
    });
    &VERSION
}

/// Length and time of the program's file, in hexadecimal: it changes with every build, and reading it costs nothing.
fn build_of_file() -> Option<String> {
    let file = std::fs::metadata(std::env::current_exe().ok()?).ok()?;
    let time = file.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(format!("{:x}.{:x}", file.len(), time.as_secs()))
}

/// See [`crate::api::start::set_theme`].
pub async fn set_theme(app: &App, session: &MaybeSession, theme: Theme) -> Result<()> {
    if let Some(session) = session.0 {
        app.db.set_theme(session.user_id, theme).await?;
    }
    if let Some(context) = FullstackContext::current() {
        context.add_response_header(http::header::SET_COOKIE, cookies::theme(theme));
    }
    Ok(())
}
