//! The assistant's account, and what it does about what it hears.
//!
//! What to say is decided by [`crate::server::assistant`], which is pure. Here it is written, as an account that nobody can
//! sign in to, with the rights of a plain member: where a person could not write, neither does it. Nothing leaves the server.
//!
//! Every act of an answer has a transaction id made from the message that is answered, so that of many processes, and of
//! many attempts, one is stored.

use crate::error::{Error, Result};
use crate::id::{MessageId, RoomId, UserId};
use crate::model::game::{Bytes32, Stage};
use crate::model::pattern;
use crate::model::{Body, Extra, GameAct, Message, NewExtra, Person, ReplyTo, TicTacToe, gifs};
use crate::server::App;
use crate::server::access::{self, Card};
use crate::server::assistant::decide::{self, Decision, Heard};
use crate::server::assistant::intent::Intent;
use crate::server::assistant::noted::{self, Noted};
use crate::server::assistant::notes::{self, Ask, Which};
use crate::server::assistant::reply::Act;
use crate::server::assistant::{intent, language, reply, tic_tac_toe};
use crate::server::service::{accounts, answers, changes, games, groups, memory, messages};
use crate::server::store::{NewMessage, ProfileChange, StoreError, UserRow};
use crate::time::Timestamp;
use std::time::Duration;

/// The same on every server: one account, however many processes begin at once. A UUIDv8 (RFC 9562).
pub const ID: UserId = UserId(uuid::Uuid::from_u128(0x6c61_7665_6e64_8e72_8061_7373_6973_7431));
pub(super) const DISPLAY_NAME: &str = "Lavender";
const STATUS: &str = "Coins, dice, GIFs and a game in between";
const RULES: &str = "I come with this server. I go by fixed rules, without a language model: I flip coins, roll dice, send \
    GIFs, react and play tic-tac-toe. In groups I answer when I'm mentioned. Nothing you write to me leaves this server.";
/// A name that belongs to nobody (RFC 2606): no letter can be sent to it.
const EMAIL: &str = "lavender@assistant.invalid";
/// Before it moves in a game, so that people see that it is its turn.
const THINKS_MS: u64 = 700;

/// Makes the account if it is not there yet. From then on it hears.
///
/// # Errors
/// [`Error::Unavailable`] and others of the store; [`Error::Conflict`] when its name belongs to somebody else.
pub async fn begin(app: &App) -> Result<()> {
    if !app.config.assistant {
        return Ok(());
    }
    if app.db.user(ID).await?.is_none() {
        // Nobody knows the password, the process neither.
        let password_hash = app.passwords.make(Bytes32::random().to_string(), Vec::new()).await?;
        let (name, email) = (pattern::ASSISTANT.to_owned(), EMAIL.to_owned());
        let row = UserRow {
            display_name: DISPLAY_NAME.to_owned(),
            status: Some(STATUS.to_owned()),
            about: Some(about(app)),
            is_bot: true,
            password_hash,
            ..UserRow::new(ID, name.clone(), accounts::username_key(&name), email.clone(), email)
        };
        match app.db.create_user(&row).await {
            Ok(()) => tracing::info!("the assistant's account was made"),
            // By another process, at the same moment.
            Err(_) if app.db.user(ID).await?.is_some() => {}
            Err(StoreError::Taken(_)) => return Err(Error::Conflict),
            Err(error) => return Err(error.into()),
        }
    }
    // What is behind it may be another model since the last start, or none.
    let said = app.db.user(ID).await?.and_then(|row| row.about);
    if said.as_ref() != Some(&about(app)) {
        app.db.set_profile(ID, &ProfileChange { about: Some(about(app)), ..ProfileChange::default() }).await?;
    }
    app.assistant.set(ID).ok();
    Ok(())
}

/// Who reads along, in its profile.
fn about(app: &App) -> String {
    let Some(model) = &app.config.model else { return RULES.to_owned() };
    let place = if model.is_local() { "this server's own machine".to_owned() } else { model.host().to_owned() };
    format!(
        "I come with this server. What I say is written by a language model, {}, on {place}: it reads the newest messages of a \
         conversation when I'm asked there, and can be wrong. Coins, dice, GIFs, reactions and tic-tac-toe go by fixed rules. In \
         groups I answer when I'm mentioned.",
        model.name
    )
}

/// The assistant as others see it; `None` where it is switched off.
pub async fn person(app: &App) -> Result<Option<Person>> {
    let Some(me) = app.assistant.get() else { return Ok(None) };
    Ok(access::people(app, [*me]).await?.get(me).map(|known| known.person.clone()))
}

/// A message was stored. If the assistant is there, it reads it, and answers if it is asked. Returns at once: nobody waits.
pub fn hear(app: &App, message: &Message) {
    let Some(me) = app.assistant.get().copied() else { return };
    let is_there = access::known_card(app, message.room_id).is_none_or(|card| card.has(me));
    let is_silent = app.sanctions.muted_until(me).is_some();
    if is_there && !is_silent && message.author_id != me && message.system.is_none() {
        let message = message.clone();
        in_background(app, message.room_id, move |app| async move { heard(&app, me, &message).await });
    }
}

/// The game of a message has changed. If it is the assistant's turn, it moves. Returns at once.
pub(super) fn follow(app: &App, message: &Message) {
    let Some(me) = app.assistant.get().copied() else { return };
    if let Some(Extra::TicTacToe(game)) = &message.extra
        && is_asked(game, me)
    {
        let message = message.clone();
        in_background(app, message.room_id, move |app| async move { take_turn(&app, me, &message).await });
    }
}

fn in_background<W: Future<Output = Result<()>> + Send>(
    app: &App,
    room_id: RoomId,
    work: impl FnOnce(App) -> W + Send + 'static,
) {
    let app = app.clone();
    tokio::spawn(async move {
        match work(app).await {
            Ok(())
            // It was put out of the room, blocked or muted, or somebody was faster.
            | Err(Error::NotFound { .. } | Error::Unreachable | Error::Muted { .. } | Error::Conflict) => {}
            Err(error) => tracing::warn!(room.id = %room_id, %error, "the assistant could not answer"),
        }
    });
}

async fn heard(app: &App, me: UserId, message: &Message) -> Result<()> {
    let card = access::sender(app, message.room_id, me).await?;
    // As it is when the message is read.
    let room = memory::of(app, message.room_id).await?;
    if card.is_small() {
        messages::mark(app, me, message.room_id, None, Some(message.seq)).await?;
    }
    if let Some(Extra::TicTacToe(game)) = &message.extra {
        let is_new = game.stage == Stage::Offered;
        let goes_on = is_asked(game, me) && !(is_new && room.is_silent);
        return if goes_on { take_turn(app, me, message).await } else { Ok(()) };
    }
    let answered = match message.reply_to {
        Some(reply) => app.db.message(reply.message_id).await?,
        None => None,
    };
    let authors = access::people(app, [message.author_id]).await?;
    let Some(author) = authors.get(&message.author_id).map(|known| &known.person) else { return Ok(()) };
    let text = message.body.as_str();
    let heard = Heard {
        is_by_bot: author.is_bot,
        is_system: message.system.is_some(),
        is_new: message.revision == 1,
        age_ms: Timestamp::now().0 - message.created_at.0,
        is_direct: card.peer(me).is_some(),
        mentions_us: message.mentions.users.contains(&me),
        answers_us: answered.is_some_and(|answered| answered.author_id == me),
        is_command: intent::is_command(text),
        // What it answers is always the newest text of a person.
        in_a_row: 0,
        was_answered: app.db.message_by_txn(me, groups::txn_of(message.id.0, SAID)).await?.is_some(),
        may_write: card.has(message.author_id),
        is_silenced: room.is_silent,
    };
    if text.is_empty() || matches!(decide::decide(&heard), Decision::Ignore(_)) {
        return Ok(());
    }
    let asked = intent::intent(text);
    let wish = if asked == Intent::Distress { None } else { notes::ask(text) };
    // What is remembered a language model tells in its own words, where there is one.
    if let Some(wish) = wish.filter(|wish| *wish != Ask::Recall || app.answers.is_none()) {
        if let Some(noted) = note(app, &card, message, author, wish).await? {
            let body = Body::parse(&noted::said(noted, language::language(text)))?;
            say(app, me, &card, message, (SAID, body, None)).await?;
        }
        return Ok(());
    }
    if app.answers.is_some() && asked.is_talk() {
        return answers::begin(app, me, &card, message).await;
    }
    let answer = reply::reply(&asked, &author.display_name, language::language(text), seed(message.id));
    let mut extra = None;
    match answer.act {
        Some(Act::React(_)) if room.keeps_still => {}
        Some(Act::React(emoji)) => {
            changes::set_reaction(app, me, message.room_id, message.id, &emoji, true).await?;
        }
        Some(Act::Flip) => extra = Some(NewExtra::Flip),
        Some(Act::Roll(sides)) => extra = Some(NewExtra::Roll { sides }),
        Some(Act::TicTacToe) => extra = Some(NewExtra::TicTacToe { with: Some(message.author_id) }),
        Some(Act::Gif(query)) => extra = gif(&query, message.id),
        None => {}
    }
    if let Some(text) = answer.text {
        let body = Body::parse(&text)?;
        say(app, me, &card, message, (SAID, body, None)).await?;
    }
    match extra {
        Some(extra) => perform(app, me, &card, message, ACTED, extra).await,
        None => Ok(()),
    }
}

/// Does something as a part of the answer to a message, once.
pub(super) async fn perform(
    app: &App,
    me: UserId,
    card: &Card,
    to: &Message,
    part: &str,
    extra: NewExtra,
) -> Result<()> {
    let said = say(app, me, card, to, (part, Body::stored(String::new()), Some(extra))).await?;
    if matches!(said.extra, Some(Extra::Coin(_))) {
        let act = GameAct::Nonce { nonce: Bytes32::random() };
        games::carry_out(app, me, said.room_id, said.id, &act, Timestamp::now()).await?;
    }
    Ok(())
}

/// Keeps something, or forgets it, for who wrote a message. What is to be said of it; `None`: the room sees what was kept.
async fn note(app: &App, card: &Card, message: &Message, author: &Person, wish: Ask) -> Result<Option<Noted>> {
    let text = match wish {
        Ask::Remember { text } => text,
        Ask::Doubtful => return Ok(Some(Noted::Doubtful)),
        Ask::TooLong => return Ok(Some(Noted::TooLong)),
        Ask::Empty => return Ok(Some(Noted::Empty)),
        Ask::Forget(which) => return forget(app, card, message, author, which).await.map(Some),
        Ask::Recall => {
            let kept = memory::of(app, message.room_id).await?;
            return Ok(Some(if kept.is_on { Noted::Count(kept.notes.len()) } else { Noted::Off }));
        }
    };
    match memory::remember(app, card, message, &text).await {
        Ok(()) => Ok(None),
        Err(Error::Conflict) => Ok(Some(Noted::Off)),
        Err(Error::Invalid { .. }) => Ok(Some(Noted::Full)),
        Err(error) => Err(error),
    }
}

async fn forget(app: &App, card: &Card, message: &Message, author: &Person, which: Which) -> Result<Noted> {
    let kept = memory::of(app, message.room_id).await?;
    let texts: Vec<&str> = kept.notes.iter().map(|note| note.text.as_str()).collect();
    let meant = match which {
        Which::All => return Ok(Noted::All),
        Which::Number(number) => number.checked_sub(1).into_iter().collect(),
        Which::Words(words) => notes::matching(&words, &texts),
    };
    let found: Vec<_> = meant.iter().filter_map(|place| kept.notes.get(*place)).collect();
    match found.as_slice() {
        [] => Ok(Noted::None),
        [note] => match memory::forget(app, card, author, note.id).await {
            Ok(_) => Ok(Noted::Forgotten),
            Err(Error::Forbidden) => Ok(Noted::Refused),
            Err(error) => Err(error),
        },
        _ => Ok(Noted::Several),
    }
}

/// The parts of an answer; see [`groups::txn_of`].
pub(super) const SAID: &str = "said";
const ACTED: &str = "acted";

/// Writes a part of the answer to a message, once.
async fn say(
    app: &App,
    me: UserId,
    card: &Card,
    to: &Message,
    (part, body, extra): (&str, Body, Option<NewExtra>),
) -> Result<Message> {
    let mut message = NewMessage::text(to.room_id, me, groups::txn_of(to.id.0, part), body);
    if let Some(asked) = &extra {
        message.extra = Some(games::begin(app, card, me, message.id, asked, None)?);
    }
    // Among two it is plain what is answered.
    if card.peer(me).is_none() {
        message.reply_to = Some(ReplyTo { message_id: to.id, seq: to.seq });
    }
    Ok(app.log.append(message).await?.message)
}

/// Whether a game waits for the assistant: for its yes or its move.
fn is_asked(game: &TicTacToe, me: UserId) -> bool {
    game.stage == Stage::Offered && game.opponent == Some(me) || game.next() == Some(me)
}

/// What it does in a game leads back to [`follow`], which goes on.
async fn take_turn(app: &App, me: UserId, message: &Message) -> Result<()> {
    let Some(Extra::TicTacToe(game)) = &message.extra else { return Ok(()) };
    tokio::time::sleep(Duration::from_millis(THINKS_MS)).await;
    let act = match game.stage {
        Stage::Offered => Some(GameAct::Accept),
        _ => tic_tac_toe::next_act(game, me),
    };
    let Some(act) = act else { return Ok(()) };
    games::carry_out(app, me, message.room_id, message.id, &act, Timestamp::now()).await
}

/// A moving picture of the pack that fits, not always the same one.
pub(super) fn gif(query: &str, id: MessageId) -> Option<NewExtra> {
    let found = match gifs::search(query) {
        found if found.is_empty() => gifs::search(""),
        found => found,
    };
    let first = found.len().min(3);
    let at = usize::try_from(seed(id)).unwrap_or(0).checked_rem(first)?;
    found.get(at).map(|sticker| NewExtra::Gif { name: sticker.name.to_owned() })
}

/// What picks one of several: the same for one message, so that an answer that is given again is the same.
fn seed(id: MessageId) -> u64 {
    // The last bits of an id are random.
    u64::try_from(id.0.as_u128() & 0xffff_ffff).unwrap_or(0)
}
