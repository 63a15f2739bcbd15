//! Which functions are moved: learned once from a run, kept as rules that outlive changes of the code.
//!
//! A rule is a path of our own with `::*`, for all functions below it, or a number: the hash of one function's name. Names are
//! those of Rust's v0 mangling without the hashes of crates, so they say all types and outlive compilers. What is new is on no
//! list and stays.

use crate::Result;
use crate::module::Module;
use rustc_demangle::demangle;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The crate whose modules are moved by their paths.
const OWN: &str = "lavender";
/// What a start needs of these depends on the moment: a minute below ten is padded, yesterday is a word.
const ALWAYS: [&str; 2] = ["lavender::ui::time::", "<lavender::ui::time::"];
/// The crates that come with the compiler.
const STANDARD: [&str; 3] = ["core", "alloc", "std"];
/// Numbers in a line of the list.
const IN_A_LINE: usize = 11;

/// The parts of a path. What is between angle brackets is one part, with what is around it.
fn parts(name: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    let bytes = name.as_bytes();
    for at in 0..bytes.len() {
        match bytes[at] {
            b'<' => depth += 1,
            // Not the end of an arrow.
            b'>' if at == 0 || bytes[at - 1] != b'-' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && at > start && bytes[at - 1] == b':' => {
                parts.push(&name[start..at - 1]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&name[start..]);
    parts
}

/// Whether it stays, whatever ran: what writes numbers and texts, and trees of ids, are small, and everything needs them at some moment.
fn stays(name: &str) -> bool {
    let name = name.replace("lavender::id::", "");
    let is_ident = |char: char| char.is_alphanumeric() || char == '_';
    let roots = name.match_indices("::").filter_map(|(at, _)| {
        let before = &name[..at];
        let root = before.rsplit(|char| !is_ident(char)).next().filter(|root| !root.is_empty())?;
        let is_root = !before[..before.len() - root.len()].ends_with("::");
        is_root.then_some(root)
    });
    let mut roots = roots.peekable();
    ALWAYS.iter().any(|path| name.starts_with(path))
        || ((name.contains("::fmt") || name.contains("::btree::"))
            && roots.peek().is_some()
            && roots.all(|root| STANDARD.contains(&root)))
}

/// Names of the functions that are not imported, readable and without hashes.
fn names(module: &Module) -> BTreeMap<u32, String> {
    let defined = module.defined();
    let all = module.names.iter().filter(|(function, _)| defined.contains(function));
    all.map(|(function, name)| (*function, format!("{:#}", demangle(unnumbered(name))))).collect()
}

/// Tools give what occurs twice a number.
fn unnumbered(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => name,
    }
}

/// FNV-1a, 64 bits, of which 40 are enough to tell some ten thousand names apart.
fn hash(name: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, step) >> 24
}

#[derive(Default)]
struct Node<'a> {
    below: BTreeMap<&'a str, Node<'a>>,
    any_ran: bool,
}

/// The rules for all that never ran.
pub fn rules(module: &Module, ran: &BTreeSet<u32>) -> Result<String> {
    if ran.is_empty() {
        return Err("nothing ran".into());
    }
    let names = names(module);
    let kept: BTreeSet<&str> = names
        .iter()
        .filter(|(function, name)| ran.contains(function) || stays(name))
        .map(|(_, name)| name.as_str())
        .collect();
    let mut root = Node::default();
    for name in names.values() {
        let mut node = &mut root;
        for part in parts(name) {
            node.any_ran |= kept.contains(name.as_str());
            node = node.below.entry(part).or_default();
        }
        node.any_ran |= kept.contains(name.as_str());
    }
    let (mut paths, mut list) = (Vec::new(), String::new());
    if let Some(own) = root.below.get(OWN) {
        unseen(own, OWN, &mut paths);
    }
    for path in &paths {
        writeln!(list, "{path}::*")?;
    }
    let by_path: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
    let hashes: BTreeSet<u64> = names
        .values()
        .filter(|name| !kept.contains(name.as_str()) && !is_below(name, &by_path))
        .map(|name| hash(name))
        .collect();
    for line in hashes.into_iter().collect::<Vec<_>>().chunks(IN_A_LINE) {
        let line: Vec<String> = line.iter().map(|hash| format!("{hash:010x}")).collect();
        writeln!(list, "{}", line.join(" "))?;
    }
    Ok(list)
}

/// The paths below which nothing ran, the shortest ones.
fn unseen(node: &Node, path: &str, paths: &mut Vec<String>) {
    for (part, node) in node.below.iter().filter(|(_, node)| !node.below.is_empty()) {
        let path = format!("{path}::{part}");
        if node.any_ran { unseen(node, &path, paths) } else { paths.push(path) }
    }
}

fn is_below(name: &str, paths: &BTreeSet<&str>) -> bool {
    let parts = parts(name);
    (1..parts.len()).any(|count| paths.contains(parts[..count].join("::").as_str()))
}

/// The functions that a list of rules names.
pub fn matching(module: &Module, list: &str) -> Result<BTreeSet<u32>> {
    let (mut paths, mut hashes) = (BTreeSet::new(), BTreeSet::new());
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_suffix("::*") {
            Some(path) => _ = paths.insert(path),
            None => {
                for hash in line.split_whitespace() {
                    hashes.insert(u64::from_str_radix(hash, 16)?);
                }
            }
        }
    }
    let is_moved = |name: &str| hashes.contains(&hash(name)) || is_below(name, &paths);
    let moved: BTreeSet<u32> =
        names(module).into_iter().filter(|(_, name)| is_moved(name)).map(|(function, _)| function).collect();
    if moved.is_empty() { Err("the list names nothing of this module".into()) } else { Ok(moved) }
}

/// Bytes and name of each function that a list leaves where it is, the largest first.
pub fn sizes(module: &Module, list: &str) -> Result<String> {
    let (moved, names) = (matching(module, list)?, names(module));
    let mut left: Vec<(u64, &str)> = names
        .iter()
        .filter(|(function, _)| !moved.contains(function))
        .filter_map(|(function, name)| {
            let body = module.bodies.get(usize::try_from(function - module.imported_functions).ok()?)?;
            Some((body.range().end - body.range().start, name.as_str()))
        })
        .collect();
    left.sort_unstable_by(|one, other| other.cmp(one));
    let mut text = String::new();
    for (bytes, name) in left {
        writeln!(text, "{bytes} {name}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_outside_of_brackets() {
        assert_eq!(parts("a::b::c"), ["a", "b", "c"]);
        assert_eq!(parts("<a::B as c::D>::e"), ["<a::B as c::D>", "e"]);
        assert_eq!(parts("a::b<c::d>::e::{{closure}}"), ["a", "b<c::d>", "e", "{{closure}}"]);
        assert_eq!(
            parts("core::ops::function::FnOnce::call_once<fn(a) -> b::c, d>"),
            ["core", "ops", "function", "FnOnce", "call_once<fn(a) -> b::c, d>"]
        );
    }

    #[test]
    fn what_writes_numbers_and_texts_stays() {
        for name in [
            "core::fmt::write",
            "<alloc::string::String as core::fmt::Write>::write_char",
            "<i64 as core::fmt::Display>::fmt",
            "<lavender::id::RoomId as core::fmt::Display>::fmt",
            "<alloc::collections::btree::map::BTreeMap<lavender::id::RoomId, u8>>::insert",
            "lavender::ui::time::words",
            "<lavender::ui::time::Clock>::short",
        ] {
            assert!(stays(name), "{name}");
        }
        for name in [
            "<alloc::vec::Vec<u8>>::extend",
            "<lavender::model::Body as core::fmt::Display>::fmt",
            "core::ptr::drop_in_place::<lavender::model::Message>",
            "<alloc::vec::Vec<lavender::id::RoomId> as core::clone::Clone>::clone",
            "lavender::ui::room::row",
            "malloc",
        ] {
            assert!(!stays(name), "{name}");
        }
    }

    #[test]
    fn what_is_below_a_path_is_not_the_path() {
        let paths = BTreeSet::from(["a::b"]);
        assert!(is_below("a::b::c", &paths) && is_below("a::b::c::d", &paths));
        assert!(!is_below("a::b", &paths) && !is_below("a::bc::d", &paths));
    }

    #[test]
    fn a_number_of_a_tool_is_no_part_of_a_name() {
        assert_eq!((unnumbered("_RNvC1a1b.12"), unnumbered("_RNvC1a1b")), ("_RNvC1a1b", "_RNvC1a1b"));
    }
}
