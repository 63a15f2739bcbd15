//! Everything of somebody's, as one ZIP archive that is written while it is downloaded.
//!
//! | path | what |
//! |---|---|
//! | `about.txt` | what is in it |
//! | `account.json` | the account, its ways in, its devices, its requests, whom it blocked, what it reported, its answers of the assistant |
//! | `people.json` | who the ids in the other files are |
//! | `rooms/NUMBER name/room.json` | a room, its members, what the caller set, what the assistant keeps of it |
//! | `rooms/NUMBER name/messages.json` | what the caller may read of it, oldest first |
//! | `files/ID name` | what the caller brought |
//!
//! What is in it is what its owner may see, by the same checks: nothing of before they joined, of what they cleared or hid, or of a
//! room that they have left, but for their own texts there.

use crate::error::{Error, Result};
use crate::id::{MessageId, RoomId, SessionId, UserId};
use crate::live::LiveEvent;
use crate::model::{DELETED_NAME, ExportProgress, Member, Message, Person, Proof, RoomKind, RoomPrefs, Seq};
use crate::server::App;
use crate::server::archive::{Archive, Gone};
use crate::server::audit;
use crate::server::blobs::{BlobError, ByteStream};
use crate::server::limits::Rule;
use crate::server::service::{accounts, files, memory, requests, usage};
use crate::server::session::{self, Fresh, Session};
use crate::server::store::{FileRow, FileSlot, FileState, StoreError, UserRow};
use crate::server::telemetry;
use crate::time::Timestamp;
use bytes::Bytes;
use dashmap::DashSet;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long a link to an archive is good for.
const LINK_MS: i64 = 60_000;
const PURPOSE: &str = "export";
/// Archives that are written at the same time in this process.
const AT_ONCE: usize = 4;
/// When to come again while there are so many.
const BUSY_MS: u64 = 30_000;
/// Messages and files of one read.
const STEP: usize = 200;
/// Bytes of a file that count as much as a message.
const PART: u64 = 64 * 1024;
/// How often progress is told.
const TELL: Duration = Duration::from_millis(400);
/// Characters of a name within a path.
const NAME_CHARS: usize = 60;

const ABOUT: &str = "This is everything that this server keeps for you.\n\n\
    account.json   your account: profile, address, ways to sign in, devices, requests, blocks, reports\n\
    people.json    who the ids in the other files belong to\n\
    rooms/         your conversations: room.json says who is in it, messages.json what was written, oldest first\n\
    files/         the files and pictures that you sent; messages name them by their id\n\n\
    Times are in milliseconds since 1970-01-01, in universal time. Messages that you deleted, cleared or hid are not in it.\n";

/// Whose archives are being written.
#[derive(Default)]
pub struct Desk(Arc<DashSet<UserId>>);

/// The right to write one.
#[derive(Debug)]
struct Place(Arc<DashSet<UserId>>, UserId);

impl Desk {
    /// # Errors
    /// [`Error::Conflict`] while one of the same person is being written; [`Error::RateLimited`] while too many are.
    fn enter(&self, user_id: UserId) -> Result<Place> {
        if self.0.len() >= AT_ONCE {
            return Err(Error::RateLimited { retry_after_ms: BUSY_MS });
        }
        if self.0.insert(user_id) { Ok(Place(Arc::clone(&self.0), user_id)) } else { Err(Error::Conflict) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.remove(&self.1);
    }
}

/// An archive on its way.
pub struct Export {
    /// What to save it as.
    pub name: String,
    pub bytes: ByteStream,
}

/// See [`crate::api::account::export`].
pub async fn begin(app: &App, session: &Session, fresh: Fresh, proof: Proof) -> Result<String> {
    let user = accounts::prove_any(app, session, fresh, proof).await?;
    // Before it counts: it would only be refused later.
    drop(app.exports.enter(user.id)?);
    app.limits.take(Rule::Export, user.id).await?;
    audit::done("export_asked").user(user.id).session(session.session_id).note();
    let value = [user.id.0.as_bytes().as_slice(), session.session_id.0.as_bytes()].concat();
    Ok(format!("/export?ticket={}", app.keys.seal(PURPOSE, &value, Timestamp::now().plus_ms(LINK_MS))))
}

/// Begins the archive that a link of [`begin`] is for.
///
/// # Errors
/// [`Error::Forbidden`] when it is not for this session, or its minute is over; [`Error::Conflict`] while one is under way;
/// [`Error::RateLimited`].
pub async fn open(app: &App, session: &Session, ticket: &str) -> Result<Export> {
    let value = app.keys.unseal(PURPOSE, ticket, Timestamp::now()).ok_or(Error::Forbidden)?;
    let (user_id, session_id) = value.split_at_checked(16).ok_or(Error::Forbidden)?;
    let id = |bytes| uuid::Uuid::from_slice(bytes).map_err(|_| Error::Forbidden);
    if UserId(id(user_id)?) != session.user_id || SessionId(id(session_id)?) != session.session_id {
        return Err(Error::Forbidden);
    }
    let user = app.db.user(session.user_id).await?.ok_or(Error::Unauthenticated)?;
    let place = app.exports.enter(user.id)?;
    let day = crate::server::service::answers::date(Timestamp::now());
    let name = format!("lavender-{}-{day}.zip", user.username);
    let (archive, bytes) = Archive::start();
    let (bytes, was_read) = held(bytes, place);
    let (app, session_id) = (app.clone(), session.session_id);
    tokio::spawn(async move {
        let id = user.id;
        let tell = |progress| app.hub.tell_user(id, &LiveEvent::Export { progress });
        let packed = Packing::new(&app, user, session_id, archive).run().await;
        // What is packed is not yet read.
        let packed = match packed {
            Ok(()) => was_read.await.map_err(|_| Problem::Gone),
            Err(problem) => Err(problem),
        };
        match packed {
            Ok(()) => {
                audit::done("exported").user(id).note();
                tell(ExportProgress::Packed);
            }
            Err(problem) => {
                match problem {
                    Problem::Gone => tracing::info!(user.id = %id, "an export was broken off by who read it"),
                    Problem::Failed(error) => tracing::warn!(user.id = %id, %error, "an export broke off"),
                }
                tell(ExportProgress::Failed);
            }
        }
    });
    Ok(Export { name, bytes })
}

/// A stream that holds the place of its archive until it ends or nobody reads it any more; and which of the two it was.
fn held(bytes: ByteStream, place: Place) -> (ByteStream, oneshot::Receiver<()>) {
    let (ended, was_read) = oneshot::channel();
    let held = stream::unfold((bytes, place, ended), |(mut bytes, place, ended)| async {
        match bytes.next().await {
            Some(piece) => Some((piece, (bytes, place, ended))),
            None => {
                ended.send(()).ok();
                None
            }
        }
    });
    (held.boxed(), was_read)
}

enum Problem {
    Gone,
    Failed(Error),
}

impl From<Gone> for Problem {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl<E: Into<Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

type Packed<T = ()> = std::result::Result<T, Problem>;

/// A room of the caller's, and what they see of it.
struct Own {
    room: crate::model::Room,
    member: Member,
    members: Vec<Member>,
    prefs: RoomPrefs,
    head: Seq,
}

struct Packing<'a> {
    app: &'a App,
    me: UserRow,
    session_id: SessionId,
    archive: Archive,
    now: Timestamp,
    /// Who is named anywhere.
    people: HashMap<UserId, Person>,
    done: u64,
    of: u64,
    told_at: Option<Instant>,
}

/// A message as people read it, and as the API says it.
#[derive(Serialize)]
struct Line<'a> {
    author: &'a str,
    /// The earlier texts of an own message, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<crate::model::Edit>,
    #[serde(flatten)]
    message: &'a Message,
}

impl<'a> Packing<'a> {
    fn new(app: &'a App, me: UserRow, session_id: SessionId, archive: Archive) -> Self {
        let now = Timestamp::now();
        Self { app, me, session_id, archive, now, people: HashMap::new(), done: 0, of: 0, told_at: None }
    }

    async fn run(mut self) -> Packed {
        let rooms = self.rooms().await?;
        let files = self.files().await?;
        self.of = rooms.iter().map(|own| own.head.saturating_sub(own.member.floor())).sum::<u64>()
            + files.iter().map(|row| weight(row.bytes)).sum::<u64>();
        self.tell(true);
        self.text("about.txt", ABOUT.as_bytes().into()).await?;
        let account = self.account().await?;
        self.json("account.json", &account).await?;
        let mut seen = HashSet::new();
        for (place, own) in rooms.iter().enumerate() {
            seen.insert(own.room.id);
            self.room(place + 1, own).await?;
        }
        self.elsewhere(&seen).await?;
        for row in &files {
            self.file(row).await?;
        }
        let mut people: Vec<Person> = self.people.values().cloned().collect();
        people.sort_unstable_by_key(|person| person.id);
        self.json("people.json", &people).await?;
        Ok(self.archive.end().await?)
    }

    fn tell(&mut self, at_once: bool) {
        if at_once || self.told_at.is_none_or(|at| at.elapsed() >= TELL) {
            self.told_at = Some(Instant::now());
            let progress = ExportProgress::Packing { done: self.done.min(self.of), of: self.of };
            self.app.hub.tell_user(self.me.id, &LiveEvent::Export { progress });
        }
    }

    async fn text(&self, path: &str, bytes: Bytes) -> Packed {
        self.archive.begin(path.to_owned(), self.now, false, bytes.len() as u64).await?;
        Ok(self.archive.write(bytes).await?)
    }

    async fn json(&self, path: &str, value: &impl Serialize) -> Packed {
        let bytes = serde_json::to_vec_pretty(value).map_err(telemetry::internal)?;
        self.text(path, bytes.into()).await
    }

    /// Learns who these are.
    async fn know(&mut self, ids: Vec<UserId>) -> Packed {
        let ids: BTreeSet<UserId> = ids.into_iter().filter(|id| !self.people.contains_key(id)).collect();
        let ids: Vec<UserId> = ids.into_iter().collect();
        for part in ids.chunks(STEP) {
            for row in self.app.db.users(part).await? {
                let person = row.person();
                // Between people who blocked each other it is hidden; the same for all is simpler.
                let status = person.status.clone().filter(|_| row.id == self.me.id);
                self.people.insert(row.id, Person { status, ..person });
            }
        }
        Ok(())
    }

    fn name_of(&self, id: UserId) -> &str {
        self.people.get(&id).map_or(DELETED_NAME, |person| person.display_name.as_str())
    }

    async fn rooms(&mut self) -> Packed<Vec<Own>> {
        let (db, id) = (&self.app.db, self.me.id);
        let mut rooms = db.rooms_of(id).await?;
        rooms.sort_unstable_by_key(|room| (room.created_at, room.id));
        let ids: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
        let mut members: HashMap<RoomId, Vec<Member>> = db.members(&ids).await?.into_iter().collect();
        let mut prefs: HashMap<RoomId, RoomPrefs> = db.prefs(&ids, id).await?.into_iter().collect();
        let heads: HashMap<RoomId, Seq> = db.heads(&ids).await?.into_iter().collect();
        self.know(members.values().flatten().map(|member| member.user_id).chain([id]).collect()).await?;
        let own = |room: crate::model::Room| {
            let members = members.remove(&room.id)?;
            let member = members.iter().find(|member| member.user_id == id)?.clone();
            let (prefs, head) = (prefs.remove(&room.id).unwrap_or_default(), heads.get(&room.id).copied().unwrap_or(0));
            Some(Own { room, member, members, prefs, head })
        };
        Ok(rooms.into_iter().filter_map(own).collect())
    }

    async fn files(&self) -> Packed<Vec<FileRow>> {
        let (mut files, mut after) = (Vec::new(), None);
        loop {
            let rows = self.app.db.files_of(self.me.id, after, STEP).await?;
            let Some(last) = rows.last() else { return Ok(files) };
            after = Some(last.id);
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let shown = self.app.db.shown_files(&ids).await?;
            // What was sent and taken back is kept while a report shows it, of which its sender is told nothing.
            let was_sent = |row: &FileRow| row.slot == FileSlot::Message && row.claimed_at.is_some();
            let is_own = |row: &FileRow| row.state == FileState::Ready && (shown.contains(&row.id) || !was_sent(row));
            files.extend(rows.into_iter().filter(is_own));
        }
    }

    async fn account(&mut self) -> Packed<Value> {
        let (app, me) = (self.app, self.me.clone());
        let sessions: Vec<Value> = (app.db.sessions_of(me.id).await?.into_iter())
            .map(|row| {
                json!({
                    "id": row.id, "created_at": row.created_at, "last_used_at": row.last_used_at, "ended_at": row.revoked_at,
                    "device": row.user_agent, "network": row.network,
                })
            })
            .collect();
        let identities: Vec<Value> = (app.db.identities_of(me.id).await?.into_iter())
            .map(|row| {
                json!({
                    "issuer": row.issuer, "subject": row.subject, "email": row.email,
                    "created_at": row.created_at, "last_used_at": row.last_used_at,
                })
            })
            .collect();
        let requests = requests::open(app, me.id).await?;
        let blocked: Vec<_> = app.db.blocks_of(me.id).await?.into_iter().filter(|row| row.by == me.id).collect();
        self.know(blocked.iter().map(|row| row.target).collect()).await?;
        let blocked: Vec<Value> = blocked.iter().map(|row| json!({ "user_id": row.target })).collect();
        let (mut reports, mut before) = (Vec::new(), None);
        loop {
            let rows = app.db.reports_by(me.id, before, STEP).await?;
            let Some(last) = rows.last() else { break };
            before = Some(last.id);
            // What became of it is for admins.
            reports.extend(rows.iter().map(|row| {
                json!({ "id": row.id, "created_at": row.created_at, "about": row.reported, "reason": row.reason, "note": row.note })
            }));
        }
        Ok(json!({
            "id": me.id,
            "username": me.username,
            "display_name": me.display_name,
            "email": me.email,
            "email_confirmed_at": me.email_confirmed_at,
            "has_password": !me.password_hash.is_empty(),
            "created_at": me.created_at,
            "last_seen": me.last_seen,
            "theme": me.theme,
            "status": me.status,
            "about": me.about,
            "is_admin": me.is_admin,
            "picture": me.picture,
            "muted_until": me.muted_until,
            "warning": me.warning,
            "privacy": me.privacy,
            "leaves_at": me.leaving.map(|leaving| leaving.due_at),
            "sessions": sessions,
            "accounts_elsewhere": identities,
            "requests": requests,
            "blocked": blocked,
            "reports": reports,
            "assistant_answers": usage::of_person(app, me.id, self.now).await?,
        }))
    }

    /// It goes on only for who is still signed in.
    async fn still_here(&self) -> Packed {
        match session::look_up(self.app, self.session_id).await? {
            Some(_) => Ok(()),
            None => Err(Problem::Failed(Error::Unauthenticated)),
        }
    }

    async fn room(&mut self, place: usize, own: &Own) -> Packed {
        self.still_here().await?;
        if self.app.db.member(own.room.id, self.me.id).await?.is_none() {
            return Ok(());
        }
        let title = match (own.room.kind, &own.room.name) {
            (RoomKind::Group, Some(name)) => name.clone(),
            _ => {
                let peer = own.members.iter().find(|member| member.user_id != self.me.id);
                peer.map_or_else(|| "nobody".to_owned(), |peer| self.name_of(peer.user_id).to_owned())
            }
        };
        let folder = format!("rooms/{place:03} {}", plain(&title));
        let members: Vec<Value> = (own.members.iter())
            .map(|member| json!({ "user_id": member.user_id, "name": self.name_of(member.user_id), "role": member.role }))
            .collect();
        let memory = memory::seen_by(self.app, own.room.id, own.member.floor()).await?;
        let room = json!({
            "room": own.room, "title": title, "members": members, "mine": own.member, "settings": own.prefs, "memory": memory,
        });
        self.json(&format!("{folder}/room.json"), &room).await?;
        self.archive.begin(format!("{folder}/messages.json"), self.now, false, 0).await?;
        self.archive.write(Bytes::from_static(b"[")).await?;
        let (mut after, mut is_first) = (own.member.floor(), true);
        while after < own.head {
            self.still_here().await?;
            // It may take long: who is taken out meanwhile reads no further.
            let Some(now) = self.app.db.member(own.room.id, self.me.id).await? else { break };
            after = after.max(now.floor());
            let mut messages = self.app.db.page(own.room.id, now.floor(), None, Some(after), STEP as u16).await?;
            messages.retain(|message| message.seq <= own.head);
            let Some(last) = messages.last() else { break };
            self.done += last.seq - after;
            after = last.seq;
            let shown = messages.into_iter().filter(|message| !own.prefs.hidden.contains(&message.seq)).collect();
            self.lines(shown, &mut is_first).await?;
            self.tell(false);
        }
        Ok(self.archive.write(Bytes::from_static(b"\n]\n")).await?)
    }

    /// Own texts in rooms that the caller is not in any more.
    async fn elsewhere(&mut self, seen: &HashSet<RoomId>) -> Packed {
        let (mut after, mut is_first): (Option<MessageId>, bool) = (None, true);
        self.archive.begin("rooms/left.json".to_owned(), self.now, false, 0).await?;
        self.archive.write(Bytes::from_static(b"[")).await?;
        loop {
            let messages = self.app.db.messages_by(self.me.id, after, STEP).await?;
            let Some(last) = messages.last() else { break };
            after = Some(last.id);
            let left = messages.into_iter().filter(|message| !seen.contains(&message.room_id));
            // What others did with them since is not theirs to know.
            let left = left.map(|message| Message { reactions: Vec::new(), extra: None, ..message }).collect();
            self.lines(left, &mut is_first).await?;
        }
        Ok(self.archive.write(Bytes::from_static(b"\n]\n")).await?)
    }

    async fn lines(&mut self, messages: Vec<Message>, is_first: &mut bool) -> Packed {
        if messages.is_empty() {
            return Ok(());
        }
        let mut named: Vec<UserId> = messages.iter().map(|message| message.author_id).collect();
        named.extend(messages.iter().filter_map(|message| message.forwarded_from));
        for reaction in messages.iter().flat_map(|message| &message.reactions) {
            named.extend(&reaction.by);
        }
        self.know(named).await?;
        let mut text = Vec::new();
        for message in &messages {
            let is_own = message.author_id == self.me.id && message.edited_at.is_some();
            let earlier = if is_own { self.app.db.edits(message.id).await? } else { Vec::new() };
            text.extend_from_slice(if std::mem::take(is_first) { b"\n" } else { b",\n" });
            let line = Line { author: self.name_of(message.author_id), earlier, message };
            serde_json::to_writer(&mut text, &line).map_err(telemetry::internal)?;
        }
        Ok(self.archive.write(text.into()).await?)
    }

    async fn file(&mut self, row: &FileRow) -> Packed {
        self.done += weight(row.bytes);
        let path = format!("files/{} {}", row.id, plain(&row.content.about.name));
        let Some(mut bytes) = files::bytes_of(self.app, row).await? else {
            // Removed a moment ago, or lost: said, not passed over.
            return Ok(self.archive.begin(format!("{path} (missing)"), row.created_at, false, 0).await?);
        };
        self.archive.begin(path, row.created_at, true, row.bytes).await?;
        while let Some(piece) = bytes.next().await {
            let piece = piece.map_err(|error| StoreError::Unavailable(BlobError::Cut(error).to_string()))?;
            self.archive.write(piece).await?;
        }
        self.tell(false);
        Ok(())
    }
}

fn weight(bytes: u64) -> u64 {
    1 + bytes / PART
}

/// A name as part of a path, on every system.
fn plain(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || " .-_()".contains(c) { c } else { '_' };
    let text: String = name.chars().map(kept).collect();
    let text = text.trim_matches([' ', '.']);
    // The end of a name says what kind of file it is.
    let (stem, end) = match text.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && end.chars().count() <= 8 => (stem, format!(".{end}")),
        _ => (text, String::new()),
    };
    let stem: String = stem.chars().take(NAME_CHARS).collect();
    if stem.is_empty() { "unnamed".to_owned() } else { format!("{}{end}", stem.trim_end_matches([' ', '.'])) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_paths() {
        for (name, path) in [
            ("Holiday in Rome.jpeg", "Holiday in Rome.jpeg"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a/b\\c:d*e\u{202e}gpj.exe", "a_b_c_d_e_gpj.exe"),
            ("..", "unnamed"),
            (" . ", "unnamed"),
            ("Straße 東京 🌸", "Straße 東京 _"),
            (".hidden", "hidden"),
        ] {
            assert_eq!(plain(name), path, "{name}");
        }
        assert_eq!(plain(&"x".repeat(500)).len(), NAME_CHARS);
        assert_eq!(plain(&format!("{}.tar", "x".repeat(500))).len(), NAME_CHARS + 4);
    }

    #[test]
    fn one_archive_of_a_person_is_written_at_a_time_and_a_few_of_all() {
        let desk = Desk::default();
        let (ana, ben) = (UserId::new(), UserId::new());
        let first = desk.enter(ana).expect("free");
        assert_eq!(desk.enter(ana).err(), Some(Error::Conflict));
        let _more: Vec<_> = (1..AT_ONCE).map(|_| desk.enter(UserId::new()).expect("free")).collect();
        assert!(matches!(desk.enter(ben), Err(Error::RateLimited { .. })));
        drop(first);
        assert!(desk.enter(ben).is_ok());
    }
}
