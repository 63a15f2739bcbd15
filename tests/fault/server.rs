//! A server process on a fixed port with data that outlives it.

use crate::Failure;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::sync::oneshot;

/// Starting takes well under a second; a file that was cut off has to be recovered first.
const START_MAX: Duration = Duration::from_secs(30);
const READY: &str = "Lavender is ready at";

pub struct Server {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    mongodb_uri: Option<String>,
}

/// A started one. Dropping it kills it.
pub struct Running(Child);

impl Server {
    pub fn new(program: &Path, folder: &Path, mongodb: bool) -> Result<Self, Failure> {
        // Free now and, being ours a moment ago, most likely later.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mongodb_uri = if mongodb {
            let uri = std::env::var("TEST_MONGODB_URI")
                .map_err(|_| "TEST_MONGODB_URI is not set: use scripts/with-mongo.sh")?;
            Some(uri.replacen("/?", &format!("/fault_{}?", uuid::Uuid::now_v7().simple()), 1))
        } else {
            None
        };
        Ok(Self { program: program.to_owned(), folder: folder.to_owned(), port, mongodb_uri })
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the server and the seeding tool read.
    pub fn environment(&self, command: &mut Command) {
        command
            .current_dir(&self.folder)
            .env_remove("MONGODB_URI")
            .env("IP", "127.0.0.1")
            .env("PORT", self.port.to_string())
            .env("LAVENDER_URL", self.origin())
            .env("LAVENDER_DATA", self.folder.join("data"))
            .env("LAVENDER_LIMIT_SCALE", "100000")
            .env("LAVENDER_LOG", "warn");
        if let Some(uri) = &self.mongodb_uri {
            command.env("MONGODB_URI", uri);
        }
    }

    /// Starts it and waits until it is ready.
    pub async fn start(&self) -> Result<Running, Failure> {
        let log = File::options().create(true).append(true).open(self.folder.join("server.log"))?;
        let mut command = Command::new(&self.program);
        self.environment(&mut command);
        let mut child = Running(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?);
        let stdout = child.0.stdout.take().ok_or("no standard output")?;
        let (ready, is_ready) = oneshot::channel();
        // Reads on to the end, so that the process never waits for us.
        std::thread::spawn(move || {
            let mut ready = Some(ready);
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if line.starts_with(READY)
                    && let Some(ready) = ready.take()
                {
                    ready.send(()).ok();
                }
            }
        });
        match tokio::time::timeout(START_MAX, is_ready).await {
            Ok(Ok(())) => Ok(child),
            _ => {
                let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(5).collect();
                Err(format!("the server does not start: {}", tail.join(" | ")).into())
            }
        }
    }
}

impl Running {
    /// SIGKILL: nothing is flushed, nobody is told.
    pub fn kill(&mut self) -> Result<(), Failure> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill().ok();
    }
}
