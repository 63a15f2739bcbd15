//! What a client asks for, whatever carries it: decoded, admitted, handed to the service, answered.

use crate::error::{Error, Result};
use crate::id::{TxnId, UserId};
use crate::live::{ClientFrame, Command, LiveEvent, PROTOCOL, ServerFrame};
use crate::model::Message;
use crate::server::App;
use crate::server::audit;
use crate::server::hub::{Admission, Connection, Lined, Mark, Packet, uptime_ms};
use crate::server::service::{answers, changes, games, messages, pins, prefs, presence, previews, sync};
use crate::time::Timestamp;
use std::pin::Pin;
use std::sync::Arc;

/// A command that is not done at once. Boxed: most connections run none at most times.
pub type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Takes one frame of text. What is returned has to be run before the next frame is taken.
pub fn receive(app: &App, connection: &Arc<Connection>, text: &str) -> Option<Running> {
    match ClientFrame::decode(text) {
        Ok(frame) => receive_frame(app, connection, frame),
        Err(error) => {
            if admit(app, connection, None) {
                refuse(connection, None, error);
                count_malformed(connection);
            }
            None
        }
    }
}

/// [`receive`] of a frame that is decoded already.
pub fn receive_frame(app: &App, connection: &Arc<Connection>, frame: ClientFrame) -> Option<Running> {
    if admit(app, connection, frame.id) { carry_out(app, connection, frame) } else { None }
}

/// Takes a token; without one the frame is refused, under its id so that whoever waits for an answer learns of it.
fn admit(app: &App, connection: &Connection, id: Option<u64>) -> bool {
    match connection.admit(uptime_ms(), app.config.limit_scale) {
        Admission::Welcome => true,
        Admission::Flood { is_first } => {
            if is_first {
                audit::refused("socket", "flood").user(connection.user_id).session(connection.session_id).note();
            }
            false
        }
        Admission::Slower(retry_after_ms) => {
            refuse(connection, id, Error::RateLimited { retry_after_ms });
            false
        }
    }
}

/// Refuses what is no text at all.
pub fn refuse_malformed(connection: &Connection) {
    refuse(connection, None, Error::Malformed);
    count_malformed(connection);
}

fn count_malformed(connection: &Connection) {
    if connection.malformed(uptime_ms()) {
        audit::refused("socket", "malformed").user(connection.user_id).session(connection.session_id).note();
    }
}

/// Carries a command out, or begins to.
fn carry_out(app: &App, connection: &Arc<Connection>, ClientFrame { id, command }: ClientFrame) -> Option<Running> {
    let is_early = !connection.has_said_hello() && !matches!(command, Command::Hello { .. } | Command::Ping);
    if is_early {
        refuse(connection, id, Error::Malformed);
        count_malformed(connection);
        return None;
    }
    match command {
        Command::Hello { protocol, .. } if protocol != PROTOCOL => {
            connection.answer(&ServerFrame::Outdated);
            None
        }
        Command::Hello { rooms, cursor, .. } => {
            let (app, connection) = (app.clone(), connection.clone());
            Some(Box::pin(async move {
                connection.outbox.hold();
                match sync::hello(&app, &connection, &rooms, cursor).await {
                    Ok(snapshot) => {
                        connection.answer(&ServerFrame::Synced(Box::new(snapshot)));
                        if app.hub.bus().is_down() {
                            connection.outbox.push(Packet::event(&LiveEvent::Delayed { on: true }));
                        }
                        connection.outbox.release();
                    }
                    Err(error) => refuse(&connection, id, error),
                }
            }))
        }
        Command::Send { room_id, txn_id, body, reply_to, forward, files, extra } => {
            // Who sends has stopped typing, and may begin again at once.
            connection.set_typing(room_id, false, uptime_ms());
            let answer = answer_to_send(connection, id, txn_id);
            let sending = messages::Sending { room_id, txn_id, body, reply_to, forward, files, extra };
            messages::send(app, connection.user_id, sending, answer)
        }
        Command::Typing { room_id, on } => {
            let (app, connection) = (app.clone(), connection.clone());
            Some(Box::pin(async move {
                finish(&connection, id, messages::typing(&app, &connection, room_id, on).await);
            }))
        }
        Command::Mark { room_id, delivered, read } => {
            mark(app, connection, Mark { room_id, delivered, read, ids: id.into_iter().collect() });
            None
        }
        Command::Visible { on } => {
            let (app, connection) = (app.clone(), connection.clone());
            Some(Box::pin(async move {
                finish(&connection, id, presence::set_visible(&app, &connection, on).await);
            }))
        }
        change @ (Command::Edit { .. }
        | Command::Delete { .. }
        | Command::React { .. }
        | Command::Pin { .. }
        | Command::Play { .. }
        | Command::Answer { .. }
        | Command::RemovePreview { .. }
        | Command::Prefs { .. }) => {
            let (app, connection) = (app.clone(), connection.clone());
            Some(Box::pin(async move {
                finish(&connection, id, make(&app, connection.user_id, change).await);
            }))
        }
        Command::Ping => {
            connection.answer(&ServerFrame::Pong);
            None
        }
    }
}

/// Makes a change of what is there.
async fn make(app: &App, me: UserId, change: Command) -> Result<()> {
    match change {
        Command::Edit { room_id, message_id, body } => changes::edit(app, me, room_id, message_id, &body).await,
        Command::Delete { room_id, message_ids } => changes::delete(app, me, room_id, &message_ids).await,
        Command::React { room_id, message_id, emoji, on } => {
            changes::react(app, me, room_id, message_id, &emoji, on).await
        }
        Command::Pin { room_id, message_id, on } => pins::set(app, me, room_id, message_id, on).await,
        Command::Play { room_id, message_id, act } => {
            games::play(app, me, room_id, message_id, &act, Timestamp::now()).await
        }
        Command::Answer { room_id, message_id, act } => answers::act(app, me, room_id, message_id, act).await,
        Command::RemovePreview { room_id, message_id } => previews::remove(app, me, room_id, message_id).await,
        Command::Prefs { room_id, change } => prefs::change(app, me, room_id, change).await,
        Command::Hello { .. }
        | Command::Send { .. }
        | Command::Typing { .. }
        | Command::Mark { .. }
        | Command::Visible { .. }
        | Command::Ping => Err(Error::Malformed),
    }
}

/// Counts a send, and answers it when its outcome is known.
fn answer_to_send(connection: &Arc<Connection>, id: Option<u64>, txn_id: TxnId) -> messages::Answer {
    connection.send_began();
    let connection = connection.clone();
    Box::new(move |outcome| {
        connection.send_ended();
        match (outcome, id) {
            (Ok(Message { id: message_id, room_id, seq, created_at, .. }), Some(id)) => {
                connection.answer(&ServerFrame::Ack { id, txn_id, room_id, message_id, seq, created_at });
            }
            // Nobody asked for an answer, but reading may have waited for this send.
            (Ok(_), None) => connection.outbox.wake(),
            (Err(error), id) => refuse(&connection, id, error),
        }
    })
}

/// Marks are written beside the frames of a connection, one at a time, and those that wait merge: a hot room costs one
/// write after the other, not one per message, and no send waits behind a mark.
fn mark(app: &App, connection: &Arc<Connection>, mark: Mark) {
    let ids = mark.ids.clone();
    match connection.line_up(mark) {
        Lined::Behind => {}
        Lined::Full => {
            ids.into_iter().for_each(|id| refuse(connection, Some(id), Error::RateLimited { retry_after_ms: 1_000 }));
        }
        Lined::First => {
            let (app, connection) = (app.clone(), connection.clone());
            tokio::spawn(async move {
                while let Some(mark) = connection.next_mark() {
                    let outcome =
                        messages::mark(&app, connection.user_id, mark.room_id, mark.delivered, mark.read).await;
                    mark.ids.into_iter().for_each(|id| finish(&connection, Some(id), outcome.clone()));
                }
            });
        }
    }
}

fn finish(connection: &Connection, id: Option<u64>, outcome: Result<()>) {
    match (outcome, id) {
        (Ok(()), Some(id)) => connection.answer(&ServerFrame::Done { id }),
        (Ok(()), None) => {}
        (Err(error), id) => refuse(connection, id, error),
    }
}

fn refuse(connection: &Connection, id: Option<u64>, error: Error) {
    if error == Error::Forbidden {
        audit::refused("denied", "command").user(connection.user_id).session(connection.session_id).note();
    }
    connection.answer(&ServerFrame::Refused { id, error });
}
