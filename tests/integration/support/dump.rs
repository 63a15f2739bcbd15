//! All that a store holds, as text: what must not be there any more is looked for in it.

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, Document, doc};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::fmt::Write;
use std::path::Path;

/// Every value of every table, the shadow tables of the search index too: ids as hexadecimal digits, other bytes as the text in them.
pub fn of_file(path: &Path) -> String {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("it opens");
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").expect("a query");
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("tables").collect::<Result<_, _>>().expect("names");
    assert!(tables.iter().any(|table| table == "messages"), "{tables:?}");
    let mut text = String::new();
    for table in tables {
        // A virtual one is only read by what it is asked; its contents are in the others.
        let Ok(mut all) = connection.prepare(&format!("SELECT * FROM \"{table}\"")) else { continue };
        let columns = all.column_count();
        let mut rows = all.query([]).expect("rows");
        while let Ok(Some(row)) = rows.next() {
            write!(text, "\n{table}").expect("a string");
            for column in 0..columns {
                match row.get_ref(column).expect("a value") {
                    ValueRef::Blob(bytes) if bytes.len() == 16 => {
                        write!(text, " {}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
                    }
                    ValueRef::Blob(bytes) | ValueRef::Text(bytes) => {
                        write!(text, " {}", String::from_utf8_lossy(bytes))
                    }
                    ValueRef::Integer(number) => write!(text, " {number}"),
                    ValueRef::Real(number) => write!(text, " {number}"),
                    ValueRef::Null => Ok(()),
                }
                .expect("a string");
            }
        }
    }
    text
}

/// Every document of every collection.
pub async fn of_mongodb(uri: &str) -> String {
    let client = mongodb::Client::with_uri_str(uri).await.expect("it connects");
    let database = client.default_database().expect("a name");
    let names = database.list_collection_names().await.expect("collections");
    assert!(names.iter().any(|name| name == "messages"), "{names:?}");
    let mut text = String::new();
    for name in names {
        let all: Vec<Document> = database
            .collection::<Document>(&name)
            .find(doc! {})
            .await
            .expect("documents")
            .try_collect()
            .await
            .expect("all of them");
        for document in all {
            write!(text, "\n{name} {}", plain(Bson::Document(document))).expect("a string");
        }
    }
    client.shutdown().await;
    text
}

fn plain(value: Bson) -> String {
    match value {
        Bson::Binary(binary) => binary.bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Bson::Document(document) => {
            document.into_iter().map(|(name, value)| format!("{name}={} ", plain(value))).collect()
        }
        Bson::Array(values) => values.into_iter().map(|value| format!("{} ", plain(value))).collect(),
        Bson::String(text) => text,
        other => other.to_string(),
    }
}
