//! What a model can do, found out by what it does: servers answer 200 and leave out what they do not know.

use super::{Answer, ChatModel, ChatRequest, ModelError, Role, StopReason, Tool, Turn};
use serde_json::Value;
use serde_json::value::RawValue;

/// Tokens of an answer. The answers are shorter; thoughts before them are not.
const MAX_TOKENS: u32 = 200;
/// Nothing that a model would say to a greeting.
const WORD: &str = "lavender-7";

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tri {
    Yes,
    No,
    #[default]
    Unknown,
}

/// What a model can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Caps {
    /// Calls a tool when told to, with the argument it was told. One that prints the call does not count.
    pub tools: Tri,
    /// Follows a JSON Schema, also when the question asks for something else.
    pub schema: Tri,
    /// Follows a grammar of llama.cpp.
    pub grammar: Tri,
}

/// Asks the model three short questions, some 60 tokens each.
///
/// # Errors
/// [`ModelError`] when a question had no answer. A refusal is an answer: [`Tri::No`].
pub async fn probe(model: &dyn ChatModel) -> Result<Caps, ModelError> {
    let tools = ask(model, tools_question(), calls_ping).await?;
    let schema = ask(model, schema_question(), follows_schema).await?;
    let grammar = ask(model, grammar_question(), |answer| answer.text.trim() == WORD).await?;
    Ok(Caps { tools, schema, grammar })
}

async fn ask(model: &dyn ChatModel, request: ChatRequest, is_good: fn(&Answer) -> bool) -> Result<Tri, ModelError> {
    let answer = match model.stream(request).await {
        Ok(deltas) => Answer::gather(deltas).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) if is_good(&answer) => Ok(Tri::Yes),
        // It thought until it was cut off.
        Ok(answer) if answer.thought > 0 && answer.stop == Some(StopReason::Length) => Ok(Tri::Unknown),
        Ok(_) | Err(ModelError::BadRequest { .. }) => Ok(Tri::No),
        Err(error) => Err(error),
    }
}

fn question(text: &str) -> ChatRequest {
    ChatRequest {
        messages: vec![Turn { role: Role::User, content: text.to_owned() }],
        max_tokens: MAX_TOKENS,
        temperature: Some(0.0),
        seed: Some(7),
        ..ChatRequest::default()
    }
}

fn tools_question() -> ChatRequest {
    let schema = r#"{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}"#;
    let tool = |schema| Tool { name: "ping".to_owned(), description: "Sends a ping.".to_owned(), schema };
    ChatRequest { tools: raw(schema).map(tool).into_iter().collect(), ..question("Call the tool `ping` with n = 7.") }
}

fn calls_ping(answer: &Answer) -> bool {
    let is_right = |args: &str| serde_json::from_str::<Value>(args).is_ok_and(|args| args["n"] == 7);
    matches!(answer.calls.as_slice(), [call] if call.name == "ping" && is_right(&call.args))
}

/// Does not ask for JSON: a model that writes some because it was asked has not been made to.
fn schema_question() -> ChatRequest {
    let schema = r#"{"type":"object","properties":{"ok":{"const":true},"n":{"type":"integer"}},"required":["ok","n"],"additionalProperties":false}"#;
    ChatRequest { schema: raw(schema), ..question("Say hello.") }
}

fn follows_schema(answer: &Answer) -> bool {
    serde_json::from_str::<Value>(&answer.text).is_ok_and(|value| {
        value.as_object().is_some_and(|fields| fields.len() == 2) && value["ok"] == true && value["n"].is_i64()
    })
}

fn grammar_question() -> ChatRequest {
    ChatRequest { grammar: Some(format!("root ::= \"{WORD}\"")), ..question("Say hello.") }
}

/// `None` is impossible for what is written above.
fn raw(json: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(json.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{Delta, Deltas, ToolCall};
    use super::*;
    use futures_util::StreamExt;
    use futures_util::stream;

    type Script = fn(&ChatRequest) -> Result<Vec<Delta>, ModelError>;

    /// Answers as a function says.
    struct Scripted(Script);

    #[async_trait::async_trait]
    impl ChatModel for Scripted {
        fn name(&self) -> &str {
            "scripted"
        }

        async fn stream(&self, request: ChatRequest) -> Result<Deltas, ModelError> {
            Ok(stream::iter((self.0)(&request)?.into_iter().map(Ok)).boxed())
        }
    }

    async fn caps(script: Script) -> Result<(Tri, Tri, Tri), ModelError> {
        probe(&Scripted(script)).await.map(|caps| (caps.tools, caps.schema, caps.grammar))
    }

    fn call(name: &str, args: &str) -> Delta {
        Delta::ToolCall(ToolCall { index: 0, id: "a".into(), name: name.into(), args: args.into() })
    }

    fn text(text: &str) -> Delta {
        Delta::Text(text.to_owned())
    }

    #[tokio::test]
    async fn a_model_that_does_what_it_is_asked_can_do_it() {
        let able = caps(|request| {
            Ok(vec![match request {
                ChatRequest { tools, .. } if !tools.is_empty() => call("ping", r#"{"n": 7}"#),
                ChatRequest { schema: Some(_), .. } => text(r#"{"ok":true,"n":3}"#),
                ChatRequest { grammar: Some(_), .. } => text(WORD),
                _ => text("Hello!"),
            }])
        });
        assert_eq!(able.await, Ok((Tri::Yes, Tri::Yes, Tri::Yes)));
    }

    #[tokio::test]
    async fn a_model_that_ignores_what_it_is_asked_or_does_it_wrong_cannot() {
        let no = Ok((Tri::No, Tri::No, Tri::No));
        assert_eq!(caps(|_| Ok(vec![text("Hello!"), Delta::Done(StopReason::Length)])).await, no);
        assert_eq!(caps(|_| Ok(vec![call("ping", r#"{"n": 8}"#)])).await, no);
        assert_eq!(caps(|_| Ok(vec![call("ping", "{\"n\": 7")])).await, no);
        assert_eq!(caps(|_| Ok(vec![call("ping", r#"{"n": 7}"#), call("ping", r#"{"n": 7}"#)])).await, no);
        assert_eq!(caps(|_| Ok(vec![text(r#"{"name":"ping","arguments":{"n":7}}"#)])).await, no);
        assert_eq!(caps(|_| Err(ModelError::BadRequest { status: 400, code: "unknown".into() })).await, no);
    }

    #[tokio::test]
    async fn what_was_not_seen_is_not_known() {
        let cut_off = caps(|_| Ok(vec![Delta::Thought(900), Delta::Done(StopReason::Length)]));
        assert_eq!(cut_off.await, Ok((Tri::Unknown, Tri::Unknown, Tri::Unknown)));
        assert_eq!(caps(|_| Err(ModelError::Unreachable)).await, Err(ModelError::Unreachable));
    }
}
