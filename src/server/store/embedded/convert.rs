//! Between rows of SQLite and our values.

use crate::server::store::StoreError;
use crate::server::store::name::Name;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef};
use rusqlite::{ErrorCode, RowIndex, ToSql};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// An id, a hash or another fixed number of bytes, as a blob.
pub(super) struct Bytes<const N: usize>(pub [u8; N]);

impl<const N: usize> ToSql for Bytes<N> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl<const N: usize> FromSql for Bytes<N> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let blob = value.as_blob()?;
        blob.try_into().map(Self).map_err(|_| FromSqlError::InvalidBlobSize { expected_size: N, blob_size: blob.len() })
    }
}

/// An id as its 16 bytes.
pub(super) fn id(uuid: Uuid) -> Bytes<16> {
    Bytes(uuid.into_bytes())
}

/// The id in a column.
pub(super) fn uuid(row: &rusqlite::Row<'_>, column: impl RowIndex) -> rusqlite::Result<Uuid> {
    row.get::<_, Bytes<16>>(column).map(|bytes| Uuid::from_bytes(bytes.0))
}

/// A number that is never negative, as SQLite's signed one; saturates.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The number in a column that is never negative.
pub(super) fn unsigned(row: &rusqlite::Row<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|value| u64::try_from(value).unwrap_or(0))
}

/// An enum as its stored name.
pub(super) struct Named<T>(pub T);

impl<T: Name> ToSql for Named<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0.name().as_bytes())))
    }
}

impl<T: Name> FromSql for Named<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        T::from_name(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

/// A value kept as JSON.
pub(super) struct Json<T>(pub T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = serde_json::to_string(&self.0).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
        Ok(ToSqlOutput::Owned(Value::Text(text)))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

/// The JSON in a column; what is nothing without one.
pub(super) fn json<T: DeserializeOwned + Default>(
    row: &rusqlite::Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<T> {
    row.get::<_, Option<Json<T>>>(column).map(|found| found.map(|json| json.0).unwrap_or_default())
}

/// Many ids as one parameter, for `IN (SELECT unhex(value) FROM json_each(?))`: one statement whatever their number.
pub(super) struct Ids(String);

impl Ids {
    pub(super) fn new(ids: impl IntoIterator<Item = Uuid>) -> Self {
        let quoted: Vec<_> = ids.into_iter().map(|id| format!("\"{}\"", id.simple())).collect();
        Self(format!("[{}]", quoted.join(",")))
    }
}

impl ToSql for Ids {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Text(self.0.clone())))
    }
}

/// What an error of SQLite means to a caller. Its text names tables and files, never values.
pub(super) fn failure(error: &rusqlite::Error) -> StoreError {
    use ErrorCode as Code;
    match error.sqlite_error_code() {
        Some(
            Code::DatabaseBusy
            | Code::DatabaseLocked
            | Code::DiskFull
            | Code::SystemIoFailure
            | Code::CannotOpen
            | Code::ReadOnly
            | Code::OperationInterrupted
            | Code::OutOfMemory,
        ) => StoreError::Unavailable(error.to_string()),
        Some(Code::NotADatabase) => StoreError::Other("the file is not a database".into()),
        Some(Code::DatabaseCorrupt) => StoreError::Other("the database file is damaged".into()),
        _ => StoreError::Other(error.to_string()),
    }
}

/// Whether a unique value is taken, and the columns that SQLite names for it ("users.email_key").
pub(super) fn taken(error: &rusqlite::Error) -> Option<&str> {
    match error {
        rusqlite::Error::SqliteFailure(code, Some(text))
            if matches!(
                code.extended_code,
                rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            ) =>
        {
            Some(text)
        }
        _ => None,
    }
}

/// Whether a row names another one that is not there.
pub(super) fn is_dangling(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(code, _)
        if code.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
}
