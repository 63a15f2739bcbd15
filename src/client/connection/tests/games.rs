//! Games: what the page does by itself, and what waits.

use super::*;
use crate::client::state::overlay::Change;
use crate::error::Error;
use crate::model::gifs;

impl Tab {
    /// A coin of mine, as the server tells of it.
    fn coin(&mut self, seq: Seq) -> Message {
        let (me, body) = (self.state.me.person.id, Body::stored(String::new()));
        let text = Message::text(MessageId::new(), self.room_id, seq, me, TxnId::new(), body);
        Message { extra: Some(Extra::Coin(Coin::thrown(&Bytes32::random()))), ..text }
    }
}

/// The nonces that leave, with their frames.
fn nonces(effects: &[Effect]) -> Vec<(u64, MessageId, Bytes32)> {
    let frames = sent(effects).into_iter();
    let nonce = |frame: ClientFrame| match frame.command {
        Command::Play { message_id, act: GameAct::Nonce { nonce }, .. } => Some((frame.id?, message_id, nonce)),
        _ => None,
    };
    frames.filter_map(nonce).collect()
}

#[test]
fn an_own_coin_in_the_air_gets_one_nonce() {
    let mut page = Tab::new().online();
    let coin = page.coin(1);
    let event = LiveEvent::Message { message: coin.clone() };
    let [(id, message_id, _)] = nonces(&page.frame(ServerFrame::Event { event: event.clone() }))[..] else {
        panic!("one nonce")
    };
    assert_eq!(message_id, coin.id);
    // Heard of again, in another revision too.
    assert!(nonces(&page.frame(ServerFrame::Event { event })).is_empty());
    let message = Message { revision: 2, ..coin };
    assert!(nonces(&page.frame(ServerFrame::Event { event: LiveEvent::MessageChanged { message } })).is_empty());
    // Another tab was faster: nobody has to hear of it.
    page.frame(ServerFrame::Refused { id: Some(id), error: Error::Conflict });
    assert!(page.state.notices.is_empty() && page.state.overlay.is_empty());
}

#[test]
fn a_nonce_that_got_lost_goes_again_as_it_was() {
    let mut page = Tab::new().online();
    let coin = page.coin(1);
    let first = nonces(&page.frame(ServerFrame::Event { event: LiveEvent::Message { message: coin } }));
    page.put(Input::Closed { code: 1006 });
    while !page.wake().contains(&Effect::Open(Transport::Socket)) {}
    let again = nonces(&page.connect());
    assert_eq!((again.len(), again[0].2), (1, first[0].2));
}

#[test]
fn a_coin_that_a_closed_page_left_in_the_air_lands_at_the_next_sight() {
    let mut page = Tab::new();
    let coin = page.coin(1);
    page.put(Input::Start { is_online: true });
    page.put(Input::Opened);
    let mut snapshot = page.snapshot();
    snapshot.rooms[0].head_seq = 1;
    snapshot.rooms[0].last = Some(coin);
    assert_eq!(nonces(&page.frame(ServerFrame::Synced(Box::new(snapshot)))).len(), 1);
}

#[test]
fn others_coins_those_that_lie_and_those_that_are_deleted_get_none() {
    let mut page = Tab::new().online();
    let mine = page.coin(1);
    let theirs = Message { author_id: UserId::new(), ..mine.clone() };
    let (seed, nonce) = (Bytes32::random(), Bytes32::random());
    let mut coin = Coin::thrown(&seed);
    coin.land(seed, nonce, mine.id).expect("it lands");
    let lies = Message { id: MessageId::new(), seq: 2, extra: Some(Extra::Coin(coin)), ..page.coin(2) };
    let deleted = Message { deleted: Some(Deleted { by: mine.author_id, at: Timestamp(0) }), ..page.coin(3) };
    for message in [theirs, lies, deleted] {
        let event = LiveEvent::Message { message };
        assert!(nonces(&page.frame(ServerFrame::Event { event })).is_empty());
    }
}

#[test]
fn a_game_that_is_begun_offline_waits_in_the_outbox() {
    let mut page = Tab::new().online();
    page.put(Input::Closed { code: 1006 });
    let room_id = page.room_id;
    page.state.drafts.insert(room_id, Draft::of("half a thought"));
    let txn_id = page.state.compose_extra(room_id, NewExtra::Flip, None, page.now).expect("room");
    page.put(Input::Composed(txn_id));
    assert!(sends(&page.put(Input::Stored { txn_id, ok: true })).is_empty());
    let row = page.state.rows(room_id).pop().expect("it is drawn");
    assert!(matches!(&row.message.extra, Some(Extra::Coin(coin)) if coin.landed.is_none()));
    assert_eq!(page.state.composed(room_id), "half a thought", "what is being written stays");
    let kept = serde_json::to_string(page.state.outbox.entry(txn_id).expect("it waits")).expect("JSON");
    let back: Entry = serde_json::from_str(&kept).expect("an entry");
    assert_eq!(back.extra, Some(NewExtra::Flip), "it outlives a reload");
    while !page.wake().contains(&Effect::Open(Transport::Socket)) {}
    let frames = sent(&page.connect());
    let is_flip = |frame: &&ClientFrame| matches!(&frame.command, Command::Send { body, extra: Some(NewExtra::Flip), .. } if body.is_empty());
    let [frame] = frames.iter().filter(is_flip).collect::<Vec<_>>()[..] else { panic!("one send") };
    let ack = page.ack(frame.id.expect("wants an answer"), txn_id, 1);
    // The coin is in the air here, but its commitment is not known yet.
    assert!(nonces(&page.frame(ack)).is_empty());
}

#[test]
fn a_gif_that_is_picked_offline_waits_and_answers_what_was_chosen() {
    let mut page = Tab::new().online();
    let room_id = page.room_id;
    let answered = page.coin(1);
    page.frame(ServerFrame::Event { event: LiveEvent::Message { message: answered.clone() } });
    page.put(Input::Closed { code: 1006 });
    page.state.drafts.insert(room_id, Draft::of("half a thought"));
    page.state.set_reply(room_id, Some(answered.id));
    let txn_id = page.state.compose_gif(room_id, "party", page.now).expect("room");
    page.put(Input::Composed(txn_id));
    assert!(sends(&page.put(Input::Stored { txn_id, ok: true })).is_empty());
    let row = page.state.rows(room_id).pop().expect("it is drawn");
    let party = gifs::find("party").expect("in the pack").gif();
    assert_eq!(row.message.extra, Some(Extra::Gif(party)), "whole, before the server has it");
    assert_eq!(row.message.reply_to.map(|reply| reply.message_id), Some(answered.id));
    assert_eq!(page.state.drafts[&room_id], Draft::of("half a thought"), "the text stays, the answer is given");
    while !page.wake().contains(&Effect::Open(Transport::Socket)) {}
    let is_gif = |frame: &&ClientFrame| matches!(&frame.command, Command::Send { extra: Some(NewExtra::Gif { name }), reply_to: Some(_), .. } if name == "party");
    assert_eq!(sent(&page.connect()).iter().filter(is_gif).count(), 1);
}

#[test]
fn a_gif_that_is_passed_on_is_seen_at_once() {
    let mut page = Tab::new().online();
    let room_id = page.room_id;
    let gif = gifs::find("rain").expect("in the pack").gif();
    let message = Message { extra: Some(Extra::Gif(gif.clone())), ..page.coin(1) };
    page.frame(ServerFrame::Event { event: LiveEvent::Message { message: message.clone() } });
    let queued = page.state.compose_forwards(room_id, &[message.id], &[room_id], page.now).expect("room");
    let row = page.state.rows(room_id).pop().expect("it is drawn");
    assert_eq!((row.message.txn_id, &row.message.extra), (queued[0], &Some(Extra::Gif(gif))));
}

#[test]
fn a_refused_move_is_told() {
    let mut page = Tab::new().online();
    let (room_id, message_id) = (page.room_id, page.coin(1).id);
    page.state.ask(room_id, Change::Play { message_id, act: GameAct::Accept }, page.now);
    let frames = sent(&page.put(Input::Changed));
    page.frame(ServerFrame::Refused { id: frames[0].id, error: Error::Conflict });
    assert_eq!(page.state.notices[0].kind, NoticeKind::NotPlayed);
}
