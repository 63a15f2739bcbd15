//! What a browser says of itself, in the words of people. Pure: nothing depends on it, and anybody can say anything.

/// What kind of device it may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Computer,
    Phone,
    Unknown,
}

/// The browsers, by what only they say; those that pretend to be others come first.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str, Kind); 8] = [
    ("iPhone", "iPhone", Kind::Phone),
    ("iPad", "iPad", Kind::Phone),
    ("Android", "Android", Kind::Phone),
    ("Windows", "Windows", Kind::Computer),
    ("CrOS", "ChromeOS", Kind::Computer),
    ("Mac OS X", "macOS", Kind::Computer),
    ("Linux", "Linux", Kind::Computer),
    ("BSD", "BSD", Kind::Computer),
];

/// `Firefox on Linux`, and what to draw beside it.
pub fn describe(user_agent: &str) -> (String, Kind) {
    let browser = BROWSERS.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name);
    let system = SYSTEMS.iter().find(|(sign, ..)| user_agent.contains(sign));
    let kind = system.map_or(Kind::Unknown, |(.., kind)| *kind);
    let text = match (browser, system) {
        (Some(browser), Some((_, system, _))) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some((_, system, _))) => format!("A program on {system}"),
        (None, None) => "Another program".to_owned(),
    };
    (text, kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_as_people_name_them() {
        for (user_agent, text, kind) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
                "Firefox on Linux",
                Kind::Computer,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
                "Edge on Windows",
                Kind::Computer,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
                Kind::Phone,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
                Kind::Phone,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari on macOS",
                Kind::Computer,
            ),
            ("curl/8.5.0", "Another program", Kind::Unknown),
            ("", "Another program", Kind::Unknown),
        ] {
            assert_eq!(describe(user_agent), (text.to_owned(), kind), "{user_agent}");
        }
    }
}
