//! Pictures that are chosen from the device, and their way to the server.

#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod browser;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
mod nothing;

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub use browser::*;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub use nothing::*;
