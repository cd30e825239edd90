//! Lines have the keys, the order and the quoting that Prometheus's lines have.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tracing_subscriber::fmt::MakeWriter;

use super::line::utc;
use super::{Format, Keys, Level, Settings, subscriber};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What `log` writes, with the time and the line number cut out.
fn logged(level: Level, format: Format, log: impl FnOnce()) -> Vec<String> {
    let kept = Kept::default();
    tracing::subscriber::with_default(
        subscriber(Settings { level, format, keys: Keys::Prometheus }, kept.clone()),
        log,
    );
    let bytes = kept.0.lock().clone();
    String::from_utf8(bytes)
        .unwrap()
        .lines()
        .map(|line| {
            let (_, from_level) = line.split_once("level").unwrap();
            let (before, after) = from_level.split_once("tests.rs:").unwrap();
            format!("{before}tests.rs:{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        })
        .collect()
}

fn events() {
    let _around = tracing::info_span!("scrape", pool = "node exporter").entered();
    tracing::warn!(target = "http://a:1/?x=y", attempts = 3, ok = false, "scrape \"failed\"");
    tracing::debug!("hidden");
    tracing::error!(err = &io::Error::other("no such host") as &dyn std::error::Error, "gone");
}

#[test]
fn logfmt_lines() {
    assert_eq!(
        logged(Level::Info, Format::Logfmt, events),
        [
            r#"=WARN source=tests.rs: msg="scrape \"failed\"" target="http://a:1/?x=y" attempts=3 ok=false pool="node exporter""#,
            r#"=ERROR source=tests.rs: msg=gone err="no such host" pool="node exporter""#,
        ]
    );
}

#[test]
fn json_lines() {
    assert_eq!(
        logged(Level::Warn, Format::Json, || tracing::warn!(n = 1.5, bad = f64::NAN, text = "a\u{1}\n", "m")),
        [r#"":"WARN","source":"tests.rs:","msg":"m","n":1.5,"bad":"NaN","text":"a\u0001\n"}"#]
    );
}

#[test]
fn lines_with_the_keys_of_loki() {
    let written = |format| {
        let kept = Kept::default();
        let settings = Settings { level: Level::Info, format, keys: Keys::Loki };
        tracing::subscriber::with_default(subscriber(settings, kept.clone()), || {
            tracing::error!(n = 1, "gone \"away\"");
            tracing::info!(caller = "metrics.go", org_id = "a", "query is over");
        });
        let text = String::from_utf8(kept.0.lock().clone()).unwrap();
        let without_time = |line: &str| {
            let (before, after) = line.split_once("20").unwrap();
            let (_, after) = after.split_once('Z').unwrap();
            format!("{before}{after}").replace(|c: char| c.is_ascii_digit() && c != '1', "")
        };
        text.lines().map(without_time).collect::<Vec<_>>()
    };
    let place = |line: &str| {
        line.split_once("tests.rs:").map(|(before, after)| {
            format!("{before}tests.rs:{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        })
    };
    let lines = written(Format::Logfmt);
    assert_eq!(place(&lines[0]).unwrap(), r#"level=error ts= caller=tests.rs: msg="gone \"away\"" n=1"#);
    assert_eq!(lines[1], r#"level=info ts= caller=metrics.go msg="query is over" org_id=a"#);
    let lines = written(Format::Json);
    let expected = r#"{"level":"info","ts":"","caller":"metrics.go","msg":"query is over","org_id":"a"}"#;
    assert_eq!(lines[1], expected);
}

#[test]
fn the_level_hides_what_is_below_it() {
    let all = || {
        tracing::debug!("d");
        tracing::info!("i");
        tracing::warn!("w");
        tracing::error!("e");
    };
    for (level, shown) in [(Level::Debug, 4), (Level::Info, 3), (Level::Warn, 2), (Level::Error, 1)] {
        assert_eq!(logged(level, Format::Logfmt, all).len(), shown, "{level:?}");
    }
}

#[test]
fn levels_and_formats_by_name() {
    assert_eq!("warn".parse(), Ok(Level::Warn));
    assert_eq!("json".parse(), Ok(Format::Json));
    assert_eq!(
        "loud".parse::<Level>().unwrap_err().to_string(),
        "unknown name \"loud\", expected one of debug, info, warn, error"
    );
}

#[test]
fn times_are_rfc_3339() {
    // Known pairs: the epoch, a leap day, the last second before a year begins.
    for (seconds, nanoseconds, digits, text) in [
        (0, 0, 3, "1970-01-01T00:00:00.000Z"),
        (1_709_164_800, 7_000_000, 3, "2024-02-29T00:00:00.007Z"),
        (4_102_444_799, 999_999_999, 9, "2099-12-31T23:59:59.999999999Z"),
        (951_868_800, 0, 3, "2000-03-01T00:00:00.000Z"),
    ] {
        assert_eq!(utc(Duration::new(seconds, nanoseconds), digits), text);
    }
}
