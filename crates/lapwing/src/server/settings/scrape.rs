//! What is scraped, and how.

use std::path::Path;

use config::List;
use config::prometheus::{Loaded, RelabelConfig, ScrapeConfig};
use model::Labels;
use model::name::{EscapingScheme, ValidationScheme};
use model::relabel::Rule;
use scrape::{JobSettings, Limits, Settings};
use wire::exposition::Protocol;

/// Settings of all jobs, each of which may have at most `series_max` series.
///
/// # Errors
/// What a job asks for and cannot be done yet, with job and key.
pub(crate) fn settings(loaded: &Loaded, series_max: Option<usize>) -> Result<Settings, String> {
    let jobs = loaded.scrape_configs.iter().map(|entry| {
        job(entry, series_max)
            .map_err(|error| format!("scrape_configs: job {}: {error}", model::quote::quote(&entry.job_name)))
    });
    Ok(Settings {
        external_labels: Labels::from_pairs(&loaded.config.global.external_labels),
        jobs: jobs.collect::<Result<Vec<_>, String>>()?,
    })
}

fn job(entry: &ScrapeConfig, series_max: Option<usize>) -> Result<JobSettings, String> {
    let protocols =
        entry.scrape_protocols.as_ref().map(|protocols| protocols.0.as_slice()).unwrap_or_default();
    Ok(JobSettings {
        job_name: entry.job_name.clone(),
        scrape_interval: entry.scrape_interval,
        scrape_timeout: entry.scrape_timeout,
        honor_labels: entry.honor_labels,
        honor_timestamps: entry.honor_timestamps,
        track_timestamps_staleness: entry.track_timestamps_staleness,
        extra_scrape_metrics: entry.extra_scrape_metrics.unwrap_or(false),
        params: entry.params.iter().map(|(name, values)| (name.clone(), values.clone())).collect(),
        metrics_path: entry.metrics_path.clone(),
        scheme: entry.scheme.clone(),
        enable_compression: entry.enable_compression,
        scrape_protocols: protocols.iter().filter_map(|name| Protocol::from_name(name)).collect(),
        fallback_scrape_protocol: Protocol::from_name(&entry.fallback_scrape_protocol),
        scrape_native_histograms: entry.scrape_native_histograms.unwrap_or(false),
        always_scrape_classic_histograms: entry.always_scrape_classic_histograms.unwrap_or(false),
        convert_classic_histograms_to_nhcb: entry.convert_classic_histograms_to_nhcb.unwrap_or(false),
        name_validation: entry.names(),
        name_escaping: EscapingScheme::parse(&entry.metric_name_escaping_scheme).unwrap_or_default(),
        limits: Limits { series: series_max, ..limits(entry) },
        keep_dropped_targets: limit(entry.keep_dropped_targets),
        failure_log: entry.scrape_failure_log_file.path().map(Path::to_path_buf),
        relabel: rules(&entry.relabel_configs, entry.names()),
        metric_relabel: rules(&entry.metric_relabel_configs, entry.names()),
        client: super::http::settings(&entry.http)?,
        discoveries: super::discovery::settings(&entry.discovery)?,
    })
}

fn limits(entry: &ScrapeConfig) -> Limits {
    Limits {
        body_bytes: u64::try_from(entry.body_size_limit.0).ok().filter(|bytes| *bytes > 0),
        samples: limit(entry.sample_limit).map(|samples| samples as u64),
        targets: limit(entry.target_limit),
        series: None,
        labels: limit(entry.label_limit),
        label_name_bytes: limit(entry.label_name_length_limit),
        label_value_bytes: limit(entry.label_value_length_limit),
        histogram_buckets: limit(entry.native_histogram_bucket_limit),
        histogram_bucket_factor: Some(entry.native_histogram_min_bucket_factor)
            .filter(|factor| *factor > 0.0),
    }
}

/// In configurations 0 is no limit.
fn limit(number: usize) -> Option<usize> {
    Some(number).filter(|number| *number > 0)
}

pub(super) fn rules(configs: &List<RelabelConfig>, names: ValidationScheme) -> Vec<Rule> {
    // Rules that cannot be are refused when the file is read.
    configs.iter().filter_map(|config| config.rule(names)).collect()
}
