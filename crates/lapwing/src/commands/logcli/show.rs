//! Lines and how they are shown.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};

use super::flags;
use crate::cli::tool::{ToolCall, ToolFlag, list, switch, value};

/// Which labels of lines are shown, and how wide.
pub(super) const EXCLUDE: ToolFlag = list("exclude-label", "", "Exclude labels given the provided key.");
pub(super) const INCLUDE: ToolFlag = list("include-label", "", "Include labels given the provided key.");
pub(super) const LENGTH: ToolFlag = value("labels-length", "0", "Set a fixed padding to labels.");

pub(super) const COLOURS: ToolFlag =
    switch("colored-output", "Show labels in colours, one for each set of them.");

/// The widest padding.
const LENGTH_MAX: usize = 10_000;

/// One line with its labels.
pub(super) struct Line {
    pub(super) time: i64,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) text: String,
}

/// The lines of streams.
pub(super) fn lines_of(result: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    for stream in result.as_array().into_iter().flatten() {
        let labels: BTreeMap<String, String> = stream["stream"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        for value in stream["values"].as_array().into_iter().flatten() {
            let text = |place: usize| value.get(place).and_then(Value::as_str).unwrap_or_default();
            lines.push(Line {
                time: text(0).parse().unwrap_or_default(),
                labels: labels.clone(),
                text: text(1).to_owned(),
            });
        }
    }
    lines
}

/// Lines as they are shown, without labels that are told elsewhere.
pub(super) fn text_of(
    call: &ToolCall,
    lines: &[Line],
    common: &BTreeMap<String, String>,
) -> Result<String, String> {
    let zone = match call.get(flags::ZONE.name) {
        "Local" => TimeZone::system(),
        name => TimeZone::get(name).map_err(|error| error.to_string())?,
    };
    let format = TimeFormat::of(call.get(flags::TIME_FORMAT.name))?;
    let names = |flag: &ToolFlag| call.all(flag.name).iter().cloned().collect::<BTreeSet<String>>();
    let (excluded, included) = (names(&EXCLUDE), names(&INCLUDE));
    let is_shown = |name: &String| {
        !common.contains_key(name)
            && !excluded.contains(name)
            && (included.is_empty() || included.contains(name))
    };
    let width =
        call.get(LENGTH.name).parse::<usize>().map_err(|error| format!("--{}: {error}", LENGTH.name))?;
    let width = width.min(LENGTH_MAX);
    let mut out = String::new();
    for line in lines {
        match call.get(flags::OUTPUT.name) {
            "raw" => out.push_str(&line.text),
            "jsonl" => {
                let time = TimeFormat::NANOS.show(line.time, &zone);
                let shown = json!({ "labels": line.labels, "line": line.text, "timestamp": time });
                out.push_str(&shown.to_string());
            }
            _ => {
                out.push_str(&format.show(line.time, &zone));
                if !call.is_on("no-labels") {
                    let own: BTreeMap<String, String> = line
                        .labels
                        .iter()
                        .filter(|(name, _)| is_shown(name))
                        .map(|(name, value)| (name.clone(), value.clone()))
                        .collect();
                    let padded = format!("{:width$}", labels_text(&own));
                    out.push(' ');
                    out.push_str(&if call.is_on(COLOURS.name) { coloured(&padded) } else { padded });
                }
                out.push(' ');
                out.push_str(&line.text);
            }
        }
        out.push('\n');
    }
    Ok(out)
}

/// A text in the colour that all texts like it get.
fn coloured(text: &str) -> String {
    // Red to cyan, and their lighter forms; black and white may be what is behind.
    const CODES: [u8; 12] = [31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96];
    let hash = text.bytes().fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
    let code = CODES.get(hash % CODES.len()).copied().unwrap_or_default();
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// Labels as one text.
pub(super) fn labels_text(labels: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}={}", model::quote::quote(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// How times are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeFormat {
    pattern: &'static str,
    /// What stands behind it for an hour of no distance to UTC.
    zone: Option<&'static str>,
}

impl TimeFormat {
    const NANOS: Self = Self { pattern: "%Y-%m-%dT%H:%M:%S%.f", zone: Some("%:z") };

    /// The one of a name.
    pub(super) fn of(name: &str) -> Result<Self, String> {
        let plain = |pattern| Self { pattern, zone: None };
        Ok(match name {
            "" | "rfc3339" => Self { pattern: "%Y-%m-%dT%H:%M:%S", zone: Some("%:z") },
            "rfc3339nano" => Self::NANOS,
            "rfc822z" => plain("%d %b %y %H:%M %z"),
            "rfc1123z" => plain("%a, %d %b %Y %H:%M:%S %z"),
            "stampmilli" => plain("%b %e %H:%M:%S.%3f"),
            "stampmicro" => plain("%b %e %H:%M:%S.%6f"),
            "stampnano" => plain("%b %e %H:%M:%S.%9f"),
            "unixdate" => plain("%a %b %e %H:%M:%S %Z %Y"),
            other => return Err(format!("--{}: unknown format {other}", flags::TIME_FORMAT.name)),
        })
    }

    /// A time in nanoseconds.
    pub(super) fn show(self, nanos: i64, zone: &TimeZone) -> String {
        let Ok(time) = Timestamp::from_nanosecond(i128::from(nanos)) else { return nanos.to_string() };
        let time: Zoned = time.to_zoned(zone.clone());
        let mut text = time.strftime(self.pattern).to_string();
        match self.zone {
            // As Go writes it.
            Some(_) if time.offset().seconds() == 0 => text.push('Z'),
            Some(zone) => text.push_str(&time.strftime(zone).to_string()),
            None => {}
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_the_formats_of_the_original() {
        let nanos = 1_529_931_129_012_345_000;
        let berlin = TimeZone::fixed(jiff::tz::offset(2));
        for (name, zone, expected) in [
            ("rfc3339", &TimeZone::UTC, "2018-06-25T12:52:09Z"),
            ("rfc3339", &berlin, "2018-06-25T14:52:09+02:00"),
            ("rfc3339nano", &TimeZone::UTC, "2018-06-25T12:52:09.012345Z"),
            ("rfc822z", &berlin, "25 Jun 18 14:52 +0200"),
            ("rfc1123z", &TimeZone::UTC, "Mon, 25 Jun 2018 12:52:09 +0000"),
            ("stampmilli", &TimeZone::UTC, "Jun 25 12:52:09.012"),
            ("stampmicro", &TimeZone::UTC, "Jun 25 12:52:09.012345"),
            ("stampnano", &TimeZone::UTC, "Jun 25 12:52:09.012345000"),
            ("unixdate", &TimeZone::UTC, "Mon Jun 25 12:52:09 UTC 2018"),
        ] {
            assert_eq!(TimeFormat::of(name).unwrap().show(nanos, zone), expected, "{name}");
        }
        assert!(TimeFormat::of("kitchen").is_err());
    }
}
