//! A server that speaks `OpenAI` Chat Completions and says what a test tells it to, piece by piece.

use super::stage::PATIENCE;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use lavender::server::config::{Config, Model};
use lavender::server::model::BaseUrl;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

/// One request, which the test answers. Dropped, it breaks off.
pub struct Asked {
    pub headers: HeaderMap,
    pub body: Value,
    answer: Option<oneshot::Sender<Response>>,
    pieces: Option<mpsc::Sender<Bytes>>,
    calls: u32,
}

pub struct ModelServer {
    url: String,
    asked: mpsc::Receiver<Asked>,
}

async fn completions(
    State(tests): State<mpsc::Sender<Asked>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let (answer, answered) = oneshot::channel();
    tests.send(Asked { headers, body, answer: Some(answer), pieces: None, calls: 0 }).await.ok();
    answered.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

impl ModelServer {
    pub async fn start() -> Self {
        let (tests, asked) = mpsc::channel(16);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let router = Router::new().route("/v1/chat/completions", post(completions)).with_state(tests);
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { url, asked }
    }

    /// Puts it behind the assistant.
    pub fn configure(&self, config: &mut Config) {
        config.model = Some(Model {
            url: BaseUrl::parse(&self.url).expect("a URL"),
            name: "scripted".into(),
            key: Some("a-key".to_owned().into()),
            context: 4_096,
            answer: 400,
            at_once: 2,
            per_person: 1_000,
            per_room: None,
            per_day: None,
            prices: None,
        });
    }

    /// The next request.
    pub async fn asked(&mut self) -> Asked {
        let asked = tokio::time::timeout(PATIENCE, self.asked.recv()).await;
        asked.expect("asked in time").expect("it serves")
    }

    /// Whether nobody asks for anything now.
    pub fn is_idle(&mut self) -> bool {
        self.asked.try_recv().is_err()
    }
}

impl Asked {
    /// All that was asked, as one text.
    pub fn text(&self) -> String {
        let turns = self.body["messages"].as_array().expect("messages");
        turns.iter().filter_map(|turn| turn["content"].as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Answers with a status and a JSON body.
    pub fn refuse(mut self, status: u16, body: Value) {
        let answer = self.answer.take().expect("not answered yet");
        answer.send((StatusCode::from_u16(status).expect("a status"), Json(body)).into_response()).ok();
    }

    /// Goes on with a piece of the text.
    pub async fn say(&mut self, text: &str) {
        self.event(
            &json!({ "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] }).to_string(),
        )
        .await;
    }

    /// [`Self::say`], as long as somebody listens. `false`: nobody does any more.
    pub async fn say_if_heard(&mut self, text: &str) -> bool {
        self.say(text).await;
        self.pieces.as_ref().is_some_and(|pieces| !pieces.is_closed())
    }

    /// Calls a tool.
    pub async fn call(&mut self, name: &str, args: &str) {
        let call = json!({ "index": self.calls, "id": format!("call-{}", self.calls), "type": "function",
            "function": { "name": name, "arguments": args } });
        self.calls += 1;
        self.event(
            &json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [call] }, "finish_reason": null }] })
                .to_string(),
        )
        .await;
    }

    /// Ends the answer.
    pub async fn finish(mut self, reason: &str) {
        self.event(&json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }).to_string()).await;
        self.event("[DONE]").await;
    }

    async fn event(&mut self, data: &str) {
        if let Some(answer) = self.answer.take() {
            let (pieces, coming) = mpsc::channel::<Bytes>(64);
            let stream = futures_util::stream::unfold(coming, |mut coming| async move {
                coming.recv().await.map(|piece| (Ok::<_, std::convert::Infallible>(piece), coming))
            });
            let response = ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(stream)).into_response();
            answer.send(response).ok();
            self.pieces = Some(pieces);
        }
        let pieces = self.pieces.as_ref().expect("it has begun");
        pieces.send(format!("data: {data}\n\n").into()).await.ok();
    }

    /// Waits until nobody listens any more.
    pub async fn is_cancelled(&self) {
        let pieces = self.pieces.as_ref().expect("it has begun");
        tokio::time::timeout(PATIENCE, pieces.closed()).await.expect("cancelled in time");
    }
}
