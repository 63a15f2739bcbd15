//! The cookies of this server. All are `__Host-`: `Secure`, `Path=/`, no `Domain`; browsers take them on https and on
//! localhost only. All are `HttpOnly` and `SameSite=Lax`: a page reached from a mail or from an identity provider must
//! see who is there, and what changes anything is checked by `Origin` besides.

use crate::id::{SessionId, UserId};
use crate::model::limits::FRESH_MS;
use crate::model::{FormState, Theme};
use crate::server::keys::Keys;
use crate::server::service::accounts::SignedIn;
use crate::server::session::{ABSOLUTE_MS, ACCESS_MS};
use crate::time::Timestamp;
use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

/// The access token.
pub const ACCESS: &str = "__Host-lav_at";
/// The refresh token.
pub const REFRESH: &str = "__Host-lav_rt";
/// What a refused form held, for a minute.
pub const FORM: &str = "__Host-lav_form";
/// The account that signed in on this device last.
pub const DEVICE: &str = "__Host-lav_dev";
/// `light`, `dark`, or absent for what the system says.
pub const THEME: &str = "__Host-lav_theme";

/// What belongs to an attempt to sign in elsewhere, until it ends.
pub const ATTEMPT: &str = "__Host-lav_oidc";
/// Somebody who has signed in elsewhere, until they have an account here.
pub const JOINING: &str = "__Host-lav_join";

/// That somebody has signed in elsewhere afresh, for a session.
pub const FRESH: &str = "__Host-lav_fresh";

const FORM_MS: i64 = 60_000;
const DEVICE_MS: i64 = 365 * 24 * 3_600_000;
/// A cookie is dropped by browsers beyond 4 KiB, name and attributes included.
const VALUE_MAX: usize = 3_500;

/// The value of the first cookie of this name.
pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A `Set-Cookie` line.
pub fn set(name: &'static str, value: String, lives_ms: i64) -> HeaderValue {
    let cookie = Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(cookie::time::Duration::milliseconds(lives_ms));
    HeaderValue::try_from(cookie.build().to_string()).expect("names and values are ASCII")
}

/// A `Set-Cookie` line that takes one away.
pub fn clear(name: &'static str) -> HeaderValue {
    set(name, String::new(), 0)
}

/// The lines that sign a browser in.
pub fn sign_in(signed_in: &SignedIn) -> Vec<HeaderValue> {
    let access = set(ACCESS, signed_in.access_token.clone(), ACCESS_MS);
    let refresh = signed_in.refresh_token.clone().map(|token| set(REFRESH, token, ABSOLUTE_MS));
    std::iter::once(access).chain(refresh).collect()
}

/// The lines that sign a browser out.
pub fn sign_out() -> [HeaderValue; 2] {
    [clear(ACCESS), clear(REFRESH)]
}

/// The line that marks a device as used by this account.
pub fn trust_device(keys: &Keys, user_id: UserId) -> HeaderValue {
    let sealed = keys.seal("device", user_id.0.as_bytes(), Timestamp::now().plus_ms(DEVICE_MS));
    set(DEVICE, sealed, DEVICE_MS)
}

/// The account that a device is marked for.
pub fn trusted_for(keys: &Keys, headers: &HeaderMap) -> Option<UserId> {
    let bytes = keys.unseal("device", find(headers, DEVICE)?, Timestamp::now())?;
    uuid::Uuid::from_slice(&bytes).ok().map(UserId)
}

/// The line that says that this session began by signing in elsewhere afresh.
pub fn fresh(keys: &Keys, signed_in: &SignedIn) -> HeaderValue {
    let sealed = keys.seal("fresh", signed_in.session_id.0.as_bytes(), Timestamp::now().plus_ms(FRESH_MS));
    set(FRESH, sealed, FRESH_MS)
}

/// Whether a request says that of its session.
pub fn is_fresh(keys: &Keys, headers: &HeaderMap, session_id: SessionId) -> bool {
    let sealed = find(headers, FRESH).and_then(|sealed| keys.unseal("fresh", sealed, Timestamp::now()));
    sealed.is_some_and(|id| id == session_id.0.as_bytes())
}

/// The line that carries a refused form to the page that shows it again.
pub fn flash(keys: &Keys, form: &FormState) -> HeaderValue {
    let short = |text: &str| text.chars().take(100).collect::<String>();
    let form = FormState {
        username: short(&form.username),
        display_name: short(&form.display_name),
        email: short(&form.email),
        login: short(&form.login),
        error: form.error.clone(),
        ..FormState::default()
    };
    let seal = |form: &FormState| {
        let body = serde_json::to_vec(form).unwrap_or_default();
        keys.seal("form", &body, Timestamp::now().plus_ms(FORM_MS))
    };
    let mut value = seal(&form);
    if value.len() > VALUE_MAX {
        value = seal(&FormState { error: form.error, ..FormState::default() });
    }
    set(FORM, value, FORM_MS)
}

/// The refused form that a request carries.
pub fn read_flash(keys: &Keys, headers: &HeaderMap) -> Option<FormState> {
    let body = keys.unseal("form", find(headers, FORM)?, Timestamp::now())?;
    serde_json::from_slice(&body).ok()
}

/// The line that keeps a theme.
pub fn theme(theme: Theme) -> HeaderValue {
    match theme {
        Theme::System => clear(THEME),
        Theme::Light => set(THEME, "light".to_owned(), DEVICE_MS),
        Theme::Dark => set(THEME, "dark".to_owned(), DEVICE_MS),
    }
}

/// The theme that a request carries.
pub fn read_theme(headers: &HeaderMap) -> Theme {
    match find(headers, THEME) {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cookie_has_the_attributes_of_the_host_prefix() {
        let line = set(ACCESS, "value".to_owned(), 600_000);
        let line = line.to_str().expect("ASCII");
        let mut parts: Vec<&str> = line.split("; ").collect();
        assert_eq!(parts.remove(0), "__Host-lav_at=value");
        parts.sort_unstable();
        assert_eq!(parts, ["HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax", "Secure"]);
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("x__Host-lav_at=no; a=b; __Host-lav_at=yes"));
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-lav_rt=r"));
        assert_eq!(find(&headers, ACCESS), Some("yes"));
        assert_eq!(find(&headers, REFRESH), Some("r"));
        assert_eq!(find(&headers, FORM), None);
    }

    #[test]
    fn a_form_of_any_size_fits_into_a_cookie() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = Keys::open(folder.path(), "x").expect("keys");
        let long = "\u{1f600}".repeat(5_000);
        let form = FormState {
            username: long.clone(),
            display_name: long.clone(),
            email: long.clone(),
            login: long,
            error: Some(crate::Error::BadCredentials),
            ..FormState::default()
        };
        let line = flash(&keys, &form);
        assert!(line.len() < 4_000, "{}", line.len());
        let mut headers = HeaderMap::new();
        let pair = line.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned();
        headers.insert(header::COOKIE, HeaderValue::try_from(pair).expect("ASCII"));
        assert_eq!(read_flash(&keys, &headers).and_then(|form| form.error), Some(crate::Error::BadCredentials));
    }
}
