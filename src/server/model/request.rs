//! Requests as they are on the wire. <https://platform.openai.com/docs/api-reference/chat/create>

use super::quirks::{Optional, Quirks};
use super::{ChatRequest, Role, Tool, Turn};
use serde::Serialize;
use serde_json::value::RawValue;

/// The body of a request. What is `None` is left out.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Function<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grammar: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct ResponseFormat<'a> {
    r#type: &'static str,
    json_schema: Schema<'a>,
}

#[derive(Serialize)]
struct Schema<'a> {
    name: &'static str,
    strict: bool,
    schema: &'a RawValue,
}

#[derive(Serialize)]
struct Function<'a> {
    r#type: &'static str,
    function: Described<'a>,
}

#[derive(Serialize)]
struct Described<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a RawValue,
}

impl<'a> Body<'a> {
    pub fn new(model: &'a str, effort: Option<&'a str>, request: &'a ChatRequest, quirks: &Quirks) -> Self {
        let takes = |field| quirks.takes(field);
        let schema = request.schema.as_deref().filter(|_| takes(Optional::ResponseFormat));
        Self {
            model,
            messages: messages(&request.messages),
            stream: true,
            max_tokens: (!quirks.has_completion_tokens).then_some(request.max_tokens),
            max_completion_tokens: quirks.has_completion_tokens.then_some(request.max_tokens),
            tools: request.tools.iter().map(function).collect(),
            stream_options: takes(Optional::StreamOptions).then_some(StreamOptions { include_usage: true }),
            reasoning_effort: effort.filter(|_| takes(Optional::ReasoningEffort)),
            response_format: schema.map(|schema| ResponseFormat {
                r#type: "json_schema",
                json_schema: Schema { name: "answer", strict: true, schema },
            }),
            grammar: request.grammar.as_deref().filter(|_| takes(Optional::Grammar)),
            seed: request.seed.filter(|_| takes(Optional::Seed)),
            temperature: request
                .temperature
                .filter(|_| takes(Optional::Temperature))
                .map(|value| value.clamp(0.0, 1.0)),
        }
    }

    /// The fields in it that a server may do without.
    pub fn optional(&self) -> Vec<Optional> {
        [
            (self.stream_options.is_some(), Optional::StreamOptions),
            (self.reasoning_effort.is_some(), Optional::ReasoningEffort),
            (self.response_format.is_some(), Optional::ResponseFormat),
            (self.grammar.is_some(), Optional::Grammar),
            (self.seed.is_some(), Optional::Seed),
            (self.temperature.is_some(), Optional::Temperature),
        ]
        .into_iter()
        .filter_map(|(is_sent, field)| is_sent.then_some(field))
        .collect()
    }
}

/// One system message at the top, then the others.
fn messages(turns: &[Turn]) -> Vec<Message<'_>> {
    let of_system = turns.iter().filter(|turn| turn.role == Role::System);
    let system = of_system.map(|turn| turn.content.as_str()).collect::<Vec<_>>().join("\n\n");
    let system = (!system.is_empty()).then(|| Message { role: "system", content: system.into() });
    let others = turns.iter().filter_map(|turn| {
        let role = match turn.role {
            Role::System => return None,
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        Some(Message { role, content: turn.content.as_str().into() })
    });
    system.into_iter().chain(others).collect()
}

fn function(tool: &Tool) -> Function<'_> {
    let function = Described { name: &tool.name, description: &tool.description, parameters: &tool.schema };
    Function { r#type: "function", function }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn turn(role: Role, content: &str) -> Turn {
        Turn { role, content: content.to_owned() }
    }

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).expect("JSON")
    }

    fn sent(request: &ChatRequest, quirks: &Quirks) -> Value {
        serde_json::to_value(Body::new("m", Some("low"), request, quirks)).expect("a body")
    }

    #[test]
    fn a_plain_request_has_plain_content_and_one_system_message_at_the_top() {
        let request = ChatRequest {
            messages: vec![
                turn(Role::System, "Be kind."),
                turn(Role::User, "Hi"),
                turn(Role::System, "Be short."),
                turn(Role::Assistant, "Hello"),
            ],
            max_tokens: 40,
            temperature: Some(1.5),
            ..ChatRequest::default()
        };
        let expected = json!({
            "model": "m",
            "messages": [
                {"role": "system", "content": "Be kind.\n\nBe short."},
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "content": "Hello"},
            ],
            "stream": true,
            "stream_options": {"include_usage": true},
            "max_tokens": 40,
            "reasoning_effort": "low",
            "temperature": 1.0,
        });
        assert_eq!(sent(&request, &Quirks::default()), expected);
    }

    #[test]
    fn what_a_server_does_not_take_is_left_out() {
        let request = ChatRequest {
            max_tokens: 1,
            temperature: Some(0.5),
            seed: Some(7),
            schema: Some(raw("{}")),
            grammar: Some("root ::= \"a\"".to_owned()),
            ..ChatRequest::default()
        };
        let body = Body::new("m", Some("low"), &request, &Quirks::default());
        let optional = body.optional();
        assert_eq!(optional.len(), 6);
        let names: String = optional.iter().map(|field| field.name()).collect::<Vec<_>>().join(" ");
        let quirks =
            Quirks::default().after("max_completion_tokens", &[]).and_then(|quirks| quirks.after(&names, &optional));
        let plain = sent(&request, &quirks.expect("changes"));
        assert_eq!(plain, json!({"model": "m", "messages": [], "stream": true, "max_completion_tokens": 1}));
    }

    #[test]
    fn schemas_keep_their_order() {
        let request = ChatRequest {
            tools: vec![Tool { name: "roll".into(), description: "Rolls.".into(), schema: raw(r#"{"z":1,"a":2}"#) }],
            schema: Some(raw(r#"{"type":"object","properties":{"ok":{},"n":{}}}"#)),
            ..ChatRequest::default()
        };
        let body = serde_json::to_string(&Body::new("m", None, &request, &Quirks::default())).expect("a body");
        for part in [
            r#""tools":[{"type":"function","function":{"name":"roll","description":"Rolls.","parameters":{"z":1,"a":2}}}]"#,
            r#""response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object","properties":{"ok":{},"n":{}}}}}"#,
        ] {
            assert!(body.contains(part), "{body}");
        }
    }
}
