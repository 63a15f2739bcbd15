use super::Wish;
use dioxus::prelude::*;

/// See the browser's.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LayerHandle;

impl LayerHandle {
    pub fn open(&self, _: &MountedEvent, _: Wish) {}

    pub fn close(&self) {}

    pub fn step(&self, _: i32) {}

    pub fn edge(&self, _: bool) {}

    pub fn typeahead(&self, _: &str) {}

    pub fn wrap_tab(&self, _: bool) -> bool {
        false
    }
}

pub fn use_escape(_: impl Fn() -> bool + 'static, _: impl FnMut() + 'static) {}
