//! Rooms as their members see them, built for many rooms at once: a handful of queries, however many rooms there are.

use crate::error::{Error, Result, What};
use crate::id::{RoomId, UserId};
use crate::model::{Member, Message, Presence, Room, RoomPrefs, RoomSummary, Seq, Unread};
use crate::server::App;
use crate::server::access::{self, Blocks, Card, Known, SMALL_ROOM_MAX};
use crate::server::store::{Counted, Span};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What a person sees: their rooms, and what stands behind them.
pub struct View {
    pub summaries: Vec<RoomSummary>,
    pub cards: Vec<Arc<Card>>,
    pub blocks: Arc<Blocks>,
    people: HashMap<UserId, Arc<Known>>,
}

impl View {
    /// Who is there, of those whom the viewer may know of.
    pub fn presence(&self, app: &App, user_id: UserId) -> Vec<(UserId, Presence)> {
        access::acquaintances_in(&self.cards, &self.blocks, user_id)
            .into_iter()
            .filter_map(|other| {
                let row = self.people.get(&other)?;
                let is_here = app.hub.is_here(other);
                Some((other, if is_here { Presence::Online } else { Presence::Offline { last_seen: row.last_seen } }))
            })
            .collect()
    }
}

/// These rooms as a member sees them; rooms that the user is not in are left out.
pub async fn view(app: &App, user_id: UserId, rooms: Vec<Room>) -> Result<View> {
    let ids: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
    let (blocks, read, prefs) =
        tokio::join!(access::blocks(app, user_id), read_members(app, user_id, &rooms), app.db.prefs(&ids, user_id),);
    let (blocks, mut read) = (blocks?, read?);
    let mut prefs: HashMap<RoomId, RoomPrefs> = prefs?.into_iter().collect();
    let rooms: Vec<Room> = rooms.into_iter().filter(|room| read.own.contains_key(&room.id)).collect();
    let ids: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
    let wanted: BTreeSet<UserId> = read
        .cards
        .values()
        .flat_map(|card| card.members.iter().take(SMALL_ROOM_MAX).copied())
        .chain([user_id])
        .collect();
    let (last, people) = tokio::join!(last_of(app, &ids), access::people(app, wanted));
    let (mut last, people) = (last?, people?);

    let (mut summaries, mut blocked) = (Vec::with_capacity(rooms.len()), BTreeSet::new());
    for room in rooms {
        let (Some(card), Some(own)) = (read.cards.get(&room.id), read.own.remove(&room.id)) else { continue };
        let head_seq = last.get(&room.id).map_or(0, |message| message.seq);
        app.log.heads().learn(room.id, head_seq);
        let peer = card.peer(user_id);
        let is_blocked = peer.is_some_and(|peer| blocks.between(user_id, peer));
        let is_deleted = peer.and_then(|peer| people.get(&peer)).is_some_and(|known| known.person.is_deleted);
        let can_send = !is_blocked && !is_deleted;
        if is_blocked {
            blocked.insert(room.id);
        }
        summaries.push(RoomSummary {
            members: read.members.remove(&room.id).unwrap_or_else(|| vec![own.clone()]),
            people: card
                .members
                .iter()
                .take(SMALL_ROOM_MAX)
                .filter_map(|id| people.get(id))
                .map(|known| known.person.clone())
                .collect(),
            member_count: u32::try_from(card.members.len()).unwrap_or(u32::MAX),
            mine: prefs.remove(&room.id).unwrap_or_default(),
            last: last.remove(&room.id).filter(|message| message.seq > own.floor()),
            shown: None,
            head_seq,
            // Behind a block nothing can be marked as read, so nothing is counted: a count seen at no head at all, which
            // takes the place of none that a client has.
            unread: Unread { count: 0, mentions: 0, at_seq: if is_blocked { 0 } else { head_seq } },
            can_send,
            blocked_by_me: peer.is_some_and(|peer| blocks.made(user_id, peer)),
            room,
        });
    }
    let (indexes, spans): (Vec<usize>, Vec<Span>) = summaries
        .iter()
        .enumerate()
        .filter_map(|(index, summary)| {
            let own = summary.members.iter().find(|member| member.user_id == user_id)?;
            let after = summary.mine.unread_after(own.read_seq).max(own.floor());
            let counts = !blocked.contains(&summary.room.id) && summary.head_seq > after;
            let span =
                || Span { hidden: summary.mine.hidden.clone(), ..Span::new(summary.room.id, after, summary.head_seq) };
            counts.then(|| (index, span()))
        })
        .unzip();
    let counts = app.db.count_unread_in(user_id, &spans).await?;
    for (index, Counted { texts, mentions }) in indexes.into_iter().zip(counts) {
        let unread = &mut summaries[index].unread;
        (unread.count, unread.mentions) = (texts, mentions);
    }
    for summary in summaries.iter_mut().filter(|summary| summary.mine.hides(summary.head_seq)) {
        let floor = summary.members.iter().find(|member| member.user_id == user_id).map_or(Seq::MAX, Member::floor);
        summary.shown = last_shown(app, summary, floor).await?;
    }
    Ok(View { summaries, cards: read.cards.into_values().collect(), blocks, people })
}

/// The newest message that the viewer has not hidden.
async fn last_shown(app: &App, summary: &RoomSummary, floor: Seq) -> Result<Option<Message>> {
    let seq = summary.mine.newest_shown(summary.head_seq);
    if seq <= floor {
        return Ok(None);
    }
    Ok(app.db.page(summary.room.id, floor, Some(seq + 1), None, 1).await?.pop())
}

/// One room as a member sees it.
///
/// # Errors
/// [`Error::NotFound`] if there is no such room or the user is not in it.
pub async fn summary(app: &App, user_id: UserId, room_id: RoomId) -> Result<RoomSummary> {
    let no_room = Error::NotFound { what: What::Room };
    let room = app.db.room(room_id).await?.ok_or(no_room.clone())?;
    let view = view(app, user_id, vec![room]).await?;
    view.summaries.into_iter().next().ok_or(no_room)
}

struct Read {
    cards: HashMap<RoomId, Arc<Card>>,
    /// The viewer in each room that they are in.
    own: HashMap<RoomId, Member>,
    /// All members of small rooms.
    members: HashMap<RoomId, Vec<Member>>,
}

/// Members of all rooms by one query; of large rooms that are known, only the viewer.
async fn read_members(app: &App, user_id: UserId, rooms: &[Room]) -> Result<Read> {
    let mut read = Read { cards: HashMap::new(), own: HashMap::new(), members: HashMap::new() };
    let mut missing = Vec::new();
    for room in rooms {
        match access::known_card(app, room.id).filter(|card| !card.is_small()) {
            Some(card) => {
                if let Some(own) = app.db.member(room.id, user_id).await? {
                    read.own.insert(room.id, own);
                    read.cards.insert(room.id, card);
                }
            }
            None => missing.push(room),
        }
    }
    if missing.is_empty() {
        return Ok(read);
    }
    let read_at = app.hub.access().now();
    let ids: Vec<_> = missing.iter().map(|room| room.id).collect();
    let mut members: HashMap<_, _> = app.db.members(&ids).await?.into_iter().collect();
    for room in missing {
        let Some(members) = members.remove(&room.id) else { continue };
        let card = Arc::new(Card::of(room, &members));
        app.hub.access().keep_room(card.clone(), read_at);
        let Some(own) = members.iter().find(|member| member.user_id == user_id) else { continue };
        read.own.insert(room.id, own.clone());
        if card.is_small() {
            let seen = |member: Member| match member.user_id == user_id {
                true => member,
                // What someone cleared is theirs to know.
                false => Member { cleared_seq: 0, ..member },
            };
            read.members.insert(room.id, members.into_iter().map(seen).collect());
        }
        read.cards.insert(room.id, card);
    }
    Ok(read)
}

async fn last_of(app: &App, rooms: &[RoomId]) -> Result<HashMap<RoomId, Message>> {
    Ok(app.db.last_of(rooms).await?.into_iter().map(|message| (message.room_id, message)).collect())
}
