use super::{Edit, PageEvent, Scroll};
use crate::model::Theme;

/// Never wakes: nothing on the server waits for time.
pub async fn sleep(_: u32) {
    std::future::pending().await
}

pub fn zone_offset_min(_: i64) -> i32 {
    0
}

pub fn is_watched() -> bool {
    false
}

pub fn is_touch() -> bool {
    false
}

pub fn is_compact() -> bool {
    false
}

pub fn is_online() -> bool {
    true
}

pub fn set_theme(_: Theme) {}

pub fn set_title(_: &str) {}

pub fn fit_viewport() {}

pub fn focus(_: &str) {}

pub fn show(_: &str) {}

pub fn decomposed(text: &str) -> String {
    text.to_owned()
}

pub fn focus_within(_: &str) {}

pub fn move_focus(_: &str, _: i32) {}

pub fn value(_: &str) -> Option<String> {
    None
}

pub fn early_value(_: &str) -> Option<String> {
    None
}

pub fn selection(_: &str) -> Option<(u32, u32)> {
    None
}

pub fn edit(_: &'static str, _: Edit) {}

pub fn fit_height(_: &str) {}

pub async fn copy(_: &str) -> bool {
    false
}

/// The address of this server, without a path.
/// A parameter of the page's address.
pub fn query(_: &str) -> Option<String> {
    None
}

/// Nobody has the focus.
#[derive(Clone, PartialEq, Default)]
pub struct FocusMark;

impl FocusMark {
    pub fn now() -> Self {
        Self
    }

    pub fn restore(self) {}
}

/// No rows come and go.
pub struct LeavingRow;

impl LeavingRow {
    pub fn of(_: &str) -> Self {
        Self
    }

    pub fn pass_focus(self) {}
}

pub fn origin() -> String {
    String::new()
}

pub fn reload() {}

pub fn go_to(_: &str) {}

pub fn download(_: &str) {}

pub fn path() -> String {
    String::new()
}

pub fn is_at_open() -> bool {
    false
}

pub fn push_open() {}

pub fn drop_open() {}

pub fn go_back() {}

pub async fn is_reachable() -> bool {
    false
}

/// Never answers: what the server renders is the page before anything was fetched.
pub async fn read_file(_: &str) -> Option<String> {
    std::future::pending().await
}

pub fn register_service_worker() {}

pub fn set_badge(_: u32) {}

pub fn scroll(_: &str) -> Option<Scroll> {
    None
}

pub fn is_focused(_: &str) -> bool {
    false
}

pub fn has_caps_lock(_event: &dioxus::prelude::KeyboardEvent) -> bool {
    false
}

pub fn has_selection() -> bool {
    false
}

pub fn step_row(_: &str, _: i32) -> bool {
    false
}

pub fn row_from(_: &str, _: u64) -> Option<(u64, f64)> {
    None
}

pub fn scroll_by(_: &str, _: f64) {}

pub fn set_scroll_top(_: &str, _: i32) {}

pub fn scroll_to_end(_: &str) {}

pub fn offset_of(_: &str, _: &str) -> Option<f64> {
    None
}

pub fn first_in_view(_: &str) -> Option<(String, f64)> {
    None
}

pub fn last_seq_in_view(_: &str) -> Option<u64> {
    None
}

pub fn use_page_events(_: impl FnMut(PageEvent) + 'static) {}

pub fn recall(_: &str) -> Option<String> {
    None
}

pub fn remember(_: &str, _: &str) {}

pub fn is_apple() -> bool {
    false
}
