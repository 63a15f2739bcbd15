//! What a language model may ask the assistant to do: a closed list, and what of it is granted. Pure: no store, no I/O.
//!
//! ```text
//! call ─▶ wish: one of ours, that says what we understand? ─▶ Turn::admit: did the asker speak of it? ─▶ Wish
//!  └ or router: one word under a grammar, then one argument under a schema, for models that cannot call tools
//! ```
//! A model may be in anybody's hands: whoever writes in a room can make it call what they like. So a wish is a proposal
//! as [`super::reply::Act`] is: who carries it out asks again whether the asker may do it there, now. What comes
//! through is at most what the asker could do by hand, a few times, in words and numbers and never as an id.

mod consent;
mod router;
#[cfg(test)]
mod tests;
mod turn;
mod wish;

pub use consent::{Consent, consent, is_worth_routing};
pub use router::{Ask, ROUTER_GRAMMAR, argument, routed, router_prompt};
pub use turn::Turn;
pub use wish::{Refused, Seen, Wish, wish};

/// Calls of one answer that are worth a look; the others are dropped untold, or 64 refusals fill the second prompt.
pub const CALLS_MAX: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tool {
    Gif,
    React,
    Remember,
    Forget,
    Flip,
    Roll,
    TicTacToe,
    Search,
}

/// The order in which tools are told. Of a list that is too long the end is left out: what rules do as well.
const ALL: [Tool; 8] =
    [Tool::Search, Tool::Remember, Tool::Forget, Tool::Gif, Tool::React, Tool::Flip, Tool::Roll, Tool::TicTacToe];

/// What a room and a server let the assistant do; a coin and a die always. By settings, not by the question: the system
/// text tells of the tools, and has to stay the same for what servers have computed of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Offer {
    pub has_gifs: bool,
    pub can_react: bool,
    pub has_memory: bool,
    pub can_play: bool,
    pub can_search: bool,
}

impl Offer {
    pub fn has(&self, tool: Tool) -> bool {
        match tool {
            Tool::Gif => self.has_gifs,
            Tool::React => self.can_react,
            Tool::Remember | Tool::Forget => self.has_memory,
            Tool::Flip | Tool::Roll => true,
            Tool::TicTacToe => self.can_play,
            Tool::Search => self.can_search,
        }
    }
}

/// How a tool is told to a model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spec {
    pub name: &'static str,
    pub description: &'static str,
    /// A JSON Schema of the arguments, with no more in it than every server takes: [`wish`] checks lengths and ranges.
    pub schema: &'static str,
    /// For the system text, at most 110 characters. The arguments are in the schema, which comes with it.
    pub line: &'static str,
}

/// The tools that are offered, the most useful first.
pub fn offered(offer: &Offer) -> Vec<Tool> {
    ALL.into_iter().filter(|tool| offer.has(*tool)).collect()
}

impl Tool {
    /// The tool that a model calls so, letter for letter.
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// As models and metrics know it. Permanent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gif => "send_gif",
            Self::React => "react",
            Self::Remember => "remember",
            Self::Forget => "forget",
            Self::Flip => "flip_coin",
            Self::Roll => "roll_die",
            Self::TicTacToe => "tic_tac_toe",
            Self::Search => "search_room",
        }
    }

    pub fn spec(self) -> Spec {
        let (line, description, schema) = match self {
            Self::Gif => (
                "send_gif: posts a GIF if asked",
                "Finds a GIF by a few words and posts it in this room. Only when a GIF, meme or picture is asked for.",
                r#"{"type":"object","properties":{"query":{"type":"string","description":"1 to 6 words, no address"}},
                "required":["query"]}"#,
            ),
            Self::React => (
                "react: adds an emoji",
                "Adds one emoji to a message of somebody else.",
                r#"{"type":"object","properties":{"emoji":{"type":"string","description":"one emoji"},
                "message":{"type":"string","description":"such as m12, else the question"}},"required":["emoji"]}"#,
            ),
            Self::Remember => (
                "remember: saves a note if asked",
                "Saves a note that everybody in this room can read. Only when you are asked to remember something.",
                r#"{"type":"object","properties":{"text":{"type":"string","description":"one sentence as it was said"}},
                "required":["text"]}"#,
            ),
            Self::Forget => (
                "forget: drops a note if asked",
                "Deletes a note. Only when you are asked to forget something.",
                r#"{"type":"object","properties":{"note":{"type":"string","description":"such as f3"}},
                "required":["note"]}"#,
            ),
            Self::Flip => (
                "flip_coin: everybody sees it",
                "Flips a coin that everybody in this room sees. Never make up a side.",
                r#"{"type":"object","properties":{}}"#,
            ),
            Self::Roll => (
                "roll_die: everybody sees it",
                "Rolls a die that everybody in this room sees. Never make up a number.",
                r#"{"type":"object","properties":{"sides":{"type":"integer","description":"2 to 100, else 6"}}}"#,
            ),
            Self::TicTacToe => (
                "tic_tac_toe: starts a game",
                "Begins a game of tic-tac-toe with the one who asks.",
                r#"{"type":"object","properties":{}}"#,
            ),
            Self::Search => (
                "search_room: finds older messages",
                "Finds older messages of this room by their words, when what is asked is not in the messages you see.",
                r#"{"type":"object","properties":{"query":{"type":"string","description":"words that are in them"}},
                "required":["query"]}"#,
            ),
        };
        Spec { name: self.name(), description, schema, line }
    }
}

/// What became of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Done,
    /// A search found so many messages; the caller writes them below, a line each.
    Found(usize),
    /// It was granted and did not work: the provider is down, or the asker may not.
    Failed,
    Refused(Refused),
}

/// One line for a model's second round. Nothing in it is the model's or anybody's own words.
pub fn told(tool: Option<Tool>, outcome: Outcome) -> String {
    let name = tool.map_or("tool", Tool::name);
    let said = match outcome {
        Outcome::Refused(why) => return format!("{name}: refused: {}", why.told()),
        Outcome::Failed => "it did not work",
        Outcome::Found(0) => "no message found",
        Outcome::Found(found) => return format!("{name}: {found} found (data):"),
        Outcome::Done => match tool {
            Some(Tool::Gif) => "the GIF is shown to everybody",
            Some(Tool::React) => "the emoji is on the message",
            Some(Tool::Remember) => "the note is saved",
            Some(Tool::Forget) => "the note is gone",
            // Its animation still runs when the answer is read: who says the result spoils it, and a model would guess.
            Some(Tool::Flip) => "the coin is shown to everybody; do not say how it falls",
            Some(Tool::Roll) => "the die is shown to everybody; do not say what it shows",
            Some(Tool::TicTacToe) => "the game is shown; the asker sees how to play",
            Some(Tool::Search) | None => "done",
        },
    };
    format!("{name}: {said}")
}
