//! Message requests, in `requests`. `open_pair` keeps one open per ordered pair, `open_room` one per
//! person and group; `open_to` and `open_room_from` find the others of someone.

use super::convert::{RequestDoc, date, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX, indexes};
use crate::id::{RequestId, UserId};
use crate::model::RequestState;
use crate::server::store::name::Name;
use crate::server::store::{DueRequests, Field, RequestRow, Requests, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Error;

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Requests for Mongo {
    async fn create_request(&self, request: &RequestRow) -> Result<()> {
        let inserted = self.attempt(self.requests.insert_one(RequestDoc::from(request))).await?;
        inserted.map(drop).map_err(|error| place_taken(&error))
    }

    async fn request(&self, id: RequestId) -> Result<Option<RequestRow>> {
        self.find_request(doc! { "_id": uuid(id.0) }).await
    }

    async fn open_request(&self, from: UserId, to: UserId) -> Result<Option<RequestRow>> {
        self.find_request(doc! { "from_id": uuid(from.0), "to_id": uuid(to.0), "open": true }).await
    }

    async fn open_requests_of(&self, user_id: UserId) -> Result<Vec<RequestRow>> {
        let user_id = uuid(user_id.0);
        let either = doc! { "$or": [
            { "from_id": user_id, "open": true },
            { "to_id": user_id, "open": true },
            { "from_id": user_id, "open_room": true },
            { "to_id": user_id, "open_room": true },
        ] };
        let newest_first = doc! { "created_at": -1, "_id": -1 };
        let found = self.all(self.requests.find(either).sort(newest_first).max_time(SERVER_TIME_MAX)).await?;
        found.into_iter().map(RequestDoc::row).collect()
    }

    async fn due_requests(&self, due: &DueRequests, limit: usize) -> Result<Vec<RequestRow>> {
        let cooled = [RequestState::Declined.name(), RequestState::Cancelled.name()];
        // What is due was made no later than it changed: `open_since` and `open_room_since` bound what is looked at.
        let waits = |open: &str| doc! { open: true, "state": RequestState::Pending.name(), "created_at": { "$lte": date(due.pending) } };
        let cooling = |open: &str| {
            let until = doc! { "$lte": date(due.declined) };
            doc! { open: true, "state": { "$in": cooled.to_vec() }, "created_at": until.clone(), "changed_at": until }
        };
        let until = doc! { "$lte": date(due.accepted) };
        let accepted = RequestState::Accepted.name();
        let unfinished = |open: &str| doc! { open: true, "state": accepted, "created_at": until.clone(), "changed_at": until.clone() };
        let any = ["open", "open_room"].map(|open| [waits(open), cooling(open), unfinished(open)]).concat();
        let filter = doc! { "$or": any };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let oldest_first = doc! { "created_at": 1, "_id": 1 };
        let found = self.requests.find(filter).sort(oldest_first).limit(limit).max_time(SERVER_TIME_MAX);
        self.all(found).await?.into_iter().map(RequestDoc::row).collect()
    }

    async fn move_request(
        &self,
        id: RequestId,
        from: RequestState,
        to: RequestState,
        open: bool,
        now: Timestamp,
    ) -> Result<bool> {
        let as_it_was = doc! { "_id": uuid(id.0), "state": from.name() };
        // Which of the two places it holds depends on whether it asks into a group: nothing is greater than no value.
        let of_pair = doc! { "$lte": ["$room_id", Bson::Null] };
        let set = doc! { "$set": {
            "state": to.name(),
            "changed_at": date(now),
            "open": { "$cond": [of_pair.clone(), open, false] },
            "open_room": { "$cond": [of_pair, "$$REMOVE", open] },
        } };
        let moved = self.attempt(self.requests.update_one(as_it_was, vec![set])).await?;
        moved.map(|result| result.matched_count > 0).map_err(|error| place_taken(&error))
    }
}

impl Mongo {
    async fn find_request(&self, filter: Document) -> Result<Option<RequestRow>> {
        self.run(self.requests.find_one(filter).max_time(SERVER_TIME_MAX)).await?.map(RequestDoc::row).transpose()
    }
}

/// `Taken` when another open request holds the pair's place.
fn place_taken(error: &Error) -> StoreError {
    match taken(error) {
        Some(indexes::OPEN_REQUEST | indexes::OPEN_ROOM_REQUEST) => StoreError::Taken(Field::Request),
        _ => failure(error),
    }
}
