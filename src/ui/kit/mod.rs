//! Parts that know nothing of chat.

pub mod avatar;
pub mod brand;
pub mod icon;
pub mod marks;

pub use avatar::Avatar;
pub use brand::Brand;
pub use icon::Icon;
pub use marks::{Petals, TickMark};
