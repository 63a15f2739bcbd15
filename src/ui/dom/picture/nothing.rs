use crate::Error;
use crate::ui::dom::media::Area;

/// Without a browser nothing is ever chosen.
#[derive(Clone, PartialEq)]
pub struct Picked;

impl Picked {
    pub fn url(&self) -> String {
        String::new()
    }

    pub fn size(&self) -> u64 {
        0
    }

    pub fn looks_like_picture(&self) -> bool {
        false
    }
}

pub fn take(_: &str) -> Option<Picked> {
    None
}

pub fn natural(_: &str) -> Option<(u32, u32)> {
    None
}

pub fn hold(_: &str, _: i32) {}

pub fn area(_: &str) -> Area {
    Area::default()
}

pub async fn put(_: &str, _: &Picked, _: impl FnMut(f64) + 'static) -> Result<(), Error> {
    Err(Error::Offline)
}

pub async fn delete(_: &str) -> Result<(), Error> {
    Err(Error::Offline)
}
