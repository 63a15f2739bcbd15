//! Finding people and rooms by name, with slips of the finger.

use crate::model::slips;
use crate::server::find::fold::fold;

/// How well a name fits; smaller is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fit {
    /// It is the name, or one of its words.
    Exact,
    /// The name, or one of its words, begins with it.
    Beginning,
    /// As [`Fit::Beginning`], but for one slip (from four characters on) or two (from eight).
    Slip,
}

/// How the best of `names` fits what was typed; each counts from each of its words on.
pub fn fit<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<Fit> {
    let typed = fold(typed);
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    names.into_iter().filter_map(|name| fit_one(typed, fold(name).trim())).min()
}

fn fit_one(typed: &str, name: &str) -> Option<Fit> {
    let from_each_word =
        std::iter::successors(Some(name), |rest| rest.split_once([' ', '.', '_', '-']).map(|(_, tail)| tail));
    let of_one = |rest: &str| {
        let begins = rest.strip_prefix(typed);
        match begins {
            Some(tail) if tail.is_empty() || tail.starts_with(' ') => Some(Fit::Exact),
            Some(_) => Some(Fit::Beginning),
            None => is_beginning_with_slips(typed, rest).then_some(Fit::Slip),
        }
    };
    from_each_word.take(8).filter_map(of_one).min()
}

/// Whether `name` begins with something that is `typed` but for the slips allowed at its length.
fn is_beginning_with_slips(typed: &str, name: &str) -> bool {
    let typed: Vec<char> = typed.chars().collect();
    let name: Vec<char> = name.chars().take(typed.len() + slips::ALLOWED_MAX + 1).collect();
    slips::is_beginning(&typed, &name)
}

/// Beginnings to ask a store for, nearest first, so that names with slips are among what it answers: the first half (slips
/// are behind it), and the first half with its characters swapped or one left out.
pub fn probes(typed: &str) -> Vec<String> {
    let chars: Vec<char> = typed.chars().collect();
    if slips::allowed(chars.len()) == 0 {
        return Vec::new();
    }
    let half = chars.len().div_ceil(2).clamp(2, 4);
    let mut probes = vec![chars[..half].iter().collect::<String>()];
    for at in 0..half {
        let (mut swapped, mut without) = (chars[..=half].to_vec(), chars[..=half].to_vec());
        swapped.swap(at, at + 1);
        without.remove(at);
        probes.push(swapped[..half].iter().collect());
        probes.push(without.into_iter().collect());
        // Something else stood here: all that begins with what is before it.
        if at >= 1 {
            probes.push(chars[..at].iter().collect());
        }
    }
    let mut seen = std::collections::HashSet::new();
    probes.retain(|probe| seen.insert(probe.clone()));
    probes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits(typed: &str, name: &str) -> Option<Fit> {
        fit(typed, [name])
    }

    #[test]
    fn the_better_fit_comes_first() {
        assert_eq!(fits("anna", "Anna Berg"), Some(Fit::Exact));
        assert_eq!(fits("anna b", "Anna Berg"), Some(Fit::Beginning));
        assert_eq!(fits("berg", "Anna Berg"), Some(Fit::Exact));
        assert_eq!(fits("astrom", "Åström"), Some(Fit::Exact));
        assert_eq!(fits("ann", "Anna"), Some(Fit::Beginning));
        assert_eq!(fits("nna", "Anna"), None);
        assert_eq!(fit("ben", ["benedikt", "Ben"]), Some(Fit::Exact));
        assert_eq!((fits("", "Anna"), fits("\u{301}", "Anna")), (None, None));
    }

    #[test]
    fn one_slip_from_four_characters_on_and_two_from_eight() {
        for typed in ["jhon", "johm", "jon n", "joohn", "johhn"] {
            assert_eq!(fits(typed, "John N"), Some(Fit::Slip), "{typed}");
        }
        assert_eq!(fits("jhn", "John"), None, "three characters allow none");
        assert_eq!(fits("ojnh", "John"), None, "two slips");
        assert_eq!(fits("katherine", "Catherina"), Some(Fit::Slip));
        assert_eq!(fits("kathreina", "Catherina"), Some(Fit::Slip));
        assert_eq!(fits("katrheni", "Catherina"), None, "three slips");
        assert_eq!(fits("alexnader", "alexander.the.great"), Some(Fit::Slip));
    }

    #[test]
    fn probes_lead_to_names_with_a_slip() {
        for (typed, name) in [
            ("jhon", "john"),
            ("ojhn", "john"),
            ("johm", "john"),
            ("jhohn", "john"),
            ("jhnny", "johnny"),
            ("alexnader", "alexander"),
        ] {
            let folded = fold(name);
            assert!(
                probes(typed).iter().any(|probe| folded.starts_with(probe.as_str())),
                "{typed}: {:?}",
                probes(typed)
            );
        }
        assert!(probes("ann").is_empty());
        assert!(probes("ünterwegs").len() < 16);
    }

    proptest! {
        #[test]
        fn any_text_has_an_answer(typed in any::<String>(), name in any::<String>()) {
            fits(&typed, &name);
            probes(&typed);
        }

        #[test]
        fn a_name_fits_itself_with_one_slip(name in "[a-f]{5,9}", at in 0_usize..9, by in "[x-z]") {
            let at = at.min(name.len() - 1);
            let wrong = format!("{}{by}{}", &name[..at], &name[at + 1..]);
            prop_assert!(fits(&wrong, &name).is_some());
        }
    }
}
