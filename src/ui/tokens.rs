//! Checks of the colours: the seed is as it was given, every pair that is used can be read, and no component has a colour
//! of its own.

use std::path::Path;

const TOKENS: &str = include_str!("../../assets/css/tokens.css");

fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

/// Contrast by WCAG 2.2, of two `#rrggbb`.
pub fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The colour of a token in a theme, as `#rrggbb`.
pub fn token(name: &str, is_dark: bool) -> String {
    let start = if is_dark { "\n[data-theme=\"dark\"] {" } else { "\n:root, [data-theme=\"light\"] {" };
    let block = TOKENS.split(start).nth(1).expect("a theme");
    let value = block.split(&format!("--{name}: ")).nth(1).unwrap_or_else(|| panic!("no --{name}"));
    value[..7].to_owned()
}

#[test]
fn the_seed_is_unchanged() {
    for line in [
        "--lavender-veil: #e5d9f2;",
        "--lavender-mist: #f5efff;",
        "--periwinkle: #cdc1ff;",
        "--soft-periwinkle: #a594f9;",
        "--medium-slate-blue: #7371fc;",
    ] {
        assert!(TOKENS.contains(line), "{line}");
    }
}

#[test]
fn every_pair_of_text_and_ground_can_be_read() {
    let pairs = [
        ("text", "canvas"),
        ("text-muted", "canvas"),
        ("text-subtle", "canvas"),
        ("text", "surface"),
        ("text-muted", "surface"),
        ("text-subtle", "surface"),
        ("text", "surface-raised"),
        ("text-muted", "surface-raised"),
        ("text-subtle", "surface-raised"),
        ("text", "surface-hover"),
        ("text-muted", "surface-hover"),
        ("text", "surface-sunken"),
        ("text-muted", "surface-sunken"),
        ("text-muted", "wallpaper"),
        ("text-subtle", "wallpaper"),
        ("bubble-own-text", "bubble-own"),
        ("bubble-own-muted", "bubble-own"),
        ("bubble-own-link", "bubble-own"),
        ("bubble-other-text", "bubble-other"),
        ("bubble-other-muted", "bubble-other"),
        ("bubble-other-link", "bubble-other"),
        ("accent-text", "surface"),
        ("accent-text", "canvas"),
        ("accent-solid-contrast", "accent-solid"),
        ("accent-soft-text", "accent-soft"),
        ("badge-text", "badge"),
        ("danger-text", "surface-raised"),
        ("danger-text", "danger-soft"),
        ("danger-contrast", "danger-solid"),
        ("success-text", "surface"),
        ("warning-text", "warning-soft"),
        ("code-ink", "code"),
        ("code-comment", "code"),
        ("code-keyword", "code"),
        ("code-text", "code"),
        ("code-number", "code"),
        ("pin-text", "pin-bubble"),
        ("tooltip-text", "tooltip"),
    ];
    for (text, ground) in pairs {
        for is_dark in [false, true] {
            let found = contrast(&token(text, is_dark), &token(ground, is_dark));
            assert!(found >= 4.5, "{text} on {ground}, dark {is_dark}: {found:.2}");
        }
    }
    for (mark, ground) in [("accent", "surface"), ("ring", "canvas"), ("ring", "surface"), ("success", "surface")] {
        for is_dark in [false, true] {
            assert!(contrast(&token(mark, is_dark), &token(ground, is_dark)) >= 3.0, "{mark} on {ground}");
        }
    }
}

#[test]
fn no_component_has_a_colour_of_its_own() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "tokens.rs") {
                seen += 1;
                let text = std::fs::read_to_string(&path).expect("a text");
                let hex = regex_lite::Regex::new(r#"["' (:]#[0-9a-fA-F]{3,8}\b"#).expect("a pattern");
                let raw = hex.find(&text).map(|found| found.as_str().to_owned());
                assert_eq!(raw, None, "{}", path.display());
            }
        }
    }
    assert!(seen > 20, "the components were found");
}
