//! A server as a process of its own, as people run it: it can be killed, its memory can be measured, and what it keeps outlives it.

use super::client::{Client as Socket, handshake_to};
use super::reply::{Reply, ask, upload_path};
use super::server::{Client, PATIENCE};
use super::storage::{Inventory, Storage};
use lavender::id::{FileId, RoomId};
use lavender::server::config::Config;
use lavender::server::{App, startup};
use reqwest::Method;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use tempfile::TempDir;

/// What outlives a process: a folder, and the settings that it is started with.
pub struct Installation {
    folder: TempDir,
    variables: BTreeMap<&'static str, OsString>,
    /// What starts the program, such as `unshare`; nothing starts it by itself.
    starter: Vec<OsString>,
}

impl Installation {
    /// On the embedded store and a local folder, with limits a thousand times wider than usual.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = port();
        let mut new = Self { folder, variables: BTreeMap::new(), starter: Vec::new() };
        std::fs::create_dir(new.temporary()).expect("a folder");
        let (data, temporary) = (new.data(), new.temporary());
        new.set("IP", "127.0.0.1");
        new.set("PORT", port.to_string());
        new.set("LAVENDER_URL", format!("http://127.0.0.1:{port}"));
        new.set("LAVENDER_DATA", data);
        new.set("LAVENDER_LIMIT_SCALE", "1000");
        new.set("LAVENDER_LOG", "warn");
        new.set("TMPDIR", temporary);
        new
    }

    /// With files in this bucket, if it is one.
    pub fn on(storage: Storage, ending: &str) -> Self {
        let mut new = Self::new();
        new.variables.extend(storage.variables(ending));
        new
    }

    pub fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.variables.insert(name, value.into());
    }

    /// Lets a small disk of its own lie at this folder of every process. `false`, and it says so, where nobody may do that.
    pub fn put_on_a_small_disk(&mut self, folder: &Path, megabytes: usize) -> bool {
        // As root, and as anybody where user namespaces are allowed.
        let Some(unshare) = ["-m", "-rm"].into_iter().find(|how| is_mounted(how, self.folder.path())) else {
            eprintln!("skipped: this machine does not let a test mount a disk of its own (unshare -m, unshare -rm)");
            return false;
        };
        let script = format!("mount -t tmpfs -o size={megabytes}m,mode=700 tmpfs \"$1\" && shift && exec \"$@\"");
        self.starter = ["unshare", unshare, "sh", "-c", &script, "sh"].map(OsString::from).to_vec();
        self.starter.push(folder.into());
        std::fs::create_dir_all(folder).expect("a folder");
        true
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn blobs(&self) -> PathBuf {
        self.data().join("blobs")
    }

    /// Where its processes put temporary files, if they make any.
    pub fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn config(&self) -> Config {
        let read = |name: &str| Some(self.variables.get(name)?.to_str().expect("a plain value").to_owned());
        Config::read(read).expect("a good configuration")
    }

    /// What its blob store holds now.
    pub async fn inventory(&self) -> Inventory {
        match &self.config().s3 {
            Some(settings) => Inventory::of_bucket(settings).await,
            None => Inventory::of_folder(&self.blobs()),
        }
    }

    /// Waits until its blob store holds these and nothing else: what is refused is taken away behind the back of its sender, and a
    /// look at whether anything can be written leaves something for a moment.
    pub async fn holds(&self, blobs: &BTreeMap<String, u64>) {
        let wait = async {
            loop {
                let now = self.inventory().await;
                if now.unfinished.is_empty() && now.blobs == *blobs {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            panic!("{:?} instead of {blobs:?}", self.inventory().await);
        }
    }

    /// Starts a process and waits until it is ready.
    pub async fn start(&self) -> Process {
        let log = File::options().create(true).append(true).open(self.log()).expect("a log");
        let words = self.starter.iter().cloned().chain([env!("CARGO_BIN_EXE_lavender").into()]);
        let words: Vec<OsString> = words.collect();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(self.folder.path()).env_clear().envs(&self.variables);
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().expect("it starts");
        let stdout = child.stdout.take().expect("piped");
        let address = self.config().address;
        let process = Process { child, address, origin: format!("http://{address}") };
        let first_line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).map(|_| line)
        });
        let line = tokio::time::timeout(PATIENCE, first_line).await.expect("in time").expect("no panic").expect("text");
        assert!(line.starts_with("Lavender is ready at"), "{line}{}", self.said());
        process
    }

    /// What its processes wrote to standard error.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// What the processes left, without one: its store, its blobs and its sweeps. Close the store before the next one starts.
    pub async fn open(&self) -> App {
        let config = self.config();
        let db = startup::open_store(&config).await.expect("a store");
        startup::build(config, db).expect("it is put together").0
    }
}

/// A port that is free now and later, between two processes: one that the system gives to nobody by itself.
fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() * 37;
    let ports = std::iter::repeat_with(|| NEXT.fetch_add(1, Ordering::Relaxed));
    let mut ports = ports.map(|n| 20_000 + ((first + u32::from(n)) % 12_000) as u16);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("one of many")
}

/// Whether a disk can be mounted by this kind of `unshare`.
fn is_mounted(how: &str, folder: &Path) -> bool {
    let mut command = Command::new("unshare");
    command.args([how, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A running one. Dropping it kills it.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    pub origin: String,
}

impl Process {
    /// SIGKILL: nothing is flushed, nobody is told.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// A path as this process sees it, also on disks that only it has.
    pub fn inside(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.child.id()));
        root.join(path.strip_prefix("/").expect("an absolute path"))
    }

    /// A line of its `/proc/PID/status`, in KiB.
    pub fn memory(&self, row: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it lives");
        let line = status.lines().find(|line| line.starts_with(row)).expect("a line");
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
    }

    /// Begins `VmHWM` anew, with what it takes now. Returns that.
    pub fn forget_peak(&self) -> u64 {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").expect("it is ours");
        self.memory("VmHWM:")
    }

    /// A new account, signed in, with a group of its own to write in.
    pub async fn register(&self, name: &str) -> Account {
        let client = Client::new(self.address, self.origin.clone());
        let answer = client.register(name).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/")), "{name} is registered: {answer:?}");
        let room_id = RoomId::new();
        let group = serde_json::json!({ "room_id": room_id, "name": "Files", "description": "", "members": [] });
        let answer = client.post("/api/rooms", &group).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Account { client, room_id, address: self.address }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Somebody, and their room. Survives the process.
#[derive(Clone)]
pub struct Account {
    pub client: Client,
    pub room_id: RoomId,
    pub address: SocketAddr,
}

impl Account {
    /// A websocket that has said hello; `None` when nobody answers.
    pub async fn connect(&self) -> Option<Socket> {
        let handshake = handshake_to(self.address, &self.client.cookie_header(), &self.client.origin);
        let mut socket = Socket::enter(handshake).await?;
        socket.greet().await?;
        Some(socket)
    }

    /// Brings a file for the own room.
    pub async fn put(&self, id: FileId, name: &str, declared: &str, bytes: &[u8]) -> Reply {
        self.ask(Method::PUT, &upload_path(id, self.room_id, name), declared, bytes).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, "", &[]).await
    }

    pub async fn ask(&self, method: Method, path: &str, declared: &str, bytes: &[u8]) -> Reply {
        ask(&self.client, method, path, declared, bytes.to_vec()).await
    }

    /// The link that a path leads to, and what is there, asked without a cookie.
    pub async fn follow(&self, path: &str) -> (String, Reply) {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 302, "{path}: {}", String::from_utf8_lossy(&answer.bytes));
        let link = answer.header("location").to_owned();
        let url = if link.starts_with('/') { format!("{}{link}", self.client.origin) } else { link.clone() };
        let response = reqwest::get(url).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (link, Reply { status, headers, bytes: response.bytes().await.expect("a whole body").to_vec() })
    }
}
