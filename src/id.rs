//! Identifiers: UUIDv7 (RFC 9562), so that they sort by age, are safe in URLs and need no coordination.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id of this moment.
            #[expect(clippy::new_without_default, reason = "two calls differ, so it is no default")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// A person with an account.
    UserId,
    /// One signed-in device; the row that an access token is bound to.
    SessionId,
    /// A place where messages are: direct or group.
    RoomId,
    /// A stored message.
    MessageId,
    /// Made by the client when Enter is pressed and kept through every retry: the key of exactly-once sending.
    TxnId,
    /// A message request.
    RequestId,
    /// A report to the admins.
    ReportId,
    /// The bytes of a file, and what is known of them. Made by the client, so that an upload can be repeated.
    FileId,
    /// A line of the audit log.
    AuditId,
    /// Something that the assistant keeps of a room.
    NoteId,
    /// A letter that waits to be carried.
    MailId,
    /// One websocket, or its stand-in over HTTP.
    ConnectionId,
}
