//! Whether short answers are suggested on this device.

use crate::ui::kit::SwitchLine;
use crate::ui::room::use_suggesting;
use dioxus::prelude::*;

#[component]
pub fn Suggestions() -> Element {
    let suggesting = use_suggesting();
    use_effect(move || suggesting.load());
    rsx! {
        div { class: "sect",
            SwitchLine {
                name: "Suggest replies",
                note: "Short answers under the latest message, made on this device. Turned on again, also where you dismissed them",
                on: suggesting.is_on(),
                on_change: move |is_on| suggesting.set(is_on),
            }
        }
    }
}
