//! Everybody who may try, around one group and one person in it.

use crate::support::stage::{Person, Stage};
use lavender::id::{FileId, MessageId, RoomId, TxnId, UserId};
use lavender::model::{
    Answer, AnswerState, Attachment, AttachmentKind, Body, Extra, Invite, RequestState, Role, TicTacToe,
};
use lavender::server::App;
use lavender::server::blobs::BlobKey;
use lavender::server::service::moderation;
use lavender::server::store::{
    FileContent, FileObject, FileRow, FileSlot, FileState, NewMessage, RequestRow, Sanction, UserRow,
};
use lavender::time::Timestamp;

/// Somebody's standing, by the name of their column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Anonymous,
    Bot,
    Stranger,
    /// Has asked the other person to talk, and is asked into the group.
    Pending,
    Member,
    /// Was taken out.
    Former,
    /// A member whom the other person blocked; they share a direct room.
    Blocked,
    /// A member who blocked the other person; they share a direct room.
    Blocking,
    Admin,
    Owner,
    /// An admin of the instance, who is not in the group.
    Operator,
    /// A member who was banned from the instance.
    Banned,
}

pub const ACTORS: [(&str, Standing); 12] = [
    ("anonymous", Standing::Anonymous),
    ("bot", Standing::Bot),
    ("stranger", Standing::Stranger),
    ("pending", Standing::Pending),
    ("member", Standing::Member),
    ("former member", Standing::Former),
    ("blocked", Standing::Blocked),
    ("blocking", Standing::Blocking),
    ("group admin", Standing::Admin),
    ("owner", Standing::Owner),
    ("instance admin", Standing::Operator),
    ("banned", Standing::Banned),
];

pub struct Actor {
    /// Nobody for `Anonymous`.
    pub person: Option<Person>,
    /// What others have to do with them; somebody for `Anonymous` too.
    pub user_id: UserId,
    /// A direct room of theirs with the other person; of others, unless they share one.
    pub direct: RoomId,
    /// Asks them to talk, and into the group.
    pub asked: [RequestRow; 2],
}

pub struct World<'a> {
    stage: &'a Stage,
    pub app: App,
    pub room_id: RoomId,
    /// In the group, and no actor.
    pub other: Person,
    /// Of the other person, in the group, and in each direct room.
    pub message: MessageId,
    pub code: String,
    pub actors: Vec<Actor>,
    /// Asks the other person to talk.
    pub foreign_request: RequestRow,
}

impl<'a> World<'a> {
    pub async fn new(stage: &'a Stage) -> Self {
        let (app, now) = (stage.app.clone(), Timestamp::now());
        let (other, third) = (stage.person("other").await, stage.person("third").await);
        let mut people = Vec::new();
        for (_, standing) in ACTORS {
            let mark = |row: &mut UserRow| {
                row.is_bot = standing == Standing::Bot;
                row.is_admin = standing == Standing::Operator;
            };
            people.push(stage.person_as("actor", mark).await);
        }
        let of = |standing| {
            let place = ACTORS.iter().position(|(_, other)| *other == standing).unwrap();
            people[place].user_id
        };
        let mut members = vec![of(Standing::Owner), other.user_id];
        for standing in [
            Standing::Member,
            Standing::Former,
            Standing::Blocked,
            Standing::Blocking,
            Standing::Admin,
            Standing::Banned,
        ] {
            members.push(of(standing));
        }
        let room_id = RoomId::new();
        app.db.create_group(room_id, "Garden", None, &members, now).await.unwrap();
        app.db.set_role(room_id, of(Standing::Admin), Role::Member, Role::Admin).await.unwrap().unwrap();
        app.db.remove_member(room_id, of(Standing::Former), &[Role::Member], true).await.unwrap().unwrap();
        app.db.set_block(other.user_id, of(Standing::Blocked), true, now).await.unwrap();
        app.db.set_block(of(Standing::Blocking), other.user_id, true, now).await.unwrap();
        let foreign = app.db.direct_room(other.user_id, third.user_id, now).await.unwrap().0.id;
        let message = say(&app, room_id, other.user_id).await;
        let foreign_request = request(third.user_id, other.user_id, None);
        app.db.create_request(&foreign_request).await.unwrap();
        let pending = request(of(Standing::Pending), other.user_id, None);
        app.db.create_request(&pending).await.unwrap();
        let code = "c".repeat(22 - 12) + &room_id.0.simple().to_string()[20..];
        let invite = Invite {
            code: code.clone(),
            room_id,
            by: of(Standing::Owner),
            created_at: now,
            expires_at: None,
            uses: 0,
            max_uses: None,
        };
        app.db.create_invite(&invite).await.unwrap();
        let mut actors = Vec::new();
        for ((_, standing), person) in ACTORS.into_iter().zip(&people) {
            let user_id = person.user_id;
            let direct = match standing {
                Standing::Blocked | Standing::Blocking => {
                    app.db.direct_room(user_id, other.user_id, now).await.unwrap().0.id
                }
                _ => foreign,
            };
            let asked = [None, Some(room_id)].map(|into| request(of(Standing::Owner), user_id, into));
            if standing != Standing::Owner {
                app.db.create_request(&asked[0]).await.unwrap();
                app.db.create_request(&asked[1]).await.unwrap();
            }
            let is_somebody = standing != Standing::Anonymous;
            actors.push(Actor { person: is_somebody.then(|| person.clone()), user_id, direct, asked });
        }
        app.db.sanction(of(Standing::Banned), &Sanction::Ban(Some(now))).await.unwrap();
        moderation::refresh(&app).await.unwrap();
        Self { stage, app, room_id, other, message, code, actors, foreign_request }
    }

    /// An address below the group.
    pub fn room(&self, rest: &str) -> String {
        format!("/api/rooms/{}/{rest}", self.room_id)
    }

    /// Somebody new whom the actor knows.
    pub async fn friend(&self, actor: &Actor) -> UserId {
        let friend = self.stage.person("friend").await.user_id;
        self.app.db.direct_room(actor.user_id, friend, Timestamp::now()).await.unwrap();
        friend
    }

    /// Somebody new.
    pub async fn somebody(&self) -> UserId {
        self.stage.person("somebody").await.user_id
    }

    /// Somebody new in the group.
    pub async fn member(&self) -> UserId {
        let member = self.somebody().await;
        self.app.db.add_members(self.room_id, &[member], Timestamp::now()).await.unwrap();
        member
    }

    /// A message of the actor in the group, whether they may write there or not.
    pub async fn own_message(&self, actor: &Actor) -> MessageId {
        say(&self.app, self.room_id, actor.user_id).await
    }

    /// A file of the other person for the group, that no message shows.
    pub async fn file(&self) -> FileId {
        self.stored_file().await.id
    }

    /// A file that a message of the other person shows in the group.
    pub async fn shown_file(&self) -> FileId {
        let row = self.stored_file().await;
        let new = NewMessage::text(self.room_id, self.other.user_id, TxnId::new(), Body::stored(String::new()));
        let shown = NewMessage { attachments: vec![row.content.about.clone()], ..new };
        self.app.db.append(vec![shown]).await.remove(0).unwrap();
        row.id
    }

    /// The address of the bytes of a file.
    pub async fn blob(&self) -> String {
        format!("/blobs/{}", self.stored_file().await.content.key)
    }

    async fn stored_file(&self) -> FileRow {
        let (id, key) = (FileId::new(), BlobKey::random());
        let about = Attachment::new(id, AttachmentKind::File, "a.txt", "text/plain", 5);
        let object = FileObject { suffix: String::new(), mime: "text/plain".into(), size: 5 };
        let content = FileContent { key: key.to_string(), objects: vec![object], about };
        let row = FileRow {
            id,
            owner_id: self.other.user_id,
            slot: FileSlot::Message,
            room_id: Some(self.room_id),
            state: FileState::Ready,
            bytes: 5,
            created_at: Timestamp::now(),
            claimed_at: None,
            content,
        };
        self.app.blobs.put_bytes(&key, "bytes".into(), "text/plain").await.unwrap();
        self.app.db.begin_file(&row, u64::MAX >> 1).await.unwrap()
    }

    /// A challenge in the group: to anyone, or to `opponent`.
    pub async fn challenge(&self, opponent: Option<UserId>) -> MessageId {
        let challenger = if opponent == Some(self.other.user_id) { UserId::new() } else { self.other.user_id };
        let game = TicTacToe::offer(challenger, opponent, Timestamp::now());
        let new = NewMessage::text(self.room_id, self.other.user_id, TxnId::new(), Body::stored(String::new()));
        let new = NewMessage { extra: Some(Extra::TicTacToe(game)), ..new };
        self.app.db.append(vec![new]).await.remove(0).unwrap().message.id
    }

    /// An answer in the group that somebody asked for and that is being written.
    pub async fn answer(&self, asker: UserId) -> MessageId {
        let held_until = Some(Timestamp::now().plus_ms(60_000));
        let state = AnswerState::Writing;
        let answer =
            Answer { to: self.message, asker, model: "m".into(), attempt: 0, state, messages: 0, notes: 0, held_until };
        let new = NewMessage::text(self.room_id, self.other.user_id, TxnId::new(), Body::stored(String::new()));
        let new = NewMessage { extra: Some(Extra::Answer(answer)), ..new };
        self.app.db.append(vec![new]).await.remove(0).unwrap().message.id
    }

    /// Another message of the other person in the group.
    pub async fn another_message(&self) -> MessageId {
        say(&self.app, self.room_id, self.other.user_id).await
    }
}

fn request(from: UserId, to: UserId, room_id: Option<RoomId>) -> RequestRow {
    let now = Timestamp::now();
    RequestRow {
        id: lavender::id::RequestId::new(),
        from,
        to,
        intro: Body::stored("hello".into()),
        room_id,
        state: RequestState::Pending,
        open: true,
        created_at: now,
        changed_at: now,
    }
}

async fn say(app: &App, room_id: RoomId, author_id: UserId) -> MessageId {
    let body = Body::parse("a text").unwrap();
    let new = NewMessage::text(room_id, author_id, TxnId::new(), body);
    app.db.append(vec![new]).await.remove(0).unwrap().message.id
}
