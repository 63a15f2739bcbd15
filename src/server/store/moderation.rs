//! Reports and audit lines are kept as JSON: read by people, never searched in.

use super::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) fn pack<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Other(format!("not written as JSON: {error}")))
}

pub(super) fn unpack<T: DeserializeOwned>(content: &str) -> Result<T, StoreError> {
    serde_json::from_str(content).map_err(|error| StoreError::Other(format!("stored JSON does not read: {error}")))
}
