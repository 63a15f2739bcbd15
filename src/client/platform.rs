//! The only place that knows which machine this is: clock, sleep, random, browser.

/// Milliseconds since 1970 by this machine's clock.
pub fn now_ms() -> i64 {
    #[cfg(feature = "web")]
    return js_sys::Date::now() as i64;
    #[cfg(not(feature = "web"))]
    return std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
}
