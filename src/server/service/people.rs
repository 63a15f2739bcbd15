//! Finding and blocking people.

use crate::error::{Error, Problem, Result, What};
use crate::id::{RoomId, UserId};
use crate::live::LiveEvent;
use crate::model::limits::{PEOPLE_MAX, SEARCH_MAX_CHARS};
use crate::model::{PersonHit, Relation};
use crate::server::App;
use crate::server::access::{self, Blocks, Card};
use crate::server::find::names;
use crate::server::limits::Rule;
use crate::server::service::{presence, requests};
use crate::server::session::Session;
use crate::server::store::UserRow;
use crate::time::Timestamp;
use futures_util::future::join_all;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// More hits than asked for are read, so that those who may not be found leave no hole.
const SPARE: usize = 20;
/// People that are looked at for each beginning that a mistyped name may have.
const PROBE_MAX: usize = 200;

/// See [`crate::api::people::find_people`].
pub async fn find(app: &App, session: &Session, query: &str) -> Result<Vec<PersonHit>> {
    let me = session.user_id;
    let query = query.trim().trim_start_matches('@').to_lowercase();
    match query.chars().count() {
        0 => return Err(Error::invalid("query", Problem::Missing)),
        count if count > SEARCH_MAX_CHARS => return Err(Error::invalid("query", Problem::TooLong)),
        _ => {}
    }
    app.limits.check(Rule::Search, me)?;
    let (found, standing) = tokio::join!(app.db.find_users(&query, PEOPLE_MAX + SPARE), Standing::of(app, me));
    let (found, standing) = (found?, standing?);
    let found = match found.iter().any(|row| !standing.is_hidden(row.id)) {
        true => found,
        false => with_slips(app, &query).await?,
    };
    Ok(found
        .iter()
        .filter(|row| !standing.is_hidden(row.id))
        .take(PEOPLE_MAX)
        .map(|row| PersonHit { person: row.person(), relation: standing.relation(row.id) })
        .collect())
}

/// How someone stands to everybody else.
pub(super) struct Standing {
    me: UserId,
    pub(super) blocks: Arc<Blocks>,
    pub(super) cards: Vec<Arc<Card>>,
    connected: HashMap<UserId, RoomId>,
    asked: HashSet<UserId>,
    asking: HashSet<UserId>,
}

impl Standing {
    pub(super) async fn of(app: &App, me: UserId) -> Result<Self> {
        let (blocks, rooms, open) = tokio::join!(access::blocks(app, me), app.db.rooms_of(me), requests::open(app, me));
        let (blocks, rooms, mut open) = (blocks?, rooms?, open?);
        // Who asks into a group does not ask to talk.
        open.retain(|request| request.room.is_none());
        let cards = access::cards(app, &rooms).await?;
        let connected = cards.iter().filter_map(|card| Some((card.peer(me)?, card.id))).collect();
        let asked = open.iter().filter(|request| request.from.id == me).map(|request| request.to.id).collect();
        let asking = open.iter().filter(|request| request.to.id == me).map(|request| request.from.id).collect();
        Ok(Self { me, blocks, cards, connected, asked, asking })
    }

    pub(super) fn relation(&self, other: UserId) -> Relation {
        if other == self.me {
            Relation::Myself
        } else if self.blocks.made(self.me, other) {
            Relation::Blocked
        } else if let Some(room_id) = self.connected.get(&other) {
            Relation::Connected { room_id: *room_id }
        } else if self.asking.contains(&other) {
            Relation::Incoming
        } else if self.asked.contains(&other) {
            Relation::Outgoing
        } else {
            Relation::None
        }
    }

    /// Who blocked the caller is not found by them, unless they know each other: then hiding would tell it.
    pub(super) fn is_hidden(&self, other: UserId) -> bool {
        self.blocks.made(other, self.me) && !self.connected.contains_key(&other) && !self.asked.contains(&other)
    }
}

/// People whose names begin with what was typed but for a slip of the finger (two from eight characters on).
async fn with_slips(app: &App, query: &str) -> Result<Vec<UserRow>> {
    let probes = names::probes(query);
    let answers = join_all(probes.iter().map(|probe| app.db.find_users(probe, PROBE_MAX))).await;
    let mut found = BTreeMap::new();
    for row in answers.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
        if let Some(fit) = names::fit(query, [row.username.as_str(), row.display_name.as_str()]) {
            found.insert((fit, row.username.clone()), row);
        }
    }
    Ok(found.into_values().collect())
}

/// See [`crate::api::people::set_block`].
pub async fn set_block(app: &App, session: &Session, user_id: UserId, on: bool) -> Result<()> {
    let (me, now) = (session.user_id, Timestamp::now());
    if user_id == me || app.db.user(user_id).await?.is_none() {
        return Err(Error::NotFound { what: What::Person });
    }
    let has_changed = app.db.set_block(me, user_id, on, now).await?;
    app.hub.forget_blocks(me, user_id);
    if on {
        // Also when the block was there: the process may have ended before this.
        requests::end_between(app, me, user_id, now).await?;
    }
    if !has_changed {
        return Ok(());
    }
    app.hub.tell_user(me, &LiveEvent::Block { user_id, on });
    if let Some(room) = app.db.find_direct_room(me, user_id).await? {
        requests::tell_room(app, room.id, &[me, user_id]).await?;
    }
    let cards = access::cards(app, &app.db.rooms_of(me).await?).await?;
    // Strangers know nothing of each other, before and after.
    if cards.iter().any(|card| card.is_small() && card.has(user_id)) {
        let may_know = !access::blocks(app, me).await?.between(me, user_id);
        presence::introduce(app, me, user_id, may_know).await?;
    }
    Ok(())
}
