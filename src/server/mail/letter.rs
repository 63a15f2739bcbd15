//! What a letter looks like: the same words as plain text and as HTML that mail programs agree on (tables, styles at each element, no
//! pictures, nothing fetched), in lavender, light and dark.

/// One letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    pub subject: String,
    /// Whom it speaks to.
    pub name: String,
    pub parts: Vec<Paragraph>,
    /// Why they get it.
    pub footer: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Paragraph {
    Text(String),
    /// A link that looks like a button: what it says, and where it leads.
    Button(String, String),
}

// Those of assets/css/tokens.css: mail programs know no variables.
const CANVAS: &str = "#e5d9f2";
const SURFACE: &str = "#fcfaff";
const INK: &str = "#1e1838";
const MUTED: &str = "#585170";
const ACCENT: &str = "#5c52d9";
const DARK: &str = "\
    @media (prefers-color-scheme: dark) {\
      .canvas { background: #110d1b !important; } .surface { background: #191429 !important; }\
      .ink { color: #f1ebfc !important; } .muted { color: #b9aed2 !important; }\
      .act { background: #a594f9 !important; color: #17112b !important; }\
    }";

impl Letter {
    /// Lines of at most 76 characters where words allow it.
    pub fn text(&self) -> String {
        let mut text = format!("Hello {},\n", self.name);
        for part in &self.parts {
            match part {
                Paragraph::Text(words) => text.push_str(&format!("\n{}\n", wrapped(words))),
                Paragraph::Button(says, link) => text.push_str(&format!("\n{says}:\n{link}\n")),
            }
        }
        text.push_str(&format!("\n-- \n{}\n", wrapped(&self.footer)));
        text
    }

    pub fn html(&self) -> String {
        let mut body =
            format!("<p class=\"ink\" style=\"margin:0 0 16px;color:{INK}\">Hello {},</p>", escaped(&self.name));
        for part in &self.parts {
            match part {
                Paragraph::Text(words) => {
                    body.push_str(&format!("<p class=\"ink\" style=\"margin:0 0 16px;color:{INK}\">{}</p>", escaped(words)));
                }
                Paragraph::Button(says, link) => body.push_str(&format!(
                    "<p style=\"margin:24px 0\"><a class=\"act\" href=\"{0}\" style=\"display:inline-block;padding:12px 22px;\
                     border-radius:12px;background:{ACCENT};color:#ffffff;font-weight:600;text-decoration:none\">{1}</a></p>\
                     <p class=\"muted\" style=\"margin:0 0 16px;font-size:13px;line-height:19px;color:{MUTED};word-break:break-all\">\
                     Or open this address: {0}</p>",
                    escaped(link),
                    escaped(says),
                )),
            }
        }
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"supported-color-schemes\" content=\"light dark\">\
             <title>{subject}</title><style>{DARK}</style></head>\
             <body class=\"canvas\" style=\"margin:0;padding:0;background:{CANVAS}\"><div role=\"main\">\
             <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\"><tr><td class=\"canvas\" align=\"center\" \
             style=\"padding:32px 16px;background:{CANVAS}\">\
             <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"max-width:520px\">\
             <tr><td class=\"ink\" style=\"padding:0 4px 16px;font:700 18px/24px system-ui,sans-serif;color:{INK}\">\
             <h1 style=\"margin:0;font:inherit\">Lavender</h1></td></tr>\
             <tr><td class=\"surface\" style=\"padding:32px 28px 16px;border-radius:20px;background:{SURFACE};\
             font:16px/24px system-ui,-apple-system,'Segoe UI',sans-serif\">{body}</td></tr>\
             <tr><td class=\"muted\" style=\"padding:16px 4px;font:13px/19px system-ui,sans-serif;color:{MUTED}\">{footer}</td></tr>\
             </table></td></tr></table></div></body></html>",
            subject = escaped(&self.subject),
            footer = escaped(&self.footer),
        )
    }
}

/// For text and for values in double quotes (HTML, 13.3).
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

fn wrapped(text: &str) -> String {
    const WIDTH: usize = 76;
    let (mut lines, mut line) = (String::new(), 0);
    for word in text.split(' ') {
        let length = word.chars().count();
        if line > 0 && line + 1 + length > WIDTH {
            lines.push('\n');
            line = 0;
        } else if line > 0 {
            lines.push(' ');
            line += 1;
        }
        lines.push_str(word);
        line += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            subject: "Confirm <your> address".into(),
            name: "<script>alert(1)</script> & \"Co\"".into(),
            parts: vec![
                Paragraph::Text("word ".repeat(40).trim().to_owned()),
                Paragraph::Button("Confirm".into(), "https://chat.example.org/confirm?token=a.1.b&x=\"><b>".into()),
            ],
            footer: "Somebody gave this address to chat.example.org.".into(),
        }
    }

    #[test]
    fn nothing_that_people_chose_becomes_markup() {
        let html = letter().html();
        for raw in ["<script", "\"><b>", "<your>", "\"Co\""] {
            assert!(!html.contains(raw), "{raw}");
        }
        assert!(html.contains("token=a.1.b&amp;x=&quot;&gt;&lt;b&gt;"));
    }

    #[test]
    fn nothing_is_fetched_and_dark_mode_has_its_colours() {
        let html = letter().html();
        assert!(!["<img", "<link", "url(", "@import", "src="].iter().any(|part| html.contains(part)));
        assert!(html.contains("prefers-color-scheme: dark") && html.contains("name=\"color-scheme\""));
        // Every class that the dark style names is used.
        assert!([".canvas", ".surface", ".ink", ".muted", ".act"].iter().all(|name| {
            html.contains(&format!("{name} {{")) && html.contains(&format!("class=\"{}\"", &name[1..]))
        }));
    }

    #[test]
    fn the_text_says_the_same_in_short_lines() {
        let text = letter().text();
        let is_short = |line: &str| line.chars().count() <= 76 || line.starts_with("https://");
        assert!(text.lines().all(is_short), "{text}");
        assert!(text.contains("https://chat.example.org/confirm?token=a.1.b") && text.contains("Somebody gave"));
    }

    #[test]
    fn its_colours_are_the_tokens_and_can_be_read() {
        use crate::ui::tokens::{contrast, token};
        let light =
            [("canvas", CANVAS), ("surface", SURFACE), ("text", INK), ("text-muted", MUTED), ("accent-solid", ACCENT)];
        for (name, colour) in light {
            assert_eq!(token(name, false), colour, "{name}");
            assert!(DARK.contains(&token(name, true)), "{name}");
        }
        for is_dark in [false, true] {
            let token = |name| token(name, is_dark);
            for (text, ground) in [
                ("text", "surface"),
                ("text-muted", "surface"),
                ("text-muted", "canvas"),
                ("text", "canvas"),
                ("accent-solid-contrast", "accent-solid"),
            ] {
                assert!(contrast(&token(text), &token(ground)) >= 4.5, "{text} on {ground}, dark: {is_dark}");
            }
        }
    }
}
