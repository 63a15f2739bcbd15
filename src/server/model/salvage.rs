//! Calls that a model prints as text instead of making them, and text that is held back because it may become one.
//!
//! Only an answer that is nothing but a call is one. Out of the middle of prose none is ever taken: people in a room can make a
//! model quote things.

use super::{Delta, Deltas, ModelError, StopReason, Tool, ToolCall};
use futures_util::stream::{self, StreamExt};
use serde_json::Value;

/// Characters that are held back. A call is shorter; a longer answer in JSON is what somebody asked for.
const HELD_MAX: usize = 400;
/// What Hermes, Qwen and others are taught to put around calls.
const TAGS: [(&str, &str); 2] = [("<tool_call>", "</tool_call>"), ("<tools>", "</tools>")];
const FENCE: &str = "```";

/// Watches a text as it grows. Pure.
#[derive(Debug)]
pub struct Salvage {
    /// The names of the tools that there are.
    names: Vec<String>,
    held: String,
    /// The text can be no call any more.
    is_prose: bool,
}

/// What was held back when the text ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Salvaged {
    /// To be shown; may be empty.
    Text(String),
    Calls(Vec<ToolCall>),
}

impl Salvage {
    pub fn new(tools: &[Tool]) -> Self {
        let names: Vec<_> = tools.iter().map(|tool| tool.name.clone()).collect();
        Self { is_prose: names.is_empty(), names, held: String::new() }
    }

    /// Takes the next piece of the text, and gives what may be shown by now: nothing, or all that was held back.
    pub fn push(&mut self, piece: &str) -> String {
        self.held.push_str(piece);
        if self.is_prose || self.held.chars().nth(HELD_MAX).is_some() || !may_become_call(&self.held) {
            return self.release();
        }
        String::new()
    }

    /// Gives up: shows what was held back, and holds nothing more.
    pub fn release(&mut self) -> String {
        self.is_prose = true;
        std::mem::take(&mut self.held)
    }

    /// The text has ended.
    pub fn end(&mut self) -> Salvaged {
        let held = self.release();
        match self.calls_in(held.trim()) {
            Some(calls) => Salvaged::Calls(calls),
            None => Salvaged::Text(held),
        }
    }

    fn calls_in(&self, text: &str) -> Option<Vec<ToolCall>> {
        let objects = objects_in(text)?;
        (0..).zip(&objects).map(|(index, object)| self.call(index, object)).collect()
    }

    /// `{"name": …, "arguments": {…}}` and nothing else, with a name that is known. Llama says `parameters`.
    fn call(&self, index: u32, object: &Value) -> Option<ToolCall> {
        let fields = object.as_object().filter(|fields| fields.len() == 2)?;
        let name = fields.get("name")?.as_str().filter(|name| self.names.iter().any(|known| known == name))?;
        let args = fields.get("arguments").or(fields.get("parameters")).filter(|args| args.is_object())?;
        Some(ToolCall { index, id: format!("call_{index}"), name: name.to_owned(), args: args.to_string() })
    }

    /// What becomes of a delta.
    fn take(&mut self, delta: Result<Delta, ModelError>) -> Vec<Result<Delta, ModelError>> {
        let said = |text: String| (!text.is_empty()).then_some(Ok(Delta::Text(text)));
        match delta {
            Ok(Delta::Text(text)) => said(self.push(&text)).into_iter().collect(),
            // A model that makes calls does not print them.
            Ok(Delta::ToolCall(call)) => said(self.release()).into_iter().chain([Ok(Delta::ToolCall(call))]).collect(),
            Ok(Delta::Done(stop)) => match self.end() {
                Salvaged::Text(text) => said(text).into_iter().chain([Ok(Delta::Done(stop))]).collect(),
                Salvaged::Calls(calls) => {
                    let calls = calls.into_iter().map(Delta::ToolCall);
                    calls.chain([Delta::Done(StopReason::ToolCalls)]).map(Ok).collect()
                }
            },
            // Of an answer that broke off, half a call is no words.
            Err(_) | Ok(Delta::Thought(_) | Delta::Usage(_)) => vec![delta],
        }
    }
}

/// The same answer, with calls where it printed calls of `tools`. Without tools it is as it was.
pub fn salvaged(deltas: Deltas, tools: &[Tool]) -> Deltas {
    let mut salvage = Salvage::new(tools);
    deltas.flat_map(move |delta| stream::iter(salvage.take(delta))).boxed()
}

/// Whether a text may go on as nothing but a call.
fn may_become_call(text: &str) -> bool {
    let text = text.trim_start();
    let may_begin = |marker: &str, text: &str| text.len() < marker.len() && marker.starts_with(text);
    if let Some(inside) = text.strip_prefix(FENCE) {
        return may_begin("json", inside) || may_be_object(inside.strip_prefix("json").unwrap_or(inside));
    }
    if may_begin(FENCE, text) {
        return true;
    }
    TAGS.iter().any(|(open, _)| may_begin(open, text) || text.strip_prefix(open).is_some_and(may_be_object))
        || may_be_object(text)
}

/// Whether a text is the beginning of an object, or of white space before one.
fn may_be_object(text: &str) -> bool {
    let text = text.trim_start();
    text.is_empty()
        || text.strip_prefix('{').is_some_and(|inside| matches!(inside.trim_start().chars().next(), None | Some('"')))
}

/// The objects that are all of a text: one, one in a fence, or some in tags. `None` if there is anything else.
fn objects_in(text: &str) -> Option<Vec<Value>> {
    if let Some(inside) = text.strip_prefix(FENCE) {
        let inside = inside.strip_prefix("json").unwrap_or(inside).strip_suffix(FENCE)?;
        return Some(vec![serde_json::from_str(inside).ok()?]);
    }
    if !TAGS.iter().any(|(open, _)| text.starts_with(open)) {
        return Some(vec![serde_json::from_str(text).ok()?]);
    }
    let (mut objects, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (inside, close) = TAGS.iter().find_map(|(open, close)| Some((rest.strip_prefix(open)?, close)))?;
        let mut values = serde_json::Deserializer::from_str(inside).into_iter::<Value>();
        objects.push(values.next()?.ok()?);
        rest = inside.get(values.byte_offset()..)?.trim_start().strip_prefix(close)?.trim_start();
    }
    Some(objects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    const CALL: &str = r#"{"name": "send_gif", "arguments": {"query": "cats"}}"#;

    fn tools() -> Vec<Tool> {
        let tool = |name: &str| Tool {
            name: name.to_owned(),
            description: String::new(),
            schema: RawValue::from_string("{}".to_owned()).expect("JSON"),
        };
        vec![tool("send_gif"), tool("roll")]
    }

    /// What is shown at once, and what is left, for a text cut into these pieces.
    fn watched(pieces: &[&str]) -> (String, Salvaged) {
        let mut salvage = Salvage::new(&tools());
        let shown = pieces.iter().map(|piece| salvage.push(piece)).collect();
        (shown, salvage.end())
    }

    fn each_cut(text: &str, check: impl Fn(String, Salvaged)) {
        for (at, _) in text.char_indices() {
            let (shown, left) = watched(&[&text[..at], &text[at..]]);
            check(shown, left);
        }
        let each: Vec<String> = text.chars().map(String::from).collect();
        let (shown, left) = watched(&each.iter().map(String::as_str).collect::<Vec<_>>());
        check(shown, left);
    }

    #[test]
    fn an_answer_that_is_a_call_is_made_one_and_never_shown() {
        for text in [
            CALL.to_owned(),
            format!("\n {CALL}\n"),
            CALL.replace("arguments", "parameters"),
            format!("```json\n{CALL}\n```"),
            format!("```\n{CALL}\n```\n"),
            format!("<tool_call>\n{CALL}\n</tool_call>"),
            format!("<tools>{CALL}</tools>"),
            r#"{ "arguments": {"query": "cats"}, "name": "send_gif" }"#.to_owned(),
        ] {
            each_cut(&text, |shown, left| {
                assert_eq!(shown, "", "{text:?}");
                let Salvaged::Calls(calls) = left else { panic!("{text:?} is a call") };
                assert_eq!(calls.len(), 1);
                assert_eq!((calls[0].name.as_str(), calls[0].args.as_str()), ("send_gif", r#"{"query":"cats"}"#));
            });
        }
    }

    #[test]
    fn several_calls_need_tags() {
        let roll = r#"{"name":"roll","arguments":{}}"#;
        let (shown, left) = watched(&[&format!("<tool_call>{CALL}</tool_call>\n<tool_call>{roll}</tool_call>")]);
        let Salvaged::Calls(calls) = left else { panic!("two calls") };
        assert!(shown.is_empty());
        let indices: Vec<_> = calls.iter().map(|call| (call.index, call.id.as_str(), call.name.as_str())).collect();
        assert_eq!(indices, [(0, "call_0", "send_gif"), (1, "call_1", "roll")]);
        assert_eq!(watched(&[&format!("{roll}{roll}")]).1, Salvaged::Text(format!("{roll}{roll}")));
    }

    #[test]
    fn everything_else_is_text_of_which_nothing_is_lost() {
        for text in [
            "Hello".to_owned(),
            format!("Sure: {CALL}"),
            format!("{CALL} There you go."),
            format!("```json\n{CALL}\n```\nDone."),
            format!("<tool_call>{CALL}</tool_call> ok"),
            format!("<tool_call>{CALL}"),
            CALL.replace("send_gif", "drop_database"),
            r#"{"name":"roll","arguments":"{}"}"#.to_owned(),
            r#"{"name":"roll","arguments":{},"to":"me"}"#.to_owned(),
            r#"{"name":"roll"}"#.to_owned(),
            r#"{"name":"roll","argum"#.to_owned(),
            "{\"a\": 1}".to_owned(),
            "{ code }".to_owned(),
            "```rust\nfn main() {}\n```".to_owned(),
            "`roll` is a tool".to_owned(),
            "<b>bold</b>".to_owned(),
            "<".to_owned(),
            "[1, 2]".to_owned(),
            "  ".to_owned(),
            String::new(),
        ] {
            each_cut(&text, |shown, left| {
                let Salvaged::Text(left) = left else { panic!("{text:?} is no call") };
                assert_eq!(shown + &left, text);
            });
        }
    }

    #[test]
    fn prose_is_not_held_back_and_nothing_for_long() {
        let mut salvage = Salvage::new(&tools());
        assert_eq!(salvage.push("<"), "");
        assert_eq!(salvage.push("b"), "<b");
        assert_eq!(salvage.push("{"), "{", "once it is prose it stays prose");
        let mut salvage = Salvage::new(&tools());
        let long = format!("{{\"{}", "x".repeat(HELD_MAX - 2));
        assert_eq!(salvage.push(&long), "");
        assert_eq!(salvage.push("x"), long + "x");
        assert_eq!(Salvage::new(&[]).push("{"), "{", "without tools nothing is held");
    }

    #[tokio::test]
    async fn in_a_stream_calls_come_before_the_end_and_real_ones_are_left_alone() {
        let text = |text: &str| Delta::Text(text.to_owned());
        let through = |deltas: Vec<Delta>| async move {
            let deltas = stream::iter(deltas.into_iter().map(Ok::<_, ModelError>)).boxed();
            salvaged(deltas, &tools()).map(|delta| delta.expect("no error")).collect::<Vec<_>>().await
        };
        let call = |name: &str, args: &str| {
            Delta::ToolCall(ToolCall { index: 0, id: "call_0".into(), name: name.into(), args: args.into() })
        };
        let (one, two) = CALL.split_at(20);
        let printed =
            vec![text(one), Delta::Usage(super::super::Usage::default()), text(two), Delta::Done(StopReason::Stop)];
        assert_eq!(
            through(printed).await,
            [
                Delta::Usage(super::super::Usage::default()),
                call("send_gif", r#"{"query":"cats"}"#),
                Delta::Done(StopReason::ToolCalls)
            ]
        );
        let real = vec![text(CALL), call("roll", "{}"), Delta::Done(StopReason::ToolCalls)];
        assert_eq!(through(real.clone()).await, real);
        let prose = vec![text("Hi"), text(" {"), Delta::Done(StopReason::Length)];
        assert_eq!(through(prose.clone()).await, prose);
    }

    #[tokio::test]
    async fn of_a_stream_that_broke_off_half_a_call_is_not_shown() {
        let deltas = vec![Ok(Delta::Text("{\"name\": \"ro".to_owned())), Err(ModelError::Broken("x"))];
        let out: Vec<_> = salvaged(stream::iter(deltas).boxed(), &tools()).collect().await;
        assert_eq!(out, [Err(ModelError::Broken("x"))]);
    }
}
