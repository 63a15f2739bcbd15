//! Medians, as Markdown.

use super::{AT_ONCE, Measured, PICTURES_AT_ONCE, SIZES};
use crate::summary::median;

fn of(all: &[&Measured], value: fn(&Measured) -> f64) -> f64 {
    let mut values: Vec<f64> = all.iter().map(|one| value(one)).collect();
    if values.is_empty() { f64::NAN } else { median(&mut values) }
}

/// Three digits are enough.
fn short(value: f64) -> String {
    match value {
        value if value >= 99.95 => format!("{value:.0}"),
        value if value >= 9.995 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

fn times(all: &[&Measured]) -> String {
    format!("{} / {}", short(of(all, |one| one.took.p50)), short(of(all, |one| one.took.p99)))
}

fn cpu(all: &[&Measured]) -> String {
    format!("{:.0} / {:.0}", of(all, |one| one.server_cpu_pct), of(all, |one| one.generator_cpu_pct))
}

pub fn files(all: &[Measured]) {
    let pick = |server: &str, what: &str, label: &str, at_once: usize| -> Vec<&Measured> {
        let fits =
            |one: &&Measured| one.server == server && one.what == what && one.label == label && one.at_once == at_once;
        all.iter().filter(fits).collect()
    };
    for what in ["up", "down"] {
        println!(
            "\n| {what}: size, at once | Lavender MB/s | plain MB/s | ratio | disk alone MB/s | Lavender p50 / p99 ms | plain p50 / p99 ms | peak MB, Lavender | peak MB, plain | CPU server / generator %, Lavender | plain |"
        );
        println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (label, _) in SIZES {
            for at_once in AT_ONCE {
                let (ours, theirs) = (pick("Lavender", what, label, at_once), pick("plain", what, label, at_once));
                let disk = pick("disk", "disk", label, at_once);
                let speed = |some: &[&Measured]| of(some, |one| one.mb_per_s);
                println!(
                    "| {label}, {at_once} | {} | {} | {:.2} | {} | {} | {} | {:.0} | {:.0} | {} | {} |",
                    short(speed(&ours)),
                    short(speed(&theirs)),
                    speed(&ours) / speed(&theirs),
                    if what == "up" { short(speed(&disk)) } else { String::new() },
                    times(&ours),
                    times(&theirs),
                    of(&ours, |one| one.peak_mb),
                    of(&theirs, |one| one.peak_mb),
                    cpu(&ours),
                    cpu(&theirs),
                );
            }
        }
    }
    let noise = all.iter().map(|one| one.foreign_cpu_pct).fold(0.0, f64::max);
    println!("\nOther processes used {noise:.0} % of a core at most in a cell that counts.");
}

pub fn pictures(all: &[Measured]) {
    println!(
        "\n| picture, at once | pictures/s | accepted after, p50 / max ms | peak MB | PSS after it, MB | CPU of the server, % |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    let mut labels: Vec<&str> = Vec::new();
    for one in all {
        if !labels.contains(&one.label.as_str()) {
            labels.push(&one.label);
        }
    }
    for label in labels {
        for at_once in PICTURES_AT_ONCE {
            let some: Vec<&Measured> = all.iter().filter(|one| one.label == label && one.at_once == at_once).collect();
            println!(
                "| {label}, {at_once} | {} | {} / {} | {:.0} | {:.0} | {:.0} |",
                short(of(&some, |one| one.per_s)),
                short(of(&some, |one| one.took.p50)),
                short(of(&some, |one| one.took.max)),
                of(&some, |one| one.peak_mb),
                of(&some, |one| one.pss_mb),
                of(&some, |one| one.server_cpu_pct),
            );
        }
    }
    let noise = all.iter().map(|one| one.foreign_cpu_pct).fold(0.0, f64::max);
    println!("\nOther processes used {noise:.0} % of a core at most in a cell that counts.");
}
