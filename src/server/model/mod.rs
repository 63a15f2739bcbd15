//! Language models behind HTTP, spoken to as `OpenAI` Chat Completions with server-sent events: the one interface that OpenAI,
//! Ollama, llama.cpp, vLLM, LM Studio, OpenRouter and others share. <https://platform.openai.com/docs/api-reference/chat>
//!
//! Nothing here knows rooms, people or the rest of the crate. What a model writes is foreign text; who uses it, judges it.
//!
//! ```text
//! bytes ─▶ sse: events ─▶ wire: chunks ─▶ think: what may be shown ─▶ Delta ─▶ salvage: calls that were printed as text
//! ```
//! All of these are state machines without I/O. `http` asks, waits, tries again; `answer` reads under deadlines.

mod answer;
mod base;
mod breaker;
mod calls;
mod http;
mod probe;
mod quirks;
mod refusal;
mod request;
mod salvage;
mod sse;
mod think;
mod wire;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod real;
#[cfg(test)]
mod tests;

pub use base::{BadBase, BaseUrl};
pub use breaker::Breaker;
pub use http::{BadEndpoint, Endpoint, HttpModel, Patience};
pub use probe::{Caps, Tri, probe};
pub use salvage::{Salvage, Salvaged, salvaged};

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde_json::value::RawValue;
use std::time::Duration;

/// What is asked of a model.
#[derive(Clone, Debug, Default)]
pub struct ChatRequest {
    /// What was said, oldest first. System turns are sent as one, before all others: some servers move them there, and some
    /// templates take no second one.
    pub messages: Vec<Turn>,
    /// What the model may call; none if empty.
    pub tools: Vec<Tool>,
    /// The most tokens of the answer, thoughts included.
    pub max_tokens: u32,
    /// 0 to 1, else it is taken to that range: some servers refuse more. `None` for the server's own.
    pub temperature: Option<f32>,
    /// For the same answer to the same question, where a server can.
    pub seed: Option<u64>,
    /// A JSON Schema that the answer has to follow. Its order of properties is kept, and is the order of the answer.
    ///
    /// A wish: a server that does not take it is asked without. See [`Caps::schema`].
    pub schema: Option<Box<RawValue>>,
    /// A grammar of llama.cpp that the answer has to follow; likewise a wish. See [`Caps::grammar`].
    /// <https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md>
    pub grammar: Option<String>,
}

/// Something that was said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turn {
    pub role: Role,
    /// Sent as plain text: some servers refuse parts. It is read by a tokenizer, so control tokens in it count unless the
    /// caller has made them harmless.
    pub content: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    System,
    User,
    Assistant,
}

/// A function that the model may call.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Letters, digits and `_`, 64 at most.
    pub name: String,
    pub description: String,
    /// The JSON Schema of the arguments, an object.
    pub schema: Box<RawValue>,
}

/// A piece of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delta {
    /// To be shown, after what came before. Never empty.
    Text(String),
    /// So many characters were thought and are not shown. They cost what text costs.
    Thought(usize),
    /// A call, whole. It comes when the answer ends.
    ToolCall(ToolCall),
    /// What the answer took, as the server counts. At most once, before the end or the error.
    Usage(Usage),
    /// The last one.
    Done(StopReason),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToolCall {
    /// The place among the calls of this answer, from 0.
    pub index: u32,
    /// The server's name for it; made up from the index if it gave none.
    pub id: String,
    /// As the model wrote it: perhaps of no tool that there is.
    pub name: String,
    /// As the model wrote them: JSON if all went well, and `{}` for none.
    pub args: String,
}

/// Tokens, as the server counts them; 0 for what it does not say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Usage {
    pub prompt_tokens: u32,
    /// Thoughts included.
    pub answer_tokens: u32,
    /// Of the prompt, what was remembered from before.
    pub cached_tokens: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopReason {
    /// It had no more to say.
    Stop,
    /// The answer is as long as it may be.
    Length,
    /// It waits for what its calls bring.
    ToolCalls,
    /// The server withholds the rest.
    Filtered,
}

/// Why a model could not answer, or not to the end. Holds nothing of the key, of what was asked, or of a server's own words,
/// which may quote both.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the model's server cannot be reached")]
    Unreachable,
    #[error("the model's server has too much to do")]
    Busy {
        /// As the server asks, an hour at most.
        retry_after: Option<Duration>,
    },
    #[error("the model's server was too slow: {0}")]
    Timeout(Phase),
    /// More than the model can read. The numbers are there when the server says them.
    #[error("the prompt is too long for the model")]
    Overflow { prompt: Option<u32>, ctx: Option<u32> },
    /// Also when there is nothing left to pay with.
    #[error("the model's server refuses the key")]
    Auth,
    #[error("the model's server refuses the request: status {status}, {code}")]
    BadRequest {
        status: u16,
        /// The server's word for it, such as `model_not_found`: letters and `_`, or `unknown`.
        code: String,
    },
    /// What came is no answer, or only the beginning of one.
    #[error("the model's answer is broken: {0}")]
    Broken(&'static str),
}

/// What a wait was for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    Connect,
    FirstByte,
    /// Between two pieces.
    Idle,
    Whole,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::FirstByte => "no first byte",
            Self::Idle => "no further byte",
            Self::Whole => "no end",
        })
    }
}

/// The pieces of an answer. After [`Delta::Done`] or an error nothing follows. What came before an error stays said.
pub type Deltas = BoxStream<'static, Result<Delta, ModelError>>;

/// A model, wherever it is.
#[async_trait::async_trait]
pub trait ChatModel: Send + Sync {
    /// The model's name, as it is configured.
    fn name(&self) -> &str;

    /// Asks for an answer, and gives it from its first byte on.
    ///
    /// Who drops the future or the stream cancels the answer: the connection is closed, and servers stop writing then.
    ///
    /// # Errors
    /// [`ModelError`], here or in the stream.
    async fn stream(&self, request: ChatRequest) -> Result<Deltas, ModelError>;
}

/// A whole answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    pub text: String,
    /// Characters that were thought.
    pub thought: usize,
    pub calls: Vec<ToolCall>,
    pub usage: Option<Usage>,
    pub stop: Option<StopReason>,
}

impl Answer {
    /// Waits for all of an answer.
    ///
    /// # Errors
    /// That of the stream; what came before is lost.
    pub async fn gather(mut deltas: Deltas) -> Result<Self, ModelError> {
        let mut answer = Self::default();
        while let Some(delta) = deltas.next().await {
            match delta? {
                Delta::Text(text) => answer.text.push_str(&text),
                Delta::Thought(chars) => answer.thought += chars,
                Delta::ToolCall(call) => answer.calls.push(call),
                Delta::Usage(usage) => answer.usage = Some(usage),
                Delta::Done(stop) => answer.stop = Some(stop),
            }
        }
        Ok(answer)
    }
}
