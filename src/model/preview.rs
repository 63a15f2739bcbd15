//! What a page that a message links to says of itself.

use serde::{Deserialize, Serialize};

/// The card under a message with a link. All of it is plain text from a foreign page: bounded, and without control or
/// bidirectional characters.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkPreview {
    /// As in the message.
    pub url: String,
    pub site: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
