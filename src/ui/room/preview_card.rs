//! The card under a message with a link: what the page says of itself. Words only; the browser loads nothing from there until
//! someone follows it.

use super::Visit;
use crate::client::use_live;
use crate::id::MessageId;
use crate::model::LinkPreview;
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

/// The card. `own` is the message when it is the reader's: then it can be taken off.
#[component]
pub fn PreviewCard(preview: LinkPreview, own: Option<MessageId>) -> Element {
    let LinkPreview { url, site, title, description } = &preview;
    let host = preview.host();
    // The host whole and before the name: the rest is what the page says.
    let site = (site != host).then_some(site);
    rsx! {
        div { class: "link-card", "data-own": own.is_some().then_some(""),
            a { class: "link-card-to", href: "{url}", target: "_blank", rel: "noopener noreferrer nofollow ugc",
                span { class: "link-card-title", dir: "auto", "{title}" }
                if let Some(description) = description {
                    span { class: "link-card-text", dir: "auto", "{description}" }
                }
                span { class: "link-card-site",
                    span { class: "link-card-host", dir: "ltr", "{host}" }
                    if let Some(site) = site {
                        span { class: "link-card-name", dir: "auto", "{site}" }
                    }
                    Icon { d: icon::ARROW_UP_RIGHT, class: "i-xs" }
                    span { class: "sr-only", "opens in a new tab" }
                }
            }
            if let Some(message_id) = own {
                Remove { message_id }
            }
        }
    }
}

#[component]
fn Remove(message_id: MessageId) -> Element {
    let live = use_live();
    let room_id = use_context::<Visit>().room_id;
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            aria_label: "Remove preview",
            title: "Remove preview",
            onclick: move |_| live.remove_preview(room_id, message_id),
            Icon { d: icon::X, class: "i-xs" }
        }
    }
}
