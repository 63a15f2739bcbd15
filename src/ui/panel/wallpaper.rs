//! What is behind the messages of a room: one of eight patterns, in a colour, as strong as one likes. Mine alone.

use crate::client::use_live;
use crate::id::RoomId;
use crate::model::{PrefsChange, WALLPAPERS, Wallpaper};
use dioxus::prelude::*;

const DEFAULT: &str = "sprigs";

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

/// The style of an element of the class `wallpaper`: a key, a hue and two numbers, so nothing that anyone wrote gets into it.
pub fn backdrop(wallpaper: Option<&Wallpaper>) -> String {
    let key = wallpaper.map_or(DEFAULT, |wallpaper| wallpaper.key.as_str());
    let key = WALLPAPERS.into_iter().find(|known| *known == key).unwrap_or(DEFAULT);
    let mut style = format!("--wp:var(--wp-{key});--wp-size:var(--wps-{key})");
    let Some(Wallpaper { hue, dim, .. }) = wallpaper else { return style };
    if let Some(hue) = hue {
        style.push_str(&format!(
            ";--wallpaper:oklch(from var(--wp-paper) l .03 {hue});--wallpaper-ink:oklch(from var(--wp-ink) l c {hue})"
        ));
    }
    let dim = (*dim).min(80);
    if dim > 0 {
        style.push_str(&format!(";--wp-alpha:{}", f32::from(100 - dim) / 200.0));
    }
    if key == "dusk" {
        style.push_str(&format!(
            ";background:linear-gradient(color-mix(in srgb,var(--wallpaper) {dim}%,transparent) 0 0),var(--wp-dusk-bg)"
        ));
    }
    if matches!(key, "dusk" | "plain") {
        style.push_str(";--wp-alpha:0");
    }
    style
}

#[component]
pub fn WallpaperSection(room_id: RoomId) -> Element {
    let live = use_live();
    let chosen = use_memo(move || live.state.read().prefs(room_id).wallpaper.clone());
    let now = move || chosen().unwrap_or(Wallpaper { key: DEFAULT.to_owned(), hue: None, dim: 0 });
    let set = move |wallpaper: Wallpaper| {
        let is_plain = wallpaper.key == DEFAULT && wallpaper.hue.is_none() && wallpaper.dim == 0;
        let wallpaper = Some(wallpaper).filter(|_| !is_plain);
        live.set_prefs(room_id, PrefsChange::Wallpaper { wallpaper });
    };
    let Wallpaper { key: own, hue, dim } = now();
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
                            onchange: move |_| set(Wallpaper { key: key.to_owned(), ..now() }),
                        }
                    }
                }
            }
            div { class: "grid gap-1 px-1 pt-3",
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
                if chosen.read().is_some() {
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

    #[test]
    fn a_backdrop_holds_known_keys_and_numbers_only() {
        assert_eq!(backdrop(None), "--wp:var(--wp-sprigs);--wp-size:var(--wps-sprigs)");
        let of = |key: &str, hue, dim| backdrop(Some(&Wallpaper { key: key.to_owned(), hue, dim }));
        assert_eq!(of("x;background:url(//evil)", None, 0), backdrop(None));
        assert!(of("rows", Some(120), 50).ends_with("oklch(from var(--wp-ink) l c 120);--wp-alpha:0.25"));
        assert!(of("dusk", None, 200).contains("var(--wallpaper) 80%"), "no more than the bound");
        assert_eq!(NAMES.map(|(key, _)| key), WALLPAPERS);
    }
}
