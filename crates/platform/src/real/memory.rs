//! How much memory the system gives the process, and how much of it the process holds.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

/// Where control groups stand.
const GROUPS: &str = "/sys/fs/cgroup";
/// The most folders that are looked at of one group and those around it.
const DEPTH_MAX: usize = 64;

/// The bytes that the process may hold before the system ends it: the least limit of its control groups (version 2
/// or 1), or the memory of the machine. `None` where the system does not tell.
pub fn memory_limit() -> Option<u64> {
    let machine = text("/proc/meminfo".as_ref()).and_then(|text| kilobytes(&text, "MemTotal:"));
    let groups = text("/proc/self/cgroup".as_ref()).unwrap_or_default();
    let limits = limit_files(&groups).into_iter().filter_map(|path| group_limit(&text(&path)?));
    limits.chain(machine).min()
}

/// The bytes that the process holds and no file does; `None` where the system does not tell. Mapped pages of files do
/// not count, the system takes them back when it needs them.
pub fn anonymous_bytes() -> Option<u64> {
    kilobytes(&text("/proc/self/status".as_ref())?, "RssAnon:")
}

fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// A line such as `MemTotal:  16384 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    let mut words = rest.split_ascii_whitespace();
    let number: u64 = words.next()?.parse().ok()?;
    (words.next() == Some("kB")).then(|| number.saturating_mul(1024))
}

/// A limit as a group's file tells it; `None` for `max`.
fn group_limit(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|limit| *limit > 0)
}

/// The files that may hold limits, by the text of `/proc/self/cgroup`: those of the process's groups and of all
/// around them. A container may see its own group at the top, whatever the text says.
fn limit_files(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in groups.lines() {
        // A number, the controllers, the path; version 2 names no controllers.
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let (top, file) = if controllers.is_empty() {
            (Path::new(GROUPS).to_owned(), "memory.max")
        } else if controllers.split(',').any(|controller| controller == "memory") {
            (Path::new(GROUPS).join("memory"), "memory.limit_in_bytes")
        } else {
            continue;
        };
        // A group outside of what is seen here is told as `/../…`.
        let inside = Path::new(path.trim_start_matches('/'));
        let around = inside.ancestors().take(DEPTH_MAX).filter(|path| !path.starts_with(".."));
        files.extend(around.map(|path| top.join(path).join(file)));
    }
    files
}
