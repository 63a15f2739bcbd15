//! What providers answer, read within bounds.

use super::Failure;
use serde::de::DeserializeOwned;
use std::error::Error;

/// Bytes of one answer: keys and metadata are a few KiB.
const ANSWER_MAX: usize = 256 * 1024;

/// The whole body of an answer.
pub async fn body(mut response: reqwest::Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + chunk.len() > ANSWER_MAX {
            return Err(Failure::Untrusted("an answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The JSON of an answer of 200.
pub async fn json<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, Failure> {
    let response = request.send().await.map_err(|error| unreachable(&error))?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(Failure::Unreachable("an answer of another status than 200"));
    }
    serde_json::from_slice(&body(response).await?).map_err(|_| Failure::Untrusted("an answer is not readable"))
}

/// Without the address: it may hold what is nobody's business.
pub fn unreachable(error: &reqwest::Error) -> Failure {
    Failure::Unreachable(if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "no connection"
    } else if error.is_redirect() {
        "it leads elsewhere"
    } else {
        "the answer broke off"
    })
}

/// An error of [`oauth2`]'s way to talk to a provider.
#[derive(Debug)]
pub struct Broken(pub Failure);

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Error for Broken {}
