//! Finding and blocking people.

use crate::error::Result;
use crate::id::UserId;
use crate::model::{Me, Person, PersonHit, Profile};
use dioxus::prelude::*;

/// Up to 20 people whose username or display name begins with, or has a word that begins with, `query` (1 to 64 characters).
#[get("/api/people?query", app: crate::server::App, session: crate::server::session::Session)]
pub async fn find_people(query: String) -> Result<Vec<PersonHit>> {
    crate::server::service::people::find(&app, &session, &query).await
}

/// Blocks or unblocks a person. Blocking also answers their open request, silently.
#[post("/api/blocks", app: crate::server::App, session: crate::server::session::Session)]
pub async fn set_block(user_id: UserId, on: bool) -> Result<()> {
    crate::server::service::people::set_block(&app, &session, user_id, on).await
}

/// A person's profile. Who blocked the caller, or is blocked by them, shows a name and the rooms in common only.
///
/// # Errors
/// `not_found` if there is no such person, and for a stranger who blocked the caller: alike.
#[get("/api/people/{user_id}", app: crate::server::App, session: crate::server::session::Session)]
pub async fn profile(user_id: UserId) -> Result<Profile> {
    crate::server::service::profiles::profile(&app, &session, user_id).await
}

/// These people, at most 100, ids separated by commas: for names of those who are in no list that the caller holds. Those who
/// are not there are left out.
#[get("/api/persons?ids", app: crate::server::App, session: crate::server::session::Session)]
pub async fn people_by_ids(ids: String) -> Result<Vec<Person>> {
    crate::server::service::profiles::people(&app, &session, &ids).await
}

/// Changes what others see of the caller; what is `None` stays, an empty status or text is taken away.
///
/// # Errors
/// `invalid` of `display_name`, `status` (at most 80 characters) or `about` (at most 500).
#[post("/api/profile", app: crate::server::App, session: crate::server::session::Session)]
pub async fn set_profile(display_name: Option<String>, status: Option<String>, about: Option<String>) -> Result<Me> {
    crate::server::service::profiles::change(&app, &session, display_name, status, about).await
}
