//! Dialogs of the whole app: one at a time, opened from the menu or by a key.

use crate::ui::keys::ShortcutSheet;
use dioxus::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppDialog {
    Shortcuts,
}

/// Which one is open.
#[derive(Clone, Copy, PartialEq)]
pub struct Dialogs(Signal<Option<AppDialog>>);

impl Dialogs {
    pub fn open(mut self, dialog: AppDialog) {
        self.0.set(Some(dialog));
    }
}

pub fn use_provide_dialogs() -> Dialogs {
    use_context_provider(|| Dialogs(Signal::new(None)))
}

pub fn use_dialogs() -> Dialogs {
    use_context()
}

/// Where it is drawn.
#[component]
pub fn DialogRegion() -> Element {
    let Dialogs(mut open) = use_dialogs();
    let on_close = move |()| open.set(None);
    rsx! {
        match open() {
            None => rsx! {},
            Some(AppDialog::Shortcuts) => rsx! {
                ShortcutSheet { on_close }
            },
        }
    }
}
