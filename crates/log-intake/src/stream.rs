//! Streams: from the text of labels, as it came, to checked labels.

use model::Labels;
use model::quote::quote;
use storage::logs::StreamHint;

use crate::error::{Reason, Refusal};
use crate::limits::{LabelLimits, Limits, Policy};

/// The label that names a service.
pub(crate) const SERVICE_NAME: &str = "service_name";
/// Its value where nothing tells it.
const UNKNOWN_SERVICE: &str = "unknown_service";
/// Labels of streams that the store makes for itself: they get no `service_name`.
const INTERNAL: [&str; 2] = ["__aggregated_metric__", "__pattern__"];

/// What is known of a stream by its labels.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) labels: Labels,
    /// The labels as errors show them.
    pub(crate) text: Box<str>,
    /// Why nothing of it is taken. Few are refused: the others are smaller without room for it.
    pub(crate) refused: Option<Box<Refusal>>,
    /// The level that a label tells.
    pub(crate) level: Option<Box<str>>,
    /// Position of its policy among those of the limits.
    pub(crate) policy: Option<usize>,
    pub(crate) is_internal: bool,
    /// Where the store has found it.
    pub(crate) hint: StreamHint,
}

impl Known {
    /// Reads labels and looks at them.
    ///
    /// # Errors
    /// The text holds no labels; the message is the original's.
    pub(crate) fn read(text: &str, limits: &Limits) -> Result<Self, String> {
        let mut pairs = parse(text)?;
        pairs.retain(|(_, value)| !value.is_empty());
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        let is_internal = pairs.iter().any(|(name, _)| INTERNAL.contains(&name.as_str()));
        if !is_internal {
            discover_service(&mut pairs, &limits.service_name_from);
        }
        let text = shown(&pairs);
        let value = |name: &str| pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        let level = limits.levels.as_ref().and_then(|rules| rules.fields.iter().find_map(|name| value(name)));
        let level = level.map(|level| level.as_str().into());
        let refused = refusal(&pairs, &text, &limits.labels).map(Box::new);
        let labels = Labels::from_pairs(pairs);
        let policy = limits.policies.iter().position(|policy| selects(policy, &labels));
        Ok(Self {
            labels,
            text: text.into(),
            refused,
            level,
            policy,
            is_internal,
            hint: StreamHint::default(),
        })
    }

    /// Bytes of memory, roughly.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + self.labels.as_bytes().len() + 256
    }
}

fn selects(policy: &Policy, labels: &Labels) -> bool {
    policy.selectors.iter().any(|matchers| matchers.iter().all(|matcher| matcher.matches_labels(labels)))
}

fn discover_service(pairs: &mut Vec<(String, String)>, names: &[String]) {
    if names.is_empty() || pairs.iter().any(|(name, _)| name == SERVICE_NAME) {
        return;
    }
    let found = names.iter().find_map(|name| pairs.iter().find(|(other, _)| other == name));
    let value = found.map_or(UNKNOWN_SERVICE, |(_, value)| value).to_owned();
    let place = pairs.partition_point(|(name, _)| name.as_str() < SERVICE_NAME);
    pairs.insert(place, (SERVICE_NAME.to_owned(), value));
}

fn shown(pairs: &[(String, String)]) -> String {
    let labels: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", quote(value))).collect();
    format!("{{{}}}", labels.join(", "))
}

/// What speaks against the labels, if anything does.
fn refusal(pairs: &[(String, String)], text: &str, limits: &LabelLimits) -> Option<Refusal> {
    if pairs.is_empty() {
        let message = "error at least one label pair is required per stream".to_owned();
        return Some(Refusal::new(Reason::MissingLabels, message));
    }
    let counted = pairs.iter().filter(|(name, _)| name != SERVICE_NAME).count();
    if counted > limits.count_max {
        let message =
            format!("entry for stream '{text}' has {counted} label names; limit {}", limits.count_max);
        return Some(Refusal::new(Reason::TooManyLabels, message));
    }
    let mut previous = None;
    for (name, value) in pairs {
        let (reason, what) = if name.len() > limits.name_bytes_max {
            (Reason::LabelNameTooLong, format!("has label name too long: '{name}'"))
        } else if value.len() > limits.value_bytes_max {
            (Reason::LabelValueTooLong, format!("has label value too long: '{value}'"))
        } else if previous == Some(name) {
            (Reason::DuplicateLabel, format!("has duplicate label name: '{name}'"))
        } else {
            previous = Some(name);
            continue;
        };
        return Some(Refusal::new(reason, format!("stream '{text}' {what}")));
    }
    None
}

/// Names and values as they stand there, equal names and empty values among them.
fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(pairs) = parse_plain(text) {
        return Ok(pairs);
    }
    let refuse = |error: promql_syntax::ParseError| format!("couldn't parse labels: {error}");
    let labels = promql_syntax::parse_metric(text).map_err(refuse)?;
    Ok(labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Reads the form that clients write: names without quotes, values in double quotes without escapes. `None`: it has
/// another form, or is malformed, which the parser of the language tells.
fn parse_plain(text: &str) -> Option<Vec<(String, String)>> {
    let mut rest = text.strip_prefix('{')?;
    let mut pairs = Vec::new();
    if rest == "}" {
        return Some(pairs);
    }
    loop {
        let (name, after) = rest.split_once('=')?;
        if !model::name::is_legacy_label_name(name) {
            return None;
        }
        let (value, after) = after.strip_prefix('"')?.split_once('"')?;
        if value.contains(['\\', '\n']) {
            return None;
        }
        pairs.push((name.to_owned(), value.to_owned()));
        if after == "}" {
            return Some(pairs);
        }
        rest = after.strip_prefix(',')?.trim_start_matches(' ');
    }
}
