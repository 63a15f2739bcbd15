//! The server from outside, over real sockets, on the embedded store and on MongoDB.
//!
//! MongoDB cases run when `TEST_MONGODB_URI` names a replica set (`scripts/with-mongo.sh cargo test …`); without it they
//! say so and pass, except those of `store`, which fail. Likewise those of a bucket with `TEST_S3_ENDPOINT` and `scripts/with-s3.sh`.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise, and names it")]

#[macro_use]
mod support;

mod accounts;
mod answers;
mod assistant;
mod audit;
mod blobs;
mod bus;
mod catch_up;
mod changes;
mod colours;
mod config;
mod conformance;
mod digests;
mod docs;
mod export;
mod faults;
mod files;
mod games;
mod generated;
mod gifs;
mod groups;
mod hijacked;
mod history;
mod hostile;
mod http;
mod invites;
mod leaving;
mod limits;
mod live;
mod mail;
mod matrix;
mod memory;
mod moderation;
mod people;
mod pictures;
mod pins;
mod prefs;
mod previews;
mod processes;
mod profiles;
mod requests;
mod search;
mod settings;
mod sign_in;
mod store;
mod tools;
mod unread;
mod wire;
