//! Moments as people read them. Pages are rendered in UTC first, on both sides alike; once a page is alive it shows the
//! time of the place where it is.

use crate::time::{Timestamp, civil};
use crate::ui::dom;
use dioxus::prelude::*;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// How often texts such as "5 min ago" are looked at again.
const TICK_MS: u32 = 20_000;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// What time texts hang on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Clock {
    pub now: Timestamp,
    pub is_local: bool,
}

impl Clock {
    /// A moment as local as this clock is.
    pub fn local(self, at: Timestamp) -> Local {
        Local { ms: at.0.saturating_add(self.offset_ms(at)) }
    }

    fn offset_ms(self, at: Timestamp) -> i64 {
        if self.is_local { i64::from(dom::zone_offset_min(at.0)) * MINUTE_MS } else { 0 }
    }

    fn today(self) -> i64 {
        self.local(self.now).day()
    }

    /// `18:12`
    pub fn time(self, at: Timestamp) -> String {
        self.local(at).time()
    }

    /// The column of a list: the time today, the weekday in the last week, the date before.
    pub fn short(self, at: Timestamp) -> String {
        let local = self.local(at);
        match self.today() - local.day() {
            0 => local.time(),
            1..=6 => local.weekday()[..3].to_owned(),
            _ => local.date(self.local(self.now).year(), true),
        }
    }

    /// Over a day's messages: `Today`, `Yesterday`, `Wednesday`, `2 June`, `2 June 2024`.
    pub fn day(self, at: Timestamp) -> String {
        let local = self.local(at);
        match self.today() - local.day() {
            0 => "Today".to_owned(),
            1 => "Yesterday".to_owned(),
            2..=6 => local.weekday().to_owned(),
            _ => local.date(self.local(self.now).year(), false),
        }
    }

    /// `last seen 5 min ago`
    pub fn last_seen(self, at: Timestamp) -> String {
        let minutes = (self.now.0 - at.0).div_euclid(MINUTE_MS);
        let local = self.local(at);
        match (minutes, self.today() - local.day()) {
            (..=0, _) => "last seen just now".to_owned(),
            (1..=59, _) => format!("last seen {minutes} min ago"),
            (_, 0) => format!("last seen today at {}", local.time()),
            (_, 1) => format!("last seen yesterday at {}", local.time()),
            (_, 2..=6) => format!("last seen on {}", local.weekday()),
            _ => format!("last seen on {}", local.date(self.local(self.now).year(), true)),
        }
    }

    /// The next moment at which it is `hour` o'clock here.
    pub fn next(self, hour: i64) -> Timestamp {
        let local = self.local(self.now).ms;
        let today = local - local.rem_euclid(DAY_MS) + hour * 60 * MINUTE_MS;
        let next = if today > local { today } else { today + DAY_MS };
        self.now.plus_ms(next - local)
    }

    /// `14 March 2024`
    pub fn date(self, at: Timestamp) -> String {
        // No year goes without saying.
        self.local(at).date(0, false)
    }

    /// `March 2024`
    pub fn month(self, at: Timestamp) -> String {
        let local = self.local(at);
        let (year, month, _) = local.civil();
        format!("{} {year}", MONTHS[month as usize - 1])
    }
}

/// A moment moved to its place.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Local {
    ms: i64,
}

impl Local {
    /// Days since 1970-01-01.
    pub fn day(self) -> i64 {
        self.ms.div_euclid(DAY_MS)
    }

    fn time(self) -> String {
        let minutes = self.ms.rem_euclid(DAY_MS) / MINUTE_MS;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// `2025-06-04`
    pub fn iso(self) -> String {
        let (year, month, day) = self.civil();
        format!("{year:04}-{month:02}-{day:02}")
    }

    fn weekday(self) -> &'static str {
        // 1970-01-01 was a Thursday.
        DAYS[(self.day() + 3).rem_euclid(7) as usize]
    }

    fn year(self) -> i64 {
        self.civil().0
    }

    fn date(self, this_year: i64, is_short: bool) -> String {
        let (year, month, day) = self.civil();
        let name = MONTHS[month as usize - 1];
        let name = if is_short { &name[..3] } else { name };
        if year == this_year { format!("{day} {name}") } else { format!("{day} {name} {year}") }
    }

    /// Year, month from 1, day from 1.
    fn civil(self) -> (i64, i64, i64) {
        civil(self.day())
    }
}

/// Provides the [`Clock`] of a page that was rendered at `now` of the server's clock. In a browser it becomes local after
/// the first paint and goes on by the device's clock.
pub fn use_provide_clock(now: Timestamp) -> Signal<Clock> {
    let mut clock = use_context_provider(|| Signal::new(Clock { now, is_local: false }));
    use_future(move || async move {
        loop {
            if cfg!(target_arch = "wasm32") {
                let next = Clock { now: Timestamp::now(), is_local: true };
                clock.set(next);
            }
            dom::sleep(TICK_MS).await;
        }
    });
    clock
}

/// The clock provided above, now; the component renders again when it moves.
pub fn use_clock() -> Clock {
    use_context::<Signal<Clock>>()()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-06-04, a Wednesday, 18:12 UTC.
    const NOW: Timestamp = Timestamp(1_749_060_720_000);
    const CLOCK: Clock = Clock { now: NOW, is_local: false };

    fn before(ms: i64) -> Timestamp {
        NOW.plus_ms(-ms)
    }

    #[test]
    fn a_list_shows_time_weekday_or_date() {
        assert_eq!(CLOCK.short(NOW), "18:12");
        assert_eq!(CLOCK.short(before(18 * 60 * MINUTE_MS)), "00:12");
        assert_eq!(CLOCK.short(before(DAY_MS)), "Tue");
        assert_eq!(CLOCK.short(before(6 * DAY_MS)), "Thu");
        assert_eq!(CLOCK.short(before(7 * DAY_MS)), "28 May");
        assert_eq!(CLOCK.short(before(200 * DAY_MS)), "16 Nov 2024");
    }

    #[test]
    fn a_day_has_a_name() {
        assert_eq!(CLOCK.day(NOW), "Today");
        assert_eq!(CLOCK.day(before(DAY_MS)), "Yesterday");
        assert_eq!(CLOCK.day(before(2 * DAY_MS)), "Monday");
        assert_eq!(CLOCK.day(before(30 * DAY_MS)), "5 May");
        assert_eq!(CLOCK.day(Timestamp(0)), "1 January 1970");
        assert_eq!(CLOCK.day(Timestamp(951_782_400_000)), "29 February 2000");
        assert_eq!(CLOCK.day(Timestamp(-1)), "31 December 1969");
        assert_eq!(CLOCK.month(NOW), "June 2025");
    }

    #[test]
    fn the_next_morning_is_ahead() {
        assert_eq!(CLOCK.short(CLOCK.next(8)), "5 Jun", "it is after eight: tomorrow");
        assert_eq!(CLOCK.time(CLOCK.next(8)), "08:00");
        assert_eq!(CLOCK.next(19), NOW.plus_ms(48 * MINUTE_MS));
    }

    #[test]
    fn last_seen_grows_coarser() {
        assert_eq!(CLOCK.last_seen(NOW.plus_ms(5_000)), "last seen just now");
        assert_eq!(CLOCK.last_seen(before(59_000)), "last seen just now");
        assert_eq!(CLOCK.last_seen(before(5 * MINUTE_MS)), "last seen 5 min ago");
        assert_eq!(CLOCK.last_seen(before(2 * 60 * MINUTE_MS)), "last seen today at 16:12");
        assert_eq!(CLOCK.last_seen(before(DAY_MS)), "last seen yesterday at 18:12");
        assert_eq!(CLOCK.last_seen(before(3 * DAY_MS)), "last seen on Sunday");
        assert_eq!(CLOCK.last_seen(before(90 * DAY_MS)), "last seen on 6 Mar");
    }
}
