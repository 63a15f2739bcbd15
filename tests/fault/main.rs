//! Kills servers and databases under load and checks that no promise breaks: `make fault`.
//!
//! ```text
//! fault --server BIN --seed BIN --store embedded|mongodb [--kills N] [--failovers N] [--rate N] [--ack-on-write]
//! ```
//!
//! Real clients write in ten rooms over websockets, keep what they sent until it is acknowledged, and keep a log of what
//! they saw. `--kills`: the server gets SIGKILL and is started again. `--failovers`: the primary of the replica set gets
//! SIGKILL (`TEST_MONGODB_CTL`) and comes back later. At the end the clients' logs, their acknowledgements and a fresh
//! read of every room are compared.
//!
//! `--ack-on-write` is the control: clients take a message for acknowledged once its frame is on its way, which is what a
//! server tells them that answers before it stores. The check has to find what is lost then.
//!
//! It exits with 0 when every promise held, 3 when the check found something, 1 when it could not be made.

mod check;
mod client;
mod server;

use check::Findings;
use client::{Account, Client, Gauge, Phase, Settings};
use rand::Rng;
use serde::Deserialize;
use server::Server;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long everybody may take to be served again after a kill.
const RECOVERY_MAX: Duration = Duration::from_secs(10);
/// After which a recovery is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the state of the clients is looked at.
const LOOK: Duration = Duration::from_millis(10);
const FOUND: u8 = 3;
/// Every client is in one room of each kind: ten rooms.
const ROOMS: [&str; 3] = ["small:6x4", "middle:3x8", "large:1x24"];
const CLIENTS: usize = 24;

struct Wanted {
    server: PathBuf,
    seed: PathBuf,
    mongodb: bool,
    kills: usize,
    failovers: usize,
    /// Messages a second and client.
    rate: f64,
    ack_on_write: bool,
}

/// What the seeding tool says.
#[derive(Deserialize)]
struct Fixture {
    users: Vec<User>,
    sets: BTreeMap<String, Vec<Room>>,
}

#[derive(Deserialize)]
struct User {
    id: lavender::id::UserId,
    token: String,
}

#[derive(Deserialize)]
struct Room {
    id: lavender::id::RoomId,
    members: Vec<usize>,
}

fn main() -> ExitCode {
    let run = || -> Result<Findings, Failure> {
        let wanted = parse(std::env::args().skip(1))?;
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(run(&wanted))
    };
    match run() {
        Ok(findings) if findings.is_empty() => {
            println!("  held: 0 acknowledged lost, 0 duplicates, one order, no gap");
            ExitCode::SUCCESS
        }
        Ok(findings) => {
            print!("{findings}");
            ExitCode::from(FOUND)
        }
        Err(error) => {
            eprintln!("fault: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Wanted, Failure> {
    let mut wanted = Wanted {
        server: PathBuf::new(),
        seed: PathBuf::new(),
        mongodb: false,
        kills: 0,
        failovers: 0,
        rate: 5.0,
        ack_on_write: false,
    };
    while let Some(name) = arguments.next() {
        if name == "--ack-on-write" {
            wanted.ack_on_write = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--server" => wanted.server = value.into(),
            "--seed" => wanted.seed = value.into(),
            "--store" => {
                wanted.mongodb = match value.as_str() {
                    "mongodb" => true,
                    "embedded" => false,
                    _ => return Err(format!("--store takes embedded or mongodb, not {value}").into()),
                }
            }
            "--kills" => wanted.kills = value.parse()?,
            "--failovers" => wanted.failovers = value.parse()?,
            "--rate" => wanted.rate = value.parse()?,
            _ => return Err(format!("unknown argument {name}").into()),
        }
    }
    Ok(wanted)
}

async fn run(wanted: &Wanted) -> Result<Findings, Failure> {
    let folder = tempfile::tempdir()?;
    let server = Server::new(&wanted.server, folder.path(), wanted.mongodb)?;
    let fixture = seed(&wanted.seed, &server, folder.path())?;
    let mut running = server.start().await?;

    let (phase, phases) = watch::channel(Phase::Write);
    let gauge = Arc::new(Gauge::new(CLIENTS));
    let settings = Settings {
        address: server.address(),
        origin: server.origin(),
        every: Duration::from_secs_f64(1.0 / wanted.rate),
        ack_on_write: wanted.ack_on_write,
    };
    let mut tasks = Vec::new();
    for (index, user) in fixture.users.iter().enumerate() {
        let rooms = fixture.sets.values().flatten().filter(|room| room.members.contains(&index)).map(|room| room.id);
        let account = Account { index, user_id: user.id, token: user.token.clone(), rooms: rooms.collect() };
        let client = Client::new(account, settings.clone(), gauge.clone(), phases.clone())?;
        tasks.push(tokio::spawn(client.run()));
    }
    drop(phases);
    let mut findings = Findings::default();
    let started = Instant::now();
    wait_for(&gauge, started).await?;
    println!("  {CLIENTS} clients write in {} rooms", fixture.sets.values().map(Vec::len).sum::<usize>());

    for kill in 1..=wanted.kills {
        tokio::time::sleep(pause()).await;
        running.kill()?;
        // Later than the kill: what was written before may have been acknowledged before.
        let at = Instant::now();
        running = server.start().await?;
        let took = wait_for(&gauge, at).await?;
        println!("  kill {kill}: all served again after {:.2} s", took.as_secs_f64());
        findings.recovery(took, RECOVERY_MAX);
    }
    for failover in 1..=wanted.failovers {
        tokio::time::sleep(pause()).await;
        let host = control("kill-primary").await?;
        let at = Instant::now();
        let took = wait_for(&gauge, at).await?;
        println!("  primary {host} killed ({failover}): all served again after {:.2} s", took.as_secs_f64());
        findings.recovery(took, RECOVERY_MAX);
        control("restart").await?;
        tokio::time::sleep(pause()).await;
    }

    phase.send_replace(Phase::Drain);
    let drained = Instant::now();
    while !gauge.is_drained() {
        if drained.elapsed() > PATIENCE {
            return Err(format!("after {PATIENCE:?} {} messages are not acknowledged", gauge.waiting()).into());
        }
        tokio::time::sleep(LOOK).await;
    }
    // A fresh process knows only what the store holds.
    running.kill()?;
    running = server.start().await?;
    let truth = check::read(&settings, &fixture_accounts(&fixture)).await?;
    // Everybody has to get there without loading anything anew.
    let heads: BTreeMap<_, _> = truth.iter().map(|(room, messages)| (*room, messages.len() as u64)).collect();
    phase.send_replace(Phase::Finish(Arc::new(heads)));
    let mut logs = Vec::new();
    for task in tasks {
        logs.push(tokio::time::timeout(PATIENCE, task).await??);
    }
    running.kill()?;
    check::compare(&truth, &logs, &mut findings);
    let (sent, acked) = logs.iter().fold((0, 0), |(s, a), log| (s + log.sent.len(), a + log.acked.len()));
    let stored: usize = truth.values().map(Vec::len).sum();
    let (healed, again): (u64, u64) =
        logs.iter().fold((0, 0), |(h, r), log| (h + log.healed_by_heads, r + log.connections));
    println!(
        "  {sent} sent, {acked} acknowledged, {stored} stored, {again} connections, {healed} gaps healed by heads, {:.0} s",
        started.elapsed().as_secs_f64()
    );
    if acked == 0 || (wanted.kills + wanted.failovers > 0 && again < CLIENTS as u64) {
        return Err("nothing was tested".into());
    }
    Ok(findings)
}

/// One account per room that may read it.
fn fixture_accounts(fixture: &Fixture) -> Vec<(lavender::id::RoomId, String)> {
    let rooms = fixture.sets.values().flatten();
    rooms.map(|room| (room.id, fixture.users[room.members[room.members.len() - 1]].token.clone())).collect()
}

/// Somewhere in the middle of things.
fn pause() -> Duration {
    Duration::from_millis(rand::rng().random_range(1_000..2_500))
}

/// Waits until every client got an acknowledgement for something it wrote after `at`. Returns how long that took.
async fn wait_for(gauge: &Gauge, at: Instant) -> Result<Duration, Failure> {
    while !gauge.all_acked_since(at) {
        if at.elapsed() > PATIENCE {
            return Err(format!("not everybody is served again after {PATIENCE:?}: {}", gauge.behind(at)).into());
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(at.elapsed())
}

fn seed(program: &Path, server: &Server, folder: &Path) -> Result<Fixture, Failure> {
    let out = folder.join("fixture.json");
    let mut command = std::process::Command::new(program);
    server.environment(&mut command);
    command.args(["--users", &CLIENTS.to_string(), "--out"]).arg(&out);
    for set in ROOMS {
        command.args(["--set", set]);
    }
    if !command.status()?.success() {
        return Err("the seeding tool failed".into());
    }
    Ok(serde_json::from_slice(&std::fs::read(out)?)?)
}

/// Asks the replica set's keeper for something.
async fn control(what: &'static str) -> Result<String, Failure> {
    let program =
        std::env::var_os("TEST_MONGODB_CTL").ok_or("TEST_MONGODB_CTL is not set: use scripts/with-mongo.sh")?;
    let output = tokio::task::spawn_blocking(move || {
        std::process::Command::new(program).arg(what).stderr(std::process::Stdio::inherit()).output()
    })
    .await??;
    if !output.status.success() {
        return Err(format!("{what} failed").into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
