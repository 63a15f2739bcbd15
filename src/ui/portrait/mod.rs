//! Choosing a picture: of oneself, of a group, behind a conversation.
//!
//! The part that is kept is chosen in [`CropDialog`] and cut out by the server; the picture before stays until the new one is
//! there. What was changed comes back live, to every device.

mod crop;
mod frame;
mod send;

pub use crop::CropDialog;
pub use send::{Progress, Sending, use_sending};

use crate::error::Result;
use crate::id::{FileId, RoomId};
use crate::model::{Crop, Refusal, limits};
use crate::ui::dom::files;
use crate::ui::dom::picture::{self, Picked};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::Toast;
use crate::ui::panel::{Ask, Call, use_panel};
use crate::ui::words;
use dioxus::prelude::*;

/// The types that browsers offer; the server looks at the bytes.
const TYPES: &str = "image/jpeg,image/png,image/gif,image/webp";

/// Whose picture it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    Me,
    Group(RoomId),
    /// Behind a conversation, for me alone.
    Wallpaper(RoomId),
}

impl Of {
    fn path(self) -> String {
        match self {
            Self::Me => "/pictures/me".to_owned(),
            Self::Group(id) => format!("/pictures/rooms/{id}"),
            Self::Wallpaper(id) => format!("/pictures/wallpapers/{id}"),
        }
    }

    /// Where a new one goes, with the part of it that is kept.
    pub fn path_of_new(self, crop: Option<Crop>) -> String {
        let path = format!("{}/{}", self.path(), FileId::new());
        crop.map_or(path.clone(), |Crop { x, y, side }| format!("{path}?x={x}&y={y}&side={side}"))
    }

    /// Takes it away.
    ///
    /// # Errors
    /// The server's.
    pub async fn remove(self) -> Result<()> {
        picture::delete(&self.path()).await
    }
}

/// A button that has a picture chosen from the device. What can't be taken is said at once, below.
#[component]
pub fn PickButton(
    /// Of its input: one of a kind on the page.
    id: &'static str,
    #[props(default = "btn btn-soft")] class: &'static str,
    #[props(default)] disabled: bool,
    on_pick: Callback<Picked>,
    children: Element,
) -> Element {
    let mut problem = use_signal(|| None::<String>);
    let pick = move |_| {
        let Some(picked) = picture::take(id) else { return };
        problem.set(trouble(&picked));
        if problem.peek().is_none() {
            on_pick.call(picked);
        }
    };
    rsx! {
        button {
            class,
            r#type: "button",
            disabled,
            onclick: move |_| {
                problem.set(None);
                files::choose(id);
            },
            Icon { d: icon::IMAGE, class: "i-sm" }
            {children}
        }
        input { id, r#type: "file", accept: TYPES, hidden: true, onchange: pick }
        if let Some(problem) = problem() {
            Problem { text: problem }
        }
    }
}

/// What is known to be refused before it is sent.
fn trouble(picked: &Picked) -> Option<String> {
    if picked.size() == 0 {
        return Some(words::refused(&Refusal::Empty));
    }
    if !picked.looks_like_picture() {
        return Some(words::refused(&Refusal::NotAPicture));
    }
    let (size, limit) = (picked.size(), limits::PICTURE_MAX_BYTES);
    (size > limit).then(|| format!("{} is over the {} limit for pictures.", words::bytes(size), words::bytes(limit)))
}

#[component]
pub(super) fn Problem(text: String) -> Element {
    rsx! {
        p { class: "hint basis-full justify-center mt-2", "data-error": "", role: "alert",
            Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
            span { "{text}" }
        }
    }
}

/// The ways to change a picture of a person or a group, below where it is shown.
#[component]
pub fn PictureButtons(of: Of, has_one: bool) -> Element {
    let panel = use_panel();
    let mut picked = use_signal(|| None::<Picked>);
    let (title, text) = match of {
        Of::Me => ("Remove your picture?", "People see your initials instead."),
        Of::Group(_) | Of::Wallpaper(_) => ("Remove the group's picture?", "People see its members instead."),
    };
    let remove = move |_| {
        let run = move || -> Call {
            Box::pin(async move {
                of.remove().await?;
                panel.say(Toast::new("Picture removed"));
                Ok(())
            })
        };
        panel.ask(Ask::new(title, text, "Remove", run));
    };
    rsx! {
        div { class: "flex flex-wrap justify-center gap-2 mt-4", "data-testid": "picture-buttons",
            PickButton { id: "own-picture", on_pick: move |new| picked.set(Some(new)),
                if has_one {
                    "Change picture"
                } else {
                    "Choose a picture"
                }
            }
            if has_one {
                button { class: "btn btn-danger-quiet", r#type: "button", onclick: remove, "Remove" }
            }
        }
        if let Some(new) = picked() {
            CropDialog {
                of,
                picked: new,
                on_close: move |is_done| {
                    picked.set(None);
                    if is_done {
                        panel.say(Toast::new("Picture changed"));
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_picture_goes_where_the_server_takes_it() {
        let (room_id, part) = (RoomId::new(), Crop { x: 1, y: 2, side: 30 });
        assert!(Of::Me.path_of_new(Some(part)).starts_with("/pictures/me/"));
        assert!(Of::Me.path_of_new(Some(part)).ends_with("?x=1&y=2&side=30"));
        let path = Of::Group(room_id).path_of_new(None);
        let id = path.strip_prefix(&format!("/pictures/rooms/{room_id}/")).expect("of the room");
        assert!(id.parse::<FileId>().is_ok(), "{path}");
        assert!(Of::Wallpaper(room_id).path_of_new(None).starts_with(&format!("/pictures/wallpapers/{room_id}/")));
    }
}
