//! Answers as servers send them, by hand from what they document, and what has to come of them however the bytes are cut.

use super::wire::Decoder;
use super::{Delta, ModelError, StopReason, ToolCall, Usage};

type Out = Vec<Result<Delta, ModelError>>;

struct Fixture {
    name: &'static str,
    bytes: String,
    out: Out,
}

/// Lines of `data: `, as most servers write them.
fn sse(chunks: &[&str]) -> String {
    chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect()
}

fn text(text: &str) -> Result<Delta, ModelError> {
    Ok(Delta::Text(text.to_owned()))
}

fn thought(chars: usize) -> Result<Delta, ModelError> {
    Ok(Delta::Thought(chars))
}

fn usage(prompt_tokens: u32, answer_tokens: u32, cached_tokens: u32) -> Result<Delta, ModelError> {
    Ok(Delta::Usage(Usage { prompt_tokens, answer_tokens, cached_tokens }))
}

fn call(index: u32, id: &str, name: &str, args: &str) -> Result<Delta, ModelError> {
    Ok(Delta::ToolCall(ToolCall { index, id: id.to_owned(), name: name.to_owned(), args: args.to_owned() }))
}

fn done(stop: StopReason) -> Result<Delta, ModelError> {
    Ok(Delta::Done(stop))
}

fn broken(what: &'static str) -> Result<Delta, ModelError> {
    Err(ModelError::Broken(what))
}

fn fixtures() -> Vec<Fixture> {
    let fixture = |name, bytes, out| Fixture { name, bytes, out };
    vec![
        fixture(
            "OpenAI",
            sse(&[
                r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}"#,
                r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Grüß"},"finish_reason":null}],"usage":null}"#,
                r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" dich 🌱"},"finish_reason":null}],"usage":null}"#,
                r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"#,
                r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":6,"total_tokens":25,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":0}}}"#,
                "[DONE]",
            ]),
            vec![text("Grüß"), text(" dich 🌱"), usage(19, 6, 8), done(StopReason::Stop)],
        ),
        fixture(
            "llama.cpp",
            sse(&[
                r#"{"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1,"id":"c","model":"m","object":"chat.completion.chunk"}"#,
                r#"{"choices":[{"finish_reason":null,"index":0,"delta":{"content":"Hello"}}],"created":1,"id":"c"}"#,
                r#"{"choices":[{"finish_reason":"length","index":0,"delta":{}}],"created":1,"id":"c"}"#,
                r#"{"choices":[],"usage":{"completion_tokens":1,"prompt_tokens":31,"total_tokens":32,"prompt_tokens_details":{"cached_tokens":0}},"timings":{"cache_n":0,"prompt_n":31}}"#,
                "[DONE]",
            ]),
            vec![text("Hello"), usage(31, 1, 0), done(StopReason::Length)],
        ),
        fixture(
            "Ollama, CRLF, without [DONE]",
            sse(&[
                r#"{"id":"chatcmpl-7","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}"#,
                r#"{"id":"chatcmpl-7","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}"#,
                r#"{"id":"chatcmpl-7","choices":[],"usage":{"prompt_tokens":26,"completion_tokens":2,"total_tokens":28}}"#,
            ])
            .replace('\n', "\r\n"),
            vec![text("Hi"), usage(26, 2, 0), done(StopReason::Stop)],
        ),
        fixture(
            "OpenRouter, with comments and thoughts under two names",
            format!(
                ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n{}",
                sse(&[
                    r#"{"id":"gen-1","provider":"P","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Hm.","reasoning_details":[{"type":"reasoning.text","text":"Hm."}]},"finish_reason":null,"native_finish_reason":null}]}"#,
                    r#"{"id":"gen-1","choices":[{"index":0,"delta":{"role":"assistant","content":"Yes","reasoning":null},"finish_reason":null}]}"#,
                    r#"{"id":"gen-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop","native_finish_reason":"end_turn"}]}"#,
                    r#"{"id":"gen-1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":{"prompt_tokens":9,"completion_tokens":4,"cost":0.00001}}"#,
                    "[DONE]",
                ])
                .replace("data: {\"id\":\"gen-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\"", ": OPENROUTER PROCESSING\ndata: {\"id\":\"gen-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\"")
            ),
            vec![thought(3), text("Yes"), usage(9, 4, 0), done(StopReason::Stop)],
        ),
        fixture(
            "Azure, whose first chunk has no choice",
            sse(&[
                r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}"#,
                r#"{"choices":[{"content_filter_results":{},"delta":{"content":"Hi"},"finish_reason":null,"index":0}],"id":"c"}"#,
                r#"{"choices":[{"content_filter_results":{"hate":{"filtered":true}},"delta":{},"finish_reason":"content_filter","index":0}],"id":"c"}"#,
                "[DONE]",
            ]),
            vec![text("Hi"), done(StopReason::Filtered)],
        ),
        fixture(
            "DeepSeek, with thoughts in a field of their own",
            format!(": keep-alive\n\n{}", sse(&[
                r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"Überlegen"},"finish_reason":null}]}"#,
                r#"{"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"…"},"finish_reason":null}]}"#,
                r#"{"choices":[{"index":0,"delta":{"content":"Ja","reasoning_content":null},"finish_reason":null}]}"#,
                r#"{"choices":[{"index":0,"delta":{"content":"","reasoning_content":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":7,"prompt_cache_hit_tokens":0}}"#,
                "[DONE]",
            ])),
            vec![thought(9), thought(1), text("Ja"), usage(5, 7, 0), done(StopReason::Stop)],
        ),
        fixture(
            "thoughts in the text, over several chunks",
            sse(&[
                r#"{"choices":[{"delta":{"content":"<th"}}]}"#,
                r#"{"choices":[{"delta":{"content":"ink>Hm, "}}]}"#,
                r#"{"choices":[{"delta":{"content":"is it?</"}}]}"#,
                r#"{"choices":[{"delta":{"content":"think>\n"}}]}"#,
                r#"{"choices":[{"delta":{"content":"\nYes, 1 "}}]}"#,
                r#"{"choices":[{"delta":{"content":"< 2 <"},"finish_reason":"stop"}]}"#,
                "[DONE]",
            ]),
            vec![thought(4), thought(6), text("Yes, 1 "), text("< 2 "), text("<"), done(StopReason::Stop)],
        ),
        fixture(
            "a thought that is cut off by the limit",
            sse(&[
                r#"{"choices":[{"delta":{"content":"<think>I will"}}]}"#,
                r#"{"choices":[{"delta":{"content":" say </"},"finish_reason":"length"}]}"#,
                "[DONE]",
            ]),
            vec![thought(6), thought(5), thought(2), done(StopReason::Length)],
        ),
        fixture(
            "Mistral, with content in parts",
            sse(&[
                r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]}}]}"#,
                r#"{"choices":[{"delta":{"content":[{"type":"text","text":"Yes"}]},"finish_reason":"stop"}]}"#,
                "[DONE]",
            ]),
            vec![thought(2), text("Yes"), done(StopReason::Stop)],
        ),
        fixture(
            "calls in pieces",
            sse(&[
                r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"send_","arguments":""}}]},"finish_reason":null}]}"#,
                r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"gif"}}]},"finish_reason":null}]}"#,
                r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"query\":"}},{"index":1,"type":"function","function":{"name":"roll","arguments":""}}]},"finish_reason":null}]}"#,
                r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"cäts\"}"}}]},"finish_reason":null}]}"#,
                r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
                r#"{"choices":[],"usage":{"prompt_tokens":50,"completion_tokens":20}}"#,
                "[DONE]",
            ]),
            vec![
                call(0, "call_a", "send_gif", r#"{"query":"cäts"}"#),
                call(1, "call_1", "roll", "{}"),
                usage(50, 20, 0),
                done(StopReason::ToolCalls),
            ],
        ),
        fixture(
            "a call of a server that only says it stopped",
            sse(&[
                r#"{"choices":[{"index":0,"delta":{"content":"Rolling.","tool_calls":[{"function":{"name":"roll","arguments":{"sides":6}}}]},"finish_reason":"stop"}]}"#,
            ]),
            vec![text("Rolling."), call(0, "call_0", "roll", r#"{"sides":6}"#), done(StopReason::ToolCalls)],
        ),
        fixture(
            "an error in the middle",
            sse(&[
                r#"{"choices":[{"index":0,"delta":{"content":"Half a"},"finish_reason":null}]}"#,
                r#"{"id":"gen-1","error":{"code":429,"message":"hunter2"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
                r#"{"choices":[{"index":0,"delta":{"content":" never"},"finish_reason":null}]}"#,
                "[DONE]",
            ]),
            vec![text("Half a"), Err(ModelError::Busy { retry_after: None })],
        ),
        fixture(
            "an error as an event, after usage",
            format!(
                "{}event: error\ndata: {{\"message\":\"hunter2\"}}\n\n",
                sse(&[r#"{"choices":[{"delta":{"content":"Half"}}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#])
            ),
            vec![text("Half"), usage(3, 1, 0), broken("its server says that something went wrong")],
        ),
        fixture(
            "an error as a field, as older llama.cpp",
            format!(
                "{}error: {{\"code\":500,\"message\":\"x\",\"type\":\"server_error\"}}\n\n",
                sse(&[r#"{"choices":[{"delta":{"content":"Half"}}]}"#])
            ),
            vec![text("Half"), broken("its server failed")],
        ),
        fixture(
            "an overflow while it writes",
            sse(&[
                r#"{"choices":[{"delta":{"content":"Half"}}]}"#,
                r#"{"error":{"code":400,"message":"x","type":"exceed_context_size_error","n_prompt_tokens":4100,"n_ctx":4096}}"#,
            ]),
            vec![text("Half"), Err(ModelError::Overflow { prompt: Some(4_100), ctx: Some(4_096) })],
        ),
        fixture(
            "[DONE] twice, and more behind it",
            sse(&[
                r#"{"choices":[{"delta":{"content":"Hi"}}]}"#,
                "[DONE]",
                "[DONE]",
                r#"{"choices":[{"delta":{"content":" there"}}]}"#,
                "no JSON",
            ]),
            vec![text("Hi"), done(StopReason::Stop)],
        ),
        fixture(
            "what is no JSON",
            sse(&[r#"{"choices":[{"delta":{"content":"Hi"}}]}"#, r#"{"choices":[{"del"#]),
            vec![text("Hi"), broken("a chunk that is no JSON")],
        ),
        fixture(
            "chunks of other shapes",
            sse(&[
                "null",
                "[]",
                "7",
                r#"{"choices":null}"#,
                r#"{"choices":{}}"#,
                r#"{"choices":[null]}"#,
                r#"{"choices":[{"delta":null,"finish_reason":7}],"usage":{"prompt_tokens":-1,"completion_tokens":99999999999}}"#,
                r#"{"choices":[{"delta":{"content":7,"reasoning":{},"tool_calls":"x"}}],"error":null}"#,
                "[DONE]",
            ]),
            vec![usage(0, u32::MAX, 0), done(StopReason::Stop)],
        ),
        fixture("nothing at all", String::new(), vec![broken("it broke off")]),
        fixture("a comment and the end", ": x\n\n".to_owned(), vec![broken("it broke off")]),
    ]
}

fn decode(mut decoder: Decoder, pieces: &[&[u8]]) -> Out {
    pieces.iter().for_each(|piece| decoder.push(piece));
    decoder.end();
    assert!(decoder.is_over());
    std::iter::from_fn(|| decoder.pop()).collect()
}

#[track_caller]
fn same_at_every_cut(decoder: fn() -> Decoder, name: &str, bytes: &[u8], out: &Out) {
    for at in 0..=bytes.len() {
        assert_eq!(decode(decoder(), &[&bytes[..at], &bytes[at..]]), *out, "{name}, cut at {at}");
    }
    assert_eq!(decode(decoder(), &bytes.chunks(1).collect::<Vec<_>>()), *out, "{name}, byte by byte");
}

#[test]
fn streams_mean_the_same_wherever_they_are_cut() {
    for Fixture { name, bytes, out } in fixtures() {
        same_at_every_cut(Decoder::of_events, name, bytes.as_bytes(), &out);
    }
}

#[test]
fn of_a_stream_that_ends_anywhere_what_came_is_kept_and_only_a_finished_one_is_done() {
    for Fixture { name, bytes, out } in fixtures() {
        let finish = bytes.find(r#""finish_reason":""#);
        for at in 0..bytes.len() {
            let part = decode(Decoder::of_events(), &[&bytes.as_bytes()[..at]]);
            let (last, said) = part.split_last().expect("an end");
            match last {
                Ok(Delta::Done(_)) => {
                    let is_finished = finish.is_some_and(|finish| finish < at) || bytes[..at].contains("[DONE]");
                    assert!(is_finished, "{name}, ended at {at}");
                }
                Err(_) => {
                    // Usage comes before an error, which may be sooner than in the whole.
                    let words: Vec<_> = said.iter().filter(|delta| !matches!(delta, Ok(Delta::Usage(_)))).collect();
                    assert!(words.iter().zip(&out).all(|(one, two)| *one == two), "{name}, ended at {at}: {part:?}");
                }
                other => panic!("{name}, ended at {at} with {other:?}"),
            }
        }
    }
}

#[test]
fn an_answer_in_one_piece_is_an_answer() {
    for (bytes, out) in [
        (
            r#"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"<think>Hm</think>Grüß dich","tool_calls":null},"finish_reason":"length"}],"usage":{"prompt_tokens":4,"completion_tokens":2}}"#,
            vec![thought(2), text("Grüß dich"), usage(4, 2, 0), done(StopReason::Length)],
        ),
        (
            r#"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"flip","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"flip","arguments":"{}"}}]}}]}"#,
            vec![call(0, "a", "flip", "{}"), call(1, "b", "flip", "{}"), done(StopReason::ToolCalls)],
        ),
        (r#"{"error":{"message":"x","code":503}}"#, vec![Err(ModelError::Busy { retry_after: None })]),
        (r#"{"status":"ok"}"#, vec![broken("it broke off")]),
        (r#"{"choices":[{"message":{"content":"Hal"#, vec![broken("not JSON, or not all of it")]),
        ("", vec![broken("not JSON, or not all of it")]),
    ] {
        same_at_every_cut(Decoder::of_whole, bytes, bytes.as_bytes(), &out);
    }
}

#[test]
fn a_wait_that_ends_after_the_answer_did_is_no_fault() {
    for (chunk, last) in [
        (r#"{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#, done(StopReason::Stop)),
        (r#"{"choices":[{"delta":{"content":"Hi"}}]}"#, Err(ModelError::Unreachable)),
    ] {
        let mut decoder = Decoder::of_events();
        decoder.push(sse(&[chunk]).as_bytes());
        decoder.fail(ModelError::Unreachable);
        let out: Out = std::iter::from_fn(|| decoder.pop()).collect();
        assert_eq!(out, [text("Hi"), last]);
    }
}
