//! How long a search takes over a million messages: `make bench-search`.
//!
//! ```sh
//! cargo run --release --features server --example bench_search -- sqlite [MESSAGES]
//! scripts/with-mongo.sh cargo run --release --features server --example bench_search -- mongodb [MESSAGES]
//! ```
//!
//! 2,000 rooms of very different sizes in five scripts, words by Zipf's law, always the same; one person is in 200 of them and
//! searches, through the service. Prints a table of p50 and p95 per kind of search, *cold* (before each one the store was opened
//! anew and its files were in no cache) and *warm*.

#[path = "bench_search/corpus.rs"]
mod corpus;

use corpus::Corpus;
use lavender::id::{RoomId, SessionId, TxnId, UserId};
use lavender::model::Body;
use lavender::server::config::Config;
use lavender::server::service::search;
use lavender::server::session::Session;
use lavender::server::store::embedded::Embedded;
use lavender::server::store::{Database, NewMessage, UserRow};
use lavender::server::{App, startup};
use lavender::time::Timestamp;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Db = Arc<dyn Database>;
type Outcome<T> = Result<T, String>;

const MESSAGES: usize = 1_000_000;
const ROOMS: usize = 2_000;
const MINE: usize = 200;
const PEOPLE: usize = 500;
const BATCH: usize = 512;
/// Different searches of a kind, how often each is asked warm, and how many of them cold: each with everything forgotten before.
const QUERIES: usize = 50;
const WARM_ROUNDS: usize = 4;
const COLD: usize = 5;
/// 2025-01-01; a message every 20 seconds.
const START: Timestamp = Timestamp(1_735_689_600_000);

/// Where the messages are, and how to forget what is cached of them.
enum Place {
    Sqlite(PathBuf),
    Mongo { uri: String, control: String },
}

impl Place {
    async fn open(&self) -> Outcome<Db> {
        match self {
            Self::Sqlite(file) => {
                let file = file.clone();
                let opened = tokio::task::spawn_blocking(move || Embedded::open(&file)).await.map_err(said)?;
                Ok(Arc::new(opened.map_err(said)?))
            }
            Self::Mongo { uri, .. } => {
                // A server that was just started takes a moment to be the primary.
                let until = Instant::now() + Duration::from_secs(60);
                loop {
                    match startup::connect(uri).await {
                        Err(_) if Instant::now() < until => {}
                        outcome => return outcome,
                    }
                }
            }
        }
    }

    /// Takes the files out of the system's cache and, of a database server, ends and starts it.
    fn forget(&self) -> Outcome<()> {
        match self {
            Self::Sqlite(file) => uncache(file),
            Self::Mongo { control, .. } => {
                let run = |what: &str| -> Outcome<()> {
                    let done = Command::new(control).arg(what).stdout(Stdio::null()).status().map_err(said)?;
                    done.success().then_some(()).ok_or_else(|| format!("{control} {what}"))
                };
                run("kill-primary")?;
                let folder = Path::new(control).parent().ok_or("no folder")?;
                for folder in std::fs::read_dir(folder).map_err(said)?.flatten().filter(|entry| entry.path().is_dir()) {
                    for file in
                        std::fs::read_dir(folder.path()).map_err(said)?.flatten().filter(|file| file.path().is_file())
                    {
                        uncache(&file.path())?;
                    }
                }
                run("restart")
            }
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Sqlite(file) => std::fs::metadata(file).map_or(0, |file| file.len()),
            Self::Mongo { .. } => 0,
        }
    }
}

/// dd tells the system that the file will not be needed.
fn uncache(file: &Path) -> Outcome<()> {
    let done = Command::new("dd")
        .arg(format!("if={}", file.display()))
        .args(["iflag=nocache", "count=0", "status=none"])
        .status();
    done.map_err(said)?.success().then_some(()).ok_or_else(|| format!("dd {}", file.display()))
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let store = arguments.next().unwrap_or_default();
    let count = arguments.next().map_or(Ok(MESSAGES), |text| text.parse()).map_err(said)?;
    let folder = tempfile::tempdir().map_err(said)?;
    let variable =
        |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set: run this by scripts/with-mongo.sh"));
    let place = match store.as_str() {
        "sqlite" => Place::Sqlite(folder.path().join("lavender.db")),
        "mongodb" => Place::Mongo { uri: variable("TEST_MONGODB_URI")?, control: variable("TEST_MONGODB_CTL")? },
        other => return Err(format!("sqlite or mongodb, not \"{other}\"")),
    };
    let corpus = Corpus::new();
    let db = place.open().await?;
    let (rooms, me, seen) = seed(&db, &corpus, count).await?;
    eprintln!("{} without the index: {} MB", db.name(), place.bytes() / 1_000_000);
    let started = Instant::now();
    db.finish_index().await.map_err(said)?;
    eprintln!("index finished after {:.1} s", started.elapsed().as_secs_f64());
    db.close().await;
    eprintln!("{} with the index: {} MB", store, place.bytes() / 1_000_000);
    drop(db);

    println!("{store}: {count} messages, {seen} of them in the {MINE} rooms of who searches\n");
    println!("| search | cold p50 | cold p95 | warm p50 | warm p95 | found |\n|---|---:|---:|---:|---:|---:|");
    let session = Session { user_id: me, session_id: SessionId::new(), access_until: Timestamp(i64::MAX) };
    let folder = folder.path().to_str().ok_or("a folder without a name")?;
    for class in corpus::CLASSES {
        let (mut cold, mut warm, mut found) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..COLD {
            place.forget()?;
            let app = app(place.open().await?, folder)?;
            cold.push(run(&app, &session, &corpus, class, n, &rooms).await?.0);
            app.db.close().await;
        }
        let app = app(place.open().await?, folder)?;
        for round in 0..WARM_ROUNDS {
            for n in 0..QUERIES {
                let (took, count) = run(&app, &session, &corpus, class, n, &rooms).await?;
                // The first round warms.
                if round > 0 {
                    warm.push(took);
                    found.push(count);
                }
            }
        }
        app.db.close().await;
        found.sort_unstable();
        println!(
            "| {class} | {} | {} | {} | {} | {} |",
            at(&mut cold, 50),
            at(&mut cold, 95),
            at(&mut warm, 50),
            at(&mut warm, 95),
            found[found.len() / 2]
        );
    }
    Ok(())
}

fn app(db: Db, folder: &str) -> Outcome<App> {
    let config = Config::read(|name| match name {
        "LAVENDER_DATA" => Some(folder.to_owned()),
        _ => None,
    });
    let mut config = config.map_err(said)?;
    config.limit_scale = 1_000_000;
    startup::build(config, db).map(|(app, _)| app)
}

fn name(person: usize) -> String {
    format!("person{person:03}")
}

/// The person at one of the eight places of a room.
fn author(room: usize, place: usize) -> usize {
    1 + (room * 7 + place * 31) % (PEOPLE - 1)
}

fn at(times: &mut [Duration], percent: usize) -> String {
    times.sort_unstable();
    let place = (times.len() * percent).div_ceil(100).clamp(1, times.len()) - 1;
    format!("{:.1} ms", times[place].as_secs_f64() * 1_000.0)
}

/// One search, as the service answers it: memberships and names are looked up too. Ends with what there is when it is not complete.
async fn run(
    app: &App,
    session: &Session,
    corpus: &Corpus,
    class: &str,
    n: usize,
    rooms: &[RoomId],
) -> Outcome<(Duration, usize)> {
    let asked = corpus.query(class, n);
    let started = Instant::now();
    let (found, covered) = match asked.room {
        Some(room) => {
            let answer = search::in_room(app, session, rooms[room], &asked.q, None, None).await.map_err(said)?;
            (answer.hits.len(), answer.covered)
        }
        None => {
            let page = search::everywhere(app, session, &asked.q, None, None, None).await.map_err(said)?;
            (page.found.len(), page.covered)
        }
    };
    let took = started.elapsed();
    if std::env::var("VERBOSE").is_ok() {
        eprintln!("{class} {} {:?}: {found} in {took:?}", asked.q, asked.room);
    }
    if covered.complete { Ok((took, found)) } else { Err(format!("{class} {}: not complete after {took:?}", asked.q)) }
}

/// The rooms, those of who searches first; who searches; how many messages are in the former.
async fn seed(db: &Db, corpus: &Corpus, count: usize) -> Outcome<(Vec<RoomId>, UserId, usize)> {
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let name = name(n);
        let row = UserRow {
            id: UserId::new(),
            username: name.clone(),
            username_key: name.clone(),
            display_name: name.clone(),
            email: format!("{name}@example.org"),
            email_key: format!("{name}@example.org"),
            password_hash: String::new(),
            created_at: START,
            ..UserRow::new(UserId::new(), String::new(), String::new(), String::new(), String::new())
        };
        db.create_user(&row).await.map_err(said)?;
        people.push(row.id);
    }
    let mut rooms = Vec::new();
    for n in 0..ROOMS {
        let others = (0..8).map(|place| people[author(n, place)]);
        let members: Vec<UserId> = others.chain((n < MINE).then_some(people[0])).collect();
        rooms.push(db.create_group(RoomId::new(), &format!("Room {n}"), None, &members, START).await.map_err(said)?.id);
    }
    let started = Instant::now();
    let mut seen = 0;
    for first in (0..count).step_by(BATCH) {
        let batch = (first..count.min(first + BATCH)).map(|n| {
            let text = corpus.message(n);
            seen += usize::from(text.room < MINE);
            let author_id = people[author(text.room, text.author)];
            NewMessage {
                created_at: START.plus_ms(20_000 * n as i64),
                ..NewMessage::text(rooms[text.room], author_id, TxnId::new(), Body::stored(text.text))
            }
        });
        for outcome in db.append(batch.collect()).await {
            outcome.map_err(said)?;
        }
        if (first / BATCH).is_multiple_of(200) {
            eprintln!("  {first} of {count} messages, {:.0} s", started.elapsed().as_secs_f64());
        }
    }
    eprintln!("{count} messages in {:.0} s", started.elapsed().as_secs_f64());
    Ok((rooms, people[0], seen))
}
