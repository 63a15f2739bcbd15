//! The disk alone: what both servers do with a file, without a server.

use super::Measured;
use crate::proc::{self, Pids};
use crate::world::{Quantiles, histogram, record};
use anyhow::Result;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Writes a file, and returns when it is there for good.
fn keep(folder: &Path, name: &str, body: &[u8]) -> std::io::Result<()> {
    let (draft, path) = (folder.join(format!(".{name}")), folder.join(name));
    let mut file = File::create(&draft)?;
    file.write_all(body)?;
    file.sync_all()?;
    std::fs::rename(&draft, &path)?;
    File::open(folder)?.sync_all()
}

pub fn measure(folder: &Path, label: &str, body: &[u8], at_once: usize, secs: f64) -> Result<Measured> {
    std::fs::create_dir_all(folder)?;
    let pids = Pids::default();
    let (before, kernel, waited) = (pids.snapshot(), proc::kernel_seconds(), proc::iowait_seconds());
    let start = Instant::now();
    let end = start + Duration::from_secs_f64(secs);
    let all = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..at_once)
            .map(|writer| {
                scope.spawn(move || {
                    let mut took = Vec::new();
                    while took.is_empty() || Instant::now() < end {
                        let began = Instant::now();
                        keep(folder, &format!("{writer}-{}", took.len()), body)?;
                        took.push(began.elapsed());
                    }
                    Ok(took)
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().expect("no panic")).collect::<std::io::Result<Vec<_>>>()
    })?;
    let wall = start.elapsed().as_secs_f64();
    let cpu = pids.since(&before);
    let pct = |seconds: f64| seconds / cpu.wall_s.max(1e-9) * 100.0;
    let kernel = proc::kernel_seconds() - kernel;
    let mut took = histogram();
    all.iter().flatten().for_each(|one| record(&mut took, one.as_micros() as u64));
    std::fs::remove_dir_all(folder)?;
    Ok(Measured {
        server: "disk".into(),
        what: "disk".into(),
        label: label.into(),
        at_once,
        per_s: took.len() as f64 / wall,
        mb_per_s: took.len() as f64 * body.len() as f64 / 1e6 / wall,
        took: Quantiles::from(&took),
        link: Quantiles::default(),
        peak_mb: 0.0,
        pss_mb: 0.0,
        server_cpu_pct: 0.0,
        generator_cpu_pct: pct(cpu.generator_s),
        kernel_cpu_pct: pct(kernel),
        idle_for_disk_pct: pct(proc::iowait_seconds() - waited),
        foreign_cpu_pct: pct((cpu.foreign_s - kernel).max(0.0)),
    })
}
