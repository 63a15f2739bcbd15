//! Accounts elsewhere that open one here.

use super::Result;
use crate::id::UserId;
use crate::time::Timestamp;
use async_trait::async_trait;

/// An account of an `OpenID` provider, and the one that it opens here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityRow {
    /// The provider's identifier, an https URL.
    pub issuer: String,
    /// Who it is there, for good: 1 to 255 ASCII characters.
    pub subject: String,
    pub user_id: UserId,
    /// As it was last told there, to be recognised by; never a key.
    pub email: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
}

#[async_trait]
pub trait Identities: Send + Sync {
    async fn identity(&self, issuer: &str, subject: &str) -> Result<Option<IdentityRow>>;
    /// Whether it is there now: neither this account elsewhere nor another one of its issuer opened an account here before.
    /// The account need not be there yet.
    async fn add_identity(&self, row: &IdentityRow) -> Result<bool>;
    /// Keeps when it was used last, and its address then.
    async fn use_identity(&self, issuer: &str, subject: &str, email: Option<&str>, now: Timestamp) -> Result<()>;
    /// By issuer.
    async fn identities_of(&self, user_id: UserId) -> Result<Vec<IdentityRow>>;
    /// Returns whether it was there.
    async fn remove_identity(&self, user_id: UserId, issuer: &str) -> Result<bool>;
}
