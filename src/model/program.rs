//! Files that are programs. Both sides look: the page before it sends one, the server before it takes one. Pure.

/// Programs, and files that run one when they are opened, by their extension.
const EXTENSIONS: &[&str] = &[
    "apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "desktop", "dll", "exe", "hta", "inf", "jar", "jse",
    "lnk", "msi", "msix", "msp", "ocx", "pif", "ps1", "psm1", "reg", "scf", "scr", "sys", "url", "vb", "vbe", "vbs",
    "wsf", "wsh",
];

/// Extensions under which `#!` makes a program of a text; none at all does too.
const SCRIPTS: &[&str] = &["", "bash", "bin", "command", "fish", "ksh", "out", "run", "sh", "tool", "zsh"];

/// How much of a file [`is_program`] looks at, in bytes.
pub const PROGRAM_HEAD: usize = 64;

/// Whether a file is a program, by its extension in lower case and its first [`PROGRAM_HEAD`] bytes or more (all of a
/// shorter one).
pub fn is_program(extension: &str, head: &[u8]) -> bool {
    EXTENSIONS.contains(&extension) || has_code(head) || (is_script(head) && SCRIPTS.contains(&extension))
}

/// Programs of Windows, Linux, Android and macOS, classes of Java, WebAssembly, shortcuts of Windows.
fn has_code(head: &[u8]) -> bool {
    const MAGIC: &[&[u8]] = &[
        b"\x7fELF",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"\xca\xfe\xba\xbf",
        b"dex\n03",
        b"\0asm\x01\0\0\0",
        b"L\0\0\0\x01\x14\x02\0",
    ];
    // A text may begin with "MZ"; a program has a NUL in the numbers that follow.
    let is_mz = head.starts_with(b"MZ") && head[..head.len().min(PROGRAM_HEAD)].contains(&0);
    is_mz || MAGIC.iter().any(|magic| head.starts_with(magic))
}

fn is_script(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    text.starts_with(b"#!")
}
