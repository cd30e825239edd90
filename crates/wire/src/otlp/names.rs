//! Names of metrics and labels.

use std::borrow::Cow;

use super::message::{Kind, Metric};
use super::settings::{Settings, Strategy};
use super::units::Unit;
use model::quote::quote;

/// The name of a metric.
///
/// # Errors
/// Why there is none.
pub(super) fn metric_name(metric: &Metric<'_>, strategy: Strategy) -> Result<String, String> {
    if metric.name.is_empty() {
        return Err("metric name is empty".to_owned());
    }
    let name = match strategy {
        Strategy::UnderscoresWithSuffixes => with_words(metric),
        Strategy::Underscores => escaped(metric.name),
        Strategy::Utf8WithSuffixes => with_suffixes(metric),
        Strategy::Untranslated => metric.name.to_owned(),
    };
    if name.is_empty() {
        return Err(format!("normalization for metric {} resulted in empty name", quote(metric.name)));
    }
    let starts_with_digit = name.starts_with(|first: char| first.is_ascii_digit());
    Ok(if strategy.escapes() && starts_with_digit { format!("_{name}") } else { name })
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == ':'
}

fn pieces(name: &str, keep: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    name.split(move |character: char| !keep(character)).filter(|piece| !piece.is_empty())
}

/// The name in the classic syntax, underscores as they are.
fn escaped(name: &str) -> String {
    pieces(name, |character| is_word(character) || character == '_').collect::<Vec<_>>().join("_")
}

fn is_ratio(metric: &Metric<'_>) -> bool {
    metric.unit == "1" && metric.kind == Kind::Gauge
}

/// The words of the name, then those of unit and type that it does not have.
fn with_words(metric: &Metric<'_>) -> String {
    let unit = Unit::of(metric.unit, true);
    let mut words: Vec<&str> = pieces(metric.name, is_word).collect();
    let has_main = unit.main.is_empty() || words.contains(&unit.main.as_str());
    let has_per = unit.per.is_empty() || words.contains(&unit.per.as_str());
    if !has_main {
        words.push(&unit.main);
    }
    if !has_per {
        words.extend(["per", &unit.per]);
    }
    let suffix = match metric.kind {
        Kind::Sum if metric.monotonic => Some("total"),
        _ if is_ratio(metric) => Some("ratio"),
        _ => None,
    };
    if let Some(suffix) = suffix {
        words.retain(|word| *word != suffix);
        words.push(suffix);
    }
    words.join("_")
}

/// The name as it is, with unit and type behind it.
fn with_suffixes(metric: &Metric<'_>) -> String {
    let unit = Unit::of(metric.unit, false);
    let mut name = metric.name.to_owned();
    let mut behind = Vec::new();
    if is_ratio(metric) {
        behind.push("ratio".to_owned());
    }
    if metric.kind == Kind::Sum && metric.monotonic {
        behind.push("total".to_owned());
    }
    if !unit.per.is_empty() {
        behind.push(format!("per_{}", unit.per));
    }
    // What is there already comes off first, to be appended in the right order.
    for suffix in &behind {
        if name.ends_with(suffix.as_str()) && name.len() > suffix.len() + 1 {
            let end = name.floor_char_boundary(name.len() - suffix.len() - 1);
            name.truncate(end);
        }
    }
    if !unit.main.is_empty() && !name.ends_with(&unit.main) {
        name = format!("{name}_{}", unit.main);
    }
    for suffix in behind.iter().rev() {
        name.push('_');
        name.push_str(suffix);
    }
    name
}

/// The name of a label.
///
/// # Errors
/// Why there is none.
pub(super) fn label_name<'a>(name: &'a str, settings: &Settings) -> Result<Cow<'a, str>, String> {
    if name.is_empty() {
        return Err("label name is empty".to_owned());
    }
    let only_underscores = |name: &str| name.bytes().all(|byte| byte == b'_');
    if !settings.strategy.escapes() {
        if only_underscores(name) {
            return Err(format!("label name {} contains only underscores", quote(name)));
        }
        return Ok(Cow::Borrowed(name));
    }
    let made = escaped_label(name, settings);
    if only_underscores(&made) {
        let (name, made) = (quote(name), quote(&made));
        return Err(format!("normalization for label name {name} resulted in invalid name {made}"));
    }
    Ok(made)
}

fn escaped_label<'a>(name: &'a str, settings: &Settings) -> Cow<'a, str> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let mut made = if name.chars().all(is_plain) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect())
    };
    if !settings.keep_underscores && made.contains("__") {
        made = Cow::Owned(single_underscores(&made));
    }
    let first = made.chars().next();
    if first.is_some_and(|first| first.is_ascii_digit()) {
        made = Cow::Owned(format!("key_{made}"));
    } else if settings.prefix_underscore && made.starts_with('_') && !made.starts_with("__") {
        made = Cow::Owned(format!("key{made}"));
    }
    made
}

/// One underscore for each run of them; names of the form `__name__` keep theirs at both ends.
fn single_underscores(name: &str) -> String {
    let inner = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__"));
    let (frame, body) = inner.filter(|inner| !inner.is_empty()).map_or(("", name), |inner| ("__", inner));
    let mut out = String::from(frame);
    let mut before = None;
    for character in body.chars() {
        if character != '_' || before != Some('_') {
            out.push(character);
        }
        before = Some(character);
    }
    out.push_str(frame);
    out
}
