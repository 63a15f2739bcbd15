//! The button beside the text: the device's own way to choose files. A phone is asked first what it should offer.

use super::Attach;
use crate::ui::dom::files;
use crate::ui::dom::layer::Wish;
use crate::ui::dom::{self};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::menu::{Menu, MenuItem, MenuRule};
use crate::ui::kit::toast::{Toast, use_toasts};
use crate::ui::room::game::GamesItems;
use dioxus::prelude::*;

const ANY: &str = "attach-files";
const MEDIA: &str = "attach-media";
const CAMERA: &str = "attach-camera";

#[component]
pub fn AttachButton() -> Element {
    let attach = use_context::<Attach>();
    let toasts = use_toasts();
    let mut is_open = use_signal(|| false);
    let is_down = use_memo(move || attach.is_down());
    // A menu comes only where fingers press. The page is the same before it is alive.
    let mut has_menu = use_signal(|| false);
    use_effect(move || has_menu.set(dom::is_touch()));
    let name = if is_down() { "Uploads are unavailable" } else { "Attach files" };
    let press = move |_| {
        attach.forget_problems();
        if *is_down.peek() {
            toasts.show(
                Toast::error(
                    "Uploads are unavailable right now. Texts still go, and files that wait go by themselves.",
                )
                .icon(icon::CLOUD_OFF),
            );
            spawn(async move {
                attach.live.ask_usage().await;
            });
        } else if dom::is_touch() {
            is_open.set(true);
        } else {
            files::choose(ANY);
        }
    };
    rsx! {
        span { class: "menu-anchor attach-anchor",
            button {
                class: "icon-btn composer-tool",
                r#type: "button",
                "data-testid": "attach",
                "aria-label": name,
                title: name,
                "aria-disabled": is_down().then_some("true"),
                "aria-haspopup": has_menu().then_some("menu"),
                "aria-expanded": has_menu().then(|| if is_open() { "true" } else { "false" }),
                onclick: press,
                Icon { d: if is_down() { icon::CLOUD_OFF } else { icon::PLUS } }
            }
            for (id , accept , capture) in [(ANY, None, None), (MEDIA, Some("image/*,video/*"), None), (CAMERA, Some("image/*"), Some("environment"))] {
                input {
                    key: "{id}",
                    id,
                    r#type: "file",
                    hidden: true,
                    multiple: capture.is_none(),
                    accept,
                    "capture": capture,
                    onchange: move |_| attach.add(files::chosen(id)),
                }
            }
            if is_open() {
                Menu {
                    name: "Attach",
                    wish: Wish { is_above: true, is_sheet: true, ..Wish::default() },
                    on_close: move |()| is_open.set(false),
                    MenuItem { icon: icon::IMAGE, on_pick: move |()| files::choose(MEDIA), "Photos and videos" }
                    MenuItem { icon: icon::CAMERA, on_pick: move |()| files::choose(CAMERA), "Camera" }
                    MenuItem { icon: icon::FILE, on_pick: move |()| files::choose(ANY), "Files" }
                    MenuRule {}
                    GamesItems {}
                }
            }
        }
    }
}
