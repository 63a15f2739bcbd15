//! The program from a shell: what it says when it cannot start, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program, with nothing but these variables, in an empty folder.
fn lavender(folder: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lavender"));
    command.current_dir(folder).env_clear().env("PORT", "0").envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The one line on standard error of a start that fails.
fn complaint(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let mut lines = text.lines();
    let line = lines.next().unwrap_or_default().to_owned();
    assert!(lines.next().is_none() && line.starts_with("lavender: "), "one plain line: {text}");
    line
}

/// A running server, killed if a test fails.
struct Running {
    child: Child,
    ready: String,
}

impl Running {
    fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut child = lavender(folder, variables).spawn().expect("it starts");
        let mut ready = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut ready).expect("it speaks");
        Self { child, ready: ready.trim().to_owned() }
    }

    fn origin(&self) -> &str {
        self.ready.strip_prefix("Lavender is ready at ").unwrap_or_else(|| panic!("ready: {}", self.ready))
    }

    /// What it wrote to standard error, and how long it took to end, after a signal.
    fn end(mut self, signal: &str) -> (String, Duration) {
        let started = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().expect("kill is there").success());
        let mut log = String::new();
        self.child.stderr.take().expect("piped").read_to_string(&mut log).expect("text");
        let status = self.child.wait().expect("it ends");
        assert_eq!(status.code(), Some(0), "{log}");
        (log, started.elapsed())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_bad_value_is_one_plain_line_that_names_the_variable_and_hides_secrets() {
    let folder = folder();
    for (name, value) in [
        ("PORT", "eighty"),
        ("IP", "nowhere"),
        ("LAVENDER_URL", "http://chat.example.org"),
        ("LAVENDER_TRUSTED_PROXIES", "everyone"),
        ("LAVENDER_REGISTRATION", "perhaps"),
        ("LAVENDER_LIMIT_SCALE", "-1"),
        ("LAVENDER_LOG", "lavender=loud"),
        ("MONGODB_URI", "postgres://ana:hunter2@localhost/x"),
        ("MONGODB_URI", "mongodb://ana:hunter2@db.example/x"),
    ] {
        let output = lavender(folder.path(), &[(name, value)]).output().expect("it runs");
        let line = complaint(&output, 2);
        assert!(line.starts_with(&format!("lavender: {name}: ")) && !line.contains("hunter2"), "{line}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing was made");
}

#[test]
fn a_port_in_use_is_one_plain_line() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it listens").port().to_string();
    let line = complaint(&lavender(folder.path(), &[("PORT", &port)]).output().expect("it runs"), 1);
    assert!(line.starts_with("lavender: PORT: ") && line.contains(&port) && line.contains("in use"), "{line}");
}

#[test]
fn a_data_folder_that_cannot_be_one_is_one_plain_line() {
    let folder = folder();
    std::fs::write(folder.path().join("data"), "a file").expect("it is written");
    let line = complaint(&lavender(folder.path(), &[]).output().expect("it runs"), 1);
    assert!(line.starts_with("lavender: LAVENDER_DATA: data: "), "{line}");
}

#[test]
fn settings_come_from_a_file_too_and_the_environment_wins() {
    let folder = folder();
    std::fs::write(folder.path().join(".env"), "LAVENDER_REGISTRATION=perhaps\n").expect("it is written");
    let line = complaint(&lavender(folder.path(), &[]).output().expect("it runs"), 2);
    assert!(line.contains("LAVENDER_REGISTRATION"), "{line}");
    let server = Running::start(folder.path(), &[("LAVENDER_REGISTRATION", "open")]);
    assert!(server.origin().starts_with("http://localhost:"), "{}", server.ready);
    std::fs::write(folder.path().join(".env"), "a secret that is no setting").expect("it is written");
    let line = complaint(&lavender(folder.path(), &[]).output().expect("it runs"), 2);
    assert!(line.starts_with("lavender: .env: ") && !line.contains("secret"), "{line}");
}

#[test]
fn it_says_ready_serves_and_ends_in_order() {
    for signal in ["-TERM", "-INT"] {
        let folder = folder();
        let server = Running::start(folder.path(), &[]);
        let address = server.origin().strip_prefix("http://").expect("http").to_owned();
        let mut stream = std::net::TcpStream::connect(&address).expect("it listens when it says so");
        std::io::Write::write_all(&mut stream, b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("text");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let (log, took) = server.end(signal);
        assert!(took < Duration::from_secs(10), "{took:?}");
        for line in log.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|_| panic!("a log line is JSON: {line}"));
        }
        assert!(log.contains("\"/readyz\"") && log.contains("gone"), "{log}");
    }
}

/// One request over a connection of its own; the whole answer.
fn ask(origin: &str, request: &str) -> String {
    let address = origin.strip_prefix("http://").expect("http");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    let request = request.replace("HOST", &format!("host: {address}\r\nconnection: close"));
    std::io::Write::write_all(&mut stream, request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    answer
}

#[test]
fn what_people_send_is_in_no_log() {
    let folder = folder();
    let server = Running::start(folder.path(), &[("LAVENDER_LOG", "debug")]);
    let origin = server.origin().to_owned();
    let post = |path: &str, body: &str| {
        ask(
            &origin,
            &format!(
                "POST {path} HTTP/1.1\r\nHOST\r\norigin: {origin}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                 user-agent: canary-agent\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ),
        )
    };
    let registered =
        post("/auth/register", "username=canaryname&email=canary@mail.example&password=canary-violet-otter-7");
    assert!(registered.contains("location: /\r\n"), "{registered}");
    post("/auth/login", "login=canaryname&password=canary-wrong-word-9");
    let token = registered.split("__Host-lav_rt=").nth(1).and_then(|rest| rest.split(';').next()).expect("a token");
    let access = registered.split("__Host-lav_at=").nth(1).and_then(|rest| rest.split(';').next()).expect("a token");
    let people =
        format!("GET /api/people?query=canaryquery HTTP/1.1\r\nHOST\r\ncookie: __Host-lav_at={access}\r\n\r\n");
    assert!(ask(&origin, &people).starts_with("HTTP/1.1 200"));
    let (log, _) = server.end("-TERM");
    assert!(log.contains("account_made") && log.contains("sign_in") && log.contains("/api/people"), "{log}");
    for secret in ["canary", token, access] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn files_beside_the_program_are_served_for_ever_or_asked_for_again() {
    let folder = folder();
    let public = folder.path().join("public");
    std::fs::create_dir_all(public.join("assets")).expect("a folder");
    std::fs::create_dir_all(public.join("fonts")).expect("a folder");
    std::fs::write(public.join("fonts/some-latin-normal.woff2"), "wOF2").expect("written");
    std::fs::write(public.join("sw.js"), "self.x = 1").expect("written");
    std::fs::write(public.join("assets/app-dxh0123abcd.js"), "export {}").expect("written");
    let index =
        "<!doctype html><html lang=\"en\"><head><title>x</title></head><body><div id=\"main\"></div></body></html>";
    std::fs::write(public.join("index.html"), index).expect("written");
    let public = public.to_str().expect("a plain name").to_owned();
    let server = Running::start(folder.path(), &[("DIOXUS_PUBLIC_PATH", &public)]);
    let get = |path: &str| ask(server.origin(), &format!("GET {path} HTTP/1.1\r\nHOST\r\naccept: text/html\r\n\r\n"));
    let worker = get("/sw.js");
    assert!(worker.contains("cache-control: no-cache") && worker.contains("self.x = 1"), "{worker}");
    assert!(worker.contains("content-type: text/javascript") && worker.contains("nosniff"), "{worker}");
    let script = get("/assets/app-dxh0123abcd.js");
    // Dioxus keeps nothing in debug builds, where a file may change under its name.
    let kept = if cfg!(debug_assertions) { "no-cache" } else { "immutable" };
    assert!(script.starts_with("HTTP/1.1 200") && script.contains(kept), "{script}");
    let font = get("/fonts/some-latin-normal.woff2");
    assert!(font.starts_with("HTTP/1.1 200") && font.contains("max-age=31536000, immutable"), "{font}");
    let missing = get("/fonts/none.woff2");
    assert!(missing.starts_with("HTTP/1.1 404") && !missing.contains("immutable"), "{missing}");
    let page = get("/login");
    assert!(page.contains("<html lang=\"en\">") && page.contains("cache-control: no-store"), "{page}");
    assert!(get("/index.html").starts_with("HTTP/1.1 404"));
    assert!(get("/assets/../../data/keys.json").starts_with("HTTP/1.1 404"));
    assert!(get("/assets/%2e%2e/%2e%2e/data/keys.json").starts_with("HTTP/1.1 404"));
}

#[test]
fn a_mongodb_that_does_not_answer_is_one_plain_line() {
    let folder = folder();
    let started = Instant::now();
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let uri = format!("mongodb://ana:hunter2@{closed}/lavender");
    let line = complaint(
        &lavender(folder.path(), &[("MONGODB_URI", &uri), ("LAVENDER_LOG", "off")]).output().expect("it runs"),
        1,
    );
    assert!(line.starts_with("lavender: MONGODB_URI: ") && !line.contains("hunter2"), "{line}");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn two_servers_do_not_share_a_data_folder() {
    let folder = folder();
    let server = Running::start(folder.path(), &[]);
    let line = complaint(&lavender(folder.path(), &[("LAVENDER_LOG", "error")]).output().expect("it runs"), 1);
    assert!(line.starts_with("lavender: LAVENDER_DATA: "), "{line}");
    server.end("-TERM");
}

#[test]
fn help_version_and_wrong_words() {
    let folder = folder();
    let run = |words: &[&str]| lavender(folder.path(), &[]).args(words).output().expect("it runs");
    let help = String::from_utf8(run(&["--help"]).stdout).expect("text");
    for name in ["MONGODB_URI", "LAVENDER_DATA", "LAVENDER_URL", "backup FILE"] {
        assert!(help.contains(name), "{help}");
    }
    let version = String::from_utf8(run(&["--version"]).stdout).expect("text");
    assert_eq!(version.trim(), concat!("lavender ", env!("CARGO_PKG_VERSION")));
    assert!(complaint(&run(&["sreve"]), 2).contains("sreve"));
    assert!(complaint(&run(&["backup"]), 2).contains("backup"));
}

#[test]
fn a_backup_is_taken_while_the_server_runs_and_serves_again() {
    let folder = folder();
    let server = Running::start(folder.path(), &[]);
    let output = lavender(folder.path(), &[]).args(["backup", "copy.db"]).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let again = lavender(folder.path(), &[]).args(["backup", "copy.db"]).output().expect("it runs");
    assert!(complaint(&again, 1).contains("copy.db"), "an existing file is not overwritten");
    server.end("-TERM");
    let other = self::folder();
    std::fs::create_dir(other.path().join("data")).expect("a folder");
    std::fs::copy(folder.path().join("copy.db"), other.path().join("data/lavender.db")).expect("copied");
    Running::start(other.path(), &[]).end("-TERM");
}
