//! `/gif party` in the composer.

use crate::model::gifs::{self, Sticker};

/// The best of the pack for a text that asks for one, or what is wrong with it. `None`: it is a text like any other.
pub fn typed(text: &str) -> Option<Result<&'static Sticker, String>> {
    let query = text.trim().strip_prefix("/gif")?;
    if !query.is_empty() && !query.starts_with(char::is_whitespace) {
        return None;
    }
    let query = query.trim();
    if query.is_empty() {
        return Some(Err("Say which one: /gif party".to_owned()));
    }
    Some(gifs::search(query).first().copied().ok_or_else(|| none_for(query)))
}

/// What is said when nothing was found.
pub fn none_for(query: &str) -> String {
    format!("No GIF for “{}”", query.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_with_the_command_and_everything_else_is_a_text() {
        let name = |text| typed(text).map(|found| found.map(|sticker| sticker.name));
        assert_eq!(name("/gif party"), Some(Ok("party")));
        assert_eq!(name("  /gif\thappy birthday to you \n"), Some(Ok("cake")));
        assert_eq!(name("/gif xyzzy"), Some(Err("No GIF for “xyzzy”".to_owned())));
        assert!(matches!(name("/gif"), Some(Err(_))));
        for text in ["", "/", "/gifs", "/gift party", "gif party", "a /gif party", "/GIF party"] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
