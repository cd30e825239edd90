//! Which operations are counted, and the rules by which some of them fail.

use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

/// What was asked of the file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A file was created or emptied, or opened for appending where there was none.
    Create,
    /// Bytes were appended.
    Append,
    /// A file was cut.
    Truncate,
    /// A file was synced.
    Sync,
    /// A file or folder was renamed.
    Rename,
    /// A file was given a second name.
    HardLink,
    /// A file, or a folder and what is in it, was removed (counted once per name).
    Remove,
    /// A folder was created.
    CreateDir,
    /// A folder was synced.
    SyncDir,
    /// A file was opened, mapped or read, or a folder listed. Not counted and never a stop point.
    Read,
}

/// One counted operation, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Performed {
    /// What was done.
    pub operation: Operation,
    /// To which file or folder; of a rename the old name.
    pub path: PathBuf,
}

/// How a fault shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// `ENOSPC`: the disk is full.
    NoSpace,
    /// `EIO`: the device failed.
    Io,
    /// `EACCES`: not allowed.
    Denied,
}

impl FaultKind {
    pub(super) fn error(self) -> io::Error {
        match self {
            Self::NoSpace => Errno::NOSPC.into(),
            Self::Io => Errno::IO.into(),
            Self::Denied => Errno::ACCESS.into(),
        }
    }
}

/// A rule: operations of one kind on certain paths fail.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The operation that fails.
    pub operation: Operation,
    /// Only paths that contain this text; empty for all.
    pub path_contains: String,
    /// How many matching operations succeed before the first failure.
    pub after: u64,
    /// How many fail from there on.
    pub times: u64,
    /// How they fail.
    pub kind: FaultKind,
    /// For [`Operation::Append`]: how many bytes are written all the same.
    pub short_write: usize,
}

impl Fault {
    /// The rule that every such operation fails, from now on.
    pub fn always(operation: Operation, kind: FaultKind) -> Self {
        Self { operation, path_contains: String::new(), after: 0, times: u64::MAX, kind, short_write: 0 }
    }

    /// The rule that the `n`th such operation from now (counted from 0) fails, once.
    pub fn nth(operation: Operation, n: u64, kind: FaultKind) -> Self {
        Self { after: n, times: 1, ..Self::always(operation, kind) }
    }

    /// The same rule for paths that contain `text` only.
    pub fn on(self, text: impl Into<String>) -> Self {
        Self { path_contains: text.into(), ..self }
    }

    /// The same rule with the first `bytes` of a failing append written.
    pub fn writing(self, bytes: usize) -> Self {
        Self { short_write: bytes, ..self }
    }
}

/// What a check of the rules and stop points says.
pub(super) enum Verdict {
    /// Go on.
    Perform,
    /// Fail with this error after writing at most this many bytes.
    Fail { error: io::Error, written: usize },
}

/// The rules, the counter with its log, and the stop point.
#[derive(Debug, Clone, Default)]
pub(super) struct Interference {
    pub(super) faults: Vec<Fault>,
    /// How many operations failed by them.
    pub(super) failed: u64,
    pub(super) log: Vec<Performed>,
    pub(super) stop_at: Option<u64>,
    pub(super) stopped: bool,
}

impl Interference {
    /// Decides on one operation and logs it; `bytes` is the length of an append.
    pub(super) fn check(&mut self, operation: Operation, path: &Path, bytes: usize) -> Verdict {
        if self.stopped {
            return Verdict::Fail { error: stopped(), written: 0 };
        }
        if operation != Operation::Read {
            let number = self.log.len() as u64;
            if self.stop_at.is_some_and(|stop_at| number >= stop_at) {
                self.stopped = true;
                // A process that is killed in `write` may have written a part.
                let written = super::Random::new(number).below(bytes as u64 + 1) as usize;
                return Verdict::Fail { error: stopped(), written };
            }
            self.log.push(Performed { operation, path: path.to_owned() });
        }
        for fault in &mut self.faults {
            if fault.operation != operation || !path.to_string_lossy().contains(&fault.path_contains) {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
            } else if fault.times > 0 {
                fault.times -= 1;
                self.failed += 1;
                return Verdict::Fail { error: fault.kind.error(), written: fault.short_write };
            }
        }
        Verdict::Perform
    }
}

fn stopped() -> io::Error {
    io::Error::other("the simulated process has stopped")
}
