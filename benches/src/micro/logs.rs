//! Steps of logs: taking them, searching blocks, and taking lines apart.

use std::sync::Arc;
use std::time::Duration;

use logql_engine::{Control, Limits, metric};
use logstore::{LogStore, Resources, Settings};
use model::Labels;
use platform::CancelFlag;
use platform::real::{RealClock, RealFileSystem};
use storage::logs::{AppendRules, EntryAppendable, EntryRange, EntryRef, LogQueryable, StreamEntries};
use telemetry::Registry;

use super::Prepared;
use crate::Error;
use crate::noise::mix;
use crate::store::Folder;

const LINES: u64 = 20_000;
const TENANT: &str = "fake";
const SECOND: i64 = 1_000_000_000;
const START: i64 = 1_700_006_400 * SECOND;
/// Entries of a push come so near to each other.
const APART: i64 = 1_000_000;

/// A line as a web server writes it, or a service.
fn line(number: u64, json: bool) -> String {
    let noise = mix(number);
    let status = [200, 200, 200, 200, 304, 404, 500, 502][(noise % 8) as usize];
    let (path, took) = (noise >> 8 & 0xff, noise >> 16 & 0x3ff);
    if json {
        format!(
            r#"{{"remote_addr":"10.1.{}.{}","method":"GET","path":"/api/v1/items/{path}","status":{status},"request_time":0.{took:03},"id":"{noise:016x}"}}"#,
            noise >> 32 & 0xff,
            noise >> 40 & 0xff,
        )
    } else {
        let level = if status >= 500 { "error" } else { "info" };
        format!(
            "level={level} msg=\"request done\" path=/api/v1/items/{path} status={status} took={took}ms id={noise:016x}"
        )
    }
}

fn store(name: &str) -> Result<(Folder, LogStore), Error> {
    let folder = Folder::new(name);
    let resources = Resources {
        fs: Arc::new(RealFileSystem),
        clock: Arc::new(RealClock::new()),
        registry: Registry::new(),
        memory: Arc::default(),
    };
    let settings = Settings { lock: false, ..Settings::default() };
    let store = LogStore::open(resources, folder.path(), settings).map_err(Error::broken)?;
    Ok((folder, store))
}

fn append(store: &LogStore, lines: &[String], start: i64) -> Result<(), Error> {
    let labels = Labels::from_pairs([("job", "bench"), ("host", "web-1")]);
    let times = (0..).map(|number| start + number * APART);
    let entries: Vec<EntryRef<'_>> = times
        .zip(lines)
        .map(|(timestamp, line)| EntryRef { timestamp, line: line.as_bytes(), metadata: &[] })
        .collect();
    let push = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
    let report = store.append(TENANT, &push, &AppendRules::default()).map_err(Error::broken)?;
    if report.stored == lines.len() { Ok(()) } else { Err(Error::broken("entries were not stored")) }
}

/// Lines into the head and its log.
pub(super) fn push() -> Result<Prepared, Error> {
    let (folder, store) = store("micro-push")?;
    let lines: Vec<String> = (0..1000).map(|number| line(number, true)).collect();
    let mut start = START;
    Ok(Prepared::new(lines.iter().map(String::len).sum(), move || {
        let _ = &folder;
        start += SECOND;
        append(&store, &lines, start)
    }))
}

/// A word that stands in no line, looked for in blocks of a part.
pub(super) fn search() -> Result<Prepared, Error> {
    query("micro-search", true, r#"sum(count_over_time({job="bench"} |~ "GET.*/items/77[0-9]" [1h]))"#)
}

/// Lines of JSON, of which a field decides.
pub(super) fn json() -> Result<Prepared, Error> {
    query("micro-json", true, r#"sum(count_over_time({job="bench"} | json | status >= 500 [1h]))"#)
}

/// Lines of logfmt, of which a field decides.
pub(super) fn logfmt() -> Result<Prepared, Error> {
    query("micro-logfmt", false, r#"sum(count_over_time({job="bench"} | logfmt | level="error" [1h]))"#)
}

fn query(name: &str, json: bool, text: &str) -> Result<Prepared, Error> {
    let (folder, store) = store(name)?;
    let lines: Vec<String> = (0..LINES).map(|number| line(number, json)).collect();
    append(&store, &lines, START)?;
    store.flush().map_err(Error::broken)?;
    let expr = logql_syntax::parse(text, logql_syntax::Options::STRICT).map_err(Error::broken)?;
    Ok(Prepared::new(lines.iter().map(String::len).sum(), move || {
        let _ = &folder;
        let limits = Limits { timeout: Duration::from_secs(3600), ..Limits::default() };
        let control = Control::new(Arc::new(RealClock::new()), limits, CancelFlag::new(), Arc::default());
        let querier = |range: EntryRange| store.log_querier(TENANT, range);
        let answer = metric::query_instant(&querier, &expr, START + 3600 * SECOND, &control);
        std::hint::black_box(answer.map_err(Error::broken)?);
        Ok(())
    }))
}
