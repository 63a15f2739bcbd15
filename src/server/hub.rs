//! Who listens in this process: connections, what each is told, and the bounds of their queues.

/// The connections of this process.
#[derive(Clone)]
pub struct Hub;
