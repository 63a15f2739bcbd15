//! Files over HTTP: how they are asked for, and what comes back, as bytes.

use super::server::Client;
use lavender::id::{FileId, RoomId};
use lavender::model::Attachment;
use reqwest::Method;
use reqwest::header::HeaderMap;

/// What came back of a request of somebody.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The failure that it tells, as JSON.
    #[track_caller]
    pub fn failure(&self) -> serde_json::Value {
        let body: serde_json::Value = serde_json::from_slice(&self.bytes).expect("JSON");
        body["data"].clone()
    }

    #[track_caller]
    pub fn code(&self) -> String {
        self.failure()["code"].as_str().expect("a code").to_owned()
    }

    #[track_caller]
    pub fn reason(&self) -> String {
        self.failure()["refusal"]["reason"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    #[track_caller]
    pub fn attachment(&self) -> Attachment {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.bytes));
        serde_json::from_slice(&self.bytes).expect("an attachment")
    }
}

/// Where a file for a room is sent to.
pub fn upload_path(id: FileId, room_id: RoomId, name: &str) -> String {
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("/files/{id}?room={room_id}&name={name}")
}

/// One request. `declared`: the type of the body, if any.
pub async fn ask(client: &Client, method: Method, path: &str, declared: &str, body: Vec<u8>) -> Reply {
    let mut request = client.request(method, path).header("origin", &client.origin);
    if !declared.is_empty() {
        request = request.header("content-type", declared);
    }
    let response = request.body(body).send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Reply { status, headers, bytes: response.bytes().await.expect("a whole body").to_vec() }
}
