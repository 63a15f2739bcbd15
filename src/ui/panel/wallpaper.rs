//! What is behind the messages of a room: one of eight patterns in a colour, or a picture of one's own; as strong as one likes.
//! Mine alone.

use crate::client::use_live;
use crate::id::RoomId;
use crate::model::{PrefsChange, WALLPAPER_OWN, WALLPAPERS, Wallpaper, WallpaperPicture};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::Toast;
use crate::ui::panel::use_panel;
use crate::ui::portrait::{Of, PickButton, Problem, Progress, use_sending};
use dioxus::prelude::*;

const DEFAULT: &str = "sprigs";
/// Per cent.
const DIM_MAX: u8 = 80;
const PLAIN_COLOURS: &str = "--wallpaper:var(--wp-paper);--wallpaper-ink:var(--wp-ink)";

const NAMES: [(&str, &str); 8] = [
    ("rows", "Rows"),
    ("sprigs", "Sprigs"),
    ("petals", "Petals"),
    ("ripple", "Ripple"),
    ("pollen", "Pollen"),
    ("linen", "Linen"),
    ("dusk", "Dusk"),
    ("plain", "Plain"),
];

/// The picture of one's own behind a room, if there is one: then its element also says `data-picture`.
pub fn own_picture(wallpaper: Option<&Wallpaper>) -> Option<WallpaperPicture> {
    wallpaper.filter(|wallpaper| wallpaper.key == WALLPAPER_OWN)?.picture
}

/// The style of an element of the class `wallpaper`: a key, an id and numbers, so nothing that anyone wrote gets into it. It
/// always says everything: what a style says no more stays on the element.
pub fn backdrop(wallpaper: Option<&Wallpaper>) -> String {
    if let (Some(picture), Some(wallpaper)) = (own_picture(wallpaper), wallpaper) {
        return over(picture, wallpaper.dim);
    }
    let key = wallpaper.map_or(DEFAULT, |wallpaper| wallpaper.key.as_str());
    let key = WALLPAPERS.into_iter().find(|known| *known == key).unwrap_or(DEFAULT);
    let (hue, dim) = wallpaper.map_or((None, 0), |wallpaper| (wallpaper.hue, wallpaper.dim.min(DIM_MAX)));
    let colours = hue.map_or(PLAIN_COLOURS.to_owned(), |hue| {
        format!(
            "--wallpaper:oklch(from var(--wp-paper) l .03 {hue});--wallpaper-ink:oklch(from var(--wp-ink) l c {hue})"
        )
    });
    let alpha = match key {
        "dusk" | "plain" => "0".to_owned(),
        _ if dim > 0 => (f32::from(100 - dim) / 200.0).to_string(),
        _ => "initial".to_owned(),
    };
    let ground = if key == "dusk" {
        format!("linear-gradient(color-mix(in srgb,var(--wallpaper) {dim}%,transparent) 0 0),var(--wp-dusk-bg)")
    } else {
        "initial".to_owned()
    };
    format!("--wp:var(--wp-{key});--wp-size:var(--wps-{key});{colours};--wp-alpha:{alpha};--wp-ground:{ground}")
}

/// The ground of the theme lies over the picture, as opaque as text needs it at least.
fn over(WallpaperPicture { file_id, light, dark }: WallpaperPicture, dim: u8) -> String {
    let ground = |least: u8| {
        let least = u32::from(least.min(100));
        let opaque = least + (100 - least) * u32::from(dim.min(DIM_MAX)) / 100;
        format!("color-mix(in srgb,var(--wp-paper) {opaque}%,transparent)")
    };
    let scrim = format!("light-dark({},{})", ground(light), ground(dark));
    format!("--wp-image:url(/files/{file_id});--wp-scrim:{scrim};{PLAIN_COLOURS}")
}

#[component]
pub fn WallpaperSection(room_id: RoomId) -> Element {
    let live = use_live();
    let chosen = use_memo(move || live.state.read().prefs(room_id).wallpaper.clone());
    let now = move || chosen().unwrap_or(Wallpaper { key: DEFAULT.to_owned(), hue: None, dim: 0, picture: None });
    let set = move |wallpaper: Wallpaper| {
        let is_plain = wallpaper.key == DEFAULT && wallpaper.hue.is_none() && wallpaper.dim == 0;
        let wallpaper = Some(wallpaper).filter(|_| !is_plain);
        live.set_prefs(room_id, PrefsChange::Wallpaper { wallpaper });
    };
    let Wallpaper { key: own, hue, dim, .. } = now();
    let picture = use_memo(move || own_picture(chosen.read().as_ref()));
    rsx! {
        div { class: "sect p-3",
            h3 { class: "text-sm font-semibold px-1 pb-2", "Wallpaper" }
            div { class: "grid grid-cols-4 gap-2", role: "radiogroup", "aria-label": "Wallpaper",
                for (key , name) in NAMES {
                    label { key: "{key}", class: "wallpaper wpsw", style: swatch(key), title: "{name}",
                        input {
                            class: "sr-only",
                            r#type: "radio",
                            name: "wallpaper",
                            "aria-label": "{name}",
                            checked: own == key,
                            onchange: move |_| set(Wallpaper { key: key.to_owned(), picture: None, ..now() }),
                        }
                    }
                }
            }
            OwnPicture { room_id, picture: picture() }
            div { class: "grid gap-1 px-1 pt-1",
                if picture().is_none() {
                    label { class: "wp-slider",
                        span { class: "text-sm text-ink-muted", "Colour" }
                        input {
                            class: "range hues",
                            r#type: "range",
                            min: "0",
                            max: "359",
                            value: "{hue.unwrap_or(295)}",
                            "aria-valuetext": if hue.is_none() { "Lavender" },
                            onchange: move |event| {
                                if let Ok(hue) = event.value().parse() {
                                    set(Wallpaper { hue: Some(hue), ..now() });
                                }
                            },
                        }
                    }
                }
                label { class: "wp-slider",
                    span { class: "text-sm text-ink-muted", "Fade" }
                    input {
                        class: "range",
                        r#type: "range",
                        min: "0",
                        max: "80",
                        step: "5",
                        value: "{dim}",
                        "aria-valuetext": "{dim} per cent",
                        onchange: move |event| {
                            if let Ok(dim) = event.value().parse() {
                                set(Wallpaper { dim, ..now() });
                            }
                        },
                    }
                }
                if chosen.read().is_some() && picture().is_none() {
                    button {
                        class: "btn btn-quiet justify-self-start text-sm -ms-2",
                        r#type: "button",
                        onclick: move |_| live.set_prefs(room_id, PrefsChange::Wallpaper { wallpaper: None }),
                        "Back to lavender sprigs"
                    }
                }
            }
        }
    }
}

/// The way to have a picture of one's own there. It goes straight to the server, which says how much has to lie over it.
#[component]
fn OwnPicture(room_id: RoomId, picture: Option<WallpaperPicture>) -> Element {
    let panel = use_panel();
    let sending = use_sending();
    let of = Of::Wallpaper(room_id);
    let remove = move |_| {
        panel.run(Box::pin(async move {
            of.remove().await?;
            panel.say(Toast::new("Picture removed"));
            Ok(())
        }));
    };
    rsx! {
        div { class: "flex flex-wrap items-center gap-2 px-1 pt-3", "data-testid": "own-wallpaper",
            if let Some(WallpaperPicture { file_id, .. }) = picture {
                img { key: "{file_id}", class: "wp-own", src: "/files/{file_id}?v=grid", alt: "Your wallpaper" }
            }
            PickButton {
                id: "own-wallpaper",
                disabled: sending.is_busy(),
                // Also when the panel is closed meanwhile.
                on_pick: move |new| {
                    sending.begin_to_last(of.path_of_new(None), new, move |outcome| {
                        panel.say(match outcome {
                            Ok(()) => Toast::new("Wallpaper changed"),
                            Err(problem) => Toast::error(problem),
                        });
                    });
                },
                if picture.is_some() {
                    "Change"
                } else {
                    "Use your own picture"
                }
            }
            if picture.is_some() && !sending.is_busy() {
                button { class: "icon-btn", r#type: "button", "aria-label": "Remove your picture", title: "Remove", onclick: remove,
                    Icon { d: icon::X }
                }
            }
            if sending.is_busy() {
                button { class: "btn btn-quiet", r#type: "button", onclick: move |_| sending.stop(), "Cancel" }
            }
            Progress { sending }
            if let Some(problem) = (sending.problem)() {
                Problem { text: problem }
            }
        }
    }
}

/// A tile of the chooser.
fn swatch(key: &str) -> String {
    let mut style = format!("--wp:var(--wp-{key});--wp-size:var(--wpt-{key})");
    match key {
        "dusk" => style.push_str(";--wp-alpha:0;background:var(--wp-dusk-bg)"),
        "plain" => style.push_str(";--wp-alpha:0"),
        _ => {}
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::FileId;

    #[test]
    fn a_backdrop_holds_known_keys_and_numbers_only() {
        assert!(
            backdrop(None)
                .starts_with("--wp:var(--wp-sprigs);--wp-size:var(--wps-sprigs);--wallpaper:var(--wp-paper);")
        );
        let of = |key: &str, hue, dim| backdrop(Some(&Wallpaper { key: key.to_owned(), hue, dim, picture: None }));
        assert_eq!(of("x;background:url(//evil)", None, 0), backdrop(None));
        assert!(of("rows", Some(120), 50).contains("oklch(from var(--wp-ink) l c 120);--wp-alpha:0.25;"));
        assert!(of("dusk", None, 200).contains("var(--wallpaper) 80%"), "no more than the bound");
        assert_eq!(NAMES.map(|(key, _)| key), WALLPAPERS);
        assert_eq!(of(WALLPAPER_OWN, None, 0), backdrop(None), "one whose picture is gone");
    }

    #[test]
    fn a_picture_is_covered_as_text_needs_it_and_fades_from_there() {
        let picture = WallpaperPicture { file_id: FileId::new(), light: 60, dark: 80 };
        let of =
            |dim| backdrop(Some(&Wallpaper { key: WALLPAPER_OWN.to_owned(), hue: None, dim, picture: Some(picture) }));
        assert!(of(0).starts_with(&format!("--wp-image:url(/files/{});", picture.file_id)));
        assert!(of(0).contains("var(--wp-paper) 60%,transparent),color-mix(in srgb,var(--wp-paper) 80%"));
        assert!(of(50).contains("80%") && of(50).contains("90%"));
        assert_eq!(of(80), of(200), "no more than the bound");
    }
}
