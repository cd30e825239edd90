//! `tsdb dump` and `tsdb dump-openmetrics`: the samples of a data directory, log and all, as text.

use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::Matcher;
use model::quote::quote;
use platform::FileSystem;
use platform::real::{RealClock, RealFileSystem};
use storage::TimeRange;
use telemetry::Registry;
use tsdb::tool::{DumpFormat, ShadowFileSystem, dump, dump_open_metrics};
use tsdb::{Db, Parts, ReplayProgress, Settings};

use super::{DATA_ARGUMENT, DATA_PATH, Failed};
use crate::cli::tool::{Tool, ToolCall, ToolFlag, list, value};

const SANDBOX_HELP: &str = "Root directory where a sandbox directory will be created, this sandbox is used in case WAL \
    replay generates chunks (default is the database path). The sandbox is cleaned up at the end.";
const SANDBOX: ToolFlag = value("sandbox-dir-root", "", SANDBOX_HELP);
const MIN_TIME: ToolFlag = value(
    "min-time",
    "-9223372036854775808",
    "Minimum timestamp to dump, in milliseconds since the Unix epoch.",
);
const MAX_TIME: ToolFlag = value(
    "max-time",
    "9223372036854775807",
    "Maximum timestamp to dump, in milliseconds since the Unix epoch.",
);
const MATCH: ToolFlag =
    list("match", "{__name__=~'(?s:.*)'}", "Series selector. Can be specified multiple times.");

/// The command `dump`.
pub(super) const DUMP: Tool = Tool {
    name: "tsdb dump",
    about: "Dump data (series+samples or optionally just series) from a TSDB.",
    flags: &[
        SANDBOX,
        MIN_TIME,
        MAX_TIME,
        MATCH,
        value("format", "prom", "Output format of the dump (prom (default) or seriesjson)."),
    ],
    arguments: &[DATA_ARGUMENT],
};

/// The command `dump-openmetrics`.
pub(super) const DUMP_OPEN_METRICS: Tool = Tool {
    name: "tsdb dump-openmetrics",
    about: "[Experimental] Dump samples from a TSDB into OpenMetrics text format, excluding native histograms and \
        staleness markers, which are not representable in OpenMetrics.",
    flags: &[SANDBOX, MIN_TIME, MAX_TIME, MATCH],
    arguments: &[DATA_ARGUMENT],
};

/// Runs `dump`.
pub(super) fn run(call: &ToolCall, out: &mut dyn Write) -> Result<(), Failed> {
    let format = match call.get("format") {
        "prom" => DumpFormat::Prom,
        "seriesjson" => DumpFormat::SeriesJson,
        other => {
            let error = format!("enum value must be one of prom,seriesjson, got '{other}'");
            return Err(Failed(error));
        }
    };
    let wanted = Wanted::new(call)?;
    with_store(call, |db| Ok(dump(db, wanted.range, &wanted.selectors, format, out)?))
}

/// Runs `dump-openmetrics`.
pub(super) fn run_open_metrics(call: &ToolCall, out: &mut dyn Write) -> Result<(), Failed> {
    let wanted = Wanted::new(call)?;
    with_store(call, |db| Ok(dump_open_metrics(db, wanted.range, &wanted.selectors, out)?))
}

/// What is to be dumped.
struct Wanted {
    range: TimeRange,
    selectors: Vec<Vec<Matcher>>,
}

impl Wanted {
    fn new(call: &ToolCall) -> Result<Self, Failed> {
        let time = |name| {
            let text = call.get(name);
            let wrong = |_| Failed(format!("strconv.ParseInt: parsing {}: invalid syntax", quote(text)));
            text.parse::<i64>().map_err(wrong)
        };
        let range = TimeRange::new(time("min-time")?, time("max-time")?);
        let selectors = call.all("match").iter().map(|text| promql_syntax::parse_metric_selector(text));
        Ok(Self { range, selectors: selectors.collect::<Result<_, _>>()? })
    }
}

/// Opens the store without a change to its files: what a start writes goes to a sandbox.
fn with_store(call: &ToolCall, work: impl FnOnce(&Db) -> Result<(), Failed>) -> Result<(), Failed> {
    let fs: Arc<dyn FileSystem> = Arc::new(RealFileSystem);
    let path = Path::new(call.argument(0).unwrap_or(DATA_PATH));
    let exists = |path: &Path| fs.metadata(path).is_ok_and(|found| found.is_dir);
    if !exists(path) {
        let path = path.display();
        return Err(Failed(format!("opening the db dir: stat {path}: no such file or directory")));
    }
    let root = match call.get("sandbox-dir-root") {
        "" => path,
        root if exists(Path::new(root)) => Path::new(root),
        root => {
            return Err(Failed(format!("setting up sandbox dir: stat {root}: no such file or directory")));
        }
    };
    let sandbox = Sandbox::new(&fs, root)?;
    let parts = Parts {
        fs: Arc::new(ShadowFileSystem::new(Arc::clone(&fs), path, &sandbox.path)),
        clock: Arc::new(RealClock::new()),
        registry: Registry::new(),
        progress: Arc::new(ReplayProgress::default()),
        memory: Arc::default(),
    };
    let settings = Settings { lock: false, retention: None, snapshot_log_bytes: None, ..Settings::default() };
    let db = Db::open(parts, path, settings)?;
    if let Some(damaged) = db.damaged_blocks().first() {
        return Err(Failed(format!("open block {}: {}", damaged.ulid, damaged.reason)));
    }
    work(&db)
}

/// A folder that is removed in the end.
struct Sandbox {
    fs: Arc<dyn FileSystem>,
    path: PathBuf,
}

impl Sandbox {
    fn new(fs: &Arc<dyn FileSystem>, root: &Path) -> Result<Self, Failed> {
        let random = RandomState::new().hash_one(root);
        let path = root.join(format!("tmp_dbro_sandbox{random}"));
        fs.create_dir_all(&path).map_err(|error| Failed(format!("setting up sandbox dir: {error}")))?;
        Ok(Self { fs: Arc::clone(fs), path })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Nothing depends on it; who looks finds it by its name.
        let _ = self.fs.remove_dir_all(&self.path);
    }
}
