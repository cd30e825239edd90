//! Whether targets that a file names would be scraped: what their labels become under the job's rules.

use model::{
    LabelsBuilder,
    duration::{format_duration, parse_duration},
    labels::Labels,
    quote::quote,
    relabel::relabel,
};

use crate::prometheus::{RelabelConfig, ScrapeConfig, TargetGroup};

/// Checks the targets of one job.
///
/// # Errors
/// What is wrong with the first target that is wrong, in the original's words.
pub(super) fn check_scrape_targets(
    groups: &[(String, TargetGroup)],
    job: &ScrapeConfig,
) -> Result<(), String> {
    for (source, group) in groups {
        for (index, address) in group.targets.iter().enumerate() {
            let target = group.labels.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let mut labels = LabelsBuilder::new(Labels::empty());
            target.for_each(|(name, value)| {
                labels.set(name, value);
            });
            labels.set("__address__", address);
            check_target(&mut labels, job)
                .map_err(|message| format!("instance {index} in group {source}: {message}"))?;
        }
    }
    Ok(())
}

fn check_target(labels: &mut LabelsBuilder, job: &ScrapeConfig) -> Result<(), String> {
    let defaults = [
        ("job", job.job_name.clone()),
        ("__scrape_interval__", format_duration(job.scrape_interval)),
        ("__scrape_timeout__", format_duration(job.scrape_timeout)),
        ("__metrics_path__", job.metrics_path.clone()),
        ("__scheme__", job.scheme.clone()),
    ];
    for (name, value) in defaults {
        if labels.value(name).is_empty() {
            labels.set(name, &value);
        }
    }
    for (name, values) in &job.params {
        if let Some(value) = values.first() {
            labels.set(&format!("__param_{name}"), value);
        }
    }
    let rules: Vec<_> =
        job.relabel_configs.iter().filter_map(|rule: &RelabelConfig| rule.rule(job.names())).collect();
    if !relabel(&rules, labels) {
        return Ok(());
    }
    let address = labels.value("__address__");
    if address.is_empty() {
        return Err("no address".into());
    }
    check_address(address)?;
    check_times(labels.value("__scrape_interval__"), labels.value("__scrape_timeout__"))
}

fn check_times(interval_text: &str, timeout_text: &str) -> Result<(), String> {
    let read = |text: &str, what: &str| {
        let duration =
            parse_duration(text).map_err(|error| format!("error parsing scrape {what}: {error}"))?;
        if duration.is_zero() { Err(format!("scrape {what} cannot be 0")) } else { Ok(duration) }
    };
    let interval = read(interval_text, "interval")?;
    let timeout = read(timeout_text, "timeout")?;
    if timeout > interval {
        let (timeout, interval) = (quote(timeout_text), quote(interval_text));
        return Err(format!(
            "scrape timeout cannot be greater than scrape interval ({timeout} > {interval})"
        ));
    }
    Ok(())
}

/// Checks the addresses of Alertmanagers.
///
/// # Errors
/// The first that is none, in the original's words.
pub(super) fn check_alertmanager_targets(
    groups: &[(String, TargetGroup)],
    rules: &[RelabelConfig],
) -> Result<(), String> {
    let names = model::name::ValidationScheme::Utf8;
    let rules: Vec<_> = rules.iter().filter_map(|rule| rule.rule(names)).collect();
    for (_, group) in groups {
        for address in &group.targets {
            let mut labels = LabelsBuilder::new(Labels::empty());
            for (name, value) in &group.labels.0 {
                labels.set(name, value);
            }
            labels.set("__address__", address);
            if relabel(&rules, &mut labels) {
                check_address(labels.value("__address__"))?;
            }
        }
    }
    Ok(())
}

fn check_address(address: &str) -> Result<(), String> {
    if address.contains('/') { Err(format!("{} is not a valid hostname", quote(address))) } else { Ok(()) }
}
