//! docs/api.md, replayed: its frames are decoded and written again, its requests are sent to a server.

use crate::support::server::{Answer, Person, Store, TestServer};
use lavender::Error;
use lavender::live::{ClientFrame, ServerFrame};
use serde_json::Value;
use std::collections::HashMap;

const API: &str = include_str!("../../docs/api.md");

/// The code blocks of one kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let mut blocks = Vec::new();
    let mut rest = API;
    let opening = format!("```{kind}\n");
    while let Some((_, after)) = rest.split_once(&opening) {
        let (block, after) = after.split_once("```").unwrap();
        blocks.push(block.trim());
        rest = after;
    }
    assert!(!blocks.is_empty(), "no block of {kind}");
    blocks
}

#[test]
fn frames_up_are_what_the_server_takes() {
    for block in blocks("json client") {
        let frame = ClientFrame::decode(block).unwrap_or_else(|error| panic!("{block}: {error}"));
        assert_eq!(serde_json::to_value(frame).unwrap(), serde_json::from_str::<Value>(block).unwrap());
    }
}

#[test]
fn frames_down_are_what_the_server_writes() {
    for block in blocks("json server") {
        let frame: ServerFrame = serde_json::from_str(block).unwrap_or_else(|error| panic!("{block}: {error}"));
        assert_ne!(frame, ServerFrame::Unknown, "{block}");
        assert_eq!(serde_json::to_value(frame).unwrap(), serde_json::from_str::<Value>(block).unwrap());
    }
}

#[test]
fn failures_are_written_as_they_are() {
    for block in blocks("json error") {
        let body: Value = serde_json::from_str(block).unwrap();
        let error: Error = serde_json::from_value(body["data"].clone()).unwrap();
        assert_eq!(
            (body["code"].as_u64(), body["message"].as_str()),
            (Some(error.status().into()), Some(&*error.to_string()))
        );
    }
}

#[test]
fn every_code_is_in_the_table() {
    let rows: Vec<(&str, u16)> = API
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            Some((cells.next()?.trim_matches('`'), cells.next()?.trim().parse().ok()?))
        })
        .collect();
    // The decoder itself lists the codes there are.
    let all = serde_json::from_str::<Error>(r#"{"code":"?"}"#).unwrap_err().to_string();
    let (_, all) = all.split_once("expected one of ").expect("a list");
    let mut all: Vec<&str> = all.split('`').skip(1).step_by(2).collect();
    // Made by the page, never sent.
    all.retain(|code| !["offline", "outdated"].contains(code));
    let mut listed: Vec<&str> = rows.iter().map(|(code, _)| *code).collect();
    all.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, all, "the table has every code once");
    let fields = r#""what":"room","limit_bytes":1,"field":"f","problem":"taken","retry_after_ms":1,"incident":null,"until":1,"refusal":{"reason":"empty"}"#;
    for (code, status) in &rows {
        let error: Error = serde_json::from_str(&format!(r#"{{"code":"{code}",{fields}}}"#)).unwrap();
        assert_eq!(error.status(), *status, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_answered_as_written() {
    let server = TestServer::start(Store::Embedded).await;
    let people: HashMap<&str, Person> =
        HashMap::from([("anna", server.register("anna").await), ("ben", server.register("ben").await)]);
    let mut names: HashMap<String, String> =
        people.iter().map(|(name, person)| ((*name).to_owned(), person.user_id.to_string())).collect();
    for block in blocks("http") {
        let mut lines = block.lines();
        let mut first = lines.next().unwrap().splitn(3, ' ');
        let (who, method, path) = (first.next().unwrap(), first.next().unwrap(), first.next().unwrap());
        let body = if method == "POST" { lines.next().unwrap() } else { "" };
        let status: u16 = lines.next().unwrap().parse().unwrap();
        let expected: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
        let person = &people[who];
        let answer: Answer = if method == "POST" {
            person.post(&filled(path, &names), &serde_json::from_str(&filled(body, &names)).unwrap()).await
        } else {
            person.get(&filled(path, &names)).await
        };
        assert_eq!(answer.status, status, "{block}: {answer:?}");
        compare(&expected, &answer.json(), &mut names, block);
    }
}

/// `{name}` replaced by what it stands for.
fn filled(text: &str, names: &HashMap<String, String>) -> String {
    names.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
}

/// Whether an answer has the keys and the fixed texts of the example. `{name}` is learned at its first appearance.
fn compare(expected: &Value, actual: &Value, names: &mut HashMap<String, String>, block: &str) {
    match (expected, actual) {
        (Value::Object(fields), Value::Object(given)) => {
            let keys = |fields: &serde_json::Map<String, Value>| fields.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(fields), keys(given), "{block}");
            fields.iter().for_each(|(key, value)| compare(value, &given[key], names, block));
        }
        (Value::Array(items), Value::Array(given)) => {
            assert_eq!(items.len(), given.len(), "{block}: {actual}");
            items.iter().zip(given).for_each(|(item, given)| compare(item, given, names, block));
        }
        (Value::String(text), Value::String(given)) => {
            match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
                Some(name) => assert_eq!(names.entry(name.to_owned()).or_insert(given.clone()), given, "{block}"),
                None => assert!(text == "…" || text == given, "{block}: \"{given}\" is not \"{text}\""),
            }
        }
        (Value::Number(_), Value::Number(_)) => {}
        _ => assert_eq!(expected, actual, "{block}"),
    }
}
