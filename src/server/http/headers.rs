//! What every answer carries, and the content security policy.

use crate::server::App;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, header};
use sha2::{Digest, Sha256};

/// For what changes its name with its content.
pub const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `style-src-attr` is for the style attributes of rendered pages. Scripts: our files, wasm, and inline ones by their
/// hash only.
const POLICY: &str = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; \
    form-action 'self'; img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; manifest-src 'self'; \
    worker-src 'self'; connect-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
    script-src 'self' 'wasm-unsafe-eval'";

const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // `no-referrer` would make browsers send `Origin: null` with forms.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(self), geolocation=(), payment=()"),
];

/// Puts the headers on that are the same for all, and those that are missing.
pub fn dress(app: &App, path: &str, response: &mut Response) {
    let is_font = path.starts_with("/fonts/") && path.ends_with(".woff2") && response.status().is_success();
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.config.is_https() {
        let year = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy(&[], app.blobs.origin()));
    }
    // Files keep what they have: hashed ones may stay for ever, the others are asked for again. A font that changes gets
    // another name.
    if is_font {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    } else if !headers.contains_key(header::CACHE_CONTROL) {
        let value = if is_file(path) { "no-cache" } else { "no-store" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    headers.remove(header::SERVER);
}

/// Whether an address is that of a file: below `/assets/`, with an ending, or hidden. No page is like that.
pub fn is_file(path: &str) -> bool {
    let ending = || path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    path.starts_with("/assets/") || !path.starts_with("/api/") && (ending() || path.contains("/."))
}

/// The policy that also allows these inline scripts, and pictures and sound from the origin of the blob store.
pub fn policy(scripts: &[&str], storage: Option<&str>) -> HeaderValue {
    let hashes: String = scripts
        .iter()
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script.as_bytes()))))
        .collect();
    let policy = match storage {
        None => POLICY.to_owned(),
        Some(origin) => {
            let sources = [("img-src 'self'", "img-src"), ("media-src 'self'", "media-src")];
            sources.iter().fold(POLICY.to_owned(), |policy, (from, name)| {
                policy.replacen(from, &format!("{name} 'self' {origin}"), 1)
            })
        }
    };
    HeaderValue::try_from(format!("{policy}{hashes}")).expect("base64 and origins are ASCII")
}

/// The inline scripts of a page that Dioxus itself wrote, in their exact forms. A script that came in by any other way is
/// none of them, so it gets no hash and does not run.
pub fn own_scripts(html: &str) -> Vec<&str> {
    let streaming = html.split_once("</head>").and_then(|(_, rest)| first_script(rest));
    let data = html.rmatch_indices("<script>window.initial_dioxus_hydration_data=\"").next();
    let data = data.and_then(|(start, _)| first_script(&html[start..]));
    let streaming = streaming.filter(|script| script.contains("window.dx_hydrate"));
    streaming.into_iter().chain(data.filter(|script| is_hydration_data(script))).collect()
}

fn first_script(html: &str) -> Option<&str> {
    let (_, rest) = html.split_once("<script>")?;
    rest.split_once("</script>").map(|(script, _)| script)
}

/// `window.initial_dioxus_hydration_data="<base64>";`, in debug builds followed by the names of the types.
fn is_hydration_data(script: &str) -> bool {
    let is_base64 = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    let rest = script.strip_prefix("window.initial_dioxus_hydration_data=\"").and_then(|rest| rest.split_once("\";"));
    rest.is_some_and(|(data, rest)| is_base64(data) && (cfg!(debug_assertions) || rest.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_scripts_of_dioxus_get_a_hash() {
        let page = |body: &str| {
            format!(
                "<html><head></head><body><div id=\"main\"><script>window.dx_hydrate=1</script>{body}</div>\
                 <script>window.initial_dioxus_hydration_data=\"YQ==\";</script></body></html>"
            )
        };
        let own = ["window.dx_hydrate=1", "window.initial_dioxus_hydration_data=\"YQ==\";"];
        assert_eq!(own_scripts(&page("")), own);
        assert_eq!(own_scripts(&page("<script>alert(1)</script>")), own);
        assert_eq!(own_scripts("<html><head></head><script>alert(1)</script>"), Vec::<&str>::new());
        let forged = "<script>window.initial_dioxus_hydration_data=\"\";alert(1)//<</script>";
        assert!(!own_scripts(&page(forged)).iter().any(|script| script.contains("alert")));
        assert!(!is_hydration_data("window.initial_dioxus_hydration_data=\"<b>\";"));
    }

    #[test]
    fn a_hash_is_what_browsers_compute() {
        let policy = policy(&["alert('Hello, world.');"], None);
        // The example of Content Security Policy Level 3, section 8.3.
        let hash = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
        assert!(policy.to_str().expect("ASCII").ends_with(hash), "{policy:?}");
    }

    #[test]
    fn pictures_and_sound_may_come_from_the_bucket_if_there_is_one() {
        let text = |storage| policy(&[], storage).to_str().expect("ASCII").to_owned();
        let with = text(Some("https://files.example.org"));
        assert!(with.contains("img-src 'self' https://files.example.org blob: data:;"), "{with}");
        assert!(with.contains("media-src 'self' https://files.example.org blob:;"), "{with}");
        assert_eq!(with.replace(" https://files.example.org", ""), text(None));
        assert_eq!(with.matches("files.example.org").count(), 2);
    }
}
