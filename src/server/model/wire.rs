//! Answers as they are on the wire, made into [`Delta`]s. <https://platform.openai.com/docs/api-reference/chat-streaming>
//!
//! Read as loose JSON, not into types: every field may be missing, `null` or of another kind, and what is not known is left.

use super::calls::Calls;
use super::refusal;
use super::sse::{Event, Events};
use super::think::{Parted, Think};
use super::{Delta, ModelError, StopReason, Usage};
use serde_json::Value;
use std::collections::VecDeque;

/// Makes deltas of the bytes of an answer. Pure: told of bytes, of their end, or of why there are no more.
///
/// ```text
///          push                    finish_reason                [DONE], or the bytes end in whatever way
/// Running ───────▶ Running ───────────────────────▶ Finishing ─────────────────────────────────────────▶ over: Done
///    └──────────────────── an error, or the bytes end ───────────────────────────────────────────────────▶ over: error
/// ```
pub(super) struct Decoder {
    framing: Framing,
    think: Think,
    calls: Calls,
    usage: Option<Usage>,
    /// Why the answer ended, once the server has said it. Usage may follow.
    stop: Option<StopReason>,
    is_over: bool,
    ready: VecDeque<Result<Delta, ModelError>>,
}

/// How the chunks are in the bytes.
enum Framing {
    Events(Events),
    /// A server that does not stream answers with one JSON object.
    Whole(Vec<u8>),
}

impl Decoder {
    pub fn of_events() -> Self {
        Self::new(Framing::Events(Events::default()))
    }

    pub fn of_whole() -> Self {
        Self::new(Framing::Whole(Vec::new()))
    }

    fn new(framing: Framing) -> Self {
        Self {
            framing,
            think: Think::default(),
            calls: Calls::default(),
            usage: None,
            stop: None,
            is_over: false,
            ready: VecDeque::new(),
        }
    }

    /// The next delta that is ready.
    pub fn pop(&mut self) -> Option<Result<Delta, ModelError>> {
        self.ready.pop_front()
    }

    /// Whether nothing more will become ready, so that the connection is of no more use.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// The next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        match &mut self.framing {
            Framing::Whole(all) => all.extend_from_slice(bytes),
            Framing::Events(events) => {
                let mut whole = Vec::new();
                events.push(bytes, |event| whole.push(event));
                whole.iter().for_each(|event| self.event(event));
            }
        }
    }

    /// There are no more bytes.
    pub fn end(&mut self) {
        if let Framing::Whole(bytes) = &mut self.framing {
            match serde_json::from_slice(&std::mem::take(bytes)) {
                Ok(answer) => {
                    self.chunk(&answer);
                    // It is all there; not every server says why it ended.
                    let is_answer = answer["choices"][0].is_object();
                    self.stop = self.stop.or(is_answer.then_some(StopReason::Stop));
                }
                Err(_) => return self.fail(ModelError::Broken("not JSON, or not all of it")),
            }
        }
        self.fail(ModelError::Broken("it broke off"));
    }

    /// There will be no more bytes, for this reason. It does not matter any more once the server has said that it is done.
    pub fn fail(&mut self, error: ModelError) {
        match self.stop {
            Some(stop) => self.finish(stop),
            None => self.close(Err(error)),
        }
    }

    fn event(&mut self, event: &Event) {
        let data = event.data.trim();
        if self.is_over || data.is_empty() {
            return;
        }
        if data == "[DONE]" {
            return self.finish(self.stop.unwrap_or(StopReason::Stop));
        }
        let is_error = event.name == "error";
        match serde_json::from_str(data) {
            Ok(error) if is_error => self.fail(refusal::of_event(&error)),
            Err(_) if is_error => self.fail(refusal::of_event(&Value::Null)),
            Ok(chunk) => self.chunk(&chunk),
            Err(_) => self.fail(ModelError::Broken("a chunk that is no JSON")),
        }
    }

    fn chunk(&mut self, chunk: &Value) {
        if !chunk["error"].is_null() {
            return self.fail(refusal::of_event(chunk));
        }
        // One answer is asked for. None is in Azure's first chunk, and in the one with the usage.
        if let Some(choice) = chunk["choices"].get(0) {
            let piece = if choice["delta"].is_object() { &choice["delta"] } else { &choice["message"] };
            self.piece(piece);
            if let Some(reason) = choice["finish_reason"].as_str() {
                self.stop = Some(stop_reason(reason));
            }
        }
        if chunk["usage"].is_object() {
            self.usage = Some(usage(&chunk["usage"]));
        }
    }

    fn piece(&mut self, piece: &Value) {
        // The same thought under two names is one.
        let thought = piece["reasoning_content"].as_str().or(piece["reasoning"].as_str()).unwrap_or_default();
        self.say(Parted { thought: thought.chars().count(), ..Parted::default() });
        match &piece["content"] {
            Value::String(text) => self.text(text),
            // Mistral's reasoning models answer in parts.
            Value::Array(parts) => parts.iter().for_each(|part| self.part(part)),
            _ => {}
        }
        if let Some(text) = piece["refusal"].as_str() {
            self.text(text);
        }
        piece["tool_calls"].as_array().into_iter().flatten().for_each(|call| self.calls.push(call));
    }

    fn part(&mut self, part: &Value) {
        match part["text"].as_str() {
            Some(text) if part["type"] == "text" => self.text(text),
            _ => self.say(Parted { thought: chars_in(&part["thinking"]), ..Parted::default() }),
        }
    }

    fn text(&mut self, text: &str) {
        let parted = self.think.push(text);
        self.say(parted);
    }

    fn say(&mut self, parted: Parted) {
        if parted.thought > 0 {
            self.ready.push_back(Ok(Delta::Thought(parted.thought)));
        }
        if !parted.shown.is_empty() {
            self.ready.push_back(Ok(Delta::Text(parted.shown)));
        }
    }

    fn finish(&mut self, stop: StopReason) {
        if self.is_over {
            return;
        }
        let calls: Vec<_> = self.calls.end().map(Delta::ToolCall).map(Ok).collect();
        // Not every server says of calls that it stopped for them.
        let stop = if stop == StopReason::Stop && !calls.is_empty() { StopReason::ToolCalls } else { stop };
        let held = self.think.end();
        self.say(held);
        self.ready.extend(calls);
        self.close(Ok(Delta::Done(stop)));
    }

    fn close(&mut self, last: Result<Delta, ModelError>) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        self.ready.extend(self.usage.take().map(Delta::Usage).map(Ok));
        self.ready.push_back(last);
    }
}

fn stop_reason(reason: &str) -> StopReason {
    match reason {
        "length" | "max_tokens" => StopReason::Length,
        "tool_calls" | "function_call" | "tool_use" => StopReason::ToolCalls,
        "content_filter" => StopReason::Filtered,
        _ => StopReason::Stop,
    }
}

fn usage(usage: &Value) -> Usage {
    let number = |value: &Value| value.as_u64().map_or(0, |number| u32::try_from(number).unwrap_or(u32::MAX));
    Usage {
        prompt_tokens: number(&usage["prompt_tokens"]),
        answer_tokens: number(&usage["completion_tokens"]),
        cached_tokens: number(&usage["prompt_tokens_details"]["cached_tokens"]),
    }
}

/// Characters of all texts in a value.
fn chars_in(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(parts) => parts.iter().map(|part| chars_in(&part["text"])).sum(),
        _ => 0,
    }
}
