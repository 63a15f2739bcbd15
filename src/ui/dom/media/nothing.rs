use super::{Area, Moment};
use dioxus::prelude::*;

/// Never: nothing scrolls on the server.
pub async fn near(_: &MountedEvent, _: u32) {
    std::future::pending().await
}

pub fn is_calm() -> bool {
    false
}

pub fn saves_data() -> bool {
    false
}

pub fn play(_: &str, _: f64) {}

pub fn pause(_: &str) {}

pub fn pause_others(_: &str) {}

pub fn seek(_: &str, _: u32) {}

pub fn set_rate(_: &str, _: f64) {}

pub fn moment(_: &str) -> Option<Moment> {
    None
}

pub fn area(_: &str) -> Area {
    Area::default()
}
