//! Which parts of code are words of the language, texts, numbers and comments. One small lexer for all languages: it reads
//! what they have in common and is wrong at their edges, which costs a colour. It takes time in proportion to the code.

/// What a part of code is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Plain,
    Keyword,
    Text,
    Number,
    Comment,
}

/// How a family of languages is written.
struct Language {
    /// As typed behind a fence, lower case.
    names: &'static str,
    /// What begins a comment that ends with the line.
    line: &'static [&'static str],
    block: Option<(&'static str, &'static str)>,
    /// What a text begins and ends with. `"""` and the like come before their shorter ones.
    quotes: &'static [&'static str],
    keywords: &'static str,
    is_caseless: bool,
}

const C_BLOCK: Option<(&str, &str)> = Some(("/*", "*/"));

const LANGUAGES: [Language; 14] = [
    Language {
        names: "rust rs",
        line: &["//"],
        block: C_BLOCK,
        quotes: &["\""],
        keywords: "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while",
        is_caseless: false,
    },
    Language {
        names: "js javascript jsx ts typescript tsx mjs",
        line: &["//"],
        block: C_BLOCK,
        quotes: &["\"", "'", "`"],
        keywords: "as async await break case catch class const continue default delete do else enum export extends false finally for from function if implements import in instanceof interface let new null of private public readonly return static super switch this throw true try type typeof undefined var void while yield",
        is_caseless: false,
    },
    Language {
        names: "py python",
        line: &["#"],
        block: None,
        quotes: &["\"\"\"", "'''", "\"", "'"],
        keywords: "and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield",
        is_caseless: false,
    },
    Language {
        names: "java kotlin kt scala",
        line: &["//"],
        block: C_BLOCK,
        quotes: &["\"\"\"", "\"", "'"],
        keywords: "abstract as boolean break byte case catch char class const continue data default do double else enum extends false final finally float for fun if implements import in instanceof int interface is long new null object override package private protected public return short static super switch this throw throws true try val var void when while",
        is_caseless: false,
    },
    Language {
        names: "c h cpp c++ cc hpp objc",
        line: &["//"],
        block: C_BLOCK,
        quotes: &["\"", "'"],
        keywords: "auto bool break case catch char class const constexpr continue default delete do double else enum extern false float for friend goto if include inline int long namespace new nullptr operator private protected public return short signed sizeof static struct switch template this throw true try typedef typename union unsigned using virtual void volatile while define ifdef ifndef endif",
        is_caseless: false,
    },
    Language {
        names: "cs c# csharp",
        line: &["//"],
        block: C_BLOCK,
        quotes: &["\"", "'"],
        keywords: "abstract as async await base bool break byte case catch char class const continue decimal default do double else enum event false finally float for foreach get if in int interface internal is lock long namespace new null object out override private protected public readonly record ref return sealed set static string struct switch this throw true try using var virtual void while yield",
        is_caseless: false,
    },
    Language {
        names: "go golang",
        line: &["//"],
        block: C_BLOCK,
        quotes: &["\"", "`", "'"],
        keywords: "any bool break case chan const continue default defer else error fallthrough false for func go goto if import int interface map nil package range return select string struct switch true type var",
        is_caseless: false,
    },
    Language {
        names: "rb ruby",
        line: &["#"],
        block: None,
        quotes: &["\"", "'"],
        keywords: "and begin break case class def do else elsif end ensure false for if in module next nil not or require rescue return self super then true unless until when while yield",
        is_caseless: false,
    },
    Language {
        names: "php",
        line: &["//", "#"],
        block: C_BLOCK,
        quotes: &["\"", "'"],
        keywords: "abstract and array as break case catch class const continue default do echo else elseif extends false final finally fn for foreach function global if implements interface match namespace new null or private protected public return static switch this throw true try use var while",
        is_caseless: false,
    },
    Language {
        names: "swift dart",
        line: &["//"],
        block: C_BLOCK,
        quotes: &["\"\"\"", "\"", "'"],
        keywords: "as async await break case catch class const continue default defer do else enum extension false final for func guard if import in init is late let nil null override private protocol public required return self static struct super switch this throw throws true try var void where while",
        is_caseless: false,
    },
    Language {
        names: "sh bash shell zsh console yaml yml toml dockerfile makefile ini conf",
        line: &["#"],
        block: None,
        quotes: &["\"", "'"],
        keywords: "case cd do done echo elif else esac exit export false fi for function if in local null read return set source then true unset while FROM RUN COPY CMD ENV ENTRYPOINT WORKDIR",
        is_caseless: false,
    },
    Language {
        names: "sql sqlite mysql postgres postgresql",
        line: &["--"],
        block: C_BLOCK,
        quotes: &["'", "\""],
        keywords: "all alter and as asc begin between by case commit create default delete desc distinct drop else end exists foreign from group having if in index inner insert into is join key left like limit not null offset on or order outer primary references returning right select set table then union unique update using values when where with",
        is_caseless: true,
    },
    Language {
        names: "json jsonc json5",
        line: &["//"],
        block: None,
        quotes: &["\""],
        keywords: "false null true",
        is_caseless: false,
    },
    Language {
        names: "html xml svg vue css scss",
        line: &[],
        block: Some(("<!--", "-->")),
        quotes: &["\"", "'"],
        keywords: "",
        is_caseless: false,
    },
];

/// The parts of a code in a language, in their order; together they are the code. `None` for languages that are not known.
pub fn tokens<'a>(lang: &str, code: &'a str) -> Option<Vec<(Kind, &'a str)>> {
    let lang = lang.to_ascii_lowercase();
    let language = LANGUAGES.iter().find(|language| language.names.split(' ').any(|name| name == lang))?;
    let mut out: Vec<(Kind, &str)> = Vec::new();
    let (mut at, mut plain) = (0, 0);
    while at < code.len() {
        let rest = &code[at..];
        let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let (kind, len) = if let Some(len) = comment(language, rest) {
            (Kind::Comment, len)
        } else if let Some(len) = quoted(language, rest) {
            (Kind::Text, len)
        } else if word == 0 {
            (Kind::Plain, rest.chars().next().map_or(1, char::len_utf8))
        } else if rest.starts_with(|c: char| c.is_ascii_digit()) {
            (Kind::Number, number(rest, word))
        } else if is_keyword(language, &rest[..word]) {
            (Kind::Keyword, word)
        } else {
            (Kind::Plain, word)
        };
        if kind != Kind::Plain {
            if plain < at {
                out.push((Kind::Plain, &code[plain..at]));
            }
            out.push((kind, &rest[..len]));
            plain = at + len;
        }
        at += len;
    }
    if plain < code.len() {
        out.push((Kind::Plain, &code[plain..]));
    }
    Some(out)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn is_keyword(language: &Language, word: &str) -> bool {
    language
        .keywords
        .split(' ')
        .any(|keyword| if language.is_caseless { keyword.eq_ignore_ascii_case(word) } else { keyword == word })
}

/// A number with its fraction and unit (`1.5e3`, `0xff`, `10px`).
fn number(rest: &str, word: usize) -> usize {
    let fraction = rest[word..].strip_prefix('.').map_or(0, |rest| {
        let len = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        if rest.starts_with(|c: char| c.is_ascii_digit()) { len + 1 } else { 0 }
    });
    word + fraction
}

fn comment(language: &Language, rest: &str) -> Option<usize> {
    if language.line.iter().any(|begin| rest.starts_with(begin)) {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    let (begin, end) = language.block?;
    let inside = rest.strip_prefix(begin)?;
    Some(inside.find(end).map_or(rest.len(), |at| begin.len() + at + end.len()))
}

/// A text with its quotes. One that is open ends with the line, but for those of three signs and backticks.
fn quoted(language: &Language, rest: &str) -> Option<usize> {
    let quote = language.quotes.iter().find(|quote| rest.starts_with(**quote))?;
    let is_long = quote.len() > 1 || *quote == "`";
    let mut at = quote.len();
    let mut is_escaped = false;
    for c in rest[at..].chars() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if rest[at..].starts_with(quote) {
            return Some(at + quote.len());
        } else if c == '\n' && !is_long {
            return Some(at);
        }
        at += c.len_utf8();
    }
    Some(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(lang: &str, code: &str) -> String {
        let show = |(kind, part): &(Kind, &str)| match kind {
            Kind::Plain => (*part).to_owned(),
            Kind::Keyword => format!("<k {part}>"),
            Kind::Text => format!("<t {part}>"),
            Kind::Number => format!("<n {part}>"),
            Kind::Comment => format!("<c {part}>"),
        };
        tokens(lang, code).expect("a known language").iter().map(show).collect()
    }

    #[test]
    fn parts_have_their_kinds() {
        for (lang, code, expected) in [
            ("rust", "let x = 42; // why", "<k let> x = <n 42>; <c // why>"),
            ("RS", "fn f<'a>(x: &'a str) {}", "<k fn> f<'a>(x: &'a str) {}"),
            ("js", "const s = `a\n${b}`", "<k const> s = <t `a\n${b}`>"),
            ("py", "def f(): \"\"\"doc\n\"\"\" # no", "<k def> f(): <t \"\"\"doc\n\"\"\"> <c # no>"),
            ("c", "/* a\nb */ x = 1.5e3", "<c /* a\nb */> x = <n 1.5e3>"),
            ("sql", "SELECT 'it''s' -- x", "<k SELECT> <t 'it'><t 's'> <c -- x>"),
            ("json", "{\"a\": [1, null]}", "{<t \"a\">: [<n 1>, <k null>]}"),
            ("sh", "echo \"a\\\"b\" x", "<k echo> <t \"a\\\"b\"> x"),
            ("js", "\"open\nlet", "<t \"open>\n<k let>"),
            ("go", "1..2", "<n 1>..<n 2>"),
            ("rust", "letter", "letter"),
        ] {
            assert_eq!(marked(lang, code), expected, "{lang}: {code}");
        }
        assert_eq!(tokens("klingon", "x"), None);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(lang in 0..LANGUAGES.len(), code in r#"[ -~\n"'`/*é#-]{0,200}"#) {
            let lang = LANGUAGES[lang].names.split(' ').next().expect("a name");
            let parts = tokens(lang, &code).expect("a known language");
            prop_assert_eq!(parts.iter().map(|(_, part)| *part).collect::<String>(), code.clone());
            prop_assert!(parts.iter().all(|(_, part)| !part.is_empty()));
        }
    }
}
