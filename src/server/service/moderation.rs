//! The admins of the instance: the first account is one.

use crate::error::Result;
use crate::id::UserId;
use crate::server::App;

/// The fact that names the first account.
const FIRST_ADMIN: &str = "first_admin";

/// Whether the account about to be made is the first one, and so an admin. Of many at once one is. A first account that was
/// never made (its name was taken meanwhile) leaves its place to the next.
pub async fn is_first(app: &App, id: UserId) -> Result<bool> {
    let holder = app.db.claim(FIRST_ADMIN, id, None).await?;
    if holder == id {
        return Ok(true);
    }
    if app.db.user(holder).await?.is_some() {
        return Ok(false);
    }
    Ok(app.db.claim(FIRST_ADMIN, id, Some(holder)).await? == id)
}
