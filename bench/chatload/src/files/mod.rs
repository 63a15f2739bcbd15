//! Files up and down on Lavender beside a plain file server, in turns, and pictures that Lavender works on. Closed loop: so many
//! at once, each begins its next when its last is done. What is measured with each is in [`Measured`].

mod disk;
mod pictures;
mod site;
mod table;

use crate::fixture::Fixture;
use crate::proc::{self, Pids};
use crate::world::{Quantiles, histogram, record};
use anyhow::{Context, Result};
use bytes::Bytes;
use clap::Args;
use futures_util::future::try_join_all;
use serde::Serialize;
use site::{Connection, Site, Stored};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Bytes and how many at once.
const SIZES: [(&str, usize); 3] = [("64 KiB", 64 << 10), ("1 MiB", 1 << 20), ("20 MiB", 20 << 20)];
const AT_ONCE: [usize; 2] = [1, 8];
const PICTURES_AT_ONCE: [usize; 3] = [1, 2, 4];
/// Files that each of the downloaders goes round and round.
const FILES_EACH: usize = 2;
/// A cell ends when it has moved so many bytes: a fast disk need not be filled.
const BYTES_MAX: u64 = 4_000_000_000;
/// Bytes of files that may stay until the end.
const SMALL: usize = 256 << 10;
/// Per cent of a core that others may use meanwhile; a noisy cell is measured again so many times.
const NOISE_PCT: f64 = 25.0;
const RETRIES: usize = 2;

#[derive(Args)]
pub struct Files {
    #[arg(long)]
    lavender: SocketAddr,
    #[arg(long)]
    lavender_pid: u32,
    #[arg(long)]
    plain: SocketAddr,
    #[arg(long)]
    plain_pid: u32,
    #[arg(long)]
    fixture: PathBuf,
    /// A folder on the disk that both servers write to.
    #[arg(long)]
    disk: PathBuf,
    #[arg(long, default_value_t = 3)]
    repeats: usize,
    #[arg(long, default_value_t = 4.0)]
    secs: f64,
    /// Pin the generator to this core.
    #[arg(long)]
    cpu: Option<usize>,
    /// Every measurement, as JSON.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
pub struct Pictures {
    #[arg(long)]
    lavender: SocketAddr,
    #[arg(long)]
    lavender_pid: u32,
    #[arg(long)]
    fixture: PathBuf,
    #[arg(long, default_value_t = 3)]
    repeats: usize,
    #[arg(long, default_value_t = 8.0)]
    secs: f64,
    #[arg(long)]
    out: PathBuf,
}

/// One cell of one repeat.
#[derive(Clone, Serialize)]
pub struct Measured {
    pub server: String,
    /// `up`, `down`, `disk` or `pictures`.
    pub what: String,
    pub label: String,
    pub at_once: usize,
    pub per_s: f64,
    pub mb_per_s: f64,
    /// From the first byte of a request to the last of its answer; of a download with its redirect.
    pub took: Quantiles,
    /// Until the redirect of a download was there.
    pub link: Quantiles,
    /// The most memory that the process ever had meanwhile (`VmHWM`), and what it has now (PSS).
    pub peak_mb: f64,
    pub pss_mb: f64,
    pub server_cpu_pct: f64,
    pub generator_cpu_pct: f64,
    /// The kernel's own threads: writing back, the journal.
    pub kernel_cpu_pct: f64,
    pub idle_for_disk_pct: f64,
    /// Others, that are no part of this.
    pub foreign_cpu_pct: f64,
}

/// One of the clients of a cell.
struct Seat {
    connection: Connection,
    number: usize,
    stored: Vec<Stored>,
}

fn seats(site: &Site, count: usize) -> Vec<Seat> {
    (0..count).map(|number| Seat { connection: Connection::new(site.addr), number, stored: Vec::new() }).collect()
}

/// What one request gave.
struct Done {
    bytes: u64,
    /// Until its redirect.
    link: Option<Duration>,
}

#[derive(Clone, Copy)]
enum Act<'a> {
    Up { body: &'a Bytes, kind: &'static str, extension: &'static str },
    Down,
}

async fn act(site: &Site, seat: &mut Seat, act: Act<'_>, round: usize) -> Result<Done> {
    match act {
        Act::Up { body, kind, extension } => {
            let stored = site.put(&mut seat.connection, seat.number, body.clone(), kind, extension).await?;
            seat.stored.push(stored);
            Ok(Done { bytes: body.len() as u64, link: None })
        }
        Act::Down => {
            let stored = &seat.stored[round % seat.stored.len()];
            let link = site.get(&mut seat.connection, seat.number, stored, None).await?;
            Ok(Done { bytes: stored.bytes, link })
        }
    }
}

/// Does it for `secs` with all seats.
async fn cell(
    site: &Site,
    seats: &mut [Seat],
    what: Act<'_>,
    secs: f64,
    (name, label): (&str, &str),
) -> Result<Measured> {
    let pids = Pids { server: vec![site.pid], db: Vec::new() };
    proc::reset_peak(site.pid)?;
    let (before, kernel, waited) = (pids.snapshot(), proc::kernel_seconds(), proc::iowait_seconds());
    let start = Instant::now();
    let end = start + Duration::from_secs_f64(secs);
    let most = BYTES_MAX / seats.len() as u64;
    let at_once = seats.len();
    let all = try_join_all(seats.iter_mut().map(|seat| async move {
        let (mut took, mut link, mut bytes, mut round) = (Vec::new(), Vec::new(), 0, 0);
        while round == 0 || (Instant::now() < end && bytes < most) {
            let began = Instant::now();
            let done = act(site, seat, what, round).await?;
            took.push(began.elapsed());
            link.extend(done.link);
            bytes += done.bytes;
            round += 1;
        }
        anyhow::Ok((took, link, bytes))
    }))
    .await?;
    let wall = start.elapsed().as_secs_f64();
    let cpu = pids.since(&before);
    let pct = |seconds: f64| seconds / cpu.wall_s.max(1e-9) * 100.0;
    let kernel = proc::kernel_seconds() - kernel;
    let (mut took, mut link, mut bytes) = (histogram(), histogram(), 0);
    for (durations, links, moved) in all {
        let add = |to: &mut _, some: Vec<Duration>| some.iter().for_each(|one| record(to, one.as_micros() as u64));
        add(&mut took, durations);
        add(&mut link, links);
        bytes += moved;
    }
    Ok(Measured {
        server: site.name().into(),
        what: name.into(),
        label: label.into(),
        at_once,
        per_s: took.len() as f64 / wall,
        mb_per_s: bytes as f64 / 1e6 / wall,
        took: Quantiles::from(&took),
        link: Quantiles::from(&link),
        peak_mb: proc::peak_mb(site.pid)?,
        pss_mb: proc::pss_mb(site.pid)?,
        server_cpu_pct: pct(cpu.server_s),
        generator_cpu_pct: pct(cpu.generator_s),
        kernel_cpu_pct: pct(kernel),
        idle_for_disk_pct: pct(proc::iowait_seconds() - waited),
        foreign_cpu_pct: pct((cpu.foreign_s - kernel).max(0.0)),
    })
}

fn say(m: &Measured) {
    eprintln!(
        "{:>9} {:>8} {:>14} x{} | {:>8.1}/s {:>8.1} MB/s | p50 {:>8.2} p99 {:>8.2} max {:>8.2} ms, link {:>6.2} | peak {:>6.1} pss {:>6.1} MB | cpu: server {:>3.0} generator {:>3.0} kernel {:>3.0} disk {:>3.0} foreign {:>3.0}",
        m.server,
        m.what,
        m.label,
        m.at_once,
        m.per_s,
        m.mb_per_s,
        m.took.p50,
        m.took.p99,
        m.took.max,
        m.link.p50,
        m.peak_mb,
        m.pss_mb,
        m.server_cpu_pct,
        m.generator_cpu_pct,
        m.kernel_cpu_pct,
        m.idle_for_disk_pct,
        m.foreign_cpu_pct
    );
}

/// A cell that others disturbed is measured again; the calmest counts.
async fn calm_cell(site: &Site, seats: &mut [Seat], what: Act<'_>, secs: f64, names: (&str, &str)) -> Result<Measured> {
    let mut best: Option<Measured> = None;
    for _ in 0..=RETRIES {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let measured = cell(site, seats, what, secs, names).await?;
        say(&measured);
        // Not measured, so that the disk has room; small files may stay, removing them one by one takes longer than they did.
        let is_large = matches!(what, Act::Up { body, .. } if body.len() > SMALL);
        if is_large {
            for seat in seats.iter_mut() {
                for stored in std::mem::take(&mut seat.stored) {
                    site.remove(&mut seat.connection, seat.number, &stored).await?;
                }
            }
        }
        let is_calm = measured.foreign_cpu_pct <= NOISE_PCT;
        if best.as_ref().is_none_or(|best| measured.foreign_cpu_pct < best.foreign_cpu_pct) {
            best = Some(measured);
        }
        if is_calm {
            break;
        }
    }
    best.context("at least one try")
}

/// Bytes that no compression makes smaller.
fn noise(count: usize) -> Bytes {
    let mut rng = crate::pace::Rng::new(7);
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        bytes.extend(rng.next().to_le_bytes());
    }
    bytes.truncate(count);
    bytes.into()
}

/// Files for the downloads: there, sent to the one who asks for them, and read back as they were.
async fn provide(site: &Site, body: &Bytes, count: usize) -> Result<Vec<Seat>> {
    let mut seats = seats(site, count);
    for seat in &mut seats {
        for _ in 0..FILES_EACH {
            let stored = site.put(&mut seat.connection, seat.number, body.clone(), OCTETS, "bin").await?;
            seat.stored.push(stored);
        }
        site.share(seat.number, &seat.stored).await?;
        site.get(&mut seat.connection, seat.number, &seat.stored[0], Some(body)).await?;
    }
    Ok(seats)
}

const OCTETS: &str = "application/octet-stream";

async fn files(args: &Files) -> Result<Vec<Measured>> {
    let lavender = Site::lavender(args.lavender, args.lavender_pid, &Fixture::load(&args.fixture)?)?;
    let plain = Site::plain(args.plain, args.plain_pid);
    let mut all = Vec::new();
    for repeat in 0..args.repeats {
        for (label, size) in SIZES {
            let body = noise(size);
            for at_once in AT_ONCE {
                all.push(disk::measure(&args.disk, label, &body, at_once, args.secs / 2.0)?);
                say(&all[all.len() - 1]);
                for site in in_turns(&lavender, &plain, repeat) {
                    let up = Act::Up { body: &body, kind: OCTETS, extension: "bin" };
                    let seats = &mut seats(site, at_once);
                    all.push(calm_cell(site, seats, up, args.secs, ("up", label)).await?);
                }
            }
            let mut theirs = provide(&lavender, &body, AT_ONCE[1]).await?;
            let mut others = provide(&plain, &body, AT_ONCE[1]).await?;
            for at_once in AT_ONCE {
                for site in in_turns(&lavender, &plain, repeat) {
                    let seats = if std::ptr::eq(site, &raw const lavender) { &mut theirs } else { &mut others };
                    all.push(calm_cell(site, &mut seats[..at_once], Act::Down, args.secs, ("down", label)).await?);
                }
            }
        }
    }
    Ok(all)
}

/// Who is first changes from repeat to repeat.
fn in_turns<'a>(a: &'a Site, b: &'a Site, repeat: usize) -> [&'a Site; 2] {
    if repeat.is_multiple_of(2) { [a, b] } else { [b, a] }
}

async fn work(args: &Pictures) -> Result<Vec<Measured>> {
    let site = Site::lavender(args.lavender, args.lavender_pid, &Fixture::load(&args.fixture)?)?;
    let photo: Bytes = pictures::photo(4_000, 3_000)?.into();
    let screen: Bytes = pictures::screen(1_920, 1_080)?.into();
    let mut all = Vec::new();
    for _ in 0..args.repeats {
        for (name, body, kind, extension) in
            [("JPEG, 12 megapixels", &photo, "image/jpeg", "jpg"), ("PNG, 2 megapixels", &screen, "image/png", "png")]
        {
            let label = format!("{name}, {:.1} MB", body.len() as f64 / 1e6);
            for at_once in PICTURES_AT_ONCE {
                let up = Act::Up { body, kind, extension };
                all.push(calm_cell(&site, &mut seats(&site, at_once), up, args.secs, ("pictures", &label)).await?);
            }
        }
    }
    Ok(all)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

pub fn run_files(args: &Files) -> Result<()> {
    if let Some(core) = args.cpu {
        crate::pin(core)?;
    }
    for addr in [args.lavender, args.plain] {
        anyhow::ensure!(addr.ip().is_loopback(), "only servers on this machine are measured");
    }
    let idle =
        [("Lavender", args.lavender_pid), ("plain", args.plain_pid)].map(|(name, pid)| (name, proc::pss_mb(pid)));
    let all = runtime()?.block_on(files(args))?;
    std::fs::write(&args.out, serde_json::to_vec_pretty(&all)?)?;
    table::files(&all);
    for (name, pss_mb) in idle {
        println!("\n{name} before: {:.1} MB (PSS).", pss_mb?);
    }
    Ok(())
}

pub fn run_pictures(args: &Pictures) -> Result<()> {
    anyhow::ensure!(args.lavender.ip().is_loopback(), "only servers on this machine are measured");
    let all = runtime()?.block_on(work(args))?;
    std::fs::write(&args.out, serde_json::to_vec_pretty(&all)?)?;
    table::pictures(&all);
    Ok(())
}
