//! Small things that this device remembers for whoever is signed in: the emoji used last, a switch. Gone at sign-out.

#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod browser {
    const PREFIX: &str = "lavender-note-";

    fn local() -> Option<web_sys::Storage> {
        crate::client::platform::window()?.local_storage().ok()?
    }

    pub fn read(key: &str) -> Option<String> {
        local()?.get_item(&format!("{PREFIX}{key}")).ok()?
    }

    /// A device whose disk is full or shut remembers nothing.
    pub fn write(key: &str, text: &str) {
        if let Some(local) = local() {
            local.set_item(&format!("{PREFIX}{key}"), text).ok();
        }
    }

    /// Removes all of them.
    pub fn forget() {
        let Some(local) = local() else { return };
        let count = local.length().unwrap_or_default();
        let keys: Vec<String> = (0..count).filter_map(|at| local.key(at).ok()?).collect();
        for key in keys.iter().filter(|key| key.starts_with(PREFIX)) {
            local.remove_item(key).ok();
        }
    }
}

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub use browser::{forget, read, write};

/// What was noted under a name.
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub fn read(_: &str) -> Option<String> {
    None
}

/// The server remembers nothing of this kind.
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub fn write(_: &str, _: &str) {}
