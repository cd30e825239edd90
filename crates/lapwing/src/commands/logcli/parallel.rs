//! `query` in pieces: several workers ask for a part of the span each, into files that may be joined again.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use parking_lot::Mutex;
use platform::real::RealFileSystem;
use platform::{AppendFile, FileSystem};

use super::ask::Loki;
use super::lines::{number, pages};
use crate::cli::tool::{ToolCall, ToolFlag, switch, value};
use crate::{answer, complain};

pub(super) const DURATION: ToolFlag = value(
    "parallel-duration",
    "1h",
    "The length of the parts of the span; without --part-path-prefix their lines are printed as they come.",
);
pub(super) const WORKERS: ToolFlag = value(
    "parallel-max-workers",
    "1",
    "How many parts are asked for at once; with more than 1, or with --part-path-prefix, --limit is ignored.",
);
pub(super) const PREFIX: ToolFlag =
    value("part-path-prefix", "", "Write each part to a file PREFIX_START_END.part instead of printing it.");
pub(super) const OVERWRITE: ToolFlag =
    switch("overwrite-completed-parts", "Ask anew for parts whose file is there already.");
pub(super) const MERGE: ToolFlag =
    switch("merge-parts", "Print the files of the parts in their order, and remove them.");
pub(super) const KEEP: ToolFlag = switch("keep-parts", "Leave the files that --merge-parts has printed.");

/// The shortest part, in nanoseconds.
const SECOND: i64 = 1_000_000_000;
/// The most workers.
const WORKERS_MAX: usize = 256;
/// The most parts of a span.
const PARTS_MAX: i64 = 1_000_000;
/// So much of a file is read at once.
const PIECE_BYTES: usize = 256 << 10;

/// A span of time in nanoseconds.
type Span = (i64, i64);

/// Whether a query is asked in parts.
pub(super) fn is_wanted(call: &ToolCall) -> Result<bool, String> {
    let is_wanted = number(call, WORKERS.name)? > 1 || !call.get(PREFIX.name).is_empty();
    for of_files in [MERGE.name, OVERWRITE.name, KEEP.name] {
        if call.is_on(of_files) && call.get(PREFIX.name).is_empty() {
            return Err(format!("--{of_files} needs --{}", PREFIX.name));
        }
    }
    Ok(is_wanted)
}

/// The parts of a span, in the order in which their lines are wanted.
fn parts((start, end): Span, length: i64, forward: bool) -> Result<Vec<Span>, String> {
    if (end.saturating_sub(start)) / length > PARTS_MAX {
        return Err(format!("--{} gives more than {PARTS_MAX} parts", DURATION.name));
    }
    let mut parts = Vec::new();
    let mut from = start;
    while from < end {
        let to = from.saturating_add(length).min(end);
        parts.push((from, to));
        from = to;
    }
    if !forward {
        parts.reverse();
    }
    Ok(parts)
}

/// The file of a part.
fn path(prefix: &str, (start, end): Span) -> PathBuf {
    let shown = |nanos: i64| {
        let time = Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or_default();
        time.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%S").to_string()
    };
    PathBuf::from(format!("{prefix}_{}_{}.part", shown(start), shown(end)))
}

/// Runs the query in parts.
pub(super) fn query(call: &ToolCall, span: Span) -> Result<(), String> {
    let length = model::duration::parse_duration(call.get(DURATION.name))
        .map_err(|error| format!("--{}: {error}", DURATION.name))?;
    let length = i64::try_from(length.as_nanos()).unwrap_or(i64::MAX);
    // The names of files tell seconds.
    if length < SECOND {
        return Err(format!("--{} must be 1s or more", DURATION.name));
    }
    let parts = parts(span, length, call.is_on("forward"))?;
    let workers = number(call, WORKERS.name)?.clamp(1, WORKERS_MAX).min(parts.len().max(1));
    let merging = call.is_on(MERGE.name);
    let (done, finished) = mpsc::channel();
    let next = Mutex::new(parts.iter().enumerate());
    let failed = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (next, failed, done) = (&next, &failed, done.clone());
            scope.spawn(move || {
                let mut loki = None;
                while !failed.load(Ordering::Relaxed) {
                    let Some((number, part)) = next.lock().next() else { break };
                    let result = fetch(call, &mut loki, *part);
                    failed.fetch_or(result.is_err(), Ordering::Relaxed);
                    if done.send((number, result)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        let shown = join(call, &parts, merging, finished);
        failed.fetch_or(shown.is_err(), Ordering::Relaxed);
        shown
    })
}

/// Waits for the parts; where they are joined each is printed as soon as those before it are there.
fn join(
    call: &ToolCall,
    parts: &[Span],
    merging: bool,
    finished: mpsc::Receiver<(usize, Result<(), String>)>,
) -> Result<(), String> {
    let mut there = vec![false; parts.len()];
    let mut printed = 0;
    for (number, result) in finished {
        result?;
        if let Some(there) = there.get_mut(number) {
            *there = true;
        }
        while merging && there.get(printed) == Some(&true) {
            if let Some(part) = parts.get(printed) {
                let path = path(call.get(PREFIX.name), *part);
                print(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                if !call.is_on(KEEP.name) {
                    RealFileSystem.remove_file(&path).map_err(|error| error.to_string())?;
                }
            }
            printed += 1;
        }
    }
    Ok(())
}

/// Asks for a part, into its file where there is to be one.
fn fetch(call: &ToolCall, loki: &mut Option<Loki>, part: Span) -> Result<(), String> {
    let prefix = call.get(PREFIX.name);
    let path = path(prefix, part);
    if !prefix.is_empty() && !call.is_on(OVERWRITE.name) && RealFileSystem.metadata(&path).is_ok() {
        complain(&format!("Skip range: {}: already downloaded", path.display()), 0);
        return Ok(());
    }
    let loki = match loki {
        Some(loki) => loki,
        none => none.insert(Loki::new(call)?),
    };
    if prefix.is_empty() {
        return pages(call, loki, part, 0, &mut |text| {
            answer(text, 0);
            Ok(())
        });
    }
    let unfinished = PathBuf::from(format!("{}.tmp", path.display()));
    let failed = |error: std::io::Error| format!("{}: {error}", unfinished.display());
    let mut file: Box<dyn AppendFile> = RealFileSystem.create(&unfinished).map_err(failed)?;
    pages(call, loki, part, 0, &mut |text| file.append(text.as_bytes()).map_err(failed))?;
    file.sync().map_err(failed)?;
    RealFileSystem.rename(&unfinished, &path).map_err(failed)
}

/// Prints a file.
fn print(path: &Path) -> std::io::Result<()> {
    let file = RealFileSystem.open(path)?;
    let (len, mut at) = (file.len()?, 0);
    let mut piece = vec![0; PIECE_BYTES];
    while at < len {
        let size = usize::try_from(len - at).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        piece.truncate(size);
        file.read_exact_at(&mut piece, at)?;
        crate::answer_bytes(&piece);
        at += size as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_falls_into_parts_in_the_order_of_its_lines() {
        assert_eq!(parts((0, 25), 10, true).unwrap(), [(0, 10), (10, 20), (20, 25)]);
        assert_eq!(parts((0, 25), 10, false).unwrap(), [(20, 25), (10, 20), (0, 10)]);
        assert_eq!(parts((5, 5), 10, true).unwrap(), []);
        assert!(parts((0, i64::MAX), 10, true).is_err());
    }

    #[test]
    fn files_of_parts_are_named_by_their_spans_in_utc() {
        let hour = 3600 * 1_000_000_000;
        let start = 1_611_081_000 * 1_000_000_000;
        let name = "/tmp/my_query_20210119T183000_20210119T193000.part";
        assert_eq!(path("/tmp/my_query", (start, start + hour)), Path::new(name));
    }
}
