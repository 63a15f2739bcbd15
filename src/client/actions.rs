//! What people do: writing, changing, choosing, undoing. Everything shows at once and is taken back when it is refused.

mod changes;
mod files;
mod writing;

pub use changes::{CLEAR_UNDO_MS, UNDO_MS};
