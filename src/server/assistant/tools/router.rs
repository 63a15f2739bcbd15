//! For models that cannot call tools but follow a grammar or a schema: which tool is meant is one question, and what it
//! takes another. The answer itself is a third, without either: a model that is made to fill in one form for all of it
//! either fills in what nobody asked for or writes what it has not done.

use super::Tool;
use crate::server::assistant::prompt::clean;

/// Characters of a question that are shown.
const QUESTION_MAX: usize = 300;
/// Tokens of a word of [`ROUTER_GRAMMAR`].
const WORD_TOKENS: u32 = 6;
/// Tokens of the longest argument in JSON.
const ARGUMENT_TOKENS: u32 = 64;

/// A grammar of llama.cpp. Notes are not in it: what rules do not find of them is not worth the risk.
/// <https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md>
pub const ROUTER_GRAMMAR: &str = r#"root ::= "gif" | "react" | "flip" | "roll" | "tictactoe" | "search" | "none""#;

const ROUTER: &str = "\
You sort messages to a chat assistant. Say in one word what the message asks the assistant to do right now.
gif: send a GIF, meme or picture. react: put an emoji on a message. flip: flip a coin. roll: roll a die or draw a \
number. tictactoe: play a game. search: find what people said in this chat before. \
none: all else, also talk about these things.

Message: cheer Ben up with one of those cat gifs
Action: gif
Message: what does GIF stand for?
Action: none
Message: who does the dishes, Ada or Ben? let a coin decide
Action: flip
Message: who won the coin toss yesterday?
Action: search
Message: ich habe gestern eine Münze gefunden
Action: none
Message: wir brauchen was zum Würfeln, zwölf Seiten
Action: roll
Message: how do I roll a cigarette?
Action: none
Message: ponle un corazón al mensaje de Ana
Action: react
Message: how did she react?
Action: none
Message: on pourrait se faire un petit jeu, toi et moi
Action: tictactoe
Message: don't play games with me
Action: none
Message: findest du noch, wo Kim essen wollte?
Action: search
Message: I find it hard to get up early
Action: none
Message: no quiero ningún gif
Action: none";

const QUERY: &str = r#"{"type":"object","properties":{"query":{"type":"string","minLength":1,"maxLength":60}},
"required":["query"],"additionalProperties":false}"#;

const GIF: &str = "\
The message asks for a GIF. Answer in JSON with 1 to 4 words to search for it.
Message: could we see a dog that is really tired, as a gif?
{\"query\":\"tired dog\"}
Message: ein Gif für Bens Geburtstag wäre schön
{\"query\":\"Geburtstag\"}";

const REACT: &str = "\
The message asks for a reaction. Answer in JSON with the emoji that fits best.
Message: ponle un corazón
{\"emoji\":\"❤️\"}
Message: show Ada that you liked it
{\"emoji\":\"👍\"}";

/// A choice, because small models have a token for hardly any emoji.
const EMOJI: &str = r#"{"type":"object","properties":{"emoji":{"enum":["👍","❤️","😂","🎉","😮","😢","🔥","👏","👀","🚀","⭐",
"✅","👎"]}},"required":["emoji"],"additionalProperties":false}"#;

const ROLL: &str = "\
The message asks for a die. Answer in JSON with its sides, 6 if it does not say.
Message: let the dice decide
{\"sides\":6}
Message: draw a number up to 20
{\"sides\":20}";

const SIDES: &str = r#"{"type":"object","properties":{"sides":{"type":"integer","minimum":2,"maximum":100}},
"required":["sides"],"additionalProperties":false}"#;

const SEARCH: &str = "\
The message asks what was said in a chat. Answer in JSON with 1 to 4 words that are in the messages to be found.
Message: findest du noch, wo Kim essen wollte?
{\"query\":\"Kim essen\"}
Message: did anybody say when the train to Rome leaves?
{\"query\":\"train Rome\"}";

/// A short question to a model, at temperature 0. One of `grammar` and `schema` is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    pub system: &'static str,
    pub user: String,
    pub grammar: Option<&'static str>,
    pub schema: Option<&'static str>,
    pub max_tokens: u32,
}

/// Asks which tool a question is for. See [`super::is_worth_routing`].
pub fn router_prompt(question: &str) -> Ask {
    let user = format!("Message: {}\nAction:", clean::text(question, QUESTION_MAX));
    Ask { system: ROUTER, user, grammar: Some(ROUTER_GRAMMAR), schema: None, max_tokens: WORD_TOKENS }
}

/// The tool that the answer names; `None` for "none", and for what the grammar does not allow.
pub fn routed(answer: &str) -> Option<Tool> {
    match answer.trim() {
        "gif" => Some(Tool::Gif),
        "react" => Some(Tool::React),
        "flip" => Some(Tool::Flip),
        "roll" => Some(Tool::Roll),
        "tictactoe" => Some(Tool::TicTacToe),
        "search" => Some(Tool::Search),
        _ => None,
    }
}

/// Asks for what a routed tool takes. The answer is the arguments that [`super::wish`] reads with the tool's name.
///
/// `None`: it takes nothing, so `{}`; or it is one that is not routed.
pub fn argument(tool: Tool, question: &str) -> Option<Ask> {
    let (system, schema) = match tool {
        Tool::Gif => (GIF, QUERY),
        Tool::React => (REACT, EMOJI),
        Tool::Roll => (ROLL, SIDES),
        Tool::Search => (SEARCH, QUERY),
        Tool::Remember | Tool::Forget | Tool::Flip | Tool::TicTacToe => return None,
    };
    let user = format!("Message: {}", clean::text(question, QUESTION_MAX));
    Some(Ask { system, user, grammar: None, schema: Some(schema), max_tokens: ARGUMENT_TOKENS })
}
