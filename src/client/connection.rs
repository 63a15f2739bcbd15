//! The socket: back-off, resume, heartbeat, and the fallback over HTTP.
