//! Hosts in ASCII. [RFC 3492](https://www.rfc-editor.org/rfc/rfc3492).

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;

/// A host with its international labels in ASCII.
pub(super) fn host(host: &str) -> String {
    let labels = host
        .split('.')
        .map(|label| if label.is_ascii() { label.to_owned() } else { format!("xn--{}", label_of(label)) });
    labels.collect::<Vec<_>>().join(".")
}

fn adapted(delta: u32, count: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > ((BASE - T_MIN) * T_MAX) / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + 38)
}

/// `a` to `z`, then `0` to `9`.
fn digit(value: u32) -> char {
    let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
    letters.get(value as usize).map_or('0', |c| char::from(*c))
}

/// One label, without its prefix. Labels are of at most 63 characters; what is longer is no name and is cut there.
fn label_of(label: &str) -> String {
    let input: Vec<u32> = label.chars().take(63).map(u32::from).collect();
    let mut out: String = label.chars().take(63).filter(char::is_ascii).collect();
    let basic = out.len() as u32;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias, mut done) = (128, 0_u32, 72, basic);
    while let Some(next) = input.iter().copied().filter(|c| *c >= n).min() {
        delta = delta.saturating_add((next - n).saturating_mul(done + 1));
        n = next;
        for c in &input {
            if *c < n {
                delta = delta.saturating_add(1);
            }
            if *c == n {
                let (mut q, mut k) = (delta, BASE);
                loop {
                    let t = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
                    if q < t {
                        break;
                    }
                    out.push(digit(t + (q - t) % (BASE - t)));
                    q = (q - t) / (BASE - t);
                    k += BASE;
                }
                out.push(digit(q));
                bias = adapted(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta = delta.saturating_add(1);
        n += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_as_the_registries_write_them() {
        for (typed, ascii) in [
            ("example.org", "example.org"),
            ("münchen.de", "xn--mnchen-3ya.de"),
            ("аррӏе.com", "xn--80ak6aa92e.com"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("παράδειγμα.gr", "xn--hxajbheg2az3al.gr"),
            ("bücher.ελ", "xn--bcher-kva.xn--qxam"),
        ] {
            assert_eq!(host(typed), ascii, "{typed}");
        }
    }

    #[test]
    fn a_label_that_never_ends_is_cut() {
        assert!(host(&"я".repeat(8_000)).len() < 300);
        assert!(host(&"\u{10ffff}a".repeat(4_000)).len() < 1_000);
    }
}
