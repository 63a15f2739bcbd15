//! Moving pictures of the built-in pack: chosen beside the composer, and drawn in the stream. What there is, is in
//! [`crate::model::gifs`].

mod button;
mod card;
mod picker;
mod typed;

pub use button::GifButton;
pub use card::{GifCard, is_gif};
pub use picker::GifPicker;
pub use typed::typed;
