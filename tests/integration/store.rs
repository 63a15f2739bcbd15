//! The stores: every promise on both drivers, then what only one of them has.

use crate::conformance;
use crate::support::stores::{Folder, FreshDatabase};

macro_rules! on_both_drivers {
    ($($group:ident [$($name:ident),+ $(,)?])+) => {
        mod embedded_keeps {
            use super::*;
            $(mod $group {
                use super::*;
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let folder = Folder::new();
                    conformance::$group::$name(folder.open()).await;
                })+
            })+
        }
        mod mongodb_keeps {
            use super::*;
            $(mod $group {
                use super::*;
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let database = FreshDatabase::new();
                    conformance::$group::$name(database.open().await).await;
                    database.end().await;
                })+
            })+
        }
    };
}
conformance::for_every_promise!(on_both_drivers);

mod embedded {
    use crate::conformance::new_text;
    use crate::conformance::{Db, NOW, append, at_once, new_message, room_of_two, say, say_many, seqs, user_row};
    use crate::support::stores::Folder;
    use lavender::id::FileId;
    use lavender::model::{Attachment, AttachmentKind};
    use lavender::server::find::Terms;
    use lavender::server::store::embedded::{Embedded, backup};
    use lavender::server::store::{Database, Messages, NewMessage, Rooms, Scope, SearchRequest, StoreError, Users};
    use rusqlite::Connection;

    fn plain(result: Result<Embedded, StoreError>) -> String {
        let text = result.err().expect("a store that does not open").to_string();
        assert!(!text.contains('\n'));
        text
    }

    #[tokio::test]
    async fn everything_is_there_after_opening_again() {
        let folder = Folder::new();
        let db: Db = folder.open();
        let (room, ana, ben) = room_of_two(&db, 1).await;
        let sent = say_many(&db, room.id, ana, 3).await;
        let edited = db.edit(sent[1].id, 1, &new_text("edited")).await.unwrap().unwrap();
        let member = db.mark(room.id, ben, Some(3), Some(2)).await.unwrap().map(|marked| marked.member);
        let cursor = db.cursor().await.unwrap();
        db.close().await;
        drop(db);

        let db: Db = folder.open();
        assert_eq!(db.page(room.id, 0, None, None, 9).await.unwrap(), [sent[0].clone(), edited, sent[2].clone()]);
        assert_eq!(db.member(room.id, ben).await.unwrap(), member);
        assert_eq!(db.rooms_of(ana).await.unwrap(), std::slice::from_ref(&room));
        assert!(db.cursor().await.unwrap() >= cursor);
        assert_eq!(say(&db, room.id, ben, "next").await.seq, 4);
    }

    #[tokio::test]
    async fn a_store_that_was_not_closed_keeps_what_it_acknowledged() {
        let folder = Folder::new();
        let db: Db = folder.open();
        let (room, ana, _) = room_of_two(&db, 1).await;
        say_many(&db, room.id, ana, 50).await;
        // What a process that is killed leaves: the file and its log, without a last checkpoint.
        let copy = Folder::new();
        for suffix in ["", "-wal"] {
            let name = format!("lavender.db{suffix}");
            std::fs::copy(folder.other(&name), copy.other(&name)).unwrap();
        }
        let left = copy.open();
        assert_eq!(left.heads(&[room.id]).await.unwrap(), [(room.id, 50)]);
    }

    #[tokio::test]
    async fn a_change_is_later_than_all_before_it_whatever_the_clock_says() {
        let folder = Folder::new();
        let db: Db = folder.open();
        let (room, ana, _) = room_of_two(&db, 1).await;
        let sent = say_many(&db, room.id, ana, 2).await;
        db.edit(sent[0].id, 1, &new_text("x")).await.unwrap();
        db.close().await;
        drop(db);
        // As if the clock had been an hour ahead.
        let ahead = i64::MAX / 2;
        let file = Connection::open(folder.file()).unwrap();
        file.execute("UPDATE messages SET changed_at = ?1 WHERE changed_at IS NOT NULL", [ahead]).unwrap();
        drop(file);

        let db: Db = folder.open();
        let cursor = db.cursor().await.unwrap();
        assert_eq!(cursor, ahead as u64);
        db.edit(sent[1].id, 1, &new_text("y")).await.unwrap();
        let changed = db.changed_since(&[room.id], cursor + 1, 9).await.unwrap();
        assert_eq!(seqs(&changed), [2]);
        assert_eq!(db.cursor().await.unwrap(), cursor + 1);
    }

    #[tokio::test]
    async fn a_second_one_on_the_same_file_is_refused() {
        let folder = Folder::new();
        let first = folder.open();
        assert!(plain(Embedded::open(&folder.file())).contains("in use by another process"));
        first.ping().await.unwrap();
        first.close().await;
        folder.open().ping().await.unwrap();
    }

    #[tokio::test]
    async fn a_file_of_a_newer_version_is_refused_and_stays_as_it_is() {
        let folder = Folder::new();
        folder.open().close().await;
        let file = Connection::open(folder.file()).unwrap();
        file.pragma_update(None, "user_version", 999).unwrap();
        assert!(plain(Embedded::open(&folder.file())).contains("schema version 999"));
        let version: i64 = file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, 999);
    }

    #[tokio::test]
    async fn what_is_not_our_database_is_refused() {
        let folder = Folder::new();
        std::fs::write(folder.file(), "this is a text and no database, and it is longer than a header would be")
            .unwrap();
        assert!(plain(Embedded::open(&folder.file())).contains("not a database"));
        let other = Folder::new();
        Connection::open(other.file()).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert!(plain(Embedded::open(&other.file())).contains("another program"));
        assert!(plain(Embedded::open(&other.other("no/such/folder/lavender.db"))).contains("cannot be written"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_may_read_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new();
        let db: Db = folder.open();
        room_of_two(&db, 1).await;
        for suffix in ["", "-wal", "-shm"] {
            let mode = std::fs::metadata(folder.other(&format!("lavender.db{suffix}"))).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "lavender.db{suffix}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_write_that_waits_keeps_no_read_waiting() {
        let folder = Folder::new();
        let db: Db = folder.open();
        let (room, ana, _) = room_of_two(&db, 1).await;
        say(&db, room.id, ana, "before").await;
        // Another program, such as a copy tool, holds the write lock.
        let other = Connection::open(folder.file()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let write = tokio::spawn({
            let (db, new) = (db.clone(), new_message(room.id, ana, "waits"));
            async move { append(&db, new).await }
        });
        for _ in 0..20 {
            assert_eq!(db.page(room.id, 0, None, None, 9).await.unwrap().len(), 1);
        }
        assert!(!write.is_finished());
        other.execute_batch("COMMIT").unwrap();
        assert_eq!(write.await.unwrap().unwrap().message.seq, 2);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_refused_write_fails_no_other_that_came_with_it() {
        let folder = Folder::new();
        let db: Db = folder.open();
        // While the lock is held, all of them pile up behind one another.
        let other = Connection::open(folder.file()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let created = tokio::spawn({
            let db = db.clone();
            async move {
                at_once(40, move |n| {
                    let db = db.clone();
                    async move { db.create_user(&user_row(&format!("user{}", n / 2))).await.is_ok() }
                })
                .await
            }
        });
        assert!(db.user_by_login("user0").await.unwrap().is_none());
        other.execute_batch("COMMIT").unwrap();
        assert_eq!(created.await.unwrap().into_iter().filter(|created| *created).count(), 20);
        assert_eq!(db.find_users("user", 99).await.unwrap().len(), 20);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_copy_made_while_writing_is_whole() {
        let folder = Folder::new();
        let db = folder.open();
        let shared: Db = db.clone();
        let (room, ana, _) = room_of_two(&shared, 1).await;
        say_many(&shared, room.id, ana, 500).await;
        let writer = tokio::spawn({
            let db = shared.clone();
            async move {
                for _ in 0..50 {
                    say_many(&db, room.id, ana, 10).await;
                }
            }
        });
        let target = folder.other("copy.db");
        db.backup_to(&target).await.unwrap();
        let acknowledged_before = 500;
        writer.await.unwrap();

        assert!(db.backup_to(&target).await.is_err(), "an existing file was written over");
        let copy = Embedded::open(&target).unwrap();
        let messages = copy.page(room.id, 0, None, Some(0), u16::MAX).await.unwrap();
        assert!(messages.len() >= acknowledged_before);
        assert_eq!(seqs(&messages), (1..=messages.len() as u64).collect::<Vec<_>>());
        assert_eq!(copy.rooms_of(ana).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_copy_needs_a_source_and_leaves_nothing_half_done() {
        let folder = Folder::new();
        let target = folder.other("copy.db");
        let missing = backup(&folder.file(), &target).unwrap_err().to_string();
        assert!(missing.contains("there is no database"), "{missing}");
        std::fs::write(folder.file(), vec![7; 9_000]).unwrap();
        assert!(backup(&folder.file(), &target).is_err());
        assert!(!target.exists() && !folder.other("copy.db.part").exists());
    }

    #[tokio::test]
    async fn a_text_that_was_edited_away_leaves_the_index() {
        let folder = Folder::new();
        let db: Db = folder.open();
        let (room, ana, _) = room_of_two(&db, 1).await;
        let sent = say(&db, room.id, ana, "elephant 日本").await;
        say(&db, room.id, ana, "hippo").await;
        db.finish_index().await.unwrap();
        db.edit(sent.id, 1, &new_text("tiger")).await.unwrap().unwrap();
        db.finish_index().await.unwrap();
        db.close().await;
        drop(db);

        let file = Connection::open(folder.file()).unwrap();
        file.execute_batch(
            "CREATE VIRTUAL TABLE temp.grams USING fts5vocab (main, message_grams, row);
             INSERT INTO message_grams (message_grams) VALUES ('integrity-check');",
        )
        .unwrap();
        let has = |gram: &str| {
            file.query_row("SELECT count(*) FROM temp.grams WHERE term = ?1", [gram], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        assert_eq!(["ele", "日\u{1}本", "tig", "hip"].map(has), [0, 0, 1, 1]);
        let stale: i64 = file.query_row("SELECT count(*) FROM search_stale", [], |row| row.get(0)).unwrap();
        assert_eq!(stale, 0);
    }

    #[tokio::test]
    async fn a_room_that_was_dropped_leaves_the_file() {
        let folder = Folder::new();
        let db: Db = folder.open();
        let ((gone, ana, _), (kept, cleo, _)) = (room_of_two(&db, 1).await, room_of_two(&db, 2).await);
        let with_file = |room_id, author, name: &str| {
            let file = Attachment::new(FileId::new(), AttachmentKind::File, name, "application/pdf", 9);
            NewMessage { attachments: vec![file], ..new_message(room_id, author, "") }
        };
        let sent = say(&db, gone.id, ana, "elephant").await;
        append(&db, with_file(gone.id, ana, "walrus.pdf")).await.unwrap();
        say(&db, kept.id, cleo, "hippo").await;
        let filed = append(&db, with_file(kept.id, cleo, "lynx.pdf")).await.unwrap().message;
        say(&db, gone.id, ana, "badger").await;
        db.finish_index().await.unwrap();
        // What the index has by an old text, and what it does not have yet.
        db.edit(sent.id, 1, &new_text("tiger")).await.unwrap().unwrap();
        db.delete(filed.id, cleo, NOW).await.unwrap().unwrap();
        db.edit(sent.id, 2, &new_text("ferret")).await.unwrap().unwrap();
        say(&db, gone.id, ana, "moose").await;
        let cursor = db.cursor().await.unwrap();
        db.drop_room(gone.id).await.unwrap();
        say(&db, kept.id, cleo, "otter").await;
        db.finish_index().await.unwrap();
        db.close().await;
        drop(db);

        let file = Connection::open(folder.file()).unwrap();
        file.execute_batch(
            "CREATE VIRTUAL TABLE temp.grams USING fts5vocab (main, message_grams, row);
             INSERT INTO message_grams (message_grams) VALUES ('integrity-check');",
        )
        .unwrap();
        let count = |query: &str| file.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
        let has = |gram: &str| count(&format!("SELECT count(*) FROM temp.grams WHERE term = '{gram}'"));
        assert_eq!(["ele", "wal", "bad", "tig", "fer", "moo", "lyn"].map(has), [0; 7]);
        assert_eq!(["hip", "ott"].map(has), [1; 2]);
        for table in ["search_stale", "edits", "message_files"] {
            assert_eq!(count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
        }
        assert_eq!(count("SELECT count(*) FROM messages"), 3);
        drop(file);
        // Nothing that is left was changed as late as what is gone.
        let db: Db = folder.open();
        db.drop_room(kept.id).await.unwrap();
        db.close().await;
        drop(db);
        assert!(folder.open().cursor().await.unwrap() >= cursor);
    }

    #[tokio::test]
    async fn a_file_from_before_the_search_index_is_searched_at_once_and_indexed() {
        let folder = Folder::new();
        let db: Db = folder.open();
        let (room, ana, _) = room_of_two(&db, 1).await;
        say_many(&db, room.id, ana, 300).await;
        db.finish_index().await.unwrap();
        db.close().await;
        drop(db);
        let folder = as_the_first_version_left(&folder);

        let db: Db = folder.open();
        let request = SearchRequest::new(vec![Scope::new(room.id, 0)], Terms::new(["299"]), 9);
        for _ in 0..2 {
            let found = db.search(&request).await.unwrap().messages;
            assert_eq!(seqs(&found), [299]);
            assert!(found[0].is_countable() && found[0].reactions.is_empty());
            db.finish_index().await.unwrap();
        }
    }

    /// The same rows in a file of the first version.
    fn as_the_first_version_left(newest: &Folder) -> Folder {
        const FIRST: &str = include_str!("../../src/server/store/embedded/0001_first_conversation.sql");
        let folder = Folder::new();
        let file = Connection::open(folder.file()).unwrap();
        file.execute_batch(FIRST).unwrap();
        file.execute_batch("PRAGMA application_id = 0x4c41564e; PRAGMA user_version = 1;").unwrap();
        file.execute("ATTACH ?1 AS newest", [newest.file().to_str()]).unwrap();
        let names = |query: &str| -> Vec<String> {
            let mut query = file.prepare(query).unwrap();
            query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        for table in names("SELECT name FROM main.sqlite_schema WHERE type = 'table'") {
            let columns = names(&format!("SELECT name FROM pragma_table_info('{table}', 'main')")).join(", ");
            let copy = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newest.{table}");
            file.execute(&copy, []).unwrap();
        }
        folder
    }

    #[tokio::test]
    async fn accounts_survive_their_creation() {
        let folder = Folder::new();
        let row = user_row("ana");
        {
            let db = folder.open();
            db.create_user(&row).await.unwrap();
            db.set_last_seen(row.id, NOW).await.unwrap();
        }
        let stored = folder.open().user(row.id).await.unwrap().unwrap();
        assert_eq!(stored.last_seen, Some(NOW));
    }
}

mod failover;
mod half_done;

mod mongodb {
    use crate::conformance::{Db, append, at_once, new_message, room_of_two};
    use crate::support::stores::{Folder, FreshDatabase};
    use lavender::server::store::NewMessage;
    use lavender::server::store::mongo::Mongo;
    use std::net::TcpListener;
    use std::process::{Child, Command, Stdio};

    /// Why this address does not work, in one line that tells nothing of the password.
    async fn refusal(uri: &str) -> String {
        let text = Mongo::connect(uri).await.err().expect("an address that does not work").to_string();
        assert!(!text.contains('\n'), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("s3cret"), "{text}");
        text
    }

    #[tokio::test]
    async fn a_malformed_address_is_explained() {
        for uri in [
            "",
            "localhost",
            "http://ana:hunter2@localhost/",
            "mongodb://",
            "mongodb://ana:hunter2@localhost:port/",
            "mongodb://ana:hunter2@s3cret@localhost/",
            "mongodb://ana:hunter2/s3cret@localhost/",
            "mongodb://ana:hunter2%zz@localhost/",
            "mongodb://ana:hunter2@localhost/?tls=s3cret",
        ] {
            let text = refusal(uri).await;
            assert!(text.contains("mongodb://user:password@host:27017/"), "{uri} → {text}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named() {
        let port = free_port();
        let text = refusal(&format!("mongodb://ana:hunter2@127.0.0.1:{port}/?replicaSet=rs0")).await;
        assert!(text.contains(&format!("does not answer at 127.0.0.1:{port}")), "{text}");
    }

    #[tokio::test]
    async fn a_refused_password_is_not_shown() {
        let database = FreshDatabase::new();
        let text = refusal(&database.uri.replacen("mongodb://", "mongodb://ana:hunter2@", 1)).await;
        assert!(text.contains("refused the user name or password"), "{text}");
    }

    #[tokio::test]
    async fn a_replica_set_of_another_name_is_explained() {
        let database = FreshDatabase::new();
        let text = refusal(&database.uri.replacen("replicaSet=rs0", "replicaSet=other", 1)).await;
        assert!(text.contains("is called rs0"), "{text}");
    }

    #[tokio::test]
    async fn a_single_server_and_an_uninitiated_set_are_explained() {
        let single = Mongod::start(&[]);
        for options in ["", "?replicaSet=rs0", "?directConnection=true"] {
            let text = single.refusal(options).await;
            assert!(text.contains("is a single server") && text.contains("--replSet"), "{options} → {text}");
        }
        let ghost = Mongod::start(&["--replSet", "rs0"]);
        for options in ["", "?replicaSet=rs0"] {
            let text = ghost.refusal(options).await;
            assert!(text.contains("not initiated"), "{options} → {text}");
        }
    }

    /// A server of our own, killed with this value.
    struct Mongod {
        process: Child,
        port: u16,
        _folder: Folder,
    }

    impl Mongod {
        fn start(options: &[&str]) -> Self {
            let found = Command::new("scripts/mongod-path.sh").output().expect("a shell");
            let mongod = String::from_utf8(found.stdout).expect("a path");
            let (folder, port) = (Folder::new(), free_port());
            let data = folder.other("data");
            std::fs::create_dir(&data).expect("a folder");
            let process = Command::new(mongod.trim())
                .args(["--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet", "--wiredTigerCacheSizeGB", "0.25"])
                .args(["--port", &port.to_string(), "--dbpath"])
                .arg(&data)
                .args(options)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("mongod: run scripts/setup-test.sh");
            Self { process, port, _folder: folder }
        }

        /// Asks until the server is up.
        async fn refusal(&self, options: &str) -> String {
            loop {
                let text = refusal(&format!("mongodb://127.0.0.1:{}/{options}", self.port)).await;
                if !text.contains("does not answer") {
                    return text;
                }
            }
        }
    }

    impl Drop for Mongod {
        fn drop(&mut self) {
            self.process.kill().ok();
            self.process.wait().ok();
        }
    }

    fn free_port() -> u16 {
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_processes_number_the_same_rooms_without_a_gap() {
        let database = FreshDatabase::new();
        let stores: [Db; 2] = [database.open().await, database.open().await];
        let (hot, ana, _) = room_of_two(&stores[0], 1).await;
        let (quiet, ben, _) = room_of_two(&stores[1], 2).await;
        let outcomes = at_once(40, |n| {
            let db = stores[n % 2].clone();
            let mut batch: Vec<NewMessage> = (0..5).map(|_| new_message(hot.id, ana, &n.to_string())).collect();
            batch.insert(2, new_message(quiet.id, ben, "x"));
            async move { db.append(batch).await.into_iter().map(|o| o.unwrap().message).collect::<Vec<_>>() }
        })
        .await;
        for batch in &outcomes {
            let of_hot: Vec<_> = batch.iter().filter(|message| message.room_id == hot.id).map(|m| m.seq).collect();
            assert!(of_hot.is_sorted());
        }
        for (room_id, expected) in [(hot.id, 200), (quiet.id, 40)] {
            let stored = stores[0].page(room_id, 0, None, Some(0), u16::MAX).await.unwrap();
            assert_eq!(stored.iter().map(|m| m.seq).collect::<Vec<_>>(), (1..=expected).collect::<Vec<_>>());
            for message in outcomes.iter().flatten().filter(|message| message.room_id == room_id) {
                assert_eq!(&stored[message.seq as usize - 1], message);
            }
        }
        database.end().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_message_sent_through_two_processes_is_stored_once() {
        let database = FreshDatabase::new();
        let stores: [Db; 2] = [database.open().await, database.open().await];
        let (room, ana, _) = room_of_two(&stores[0], 1).await;
        for round in 0..10 {
            let new = new_message(room.id, ana, "hello");
            let outcomes = at_once(6, |n| {
                let (db, new) = (stores[n % 2].clone(), new.clone());
                async move { append(&db, new).await.unwrap() }
            })
            .await;
            assert_eq!(outcomes.iter().filter(|outcome| !outcome.repeated).count(), 1);
            assert!(outcomes.iter().all(|outcome| outcome.message == outcomes[0].message));
            assert_eq!(outcomes[0].message.seq, round + 1);
        }
        database.end().await;
    }

    #[tokio::test]
    async fn a_mark_reaches_what_another_process_stored() {
        let database = FreshDatabase::new();
        let stores: [Db; 2] = [database.open().await, database.open().await];
        let (room, ana, ben) = room_of_two(&stores[0], 1).await;
        for n in 1..=3 {
            append(&stores[0], new_message(room.id, ana, "x")).await.unwrap();
            let member = stores[1].mark(room.id, ben, Some(n), Some(n)).await.unwrap().unwrap().member;
            assert_eq!((member.delivered_seq, member.read_seq), (n, n));
        }
        database.end().await;
    }

    #[tokio::test]
    async fn heads_jump_from_room_to_room() {
        let database = FreshDatabase::new();
        let db: Db = database.open().await;
        let (room, ana, _) = room_of_two(&db, 1).await;
        db.append((0..200).map(|_| new_message(room.id, ana, "x")).collect()).await;
        let client = mongodb::Client::with_uri_str(&database.uri).await.unwrap();
        let id = mongodb::bson::Uuid::from_bytes(room.id.0.into_bytes());
        let explained = client
            .default_database()
            .unwrap()
            .run_command(mongodb::bson::doc! {
                "explain": { "aggregate": "messages", "cursor": {}, "pipeline": [
                    { "$match": { "room_id": { "$in": [id] } } },
                    { "$sort": { "room_id": 1, "seq": -1 } },
                    { "$group": { "_id": "$room_id", "seq": { "$first": "$seq" }, "created_at": { "$first": "$created_at" } } },
                ] },
                "verbosity": "queryPlanner",
            })
            .await
            .unwrap();
        assert!(explained.to_string().contains("DISTINCT_SCAN"), "{explained}");
        client.shutdown().await;
        database.end().await;
    }
}
