//! What people write as markup: any text is read, in bounds, without losing a letter and without a link that is not safe.
#![no_main]

use lavender::model::limits::MENTIONS_MAX;
use lavender::model::markup::{self, Block, Inline};
use lavender::model::{Body, pattern};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let typed = String::from_utf8_lossy(bytes);
    let Ok(body) = Body::parse(&typed) else { return };
    let text = body.as_str();
    let tree = markup::parse(text);
    let mut nodes = 0;
    markup::each_inline(&tree, &mut |part| {
        nodes += 1;
        match part {
            Inline::Link { href, text, .. } => {
                let href = href.to_ascii_lowercase();
                let is_safe = ["http://", "https://", "mailto:"].iter().any(|scheme| href.starts_with(scheme));
                assert!(is_safe && !href.contains(|c: char| c.is_whitespace() || c.is_control()), "a link to {href:?}");
                let inside =
                    |part: &Inline| matches!(part, Inline::Link { .. } | Inline::Spoiler(_) | Inline::Mention { .. });
                assert!(!text.iter().any(inside), "something in a link that can't be in one");
            }
            Inline::Mention { username } => assert_eq!(pattern::username(username).as_ref(), Ok(username)),
            _ => {}
        }
    });
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    assert!(nodes <= 2 * text.chars().count() + 1);
    assert!(shown(&tree) <= text.chars().count() + nodes, "more is shown than was typed");
    if !text.contains(['[', '@', '`']) && !text.contains(|c: char| c.is_ascii_digit()) {
        let mut kept = 0;
        markup::each_inline(&tree, &mut |part| {
            if let Inline::Text(part) = part {
                kept += letters(part)
            }
        });
        assert_eq!(kept, letters(text), "a letter is lost");
    }
    assert!(markup::excerpt(text, 80).chars().filter(|c| *c == '\n').count() == 0);
    assert!(markup::mentioned(text).usernames.len() <= MENTIONS_MAX);
});

/// Characters of all texts and codes.
fn shown(tree: &[Block]) -> usize {
    let mut count = 0;
    markup::each_inline(tree, &mut |part| {
        if let Inline::Text(text) | Inline::Code(text) = part {
            count += text.chars().count();
        }
    });
    count
}
