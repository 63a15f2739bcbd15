//! The mail server of `scripts/with-mail.sh`, and the letters that it keeps.

use super::server::{PATIENCE, Store, TestServer};
use lavender::server::config::{self, Config};
use std::path::PathBuf;

/// The settings of a server that writes letters; `None`, and it says so, where there is no mail server.
pub fn settings() -> Option<config::Mail> {
    let Ok(url) = std::env::var("TEST_SMTP_URL") else {
        eprintln!("skipped: TEST_SMTP_URL is not set");
        return None;
    };
    let ca = std::env::var("TEST_SMTP_CA").expect("it comes with TEST_SMTP_URL");
    let read = |name: &str| match name {
        "SMTP_URL" => Some(url.clone()),
        "SMTP_CA" => Some(ca.clone()),
        "SMTP_FROM" => Some("Lavender <chat@example.org>".to_owned()),
        _ => None,
    };
    Some(Config::read(read).expect("good settings").mail.expect("a mail server"))
}

/// A server that writes letters, with limits as wide as usual in tests.
pub async fn server(store: Store) -> Option<TestServer> {
    let mail = settings()?;
    Some(TestServer::start_with(store, |config| config.mail = Some(mail)).await)
}

/// Somebody's name that no other test uses.
pub fn name(begin: &str) -> String {
    let unique = uuid::Uuid::now_v7().simple().to_string();
    format!("{begin}_{}", &unique[22..])
}

pub fn folder() -> PathBuf {
    std::env::var_os("TEST_SMTP_FOLDER").expect("it comes with TEST_SMTP_URL").into()
}

/// The letters that an address got so far, oldest first.
pub fn letters(address: &str) -> Vec<Received> {
    (0..)
        .map_while(|n| std::fs::read(folder().join(format!("{address}.{n}.eml"))).ok())
        .map(|bytes| Received(String::from_utf8(bytes).expect("letters are ASCII")))
        .collect()
}

/// The `n`th letter (from 0) that an address gets.
pub async fn letter(address: &str, n: usize) -> Received {
    let wait = async {
        loop {
            if let Some(letter) = letters(address).into_iter().nth(n) {
                return letter;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .unwrap_or_else(|_| panic!("{address} got {} letters", letters(address).len()))
}

/// A letter as it came.
#[derive(Clone, Debug)]
pub struct Received(pub String);

impl Received {
    /// A line of the head, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.0.split("\r\n\r\n").next()?.replace("\r\n ", " ");
        head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
    }

    /// All of it, with quoted-printable (RFC 2045, 6.7) undone.
    pub fn body(&self) -> String {
        let joined = self.0.replace("=\r\n", "");
        let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
        while let Some((&first, after)) = rest.split_first() {
            let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
            match hex.filter(|_| first == b'=').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(byte) => {
                    bytes.push(byte);
                    rest = &after[2..];
                }
                None => {
                    bytes.push(first);
                    rest = after;
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The token of the link to this page in it.
    pub fn token(&self, page: &str) -> String {
        let body = self.body();
        let (_, rest) =
            body.split_once(&format!("{page}?token=")).unwrap_or_else(|| panic!("no link to {page}: {body}"));
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect()
    }
}
