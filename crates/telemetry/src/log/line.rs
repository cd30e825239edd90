//! One event as one line.

use std::fmt::{self, Debug, Write};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::quote::{push_json_text, push_logfmt_text};
use super::{Format, Keys};
use crate::real;

/// The field of an event whose value stands for its place, where places are called so.
const CALLER: &str = "caller";

/// Writes events in one of the two forms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines {
    pub(super) format: Format,
    pub(super) keys: Keys,
}

impl<S> FormatEvent<S, Self> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, Self>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let mut fields = Fields::new(*self);
        event.record(&mut fields);
        let level = match *metadata.level() {
            Level::ERROR => "ERROR",
            Level::WARN => "WARN",
            Level::INFO => "INFO",
            Level::DEBUG | Level::TRACE => "DEBUG",
        };
        let file = metadata.file().unwrap_or("?");
        let source = format!("{}:{}", file.rsplit('/').next().unwrap_or(file), metadata.line().unwrap_or(0));
        let (digits, now) = (if self.format == Format::Json { 9 } else { 3 }, real::wall_clock());
        let beginning = match self.keys {
            Keys::Prometheus => [("time", utc(now, digits)), ("level", level.to_owned()), ("source", source)],
            Keys::Loki => {
                let caller = fields.caller.take().unwrap_or(source);
                [("level", level.to_lowercase()), ("ts", utc(now, digits)), (CALLER, caller)]
            }
        };
        let mut text = String::new();
        for (name, value) in
            beginning.iter().map(|(name, value)| (*name, value)).chain([("msg", &fields.message)])
        {
            match self.format {
                Format::Logfmt => {
                    text.push_str(if text.is_empty() { "" } else { " " });
                    text.push_str(name);
                    text.push('=');
                    push_logfmt_text(&mut text, value);
                }
                Format::Json => {
                    text.push(if text.is_empty() { '{' } else { ',' });
                    push_json_text(&mut text, name);
                    text.push(':');
                    push_json_text(&mut text, value);
                }
            }
        }
        out.write_str(&text)?;
        out.write_str(&fields.out)?;
        for span in context.event_scope().into_iter().flatten() {
            if let Some(formatted) = span.extensions().get::<FormattedFields<Self>>() {
                out.write_str(&formatted.fields)?;
            }
        }
        out.write_str(if self.format == Format::Json { "}\n" } else { "\n" })
    }
}

impl<'writer> FormatFields<'writer> for Lines {
    fn format_fields<R: RecordFields>(&self, mut out: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = Fields::new(*self);
        fields.record(&mut visitor);
        out.write_str(&visitor.out)
    }
}

/// Fields as they stand behind the message, each with its separator before it.
struct Fields {
    format: Format,
    /// Takes the event's own word on where it comes from, if it has one and is asked for it.
    caller: Option<String>,
    takes_caller: bool,
    message: String,
    out: String,
}

impl Fields {
    fn new(lines: Lines) -> Self {
        Self {
            format: lines.format,
            caller: None,
            takes_caller: lines.keys == Keys::Loki,
            message: String::new(),
            out: String::new(),
        }
    }

    fn push_name(&mut self, field: &Field) {
        match self.format {
            Format::Logfmt => {
                self.out.push(' ');
                push_logfmt_text(&mut self.out, field.name());
                self.out.push('=');
            }
            Format::Json => {
                self.out.push(',');
                push_json_text(&mut self.out, field.name());
                self.out.push(':');
            }
        }
    }

    fn push_bare(&mut self, field: &Field, value: impl fmt::Display) {
        self.push_name(field);
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{value}");
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
            return;
        }
        if self.takes_caller && field.name() == CALLER {
            self.caller = Some(value.to_owned());
            return;
        }
        self.push_name(field);
        match self.format {
            Format::Logfmt => push_logfmt_text(&mut self.out, value),
            Format::Json => push_json_text(&mut self.out, value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        // An error hides its causes behind `source`; a line without them helps nobody.
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        self.record_str(field, &text);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push_bare(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push_bare(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push_bare(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if self.format == Format::Json && !value.is_finite() {
            self.record_str(field, &value.to_string());
        } else {
            self.push_bare(field, value);
        }
    }
}

/// A time since the Unix epoch as RFC 3339 in UTC with `digits` decimals of the second.
pub(super) fn utc(since_epoch: Duration, digits: usize) -> String {
    let seconds = since_epoch.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let nanoseconds = format!("{:09}", since_epoch.subsec_nanos());
    let fraction = nanoseconds.get(..digits).unwrap_or(&nanoseconds);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}Z")
}

/// Year, month and day of a day since the epoch, in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last of its year and months have a fixed rhythm
/// (153 days in five).
fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_0000_03_01_TO_EPOCH: u64 = 719_468;
    const DAYS_PER_400_YEARS: u64 = 146_097;
    let days = days + DAYS_0000_03_01_TO_EPOCH;
    let (era, day_of_era) = (days / DAYS_PER_400_YEARS, days % DAYS_PER_400_YEARS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}
