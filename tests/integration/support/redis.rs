//! A Redis of a test's own, on a socket in its own folder, with the users that `deploy/redis` ships. It can be stopped, held and
//! started again.

use lavender::server::config::{self, Config};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub const PASSWORD: &str = "a-password-of-redis";

pub struct Redis {
    folder: TempDir,
    program: PathBuf,
    process: Option<Child>,
    /// Beside those of every start.
    arguments: Vec<String>,
}

impl Redis {
    /// `None`, and it says so, where `TEST_REDIS_SERVER` names no program.
    pub async fn start() -> Option<Self> {
        Self::start_with(|_| Vec::new()).await
    }

    /// With more arguments, which may name files in its folder.
    pub async fn start_with(arguments: impl FnOnce(&Path) -> Vec<String>) -> Option<Self> {
        let Some(program) = std::env::var_os("TEST_REDIS_SERVER") else {
            eprintln!("skipped: TEST_REDIS_SERVER is not set");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        // Debian's checking tool is the server under another name.
        let name = folder.path().join("redis-server");
        symlink(program, &name).expect("a link");
        let users = include_str!("../../../deploy/redis/users.acl").replace("CHANGE-ME", PASSWORD);
        let users =
            format!("{users}\nuser test on >{PASSWORD} allchannels allkeys +@all\nuser other on >{PASSWORD} +ping\n");
        std::fs::write(folder.path().join("users.acl"), users).expect("a file");
        let arguments = arguments(folder.path());
        let mut redis = Self { folder, program: name, process: None, arguments };
        redis.start_again().await;
        Some(redis)
    }

    pub async fn start_again(&mut self) {
        let socket = self.socket();
        let acl = self.folder.path().join("users.acl");
        let child = Command::new(&self.program)
            .arg("--port")
            .arg("0")
            .args(["--save", "", "--appendonly", "no", "--unixsocketperm", "700", "--unixsocket"])
            .arg(&socket)
            .arg("--aclfile")
            .arg(acl)
            .args(&self.arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("it starts");
        self.process = Some(child);
        let answers = async {
            loop {
                if let Ok(client) = redis::Client::open(self.url_of("test"))
                    && client.get_multiplexed_async_connection().await.is_ok()
                {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(super::stage::PATIENCE, answers).await.expect("it answers in time");
    }

    /// SIGKILL.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.process.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// It keeps its connections and answers nothing (SIGSTOP), or goes on.
    pub fn hold(&self, on: bool) {
        let child = self.process.as_ref().expect("it runs");
        let pid = rustix::process::Pid::from_child(child);
        let signal = if on { rustix::process::Signal::STOP } else { rustix::process::Signal::CONT };
        rustix::process::kill_process(pid, signal).expect("it is ours");
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    pub fn url_of(&self, user: &str) -> String {
        format!("redis+unix://{}?user={user}&pass={PASSWORD}", self.socket().display())
    }

    /// As a server is told of it.
    pub fn settings(&self) -> config::Redis {
        settings(&[("REDIS_URL", &self.url_of("lavender"))])
    }

    /// Whoever may do everything in it.
    pub async fn admin(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url_of("test")).expect("a good address");
        client.get_multiplexed_async_connection().await.expect("it answers")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The settings of a process that is told this.
pub fn settings(variables: &[(&str, &str)]) -> config::Redis {
    let mongodb = ("MONGODB_URI", "mongodb://127.0.0.1/test?replicaSet=rs0");
    let read = |name: &str| {
        let (_, value) = variables.iter().chain([&mongodb]).find(|(known, _)| *known == name)?;
        Some((*value).to_owned())
    };
    Config::read(read).expect("good settings").redis.expect("a Redis")
}
