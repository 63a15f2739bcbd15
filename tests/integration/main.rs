//! The server from outside, over real sockets, on the embedded store and on MongoDB.
//!
//! MongoDB cases run when `TEST_MONGODB_URI` names a replica set (`scripts/with-mongo.sh cargo test …`); without it they
//! say so and pass, except those of `store`, which fail.

#[macro_use]
mod support;

mod accounts;
mod config;
mod conformance;
mod http;
mod store;
