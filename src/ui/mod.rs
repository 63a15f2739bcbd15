//! Components. `kit` knows nothing of chat; the rest reads [`crate::client::Live`] and asks it.
