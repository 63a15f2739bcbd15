//! Calls of tools, which come in pieces.

use super::ToolCall;
use serde_json::Value;

/// Calls of one answer. More are no answer but a fault of the model.
const CALLS_MAX: usize = 64;

/// Puts calls together. Arguments mean something only when all of them are here.
#[derive(Default)]
pub(super) struct Calls(Vec<Call>);

#[derive(Default)]
struct Call {
    /// The server's number for it, if it numbers.
    index: Option<u64>,
    id: String,
    name: String,
    args: String,
}

impl Calls {
    /// Takes an element of `tool_calls` of a delta or a message.
    pub fn push(&mut self, piece: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (id, name) = (text(&piece["id"]), text(&piece["function"]["name"]));
        let args = match &piece["function"]["arguments"] {
            Value::String(text) => text.clone(),
            // Some servers decode them first.
            args @ Value::Object(_) => args.to_string(),
            _ => String::new(),
        };
        let Some(call) = self.of(piece["index"].as_u64(), &id, &name) else { return };
        if call.id.is_empty() {
            call.id = id;
        }
        // A name may be cut in two; or it is said again with each piece.
        if call.name != name {
            call.name.push_str(&name);
        }
        call.args.push_str(&args);
    }

    /// The call that a piece belongs to, a new one if it begins one.
    fn of(&mut self, index: Option<u64>, id: &str, name: &str) -> Option<&mut Call> {
        let known = match index {
            // Gemini's interface numbers all calls 0, but gives each its id.
            Some(_) => self
                .0
                .iter()
                .rposition(|call| call.index == index && (id.is_empty() || call.id.is_empty() || call.id == id)),
            // Without numbers, a name begins a call.
            None if name.is_empty() => self.0.len().checked_sub(1),
            None => None,
        };
        let at = match known {
            Some(at) => at,
            None if self.0.len() < CALLS_MAX => {
                self.0.push(Call { index, ..Call::default() });
                self.0.len() - 1
            }
            None => return None,
        };
        self.0.get_mut(at)
    }

    /// The calls, in the order in which they began. What has no name is none.
    pub fn end(&mut self) -> impl Iterator<Item = ToolCall> + use<> {
        let named = std::mem::take(&mut self.0).into_iter().filter(|call| !call.name.is_empty());
        (0..).zip(named).map(|(index, call)| ToolCall {
            index,
            id: if call.id.is_empty() { format!("call_{index}") } else { call.id },
            name: call.name,
            args: if call.args.trim().is_empty() { "{}".to_owned() } else { call.args },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn calls(pieces: &[Value]) -> Vec<(String, String, String)> {
        let mut calls = Calls::default();
        pieces.iter().for_each(|piece| calls.push(piece));
        calls.end().map(|call| (call.id, call.name, call.args)).collect()
    }

    fn call(id: &str, name: &str, args: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), args.to_owned())
    }

    #[test]
    fn pieces_belong_together_by_index_also_when_they_take_turns() {
        let pieces = [
            json!({"index": 0, "id": "a", "function": {"name": "fl", "arguments": ""}}),
            json!({"index": 1, "id": "b", "function": {"name": "roll", "arguments": "{\"si"}}),
            json!({"index": 0, "function": {"name": "ip"}}),
            json!({"index": 1, "id": "b", "function": {"name": "roll", "arguments": "des\":6}"}}),
        ];
        assert_eq!(calls(&pieces), [call("a", "flip", "{}"), call("b", "roll", "{\"sides\":6}")]);
    }

    #[test]
    fn without_an_index_a_name_begins_a_call() {
        let pieces = [
            json!({"function": {"name": "flip", "arguments": {}}}),
            json!({"function": {"name": "roll", "arguments": "{\"sides\""}}),
            json!({"function": {"arguments": ":6}"}}),
        ];
        assert_eq!(calls(&pieces), [call("call_0", "flip", "{}"), call("call_1", "roll", "{\"sides\":6}")]);
    }

    #[test]
    fn another_id_with_the_same_index_is_another_call() {
        let one = |id: &str, name: &str| json!({"index": 0, "id": id, "function": {"name": name, "arguments": "{}"}});
        assert_eq!(calls(&[one("a", "flip"), one("b", "roll")]), [call("a", "flip", "{}"), call("b", "roll", "{}")]);
    }

    #[test]
    fn what_is_no_call_is_none_and_calls_are_bounded() {
        assert_eq!(calls(&[json!(null), json!("x"), json!({"index": -1}), json!({"index": 3, "id": "a"})]), []);
        let many: Vec<_> = (0..1_000).map(|index| json!({"index": index, "function": {"name": "flip"}})).collect();
        assert_eq!(calls(&many).len(), CALLS_MAX);
    }
}
