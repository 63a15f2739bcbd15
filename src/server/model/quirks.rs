//! What a server does not take, learnt from its refusals.

/// Fields of a request that a server may do without.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Optional {
    StreamOptions,
    ReasoningEffort,
    ResponseFormat,
    Grammar,
    Seed,
    Temperature,
}

impl Optional {
    /// As it is on the wire, and in what servers say of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::StreamOptions => "stream_options",
            Self::ReasoningEffort => "reasoning_effort",
            Self::ResponseFormat => "response_format",
            Self::Grammar => "grammar",
            Self::Seed => "seed",
            Self::Temperature => "temperature",
        }
    }
}

/// What is left out or named otherwise for one server.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Quirks {
    left_out: Vec<Optional>,
    /// `max_completion_tokens` in place of `max_tokens`: `OpenAI`'s reasoning models.
    pub has_completion_tokens: bool,
}

impl Quirks {
    pub fn takes(&self, field: Optional) -> bool {
        !self.left_out.contains(&field)
    }

    /// What to do otherwise after a refusal (400 or 422) of a request that had the fields `sent`, or `None` if there is nothing
    /// left to change. `said` is the body of the refusal; it is only searched for names.
    ///
    /// Each time less is left, so asking again comes to an end.
    pub fn after(&self, said: &str, sent: &[Optional]) -> Option<Self> {
        let mut next = self.clone();
        if !self.has_completion_tokens && said.contains("max_completion_tokens") {
            next.has_completion_tokens = true;
            return Some(next);
        }
        let mut dropped: Vec<_> = sent.iter().copied().filter(|field| said.contains(field.name())).collect();
        if dropped.is_empty() {
            // All servers know a temperature; a few refuse one, and say so.
            dropped.extend(sent.iter().filter(|field| **field != Optional::Temperature));
        }
        next.left_out.extend(&dropped);
        (!dropped.is_empty()).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Optional; 6] = [
        Optional::StreamOptions,
        Optional::ReasoningEffort,
        Optional::ResponseFormat,
        Optional::Grammar,
        Optional::Seed,
        Optional::Temperature,
    ];

    #[test]
    fn a_field_that_is_named_is_left_out_alone() {
        for field in ALL {
            let quirks =
                Quirks::default().after(&format!("Unknown parameter: '{}'.", field.name()), &ALL).expect("a change");
            assert!(ALL.iter().all(|other| quirks.takes(*other) == (*other != field)), "{field:?}");
        }
    }

    #[test]
    fn without_a_name_all_are_left_out_once() {
        let sent = [Optional::StreamOptions, Optional::Seed, Optional::Temperature];
        let quirks = Quirks::default().after("Bad Request", &sent).expect("a change");
        assert!(!quirks.takes(Optional::StreamOptions) && !quirks.takes(Optional::Seed));
        assert!(quirks.takes(Optional::Temperature) && quirks.takes(Optional::Grammar));
        assert_eq!(quirks.after("Bad Request", &[Optional::Temperature]), None);
    }

    #[test]
    fn the_other_name_of_the_limit_is_learnt_once() {
        let said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
        let quirks = Quirks::default().after(said, &[Optional::Seed]).expect("a change");
        assert!(quirks.has_completion_tokens && quirks.takes(Optional::Seed));
        assert_eq!(quirks.after(said, &[]), None);
    }
}
