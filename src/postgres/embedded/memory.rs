//! How much memory the server may keep pages in, told from what the machine, or the container, has.

use std::fs;

/// A part of the memory for pages: commits touch many indexes, and a page that is not at hand is read, or written, meanwhile.
const PART: u64 = 16;
/// The server's own default, in megabytes, and what is enough for the orders of years.
const MEGABYTES: std::ops::RangeInclusive<u64> = 128..=1024;

/// The server's `shared_buffers`, in megabytes.
pub(super) fn shared_buffers_mb() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_bytes(&text));
    // Not there, or the word "max", where there is no limit.
    let container =
        fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    let memory = machine.into_iter().chain(container).min().unwrap_or(0);
    (memory / PART / (1 << 20)).clamp(*MEGABYTES.start(), *MEGABYTES.end())
}

fn total_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_memory_is_read_and_what_is_not_understood_is_none() {
        assert_eq!(total_bytes("MemFree: 1 kB\nMemTotal:       24576000 kB\n"), Some(24_576_000 * 1024));
        assert_eq!(total_bytes("MemTotal: a lot\n"), None);
        assert!(MEGABYTES.contains(&shared_buffers_mb()));
    }
}
