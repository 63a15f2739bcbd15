//! What servers say when they do not answer, as a status or in the middle of an answer.

use super::ModelError;
use serde_json::Value;
use std::time::Duration;

/// Bytes of a server's word for an error.
const CODE_MAX: usize = 48;

/// What a status other than 200 means. `body` may be anything.
pub(super) fn of_status(status: u16, retry_after: Option<Duration>, body: &[u8]) -> ModelError {
    let body = serde_json::from_slice(body).unwrap_or(Value::Null);
    match status {
        300..400 => ModelError::Broken("its server sends us elsewhere"),
        _ => meaning(Some(status), retry_after, error_in(&body)),
    }
}

/// What an error means that came in a chunk or an event, after a status of 200.
pub(super) fn of_event(event: &Value) -> ModelError {
    let error = error_in(event);
    let code = error["code"].as_u64().or_else(|| error["status"].as_u64());
    meaning(code.and_then(|code| u16::try_from(code).ok()), None, error)
}

/// Whether a request may go better in a moment.
pub(super) fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

/// The object that describes the error: `{"error": {…}}`, in a list with Gemini, bare with vLLM, and a mere text with Ollama.
fn error_in(body: &Value) -> &Value {
    let body = if body.is_array() { &body[0] } else { body };
    if body["error"].is_null() { body } else { &body["error"] }
}

fn meaning(status: Option<u16>, retry_after: Option<Duration>, error: &Value) -> ModelError {
    if let Some(overflow) = overflow(error) {
        return overflow;
    }
    let code = code(error);
    match (status, code.as_str()) {
        (Some(401..=403), _) | (_, "authentication_error" | "invalid_api_key" | "permission_error") => ModelError::Auth,
        (Some(408 | 429 | 503 | 529), _) | (_, "rate_limit_exceeded" | "rate_limit_error" | "overloaded_error") => {
            ModelError::Busy { retry_after }
        }
        (Some(status @ 400..500), _) => ModelError::BadRequest { status, code },
        (Some(500..), _) => ModelError::Broken("its server failed"),
        _ => ModelError::Broken("its server says that something went wrong"),
    }
}

/// llama.cpp names both numbers; `OpenAI`, vLLM and others have them in a sentence, the limit first.
fn overflow(error: &Value) -> Option<ModelError> {
    let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    let message = error["message"].as_str().or(error.as_str()).unwrap_or_default();
    if error["type"] == "exceed_context_size_error" {
        return Some(ModelError::Overflow { prompt: number(&error["n_prompt_tokens"]), ctx: number(&error["n_ctx"]) });
    }
    let sentence = message.find("maximum context length").map(|at| &message[at..]);
    if error["code"] != "context_length_exceeded" && sentence.is_none() {
        return None;
    }
    let digits = sentence.unwrap_or_default().split(|c: char| !c.is_ascii_digit());
    let mut numbers = digits.filter_map(|digits| digits.parse().ok());
    Some(ModelError::Overflow { ctx: numbers.next(), prompt: numbers.next() })
}

/// The server's word for an error, if it is a word: a text might quote the prompt or the key.
fn code(error: &Value) -> String {
    let is_word = |text: &&str| {
        !text.is_empty()
            && text.len() <= CODE_MAX
            && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    };
    let words = [&error["code"], &error["type"]].into_iter().filter_map(Value::as_str);
    words.filter(is_word).map(str::to_owned).next().unwrap_or_else(|| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(status: u16, body: &Value) -> ModelError {
        of_status(status, None, body.to_string().as_bytes())
    }

    fn bad(status: u16, code: &str) -> ModelError {
        ModelError::BadRequest { status, code: code.to_owned() }
    }

    #[test]
    fn a_status_says_most() {
        let nothing = json!(null);
        for status in [401, 402, 403] {
            assert_eq!(refused(status, &nothing), ModelError::Auth);
        }
        for status in [408, 429, 503, 529] {
            assert_eq!(refused(status, &nothing), ModelError::Busy { retry_after: None });
            assert!(may_pass(status));
        }
        assert!(matches!(refused(500, &nothing), ModelError::Broken(_)) && may_pass(500));
        assert!(matches!(refused(307, &nothing), ModelError::Broken(_)) && !may_pass(307));
        for status in [400, 404, 413, 422] {
            assert_eq!(refused(status, &nothing), bad(status, "unknown"));
            assert!(!may_pass(status));
        }
        assert!(![401, 402, 403].into_iter().any(may_pass));
    }

    #[test]
    fn an_overflow_has_the_numbers_that_are_said() {
        let full = ModelError::Overflow { prompt: Some(9_032), ctx: Some(8_192) };
        for error in [
            json!({"code": 400, "message": "the request exceeds the available context size", "type": "exceed_context_size_error", "n_prompt_tokens": 9_032, "n_ctx": 8_192}),
            json!({"code": "context_length_exceeded", "type": "invalid_request_error", "message": "This model's maximum context length is 8192 tokens. However, your messages resulted in 9032 tokens."}),
            json!({"type": "BadRequestError", "message": "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 8192 tokens and your request has 9032 input tokens."}),
        ] {
            assert_eq!(refused(400, &json!({"error": error})), full, "{error}");
            assert_eq!(of_event(&json!({"error": error})), full, "{error}");
        }
        // vLLM without the object around it, and one that only names the fault.
        let bare = json!({"object": "error", "code": 400, "message": "This model's maximum context length is 8192 tokens. However, you requested 9032 tokens"});
        assert_eq!(refused(400, &bare), full);
        let named = json!({"error": {"code": "context_length_exceeded", "message": "Too long."}});
        assert_eq!(refused(400, &named), ModelError::Overflow { prompt: None, ctx: None });
        let absurd = json!({"error": {"type": "exceed_context_size_error", "n_prompt_tokens": -1, "n_ctx": "x"}});
        assert_eq!(refused(400, &absurd), ModelError::Overflow { prompt: None, ctx: None });
    }

    #[test]
    fn errors_in_an_answer_are_told_apart() {
        for (event, error) in [
            (json!({"error": {"code": 429, "message": "slow down"}}), ModelError::Busy { retry_after: None }),
            (json!({"error": {"type": "overloaded_error", "message": "x"}}), ModelError::Busy { retry_after: None }),
            (json!({"type": "error", "error": {"type": "authentication_error"}}), ModelError::Auth),
            (json!({"error": {"code": 502, "message": "x"}}), ModelError::Broken("its server failed")),
            (json!([{"error": {"code": 400, "status": "INVALID_ARGUMENT"}}]), bad(400, "unknown")),
        ] {
            assert_eq!(of_event(&event), error, "{event}");
        }
        for event in [json!({"error": "model runner has stopped"}), json!("x"), json!({"error": true}), json!([])] {
            assert_eq!(of_event(&event), ModelError::Broken("its server says that something went wrong"), "{event}");
        }
    }

    #[test]
    fn nothing_of_what_a_server_quotes_is_kept() {
        let said = "hunter2 said: hello there";
        for error in [json!({"message": said, "type": said, "code": said}), json!(said), json!({"code": "sk-hunter2"})]
        {
            for status in [400, 401, 404, 422, 429, 500] {
                let error = refused(status, &json!({"error": error}));
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains("hunter2") && !shown.contains("hello"), "{shown}");
            }
        }
        assert_eq!(
            refused(404, &json!({"error": {"code": "model_not_found", "message": said}})),
            bad(404, "model_not_found")
        );
    }
}
