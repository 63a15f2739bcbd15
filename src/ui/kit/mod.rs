//! Parts that know nothing of chat.

pub mod avatar;
pub mod brand;
pub mod dialog;
pub mod icon;
pub mod layers;
pub mod linger;
pub mod marks;
pub mod menu;
pub mod popover;
pub mod switch;
pub mod tag;
pub mod toast;
pub mod walk;

pub use avatar::Avatar;
pub use brand::Brand;
pub use dialog::{Confirm, ConfirmState, Dialog};
pub use icon::Icon;
pub use layers::{OnEscape, use_layers};
pub use marks::{Petals, TickMark};
pub use menu::{Menu, MenuButton, MenuGroup, MenuItem, MenuLabel, MenuRule};
pub use popover::Popover;
pub use switch::SwitchLine;
pub use tag::BotTag;
pub use toast::{Toast, use_toasts};
