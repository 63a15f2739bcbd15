//! What this device's notifications are like. Kept by the browser, not with the account: another device may be louder.

use crate::model::MUTED_FOR_GOOD;
use crate::time::Timestamp;
use crate::ui::dom;

/// Where the browser keeps them.
const KEY: &str = "lavender-notify";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotifySettings {
    pub is_on: bool,
    pub has_sound: bool,
    /// Whether a notification says what was written, or only who wrote.
    pub has_text: bool,
    /// Do not disturb before this; [`MUTED_FOR_GOOD`] without an end.
    pub quiet_until: Option<Timestamp>,
}

impl Default for NotifySettings {
    fn default() -> Self {
        Self { is_on: true, has_sound: true, has_text: true, quiet_until: None }
    }
}

impl NotifySettings {
    /// Those of this device.
    pub fn load() -> Self {
        dom::recall(KEY).and_then(|kept| Self::read(&kept)).unwrap_or_default()
    }

    pub fn keep(self) {
        dom::remember(KEY, &self.write());
    }

    pub fn is_quiet(self, now: Timestamp) -> bool {
        self.quiet_until.is_some_and(|until| until > now)
    }

    /// Without an end.
    pub fn is_quiet_for_good(self) -> bool {
        self.quiet_until == Some(MUTED_FOR_GOOD)
    }

    /// Three switches and a moment: `110 1749060780000`.
    fn write(self) -> String {
        let bit = |on| if on { '1' } else { '0' };
        let until = self.quiet_until.map_or(0, |until| until.0);
        format!("{}{}{} {until}", bit(self.is_on), bit(self.has_sound), bit(self.has_text))
    }

    /// `None`: nothing that [`Self::write`] made.
    fn read(kept: &str) -> Option<Self> {
        let (switches, until) = kept.split_once(' ')?;
        let mut switches = switches.chars().map(|c| c == '1');
        Some(Self {
            is_on: switches.next()?,
            has_sound: switches.next()?,
            has_text: switches.next()?,
            quiet_until: Some(Timestamp(until.parse().ok()?)).filter(|until| until.0 > 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        for quiet_until in [None, Some(Timestamp(1_749_060_780_000)), Some(MUTED_FOR_GOOD)] {
            let settings = NotifySettings { is_on: true, has_sound: false, has_text: true, quiet_until };
            assert_eq!(NotifySettings::read(&settings.write()), Some(settings));
        }
        for strange in ["", "1", "11 0", "111", "111 soon"] {
            assert_eq!(NotifySettings::read(strange), None, "{strange}");
        }
    }

    #[test]
    fn quiet_ends() {
        let until = |until| NotifySettings { quiet_until: Some(Timestamp(until)), ..NotifySettings::default() };
        assert!(until(10).is_quiet(Timestamp(9)) && !until(10).is_quiet(Timestamp(10)));
    }
}
