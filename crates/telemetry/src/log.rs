//! The process's log: one line an event on standard error, as Prometheus writes it.
//!
//! Code logs through `tracing`; the event's message becomes `msg`, its fields follow in their order, then those
//! of the spans around it. Whoever logs a value answers for it: secrets have types that mask themselves.

mod line;
mod quote;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::str::FromStr;
use std::sync::OnceLock;

use tracing::level_filters::LevelFilter;
use tracing::{Level as TracingLevel, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry, reload};

use line::Lines;

/// What the log shows and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// The least important level that is shown.
    pub level: Level,
    /// The form of the lines.
    pub format: Format,
    /// The names of what each line has.
    pub keys: Keys,
}

/// How important an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// Of use when something is looked for.
    Debug,
    /// The course of things.
    #[default]
    Info,
    /// Something is wrong and was got over.
    Warn,
    /// Something failed.
    Error,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// `time=… level=INFO source=file.rs:1 msg="…" key=value`
    #[default]
    Logfmt,
    /// One JSON object a line with the same keys.
    Json,
}

/// What the time, the level and the place of an event are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keys {
    /// `time=… level=INFO source=file.rs:1`
    #[default]
    Prometheus,
    /// `level=info ts=… caller=file.rs:1`: what queries over Loki's own log look for.
    Loki,
}

/// A name that is none of the known ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// What was given.
    pub got: String,
    /// What would be right, separated by commas.
    pub expected: &'static str,
}

/// The log was set up before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadySet;

/// Dependencies whose events below a warning describe their inner workings only.
const QUIET_TARGETS: [&str; 8] =
    ["h2", "hyper", "hyper_util", "mio", "rustls", "tokio", "tokio_util", "tower"];

/// Sends the events of the whole process to standard error.
///
/// # Errors
/// When it was called before.
pub fn init(settings: Settings) -> Result<(), AlreadySet> {
    let (filter, handle) = reload::Layer::new(targets(settings.level));
    let subscriber = tracing_subscriber::registry().with(filter).with(layer(settings, io::stderr));
    tracing::subscriber::set_global_default(subscriber).map_err(|_| AlreadySet)?;
    CHOSEN.set(handle).map_err(|_| AlreadySet)
}

/// What decides which events of the process are shown, once there is a log.
static CHOSEN: OnceLock<reload::Handle<Targets, Registry>> = OnceLock::new();

/// Shows the process's events from another level on.
///
/// # Errors
/// There is no log yet.
pub fn set_level(level: Level) -> Result<(), String> {
    let chosen = CHOSEN.get().ok_or("the log is not set up")?;
    chosen.reload(targets(level)).map_err(|error| error.to_string())
}

/// The same log, written to where `writer` says.
pub fn subscriber<W>(settings: Settings, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::registry().with(targets(settings.level)).with(layer(settings, writer))
}

/// Which events are shown from a level on.
fn targets(level: Level) -> Targets {
    let level = match level {
        Level::Debug => LevelFilter::from_level(TracingLevel::DEBUG),
        Level::Info => LevelFilter::from_level(TracingLevel::INFO),
        Level::Warn => LevelFilter::from_level(TracingLevel::WARN),
        Level::Error => LevelFilter::from_level(TracingLevel::ERROR),
    };
    let quiet = level.min(LevelFilter::WARN);
    Targets::new().with_default(level).with_targets(QUIET_TARGETS.iter().map(|target| (*target, quiet)))
}

/// What writes the lines.
fn layer<S, W>(settings: Settings, writer: W) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = Lines { format: settings.format, keys: settings.keys };
    tracing_subscriber::fmt::layer().fmt_fields(lines).event_format(lines).with_writer(writer)
}

impl FromStr for Level {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text.to_ascii_lowercase().as_str() {
            "debug" => Ok(Self::Debug),
            "info" => Ok(Self::Info),
            "warn" => Ok(Self::Warn),
            "error" => Ok(Self::Error),
            _ => Err(UnknownName { got: text.to_owned(), expected: "debug, info, warn, error" }),
        }
    }
}

impl FromStr for Format {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "logfmt" => Ok(Self::Logfmt),
            "json" => Ok(Self::Json),
            _ => Err(UnknownName { got: text.to_owned(), expected: "logfmt, json" }),
        }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown name {:?}, expected one of {}", self.got, self.expected)
    }
}

impl std::error::Error for UnknownName {}

impl fmt::Display for AlreadySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the log is set up already")
    }
}

impl std::error::Error for AlreadySet {}
