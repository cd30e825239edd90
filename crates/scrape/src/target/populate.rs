//! From discovered labels to a target.

use std::time::Duration;

use discovery::{ADDRESS, TargetGroup};
use model::duration::{format_duration, parse_duration};
use model::relabel::{Rule, relabel};
use model::{Labels, LabelsBuilder};
use parking_lot::Mutex;

use super::{HistogramModes, MetadataCache, Status, Target, url};
use crate::JobSettings;
use crate::error::TargetError;

const JOB: &str = "job";
pub(super) const INSTANCE: &str = "instance";
const SCHEME: &str = "__scheme__";
const METRICS_PATH: &str = "__metrics_path__";
const INTERVAL: &str = "__scrape_interval__";
const TIMEOUT: &str = "__scrape_timeout__";
const NATIVE: &str = "__scrape_native_histograms__";
const CONVERT_CLASSIC: &str = "__convert_classic_histograms_to_nhcb__";
const ALWAYS_CLASSIC: &str = "__always_scrape_classic_histograms__";

/// What became of a discovered target.
pub(crate) enum Populated {
    /// It is to be scraped.
    Target(Box<Target>),
    /// Relabelling dropped it; these are its labels before.
    Dropped(Labels),
}

/// Turns a discovered target into one that can be scraped.
pub(crate) fn populate(
    job: &JobSettings,
    group: &TargetGroup,
    target: &Labels,
) -> Result<Populated, TargetError> {
    let mut builder = in_order(job, group, target);
    let discovered = builder.clone().build();
    if !relabel(&job.relabel, &mut builder) {
        return Ok(Populated::Dropped(discovered));
    }
    let labels = builder.build();
    let address = labels.value(ADDRESS);
    if address.is_empty() {
        return Err(TargetError::NoAddress);
    }
    if address.contains('/') {
        return Err(TargetError::Address(address.to_owned()));
    }
    let interval = duration(&labels, INTERVAL, "interval")?;
    let timeout = duration(&labels, TIMEOUT, "timeout")?;
    let (interval_text, timeout_text) = (labels.value(INTERVAL).to_owned(), labels.value(TIMEOUT).to_owned());
    if timeout > interval {
        return Err(TargetError::Timeout { timeout: timeout_text, interval: interval_text });
    }
    let histograms = HistogramModes {
        native: flag(&labels, NATIVE)?,
        convert_classic: flag(&labels, CONVERT_CLASSIC)?,
        always_classic: flag(&labels, ALWAYS_CLASSIC)?,
    };
    let url = url::scrape_url(&labels, &job.params);
    Ok(Populated::Target(Box::new(Target {
        labels: public_labels(&labels),
        discovered: Mutex::new(discovered),
        pool: job.job_name.clone(),
        uri: url::uri(&url),
        url,
        interval,
        timeout,
        interval_text,
        timeout_text,
        histograms,
        status: Mutex::new(Status::default()),
        metadata: Mutex::new(MetadataCache::default()),
    })))
}

/// All labels of a target before relabelling, in the order in which the original sets them: where a rule maps two names onto one, the label
/// that was set last wins. It sets those of target and group in random order; here the first of them by name wins.
pub(super) fn in_order(job: &JobSettings, group: &TargetGroup, target: &Labels) -> LabelsBuilder {
    let mut builder = LabelsBuilder::default();
    for (name, value) in backwards(target) {
        builder.set(name, value);
    }
    let mut set_default = |name: &str, value: &str| {
        if builder.value(name).is_empty() {
            builder.set(name, value);
        }
    };
    // A target says its address, if only that it has none.
    for (name, value) in backwards(&group.labels).into_iter().filter(|(name, _)| *name != ADDRESS) {
        set_default(name, value);
    }
    set_default(JOB, &job.job_name);
    set_default(INTERVAL, &format_duration(job.scrape_interval));
    set_default(TIMEOUT, &format_duration(job.scrape_timeout));
    set_default(METRICS_PATH, &job.metrics_path);
    set_default(SCHEME, &job.scheme);
    set_default(NATIVE, as_text(job.scrape_native_histograms));
    set_default(CONVERT_CLASSIC, as_text(job.convert_classic_histograms_to_nhcb));
    set_default(ALWAYS_CLASSIC, as_text(job.always_scrape_classic_histograms));
    for (name, values) in &job.params {
        if let Some(first) = values.first() {
            set_default(&format!("__param_{name}"), first);
        }
    }
    builder
}

fn backwards(labels: &Labels) -> Vec<(&str, &str)> {
    let mut all: Vec<_> = labels.iter().collect();
    all.reverse();
    all
}

/// What stays on the series: no label that begins with `__`, and an instance.
fn public_labels(labels: &Labels) -> Labels {
    let public = labels.filtered(|name| !name.starts_with("__"));
    if public.get(INSTANCE).is_some() {
        return public;
    }
    let mut builder = LabelsBuilder::new(public);
    builder.set(INSTANCE, labels.value(ADDRESS));
    builder.build()
}

fn duration(labels: &Labels, name: &str, what: &'static str) -> Result<Duration, TargetError> {
    let duration = parse_duration(labels.value(name))
        .map_err(|error| TargetError::Duration { what, reason: error.to_string() })?;
    if duration.is_zero() { Err(TargetError::ZeroDuration { what }) } else { Ok(duration) }
}

/// A truth value in one of the ways that Go's `ParseBool` takes.
fn flag(labels: &Labels, label: &'static str) -> Result<bool, TargetError> {
    match labels.value(label) {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        other => Err(TargetError::Flag { label, value: other.to_owned() }),
    }
}

const fn as_text(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// What one rule made of a target's labels.
#[derive(Debug, Clone)]
pub struct RelabelStep {
    /// The rule.
    pub rule: Rule,
    /// The labels behind it; empty where it dropped them.
    pub output: Labels,
    /// Whether the target is still there.
    pub keep: bool,
}

/// Applies a job's rules one by one, up to the one that drops the target.
pub fn relabel_steps(rules: &[Rule], labels: &Labels) -> Vec<RelabelStep> {
    let mut steps = Vec::new();
    let mut builder = LabelsBuilder::new(labels.clone());
    for rule in rules {
        let keep = rule.apply(&mut builder);
        let output = if keep { builder.build() } else { Labels::empty() };
        steps.push(RelabelStep { rule: rule.clone(), output, keep });
        if !keep {
            break;
        }
    }
    steps
}
