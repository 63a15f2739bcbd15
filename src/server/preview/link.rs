//! Which link of a text gets a preview.

use crate::model::markup;
use url::Url;

/// The first web address of a text in its normal form, as a person reads it: see [`markup::web_links`].
pub fn first_link(text: &str) -> Option<Url> {
    markup::web_links(text).first().and_then(|link| Url::parse(&link.href).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_link_in_sight_is_taken() {
        for (text, link) in [
            ("see https://example.org and https://other.example", Some("https://example.org/")),
            ("**bold _https://Example.org/A?b#c_**", Some("https://example.org/A?b#c")),
            ("[a page](https://example.org/x)", Some("https://example.org/x")),
            ("> https://example.org/quoted", Some("https://example.org/quoted")),
            ("- one\n- https://example.org/listed", Some("https://example.org/listed")),
            ("||https://example.org/secret|| https://example.org/open", Some("https://example.org/open")),
            ("`https://example.org/code` then http://example.org/b", Some("http://example.org/b")),
            ("```\nhttps://example.org/code\n```", None),
            ("||**https://example.org/secret**||", None),
            ("mailto:ana@example.org", None),
            ("ana@example.org", None),
            ("ftp://example.org javascript:alert(1)", None),
            ("example.org", None),
            ("nothing: at all", None),
            ("", None),
        ] {
            assert_eq!(first_link(text).map(String::from).as_deref(), link, "{text}");
        }
    }
}
