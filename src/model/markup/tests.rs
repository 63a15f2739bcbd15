use super::*;
use crate::model::limits::MENTIONS_MAX;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// A tree on one line: `B(bold) I(italic) S(strike) X(spoiler) C(code) L(text>href) L(text>href|leads to) M(ann) ALL`.
fn inlines(parts: &[Inline]) -> String {
    let one = |part: &Inline| match part {
        Inline::Text(text) => text.replace('\n', "⏎"),
        Inline::Bold(inner) => format!("B({})", inlines(inner)),
        Inline::Italic(inner) => format!("I({})", inlines(inner)),
        Inline::Strike(inner) => format!("S({})", inlines(inner)),
        Inline::Spoiler(inner) => format!("X({})", inlines(inner)),
        Inline::Code(code) => format!("C({code})"),
        Inline::Link { href, text, leads_to: None } => format!("L({}>{href})", inlines(text)),
        Inline::Link { href, text, leads_to: Some(host) } => format!("L({}>{href}|{host})", inlines(text)),
        Inline::Mention { username } => format!("M({username})"),
        Inline::MentionAll => "ALL".to_owned(),
    };
    parts.iter().map(one).collect()
}

fn blocks(list: &[Block]) -> String {
    let one = |block: &Block| match block {
        Block::Paragraph(parts) => inlines(parts),
        Block::Quote(inner) => format!("Q{{{}}}", blocks(inner)),
        Block::List { is_ordered, items } => {
            let item = |item: &Item| {
                let number = if *is_ordered { format!("{}:", item.number) } else { String::new() };
                format!("{number}{}", blocks(&item.blocks))
            };
            let items: Vec<String> = items.iter().map(item).collect();
            format!("{}{{{}}}", if *is_ordered { "O" } else { "U" }, items.join(";"))
        }
        Block::Code { lang, text } => format!("F{{{}:{}}}", lang.as_deref().unwrap_or(""), text.replace('\n', "⏎")),
    };
    list.iter().map(one).collect::<Vec<_>>().join(" ¶ ")
}

fn shown(text: &str) -> String {
    blocks(&parse(text))
}

#[track_caller]
fn table(rows: &[(&str, &str)]) {
    for (typed, expected) in rows {
        assert_eq!(shown(typed), *expected, "{typed:?}");
    }
}

#[test]
fn emphasis() {
    table(&[
        ("a **b** c", "a B(b) c"),
        ("a *b* _c_ __d__ ~~e~~ ||f||", "a I(b) I(c) B(d) S(e) X(f)"),
        ("***a***", "I(B(a))"),
        ("***a** b*", "I(B(a) b)"),
        ("***a* b**", "B(I(a) b)"),
        ("**a *b***", "B(a I(b))"),
        ("*a **b** c*", "I(a B(b) c)"),
        ("~~a **b ||c||**~~", "S(a B(b X(c)))"),
        ("*a\nb*", "I(a⏎b)"),
        ("*a\n\nb*", "*a⏎⏎b*"),
        ("**B**old **R**eal", "B(B)old B(R)eal"),
        ("中文*强调*中文", "中文I(强调)中文"),
        ("**中文。**中文", "B(中文。)中文"),
        ("*a **b* c**", "I(a **b) c**"),
        ("**a*", "**a*"),
        ("*a**", "*a**"),
        ("(*a*)", "(I(a))"),
        ("_(a)_", "I((a))"),
    ]);
}

#[test]
fn what_only_looks_like_a_marker_is_text() {
    for text in [
        "snake_case_name and _half",
        "2*3*4 = 24, a * b * c",
        "a || b || c, a||b||c",
        "5 ** 3",
        "**",
        "****",
        "* * *",
        "~~ ~~",
        "~a~ and ~~~a~~~",
        "*unclosed and **unclosed too",
        "||half",
        "-_- and -_- and ^_^ >_<",
        "`half",
        "[half](",
        "[half]",
        "]( [](a)",
        "price* (see *terms)",
        "a_b_ c",
        "¯\\_(ツ)_/¯",
        "C:\\Users\\ann",
        "#heading",
        "&lt;b&gt; &#x6a;",
        "-1 degree",
        "1.5 litres",
        "01. nothing",
        ">:(",
        ">_<",
        "-",
        "@",
        "@ ann",
    ] {
        table(&[(text, text)]);
    }
    table(&[("```", "```"), ("```js\nlet x", "```js⏎let x"), ("```\n\n```", "```⏎⏎```")]);
}

#[test]
fn backslashes_make_markers_plain() {
    table(&[
        (r"\*a\* \_b\_ \`c\`", "*a* _b_ `c`"),
        (r"\**a*", "*I(a)"),
        (r"\\*a*", r"\I(a)"),
        (r"\@ann \[a](https://example.org)", "@ann [a](L(https://example.org>https://example.org))"),
        (r"\||a||", "||a||"),
        (r"\- a", "- a"),
        (r"1\. a", "1. a"),
        (r"\> a", "> a"),
        (r"\a \", r"\a \"),
        (r"`\*`", r"C(\*)"),
    ]);
}

#[test]
fn code() {
    table(&[
        ("a `b*c*` d", "a C(b*c*) d"),
        ("`` a`b ``", "C(a`b)"),
        ("`a``", "`a``"),
        ("` `", "` `"),
        ("*a `b*`", "*a C(b*)"),
        ("`@ann https://example.org`", "C(@ann https://example.org)"),
        ("```rust\nfn f() {}\n```", "F{rust:fn f() {}}"),
        ("```\n  *a*\n\n  b\n```\nafter", "F{:  *a*⏎⏎  b} ¶ after"),
        ("```js\na()```", "F{js:a()}"),
        ("```let x = 1;\nlet y```", "F{:let x = 1;⏎let y}"),
        ("````\n```\na\n```\n````", "F{:```⏎a⏎```}"),
        ("see ```a``` there", "see C(a) there"),
        ("```a```", "C(a)"),
        ("before\n```\na\n```", "before ¶ F{:a}"),
        ("```\na\n```\n```\nb\n```", "F{:a} ¶ F{:b}"),
    ]);
}

#[test]
fn quotes_and_lists() {
    table(&[
        ("> a\n> b\nc", "Q{a⏎b} ¶ c"),
        ("> a\n>\n> b", "Q{a⏎⏎b}"),
        ("> > a\n> b", "Q{Q{a} ¶ b}"),
        (">> a", "Q{Q{a}}"),
        (">a", ">a"),
        (">\na", ">⏎a"),
        ("> - a\n> - b", "Q{U{a;b}}"),
        ("- a\n- *b*", "U{a;I(b)}"),
        ("* a\n* b", "U{a;b}"),
        ("1. a\n2. b\n7. c", "O{1:a;2:b;7:c}"),
        ("1990. What a year", "O{1990:What a year}"),
        ("- a\n  b\n- c", "U{a⏎b;c}"),
        ("- a\n  - b\n    - c\n- d", "U{a ¶ U{b ¶ U{c}};d}"),
        ("1. a\n   ```\n   x\n     y\n   ```\n2. b", "O{1:a ¶ F{:x⏎  y};2:b}"),
        ("- a\n1. b", "U{a} ¶ O{1:b}"),
        ("a\n- b\n\nc", "a ¶ U{b} ¶ c"),
        ("- > a", "U{Q{a}}"),
        ("> ```\n> a\n> ```", "Q{F{:a}}"),
    ]);
}

#[test]
fn lines_stay_as_they_were() {
    table(&[
        ("a\nb", "a⏎b"),
        ("a\n\n\nb", "a⏎⏎⏎b"),
        ("a\n    b", "a⏎    b"),
        ("", ""),
        (" \n ", ""),
        ("a\n  \n*b*", "a⏎⏎I(b)"),
    ]);
}

#[test]
fn links() {
    table(&[
        (
            "see https://example.org/a_b_c?d=*e*.",
            "see L(https://example.org/a_b_c?d=*e>https://example.org/a_b_c?d=*e)*.",
        ),
        ("(https://example.org/a_(b))", "(L(https://example.org/a_(b)>https://example.org/a_(b)))"),
        ("**https://example.org**", "B(L(https://example.org>https://example.org))"),
        ("_https://example.org/a_", "I(L(https://example.org/a>https://example.org/a))"),
        ("**_https://example.org_** ~", "B(I(L(https://example.org>https://example.org))) ~"),
        ("_https://example.org_", "I(L(https://example.org>https://example.org))"),
        ("~~https://example.org~~", "S(L(https://example.org>https://example.org))"),
        ("||https://example.org/a||", "X(L(https://example.org/a>https://example.org/a))"),
        ("mail ann@example.org now", "mail L(ann@example.org>mailto:ann@example.org) now"),
        ("**ann@example.org**", "B(L(ann@example.org>mailto:ann@example.org))"),
        ("a?cc=b@example.org", "L(a?cc=b@example.org>mailto:a%3Fcc%3Db@example.org)"),
        ("HTTPS://EXAMPLE.ORG/A", "L(HTTPS://EXAMPLE.ORG/A>HTTPS://EXAMPLE.ORG/A)"),
        ("example.org is none", "example.org is none"),
        ("[text](https://example.org/a)", "L(text>https://example.org/a)"),
        ("[a **b** `c`](http://example.org)", "L(a B(b) C(c)>http://example.org)"),
        ("[a](https://example.org/a_(b))", "L(a>https://example.org/a_(b))"),
        ("*[a](https://example.org)*", "I(L(a>https://example.org))"),
        ("[[a] b](https://example.org)", "L([a] b>https://example.org)"),
        (
            "[a [b](https://example.org) c](https://example.com)",
            "[a L(b>https://example.org) c](L(https://example.com>https://example.com))",
        ),
        ("[write](mailto:ann@example.org?subject=hi)", "L(write>mailto:ann@example.org?subject=hi)"),
        ("[*a](https://example.org)*", "L(*a>https://example.org)*"),
        ("[@ann @all](https://example.org)", "L(@ann @all>https://example.org|example.org)"),
        ("[a](https://example.org:8080/x)", "L(a>https://example.org:8080/x)"),
        ("[ ](https://example.org)", "[ ](L(https://example.org>https://example.org))"),
        ("[||a||](https://example.org)", "[X(a)](L(https://example.org>https://example.org))"),
    ]);
}

#[test]
fn web_addresses_in_sight_are_listed_once() {
    let listed = |typed: &str| {
        let links = web_links(typed).into_iter();
        links.map(|link| format!("{}|{}|{}", link.href, link.text, link.host)).collect::<Vec<_>>()
    };
    assert_eq!(
        listed("see https://Example.org/a, [**our** plan](http://www.example.com:8080/x) and https://Example.org/a"),
        [
            "https://Example.org/a|https://Example.org/a|example.org",
            "http://www.example.com:8080/x|our plan|www.example.com"
        ]
    );
    assert_eq!(listed("> - **_https://m\u{fc}nchen.de_**").len(), 1);
    assert_eq!(listed("https://m\u{fc}nchen.de")[0].split('|').next_back(), Some("xn--mnchen-3ya.de"));
    assert_eq!(
        listed("[bank.example](https://bank.example@evil.example)")[0].split('|').next_back(),
        Some("evil.example")
    );
    for none in [
        "",
        "example.org",
        "ann@example.org",
        "[write](mailto:ann@example.org?body=https://example.org)",
        "||https://example.org||",
        "`https://example.org`",
        "```\nhttps://example.org\n```",
        "ftp://example.org",
        "javascript://example.org/%0aalert(1)",
    ] {
        assert!(listed(none).is_empty(), "{none}");
    }
}

#[test]
fn a_link_says_where_it_leads_when_its_text_could_say_otherwise() {
    let leads_to = |typed: &str| {
        let mut found = Vec::new();
        each_inline(&parse(typed), &mut |part| {
            if let Inline::Link { leads_to, .. } = part {
                found.push(leads_to.clone());
            }
        });
        assert_eq!(found.len(), 1, "{typed:?}: {}", shown(typed));
        found.remove(0)
    };
    for (typed, host) in [
        ("[https://bank.example](https://evil.example)", Some("evil.example")),
        ("[bank.example](https://evil.example/bank.example)", Some("evil.example")),
        ("[www.bank.example/login](https://evil.example)", Some("evil.example")),
        ("[bank.example](https://bank.example.evil.example)", Some("bank.example.evil.example")),
        ("[bank.example](https://bank.example@evil.example)", Some("evil.example")),
        ("https://bank.example@evil.example/x", Some("evil.example")),
        ("https://bank.example:443@evil.example/x", Some("evil.example")),
        ("[ann@bank.example](mailto:eve@evil.example)", Some("eve@evil.example")),
        ("[ann@bank.example](https://evil.example)", Some("evil.example")),
        ("[bank\u{2024}example](https://evil.example)", Some("evil.example")),
        ("[bank\u{ff0e}example](https://evil.example)", Some("evil.example")),
        ("[bank\u{200b}.\u{200b}example](https://evil.example)", Some("evil.example")),
        ("[\u{202e}elpmaxe.knab](https://evil.example)", Some("evil.example")),
        ("[**bank**.example](https://evil.example)", Some("evil.example")),
        ("[https://bank.example/](https://bank.example:80@evil.example)", Some("evil.example")),
        ("[b\u{fc}cher.example](https://b\u{fc}cher.example)", None),
        ("https://\u{430}\u{440}\u{440}\u{4cf}\u{435}.com", Some("xn--80ak6aa92e.com")),
        ("[apple](https://\u{430}pple.com)", Some("xn--pple-43d.com")),
        ("https://m\u{fc}nchen.de", None),
        ("[example.org](https://example.org/a/b)", None),
        ("[Example.org/docs](https://example.org/docs/1)", None),
        ("[https://example.org](http://example.org)", None),
        ("[example.org:8080](http://example.org:8080)", None),
        ("[our plan](https://example.org)", None),
        ("[Wait... what?](https://example.org)", None),
        ("[ann@example.org](mailto:ann@example.org)", None),
    ] {
        assert_eq!(leads_to(typed).as_deref(), host, "{typed:?}");
    }
}

#[test]
fn what_browsers_read_in_another_way_is_no_link() {
    for address in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "javascript://example.org/%0aalert(1)",
        "data:text/html,<b>",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "blob:https://example.org/1",
        "ftp://example.org",
        "//example.org",
        "/r/1",
        "#a",
        "?a",
        "example.org",
        "https:example.org",
        "https:/example.org",
        "https:///example.org",
        "https://",
        "https://?",
        "https://@",
        "https://bank.example\\@evil.example",
        "https:\\\\evil.example",
        "https://evil.example\u{202e}/gpj.exe",
        "https://evil\u{200b}.example",
        "https://\u{ff45}vil.example",
        "https://%65vil.example",
        "https://evil\u{ff0e}example",
        "https://evil\u{3002}example",
        "https://\u{2460}.example",
        "https://example.org:99999999",
        "https://example.org:a",
        "mailto:",
        "mailto:ann",
        "mailto:@example.org",
        "mailto:a@b@example.org",
        "\u{1}https://example.org",
        "&#106;avascript:alert(1)",
        "java\tscript:alert(1)",
    ] {
        assert_eq!(link::target(address), None, "{address:?}");
    }
    assert!(link::target(&format!("https://{}.example", "a".repeat(254))).is_none());
}

#[test]
fn mentions() {
    table(&[
        ("hi @ann_b, and @Theo.O!", "hi M(ann_b), and M(theo.o)!"),
        ("@ann", "M(ann)"),
        ("@Lavender, @support", "M(lavender), @support"),
        ("(@ann)/@bob @all @ALL", "(M(ann))/M(bob) ALL ALL"),
        ("@ann. And @bob... @cat..x", "M(ann). And M(bob)... M(cat)..x"),
        ("**@ann** _@bob_ ||@cat||", "B(M(ann)) I(M(bob)) X(M(cat))"),
        ("_see @ann_", "I(see M(ann))"),
        ("@ann-marie @ann's", "M(ann)-marie M(ann)'s"),
        ("> @ann\n- @bob", "Q{M(ann)} ¶ U{M(bob)}"),
        ("@mira，你好", "M(mira)，你好"),
    ]);
    for text in
        ["a@ann", "@@ann", "x_@ann", "@ab", "@1ann", "@everyone @here @admin", "@annä", "ä@ann", "@ann@social.example!"]
    {
        assert_eq!(mentioned(text), Mentioned::default(), "{text}: {}", shown(text));
    }
    let long = format!("@{}", "a".repeat(31));
    table(&[(&long, &long)]);
}

#[test]
fn who_is_called_is_called_once() {
    let found =
        mentioned("@ann @bob @Ann `@cat` [@dog](https://example.org) @all ann@example.org https://example.org/@eve");
    assert_eq!(found, Mentioned { usernames: vec!["ann".to_owned(), "bob".to_owned()], all: true });
    let many: String = (0..80).map(|at| format!("@user{at} ")).collect();
    assert_eq!(mentioned(&many).usernames.len(), MENTIONS_MAX);
}

#[test]
fn addresses_are_found_wherever_they_lead_from() {
    let found =
        super::links("> [a](https://a.example) `https://b.example` ||ann@c.example||\n```\nhttps://d.example\n```");
    assert_eq!(found, ["https://a.example", "mailto:ann@c.example"]);
}

#[test]
fn an_excerpt_is_one_line_without_markup() {
    for (typed, expected) in [
        ("one\n\n  two\tthree ", "one two three"),
        ("**a** _b_ ~~c~~ `d` @Ann @all", "a b c d @ann @all"),
        ("||the butler|| did it", "▒▒▒▒▒ did it"),
        ("x ||a\nb|| y", "x ▒▒▒▒▒ y"),
        ("```rust\nfn f() {\n}\n```\nthere", "fn f() { } there"),
        ("> a\n> b\nc", "a b c"),
        ("- a\n- b", "• a • b"),
        ("1. a\n3. b", "1. a 3. b"),
        ("[bank.example](https://evil.example)", "bank.example (evil.example)"),
        ("https://example.org", "https://example.org"),
        ("a\u{202e}b", "ab"),
        ("", ""),
    ] {
        assert_eq!(excerpt(typed, 200), expected, "{typed:?}");
    }
    assert_eq!(excerpt("abcdef", 6), "abcdef");
    assert_eq!(excerpt("abcdefg", 6), "abcde…");
    assert_eq!(excerpt("abcd efg", 6), "abcd…");
    assert_eq!(excerpt("👩‍👩‍👧🇩🇪🇫🇷e\u{301}x", 4), "👩‍👩‍👧🇩🇪🇫🇷…");
    assert_eq!(excerpt("👍🏽👍🏽", 1), "…");
    assert_eq!(excerpt("👍🏽👍🏽", 2), "👍🏽👍🏽");
    assert!(excerpt(&format!("e{}", "\u{301}".repeat(8_000)), 20).len() < 700);
    assert_eq!(excerpt(&"x".repeat(8_000), 90).chars().count(), 90);
    // What is behind a spoiler's end counts, however far away that is.
    assert!(excerpt(&format!("||{}||", "secret".repeat(1_000)), 90).starts_with('▒'));
}

/// How deep the tree is, and how many nodes it has.
fn measure(list: &[Block]) -> (usize, usize) {
    fn parts(list: &[Inline]) -> (usize, usize) {
        list.iter().fold((0, 0), |(depth, count), part| {
            let (inner, more) = match part {
                Inline::Bold(inner) | Inline::Italic(inner) | Inline::Strike(inner) | Inline::Spoiler(inner) => {
                    let (depth, count) = parts(inner);
                    (depth + 1, count)
                }
                Inline::Link { text, .. } => parts(text),
                Inline::Text(_) | Inline::Code(_) | Inline::Mention { .. } | Inline::MentionAll => (0, 0),
            };
            (depth.max(inner), count + more + 1)
        })
    }
    list.iter().fold((0, 0), |(depth, count), block| {
        let (inner, more) = match block {
            Block::Paragraph(list) => parts(list),
            Block::Quote(inner) => {
                let (depth, count) = measure(inner);
                (depth + 1, count)
            }
            Block::List { items, .. } => items
                .iter()
                .map(|item| measure(&item.blocks))
                .fold((0, 0), |(depth, count), (inner, more)| (depth.max(inner + 1), count + more + 1)),
            Block::Code { .. } => (0, 0),
        };
        (depth.max(inner), count + more + 1)
    })
}

/// Everything that can be read in a tree: also the addresses of links and the names of languages, in their order.
fn readable(list: &[Block]) -> String {
    fn parts(list: &[Inline], out: &mut String) {
        for part in list {
            match part {
                Inline::Text(text) | Inline::Code(text) => out.push_str(text),
                Inline::Bold(inner) | Inline::Italic(inner) | Inline::Strike(inner) | Inline::Spoiler(inner) => {
                    parts(inner, out)
                }
                Inline::Link { href, text, .. } => {
                    let from = out.len();
                    parts(text, out);
                    let is_own = out[from..] == *href
                        || (href.starts_with("mailto:")
                            && href.contains('@')
                            && !out[from..].contains(' ')
                            && out[from..].contains('@'));
                    if !is_own {
                        out.push_str(href);
                    }
                }
                Inline::Mention { username } => out.push_str(username),
                Inline::MentionAll => out.push_str("all"),
            }
        }
    }
    let mut out = String::new();
    for block in list {
        match block {
            Block::Paragraph(list) => parts(list, &mut out),
            Block::Quote(inner) => out.push_str(&readable(inner)),
            Block::List { is_ordered, items } => {
                for item in items {
                    if *is_ordered {
                        out.push_str(&item.number.to_string());
                    }
                    out.push_str(&readable(&item.blocks));
                }
            }
            Block::Code { lang, text } => {
                out.push_str(lang.as_deref().unwrap_or_default());
                out.push_str(text);
            }
        }
    }
    out
}

/// Letters and digits, which no marker has.
fn letters(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn check(text: &str) {
    let tree = parse(text);
    let (depth, count) = measure(&tree);
    assert!(depth <= DEPTH_MAX, "{depth} deep: {text:?}");
    assert!(count <= 2 * text.chars().count() + 1, "{count} nodes: {text:?}");
    assert_eq!(letters(&readable(&tree)), letters(text), "{text:?}");
    each_inline(&tree, &mut |part| {
        if let Inline::Link { href, .. } = part {
            let href = href.to_ascii_lowercase();
            let is_safe = ["http://", "https://", "mailto:"].iter().any(|scheme| href.starts_with(scheme));
            assert!(is_safe && !href.contains(char::is_whitespace), "{href:?} in {text:?}");
        }
    });
    assert!(excerpt(text, 40).lines().count() <= 1);
    assert!(mentioned(text).usernames.len() <= MENTIONS_MAX);
}

proptest! {
    #[test]
    fn any_text_is_read_whole(text in "\\PC{0,200}") {
        check(&text);
    }

    #[test]
    fn any_mix_of_markers_is_read_whole(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "*", "**", "***", "_", "__", "~~", "|", "||", "`", "``", "```", "```rs\n", "[", "](", ")", "]", "(", "@", "@ann", "@all", "\\", "\n", "\n\n",
        " ", "  ", "- ", "1. ", "> ", ">", "a", "B", "7", "é", "中", "https://a.example/", "https://", "javascript:", "x@a.example", ".", "😀", "\u{202e}",
    ]), 0..60)) {
        check(&pieces.concat());
    }
}

#[test]
fn nothing_nests_deeper_than_the_bound() {
    for piece in ["> ", "- ", "1. ", "- > ", "> 1. "] {
        check(&format!("{}a", piece.repeat(40)));
    }
    for (open, close) in
        [("*a _a ", " b_ b*"), ("**a ~~a ||a ", " b|| b~~ b**"), ("> *a _", "_ b*"), ("[", "](https://a.example)")]
    {
        check(&format!("{}x{}", open.repeat(30), close.repeat(30)));
    }
    assert_eq!(measure(&parse(&format!("{}a", "> ".repeat(40)))).0, DEPTH_MAX);
    assert_eq!(
        measure(&parse(&"*a _a ".repeat(9).chars().chain(" b_ b*".repeat(9).chars()).collect::<String>())).0,
        DEPTH_MAX
    );
}

/// Four times the text must not take much more than four times as long: what is quadratic takes sixteen times.
#[test]
fn the_worst_texts_take_time_in_proportion_to_their_length() {
    let pieces = [
        "*",
        "**a",
        "*a ",
        "a* ",
        "_a ",
        "_",
        "~~a ",
        "||a ",
        "|",
        "`",
        "`a",
        "`a``",
        "[",
        "[a](",
        "](",
        "[](",
        "]",
        "[a](h",
        "![",
        "(",
        "@",
        "@a",
        "@ann ",
        "\\",
        "> ",
        ">\n",
        "> a\n",
        "- ",
        "- a\n",
        "1. ",
        "```\n",
        "```a\n",
        "```\na\n",
        "````\n```\n",
        "\n",
        " ",
        "*a _a ",
        "*a **b ",
        "**a *b_",
        "a@",
        "a://",
        "http://",
        "https://a.b ",
        "http://[",
        "@a.",
        "\u{202e}",
        "_@",
        "a_*",
        "*[a](https://a.b) ",
        "[*a",
        "<",
        ":",
        "http:",
        "://",
    ];
    let texts = pieces.iter().map(|piece| (*piece).to_owned());
    let closed = [
        ("*a ", "a* "),
        ("*a _a ", "a_ a* "),
        ("[", "](https://a.b)"),
        ("[*a ", "a*](https://a.b)"),
        ("||", "||"),
        ("**a", "a*"),
    ];
    let fill = |piece: &str, chars: usize| piece.chars().cycle().take(chars).collect::<String>();
    let time = |text: &str| {
        let start = Instant::now();
        std::hint::black_box(parse(text));
        start.elapsed()
    };
    let long = |make: &dyn Fn(usize) -> String, name: &str| {
        check(&make(8_000));
        let (short, long) = (make(8_000), make(32_000));
        // Whatever else the machine does only adds, so the least of many counts; what is quadratic never gets below.
        let (mut one, mut four) = (Duration::MAX, Duration::MAX);
        let is_linear = (0..100).any(|_| {
            (one, four) = (one.min(time(&short)), four.min(time(&long)));
            four < one * 8 || four < Duration::from_millis(1)
        });
        assert!(is_linear, "{name:?}: {one:?}, then {four:?} for four times the text");
    };
    for piece in texts {
        long(&|chars| fill(&piece, chars), &piece);
    }
    for (open, close) in closed {
        long(&|chars| format!("{}{}", fill(open, chars / 2), fill(close, chars / 2)), open);
    }
}
