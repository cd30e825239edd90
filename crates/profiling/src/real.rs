//! The machine as this crate sees it: its clock, its files, `/proc`.
#![expect(
    unsafe_code,
    clippy::disallowed_methods,
    reason = "floor 0 stands beside `platform`; this module is the one that asks, and maps the program's files"
)]

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use memmap2::Mmap;

/// Time since the Unix epoch.
pub(crate) fn wall_clock() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// A clock that starts now and never goes back.
pub(crate) fn stopwatch() -> impl Fn() -> Duration {
    let origin = Instant::now();
    move || origin.elapsed()
}

/// What is mapped into the process.
pub(crate) fn maps() -> io::Result<String> {
    fs::read_to_string("/proc/self/maps")
}

/// The path of the program as [`maps`] shows it.
pub(crate) fn program_path() -> io::Result<String> {
    Ok(fs::read_link("/proc/self/exe")?.to_string_lossy().into_owned())
}

/// Maps a file that is mapped already, being the program or a library of it.
pub(crate) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: whoever cuts off or rewrites a program or library that runs ends it anyway; the system refuses to write
    // to a program that runs.
    unsafe { Mmap::map(&file) }
}

/// The bytes of what the system itself has mapped into every process, code that reads clocks.
///
/// # Safety
/// `start..start + bytes` must be what [`maps`] shows as `[vdso]`.
pub(crate) unsafe fn system_code(start: u64, bytes: u64) -> &'static [u8] {
    let start = std::ptr::with_exposed_provenance(start as usize);
    // SAFETY: promised by the caller; the system maps it for as long as the process lives, and nothing writes to it.
    unsafe { std::slice::from_raw_parts(start, bytes as usize) }
}

/// The threads of the process by their numbers, with their names.
pub(crate) fn threads() -> io::Result<Vec<(i32, String)>> {
    let mut threads = Vec::new();
    for entry in fs::read_dir("/proc/self/task")? {
        let entry = entry?;
        let Some(thread) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A thread that has ended meanwhile has no name any more.
        let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        threads.push((thread, name.trim_end().to_owned()));
    }
    Ok(threads)
}
