//! The client against a real llama-server with `SmolLM2`: `scripts/with-model.sh cargo test --features server model::real`.
//! Without one these tests say so and pass. They look at what the server does, never at what the model says.

use super::*;
use secrecy::SecretString;
use std::env;
use std::time::Instant;
use tokio::sync::{Mutex, MutexGuard};

/// A machine may be busy building.
const PATIENT: Duration = Duration::from_secs(300);
/// The server has one slot: who waits in its line cannot tell how quick it is.
static SLOT: Mutex<()> = Mutex::const_new(());

fn endpoint() -> Option<Endpoint> {
    let Ok(url) = env::var("TEST_MODEL_URL") else {
        println!("skipped: TEST_MODEL_URL is not set (scripts/with-model.sh)");
        return None;
    };
    let base = BaseUrl::parse(&url).expect("TEST_MODEL_URL is a base");
    let patience = Patience { first_byte: PATIENT, idle: PATIENT, whole: PATIENT, ..Patience::with(&base) };
    Some(Endpoint {
        base,
        model: env::var("TEST_MODEL_NAME").expect("TEST_MODEL_NAME is set"),
        key: env::var("TEST_MODEL_KEY").ok().map(SecretString::from),
        reasoning_effort: None,
        patience,
    })
}

/// The model, for one test alone.
async fn model() -> Option<(HttpModel, MutexGuard<'static, ()>)> {
    let model = HttpModel::new(endpoint()?).expect("a client");
    Some((model, SLOT.lock().await))
}

fn question(text: &str, max_tokens: u32) -> ChatRequest {
    ChatRequest {
        messages: vec![
            Turn { role: Role::System, content: "You are friendly.".to_owned() },
            Turn { role: Role::User, content: text.to_owned() },
        ],
        max_tokens,
        temperature: Some(0.0),
        seed: Some(7),
        ..ChatRequest::default()
    }
}

#[tokio::test]
async fn it_streams_and_says_what_it_took() {
    let Some((model, _slot)) = model().await else { return };
    let deltas = model.stream(question("Tell me about lavender.", 12)).await.expect("an answer");
    let deltas: Vec<_> = deltas.map(|delta| delta.expect("no error")).collect().await;
    let texts = deltas.iter().filter(|delta| matches!(delta, Delta::Text(_))).count();
    assert!(texts >= 5, "in pieces: {deltas:?}");
    let [.., Delta::Usage(usage), Delta::Done(StopReason::Length)] = deltas.as_slice() else { panic!("{deltas:?}") };
    assert!(usage.answer_tokens == 12 && usage.prompt_tokens > 10, "{usage:?}");
}

#[tokio::test]
async fn a_dropped_answer_frees_the_slot() {
    let Some((model, _slot)) = model().await else { return };
    // A grammar that never lets it end: without a cancel it would write for minutes.
    let endless = ChatRequest { grammar: Some("root ::= [a-z] root".to_owned()), ..question("Write.", 3_500) };
    let mut deltas = model.stream(endless).await.expect("an answer");
    assert!(matches!(deltas.next().await, Some(Ok(Delta::Text(_)))));
    let dropped = Instant::now();
    drop(deltas);
    let next = model.stream(question("Hi", 1)).await.expect("an answer");
    Answer::gather(next).await.expect("all of it");
    // 3,500 tokens take twice as long where nothing else runs, and reading the question a few seconds where much does.
    assert!(dropped.elapsed() < Duration::from_secs(15), "{} ms", dropped.elapsed().as_millis());
    println!("the next answer came {} ms after the drop", dropped.elapsed().as_millis());
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_refused_with_numbers() {
    let Some((model, _slot)) = model().await else { return };
    let error = model.stream(question(&"lavender ".repeat(6_000), 8)).await.err();
    let Some(ModelError::Overflow { prompt: Some(prompt), ctx: Some(ctx) }) = error else { panic!("{error:?}") };
    assert!(ctx == 4_096 && prompt > ctx, "{prompt} of {ctx}");
}

#[tokio::test]
async fn an_answer_by_a_schema_can_be_read() {
    let Some((model, _slot)) = model().await else { return };
    let schema = r#"{"type":"array","items":{"type":"string","maxLength":12},"minItems":3,"maxItems":3}"#;
    let schema = serde_json::value::RawValue::from_string(schema.to_owned()).ok();
    let request = ChatRequest { schema, ..question("Three short replies to: Are you coming?", 80) };
    let answer = Answer::gather(model.stream(request).await.expect("an answer")).await.expect("all of it");
    let replies: Vec<String> = serde_json::from_str(&answer.text).expect("three strings");
    assert!(replies.len() == 3 && replies.iter().all(|reply| reply.chars().count() <= 12), "{replies:?}");
}

#[tokio::test]
async fn a_probe_tells_what_is_done_from_what_is_ignored() {
    let Some((model, _slot)) = model().await else { return };
    // SmolLM2's template has no tools: the server leaves them out and answers 200.
    assert_eq!(probe(&model).await, Ok(Caps { tools: Tri::No, schema: Tri::Yes, grammar: Tri::Yes }));
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let Some(endpoint) = endpoint() else { return };
    let model = HttpModel::new(Endpoint { key: Some(SecretString::from("wrong")), ..endpoint }).expect("a client");
    assert_eq!(model.stream(question("Hi", 1)).await.err(), Some(ModelError::Auth));
}

#[tokio::test]
async fn its_list_of_models_is_there() {
    let Some((model, _slot)) = model().await else { return };
    assert_eq!(model.reach().await, Ok(()));
}
