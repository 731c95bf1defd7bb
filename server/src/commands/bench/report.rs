//! What the benchmark prints.

use std::fs;
use std::time::Duration;

use crate::site::Site;

/// Prints as it goes, so that a run that is cut short has said something.
#[derive(Default)]
pub struct Report;

impl Report {
    /// Cores, memory and versions: figures mean nothing without them.
    pub fn machine(&self) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let model = read("/proc/cpuinfo", "model name");
        let memory = read("/proc/meminfo", "MemTotal");
        let profile = if cfg!(debug_assertions) { "unoptimized: use `make bench` for figures that mean something" } else { "optimized" };
        println!("Tenantry {} ({profile}); {cores} cores, {model}, memory {memory}", env!("CARGO_PKG_VERSION"));
    }

    /// The compressed sizes of the browser's half.
    pub fn bundle(&self, site: &Site) {
        for (what, bytes) in site.compressed() {
            println!("{:<78} {:>9.1} KB brotli", what, bytes as f64 / 1024.0);
        }
    }

    pub fn database(&self, name: &str) {
        println!("\n{name}");
    }

    pub fn line(&self, what: &str, figure: &str, second: &str, beside: &str) {
        println!("{what:<78} {figure:>16} {second:>18}   {beside}");
    }

    /// A time beside its raw limit.
    pub fn ratio(&self, what: &str, took: Duration, limit: &str, raw: Duration) {
        let ratio = took.as_secs_f64() / raw.as_secs_f64().max(1e-9);
        println!("{what:<78} {:>16} {:>18}   {limit} takes {}", show(took), format!("{ratio:.1} × the limit"), show(raw));
    }
}

/// `12.3 ms` or `1.23 s`.
pub fn show(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    if ms < 1000.0 { format!("{ms:.2} ms") } else { format!("{:.2} s", ms / 1000.0) }
}

fn read(file: &str, key: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().find_map(|l| l.split_once(':').filter(|(k, _)| k.trim() == key)).map_or("?".into(), |(_, v)| v.trim().to_owned())
}
