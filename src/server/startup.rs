//! The start and the end of the process.

/// Reads the configuration, serves until a signal, shuts down in order.
pub fn run() {}
