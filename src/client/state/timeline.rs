//! A room's messages as this page holds them: one contiguous run, oldest first, and what came too early.

use crate::id::TxnId;
use crate::model::{Message, Seq, Tick};
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Contiguous by `seq`. A message that is not next waits in `early` and the gap is fetched.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Timeline {
    pub messages: Vec<Rc<Message>>,
    pub early: BTreeMap<Seq, Message>,
    /// Whether the first page is here.
    pub is_loaded: bool,
    pub has_older: bool,
    pub is_loading_older: bool,
    /// The last fetch failed: offer "Try again" in its place.
    pub failed: bool,
}

/// One drawn message. `key` is the `txn_id`, the same before and after the ack, so that the element stays.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    pub key: TxnId,
    pub is_own: bool,
    pub author_id: crate::id::UserId,
    pub body: Rc<str>,
    pub at: Timestamp,
    /// `None` while it is only on this device.
    pub seq: Option<Seq>,
    /// Own messages only.
    pub tick: Option<Tick>,
    /// Why it was refused for good.
    pub error: Option<crate::Error>,
    pub is_edited: bool,
}
