//! What answers of a language model may take in a day (UTC), and have taken: of a person, of a room, of everybody.
//!
//! Before a model is asked, all that the answer may take is reserved in all three; after it, what it has taken is counted in
//! its place. A process that ends in between leaves it reserved: a day may count too much, never too little.

use super::moderation;
use crate::error::Result;
use crate::id::{RoomId, UserId};
use crate::model::usage::{AssistantUsage, DAYS, DayUsage, ModelState};
use crate::server::App;
use crate::server::config::Model;
use crate::server::session::Session;
use crate::server::store::{Account, Usage};
use crate::time::Timestamp;

const DAY_MS: i64 = 24 * 3_600_000;
/// How long days are kept.
const KEPT_DAYS: i64 = 32;
const ALL: &str = "all";

/// What a run may take, until it is known what it has.
#[derive(Debug)]
pub(super) struct Reserved {
    day: i64,
    accounts: Vec<String>,
    tokens: u64,
}

fn day_of(at: Timestamp) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// Reserves so many tokens for an answer, or, of nobody, for what is done for a room. `None`: the person, the room or the instance has had all that fits in a day.
///
/// # Errors
/// Those of the store.
pub(super) async fn reserve(
    app: &App,
    model: &Model,
    (asker, room_id): (Option<UserId>, RoomId),
    tokens: u64,
) -> Result<Option<Reserved>> {
    let day = day_of(Timestamp::now());
    let account = |name: String, runs_max: Option<u32>, tokens_max: Option<u64>| Account {
        name,
        runs_max: runs_max.map_or(u64::MAX, u64::from),
        tokens_max: tokens_max.unwrap_or(u64::MAX),
    };
    let person = asker.map(|asker| account(format!("person {asker}"), Some(model.per_person), None));
    let others =
        [account(format!("room {room_id}"), None, model.per_room), account(ALL.to_owned(), None, model.per_day)];
    let accounts: Vec<Account> = person.into_iter().chain(others).collect();
    if app.db.reserve_usage(day, &accounts, tokens).await?.is_some() {
        return Ok(None);
    }
    let accounts = accounts.into_iter().map(|account| account.name).collect();
    Ok(Some(Reserved { day, accounts, tokens }))
}

/// Counts what it was in the end. What can't be stored stays reserved.
pub(super) async fn settle(app: &App, reserved: Reserved, read: u64, written: u64) {
    let Reserved { day, accounts, tokens } = reserved;
    if let Err(error) = app.db.settle_usage(day, &accounts, tokens, read, written).await {
        tracing::warn!(%error, "what an answer has taken was not stored");
    }
}

/// Forgets days that are long over.
///
/// # Errors
/// Those of the store.
pub async fn sweep(app: &App, now: Timestamp) -> Result<()> {
    Ok(app.db.drop_usage(day_of(now) - KEPT_DAYS).await?)
}

/// Answers that somebody asked for, by day, of the days that are kept; those without any are left out.
pub(super) async fn of_person(app: &App, user_id: UserId, now: Timestamp) -> Result<Vec<serde_json::Value>> {
    let mut days = Vec::new();
    for day in day_of(now) - KEPT_DAYS..=day_of(now) {
        let used = app.db.usage(day, &[format!("person {user_id}")]).await?.into_iter().next().unwrap_or_default();
        if used.runs > 0 {
            days.push(serde_json::json!({ "day": Timestamp(day * DAY_MS), "answers": used.runs }));
        }
    }
    Ok(days)
}

/// See [`crate::api::moderation::assistant_usage`].
pub async fn of_days(app: &App, session: &Session) -> Result<AssistantUsage> {
    moderation::admin(app, session).await?;
    let model = app.config.model.as_ref();
    let today = day_of(Timestamp::now());
    let mut days = Vec::with_capacity(DAYS);
    for day in (0..).map(|back| today - back).take(DAYS) {
        let used = app.db.usage(day, &[ALL.to_owned()]).await?.into_iter().next().unwrap_or_default();
        let Usage { runs: answers, read, written, .. } = used;
        let micro_usd = model.and_then(|model| model.prices).map(|prices| prices.micro_usd(read, written));
        days.push(DayUsage { at: Timestamp(day * DAY_MS), answers, read, written, micro_usd });
    }
    let state = |model: &Model| ModelState {
        name: model.name.clone(),
        host: (!model.is_local()).then(|| model.host().to_owned()),
        is_resting: app.answers.as_ref().is_some_and(super::answers::Desk::is_resting),
        tokens_max: model.per_day,
    };
    Ok(AssistantUsage { model: model.map(state), days })
}
