//! Whether a message is for the assistant.

/// What is sent longer ago than this is answered no more: it was missed, and people went on.
pub const AGE_MAX_MS: i64 = 60_000;
/// Messages of the assistant in a row, without a person between them, after which it is silent.
pub const IN_A_ROW_MAX: u32 = 3;

/// What the caller knows of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Heard {
    /// The author is no person: a bot, a webhook, the assistant itself.
    pub is_by_bot: bool,
    /// A line that the server wrote, or one that was imported.
    pub is_system: bool,
    /// A new message, not a change of one.
    pub is_new: bool,
    pub age_ms: i64,
    /// The room has the author and the assistant in it, nobody else.
    pub is_direct: bool,
    /// It names the assistant, as `markup::mentioned` reads it: not in code, quotes or links.
    pub mentions_us: bool,
    /// It answers a message of the assistant.
    pub answers_us: bool,
    /// It begins with `/ai`: see [`super::intent::is_command`].
    pub is_command: bool,
    /// The newest messages of the room before this one that are the assistant's, counted back to the first of a person.
    pub in_a_row: u32,
    /// There was a run for this message before.
    pub was_answered: bool,
    /// The author may write in the room now.
    pub may_write: bool,
    /// Those who lead the room have switched it off there.
    pub is_silenced: bool,
}

/// Why the assistant is silent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    NotAPerson,
    SystemLine,
    NotNew,
    TooOld,
    NotAsked,
    Silenced,
    MayNotWrite,
    TooManyInARow,
    AnsweredBefore,
}

/// What makes it speak. Where several do, the most explicit one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Command,
    Mention,
    Answer,
    Direct,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    Ignore(Reason),
    Run(Kind),
}

/// Whether to run. Who wrote comes first: two bots must never find themselves in a loop.
pub fn decide(heard: &Heard) -> Decision {
    let obstacles = [
        (heard.is_by_bot, Reason::NotAPerson),
        (heard.is_system, Reason::SystemLine),
        (!heard.is_new, Reason::NotNew),
        (heard.age_ms > AGE_MAX_MS, Reason::TooOld),
    ];
    if let Some((_, reason)) = obstacles.into_iter().find(|(is_so, _)| *is_so) {
        return Decision::Ignore(reason);
    }
    let Some(kind) = kind(heard) else { return Decision::Ignore(Reason::NotAsked) };
    let obstacles = [
        (heard.is_silenced, Reason::Silenced),
        (!heard.may_write, Reason::MayNotWrite),
        (heard.in_a_row >= IN_A_ROW_MAX, Reason::TooManyInARow),
        (heard.was_answered, Reason::AnsweredBefore),
    ];
    let obstacle = obstacles.into_iter().find(|(is_so, _)| *is_so);
    obstacle.map_or(Decision::Run(kind), |(_, reason)| Decision::Ignore(reason))
}

fn kind(heard: &Heard) -> Option<Kind> {
    let kinds = [
        (heard.is_command, Kind::Command),
        (heard.mentions_us, Kind::Mention),
        (heard.answers_us, Kind::Answer),
        (heard.is_direct, Kind::Direct),
    ];
    kinds.into_iter().find(|(is_so, _)| *is_so).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new message of a person in a group, not for us.
    const SAID: Heard = Heard {
        is_by_bot: false,
        is_system: false,
        is_new: true,
        age_ms: 5,
        is_direct: false,
        mentions_us: false,
        answers_us: false,
        is_command: false,
        in_a_row: 0,
        was_answered: false,
        may_write: true,
        is_silenced: false,
    };
    /// It is for us in every way.
    const ASKED: Heard = Heard { is_direct: true, mentions_us: true, answers_us: true, is_command: true, ..SAID };

    #[test]
    fn it_speaks_only_when_it_is_asked() {
        for (heard, kind) in [
            (ASKED, Kind::Command),
            (Heard { is_command: true, ..SAID }, Kind::Command),
            (Heard { is_command: false, ..ASKED }, Kind::Mention),
            (Heard { mentions_us: true, ..SAID }, Kind::Mention),
            (Heard { answers_us: true, is_direct: true, ..SAID }, Kind::Answer),
            (Heard { answers_us: true, ..SAID }, Kind::Answer),
            (Heard { is_direct: true, ..SAID }, Kind::Direct),
            (Heard { age_ms: AGE_MAX_MS, ..ASKED }, Kind::Command),
            // Clocks of two servers differ.
            (Heard { age_ms: -400, ..ASKED }, Kind::Command),
            (Heard { in_a_row: IN_A_ROW_MAX - 1, ..ASKED }, Kind::Command),
        ] {
            assert_eq!(decide(&heard), Decision::Run(kind), "{heard:?}");
        }
    }

    #[test]
    fn every_reason_is_enough() {
        for (heard, reason) in [
            (Heard { is_by_bot: true, ..ASKED }, Reason::NotAPerson),
            (Heard { is_system: true, ..ASKED }, Reason::SystemLine),
            (Heard { is_new: false, ..ASKED }, Reason::NotNew),
            (Heard { age_ms: AGE_MAX_MS + 1, ..ASKED }, Reason::TooOld),
            (SAID, Reason::NotAsked),
            (Heard { is_silenced: true, ..ASKED }, Reason::Silenced),
            (Heard { may_write: false, ..ASKED }, Reason::MayNotWrite),
            (Heard { in_a_row: IN_A_ROW_MAX, ..ASKED }, Reason::TooManyInARow),
            (Heard { in_a_row: u32::MAX, ..ASKED }, Reason::TooManyInARow),
            (Heard { was_answered: true, ..ASKED }, Reason::AnsweredBefore),
        ] {
            assert_eq!(decide(&heard), Decision::Ignore(reason), "{heard:?}");
        }
    }

    #[test]
    fn the_first_reason_is_named() {
        let mut heard = Heard { is_by_bot: true, is_system: true, age_ms: i64::MAX, in_a_row: 9, ..Heard::default() };
        heard.was_answered = true;
        assert_eq!(decide(&heard), Decision::Ignore(Reason::NotAPerson));
        heard.is_by_bot = false;
        assert_eq!(decide(&heard), Decision::Ignore(Reason::SystemLine));
        heard.is_system = false;
        assert_eq!(decide(&heard), Decision::Ignore(Reason::NotNew));
        heard.is_new = true;
        assert_eq!(decide(&heard), Decision::Ignore(Reason::TooOld));
        heard.age_ms = 0;
        assert_eq!(decide(&heard), Decision::Ignore(Reason::NotAsked));
        heard.is_direct = true;
        assert_eq!(decide(&heard), Decision::Ignore(Reason::MayNotWrite));
        heard.may_write = true;
        assert_eq!(decide(&heard), Decision::Ignore(Reason::TooManyInARow));
        heard.in_a_row = 0;
        assert_eq!(decide(&heard), Decision::Ignore(Reason::AnsweredBefore));
    }
}
