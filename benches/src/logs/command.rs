//! `logs-write` and `logs-push`: flags to settings, results to a line of JSON.

use std::path::Path;
use std::time::Duration;

use platform::Clock;
use platform::FileSystem;
use serde_json::{Value, json};

use super::{Form, PushSettings, Settings, needle};

/// The names of the commands.
pub const COMMANDS: [&str; 2] = ["logs-write", "logs-push"];

/// How they are called.
pub const USAGE: &str = "benches logs-write --file=PATH [corpus]\n       benches logs-push --url=http://host:port/loki/api/v1/push [--server-pid=N] [--json] \
[--connections=4] [--batch=1048576] [--tenant=NAME] [corpus]\n       corpus: [--bytes=200000000] [--streams=280] [--seed=1] [--end=MS] [--span=SECONDS]";

/// What the flags of both commands say.
struct Flags {
    corpus: Settings,
    file: String,
    url: String,
    server: Option<u32>,
    form: Form,
    connections: usize,
    batch_bytes: usize,
    tenant: Option<String>,
}

/// Carries a command out; gives what it has come to.
///
/// # Errors
/// What is wrong with the flags, or what went wrong.
pub fn command(
    name: &str,
    flags: &[String],
    clock: &dyn Clock,
    fs: &dyn FileSystem,
) -> Result<Value, String> {
    let flags = Flags::read(flags, clock.now_ms())?;
    let corpus = flags.corpus;
    match name {
        "logs-write" if !flags.file.is_empty() => {
            let totals = super::write(corpus, Path::new(&flags.file), fs)
                .map_err(|error| format!("{}: {error}", flags.file))?;
            let mut written = totals.to_json();
            if let Value::Object(written) = &mut written {
                written.insert("bench".to_owned(), json!(name));
                written.insert("file".to_owned(), json!(flags.file));
                written.insert("needle".to_owned(), json!(needle(corpus.seed)));
                written.insert("end_ms".to_owned(), json!(corpus.end_ms));
                written.insert("span_seconds".to_owned(), json!(corpus.span.as_secs()));
            }
            Ok(written)
        }
        "logs-push" if !flags.url.is_empty() => {
            let Flags { url, server, corpus, form, connections, batch_bytes, tenant, .. } = flags;
            let settings = PushSettings { url, server, corpus, form, connections, batch_bytes, tenant };
            super::push(&settings, clock).map(|report| report.to_json()).map_err(|error| error.to_string())
        }
        _ => Err(format!("usage: {USAGE}")),
    }
}

impl Flags {
    fn read(flags: &[String], now_ms: i64) -> Result<Self, String> {
        let mut read = Self {
            corpus: Settings {
                bytes: 200_000_000,
                streams: 280,
                seed: 1,
                end_ms: now_ms,
                span: Duration::from_hours(6),
            },
            file: String::new(),
            url: String::new(),
            server: None,
            form: Form::Protobuf,
            connections: 4,
            batch_bytes: 1 << 20,
            tenant: None,
        };
        for flag in flags {
            let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
            let number = || value.parse::<u64>().map_err(|_| format!("{flag}: not a number\nusage: {USAGE}"));
            match name {
                "--bytes" => read.corpus.bytes = number()?,
                "--streams" => read.corpus.streams = number()? as usize,
                "--seed" => read.corpus.seed = number()?,
                "--end" => read.corpus.end_ms = number()? as i64,
                "--span" => read.corpus.span = Duration::from_secs(number()?),
                "--file" => value.clone_into(&mut read.file),
                "--url" => value.clone_into(&mut read.url),
                "--server-pid" => read.server = Some(number()? as u32),
                "--json" => read.form = Form::Json,
                "--connections" => read.connections = number()? as usize,
                "--batch" => read.batch_bytes = number()? as usize,
                "--tenant" => read.tenant = Some(value.to_owned()),
                _ => return Err(format!("{flag}: not known\nusage: {USAGE}")),
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use platform::simulated::{SimulatedClock, SimulatedFileSystem};

    use super::*;

    fn run(name: &str, flags: &[&str]) -> Result<Value, String> {
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let disk = SimulatedFileSystem::new();
        command(name, &flags, &SimulatedClock::new(1_700_000_000_000), &disk)
    }

    #[test]
    fn a_corpus_is_written_and_told() {
        let written =
            run("logs-write", &["--file=/lines", "--bytes=50000", "--streams=8", "--span=60"]).unwrap();
        assert_eq!((&written["file"], &written["end_ms"]), (&json!("/lines"), &json!(1_700_000_000_000_i64)));
        let (lines, bytes) = (written["lines"].as_u64().unwrap(), written["line_bytes"].as_u64().unwrap());
        assert!((50_000..51_000).contains(&(lines + bytes)), "{written}");
        assert_eq!(written["needle"].as_str().unwrap().len(), 32);
    }

    #[test]
    fn flags_that_are_wrong_are_told() {
        assert!(run("logs-write", &[]).unwrap_err().starts_with("usage: "));
        assert!(run("logs-push", &["--bytes=many"]).unwrap_err().starts_with("--bytes=many: not a number"));
        assert!(run("logs-push", &["--what=1"]).unwrap_err().starts_with("--what=1: not known"));
    }
}
