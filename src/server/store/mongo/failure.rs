//! What an error of the driver means to a caller. Only codes and kinds are passed on: a server's message may quote values.

use crate::server::store::StoreError;
use mongodb::error::{Error, ErrorKind, WriteFailure};

const DUPLICATE_KEY: i32 = 11_000;

/// Codes after which the same operation may succeed: no primary now, shutting down, out of time, out of space.
const TRANSIENT: [i32; 24] = [
    6, 7, 43, 50, 63, 64, 89, 91, 100, 112, 133, 134, 189, 262, 9_001, 10_058, 10_107, 11_600, 11_601, 11_602, 13_435,
    13_436, 14_031, 16_500,
];

/// Whether the outcome may be unknown or another attempt may succeed ([`StoreError::Unavailable`]), or not
/// ([`StoreError::Other`]).
pub(super) fn failure(error: &Error) -> StoreError {
    let unavailable = |reason: &str| StoreError::Unavailable(reason.to_owned());
    match error.kind.as_ref() {
        ErrorKind::Io(cause) => StoreError::Unavailable(format!("the connection to MongoDB failed ({})", cause.kind())),
        ErrorKind::ConnectionPoolCleared { .. } => unavailable("the connection to MongoDB failed"),
        ErrorKind::ServerSelection { .. } => unavailable("MongoDB has no primary within reach"),
        ErrorKind::DnsResolve { .. } => unavailable("the name of the MongoDB server is not resolved"),
        ErrorKind::Authentication { .. } => unavailable("MongoDB refused the user name or password"),
        ErrorKind::Shutdown => unavailable("the store is closed"),
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => {
            StoreError::Unavailable(format!("a majority did not confirm in time ({})", concern.code))
        }
        ErrorKind::InsertMany(many) if many.write_concern_error.is_some() => {
            unavailable("a majority did not confirm in time")
        }
        kind => match code(error) {
            Some(code) if TRANSIENT.contains(&code) => {
                StoreError::Unavailable(format!("MongoDB is not ready ({code})"))
            }
            Some(code) => StoreError::Other(format!("MongoDB refused an operation ({code})")),
            None => StoreError::Other(format!("MongoDB: {}", name(kind))),
        },
    }
}

/// The name of the unique index that refused a write, if that is what happened.
pub(super) fn taken(error: &Error) -> Option<&str> {
    match error.kind.as_ref() {
        ErrorKind::Write(WriteFailure::WriteError(write)) if write.code == DUPLICATE_KEY => {
            Some(index_in(&write.message))
        }
        ErrorKind::Command(command) if command.code == DUPLICATE_KEY => Some(index_in(&command.message)),
        _ => None,
    }
}

/// Where an ordered `insert_many` stopped at a unique index: the place of the refused document and the index's name.
/// Everything before it is acknowledged, nothing after it was tried.
///
/// `None` for any other error: then the outcome is unknown.
pub(super) fn refused(error: &Error) -> Option<(usize, &str)> {
    match error.kind.as_ref() {
        ErrorKind::InsertMany(many) if many.write_concern_error.is_none() => {
            let first = many.write_errors.as_ref()?.iter().min_by_key(|error| error.index)?;
            (first.code == DUPLICATE_KEY).then(|| (first.index, index_in(&first.message)))
        }
        _ => None,
    }
}

/// "… index: room_seq dup key: …" → "room_seq". What follows may quote values and is never shown.
fn index_in(message: &str) -> &str {
    message.split_once("index: ").and_then(|(_, rest)| rest.split_whitespace().next()).unwrap_or_default()
}

fn code(error: &Error) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(command) => Some(command.code),
        ErrorKind::Write(WriteFailure::WriteError(write)) => Some(write.code),
        ErrorKind::InsertMany(many) => {
            many.write_errors.as_ref().and_then(|errors| errors.first()).map(|error| error.code)
        }
        _ => None,
    }
}

/// The kind without its values.
fn name(kind: &ErrorKind) -> String {
    format!("{kind:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::index_in;

    #[test]
    fn the_index_is_found_in_a_servers_message() {
        let message =
            "E11000 duplicate key error collection: x.messages index: room_seq dup key: { room_id: \"index: y\" }";
        assert_eq!(index_in(message), "room_seq");
        assert_eq!(index_in("something else"), "");
    }
}
