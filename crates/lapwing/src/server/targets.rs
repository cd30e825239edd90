//! What the HTTP surface asks of scraping.

mod global_url;

use std::collections::BTreeMap;
use std::sync::Arc;

use api::TargetReport;
use model::relabel::Rule;
use model::{Labels, Matcher, Metadata};
use scrape::{Scraper, Target};
use serde_json::{Map, Value, json};

use global_url::GlobalUrls;

use crate::cli::server_options::ServerOptions;

/// Targets as the HTTP surface sees them.
pub(super) struct Targets {
    scraper: Arc<Scraper>,
    global_urls: GlobalUrls,
}

impl Targets {
    pub(super) fn new(scraper: Arc<Scraper>, options: &ServerOptions) -> Self {
        let external_url = super::rules::external_url(options);
        Self { scraper, global_urls: GlobalUrls::new(&external_url, options.first_port()) }
    }

    fn active(&self, target: &Target) -> Value {
        let status = target.status();
        json!({
            "discoveredLabels": labels(&target.discovered_labels()),
            "labels": labels(target.labels()),
            "scrapePool": target.scrape_pool(),
            "scrapeUrl": target.scrape_url(),
            "globalUrl": self.global_urls.of(target.scrape_url()),
            "lastError": status.last_error,
            "lastScrape": status.last_scrape.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), api::format_rfc3339),
            "lastScrapeDuration": status.last_scrape_duration.as_secs_f64(),
            "health": status.health.as_str(),
            "scrapeInterval": target.scrape_interval(),
            "scrapeTimeout": target.scrape_timeout(),
        })
    }

    /// Calls `visit` with every active target.
    fn each(&self, mut visit: impl FnMut(&Target)) {
        for pool in self.scraper.pools() {
            pool.active.iter().for_each(|target| visit(target));
        }
    }
}

impl TargetReport for Targets {
    fn targets(&self, state: &str, pool: &str) -> Value {
        let state = state.to_ascii_lowercase();
        let pools = self.scraper.pools();
        let wanted = || pools.iter().filter(|status| pool.is_empty() || status.name == pool);
        let mut active = Vec::new();
        if state != "dropped" {
            active.extend(wanted().flat_map(|status| &status.active).map(|target| self.active(target)));
        }
        if state == "active" {
            return json!({ "activeTargets": active, "droppedTargets": [], "droppedTargetCounts": null });
        }
        let mut dropped = Vec::new();
        for status in wanted() {
            dropped.extend(
                status
                    .dropped
                    .iter()
                    .map(|each| json!({ "discoveredLabels": labels(each), "scrapePool": status.name })),
            );
        }
        let counts: BTreeMap<&str, usize> =
            pools.iter().map(|status| (status.name.as_str(), status.dropped_count)).collect();
        json!({ "activeTargets": active, "droppedTargets": dropped, "droppedTargetCounts": counts })
    }

    fn pools(&self) -> Vec<String> {
        self.scraper.pools().into_iter().map(|status| status.name).collect()
    }

    fn metadata(&self, metric: &str, limit: Option<usize>, limit_per_metric: Option<usize>) -> Value {
        let mut all: BTreeMap<String, Vec<Metadata>> = BTreeMap::new();
        self.each(|target| {
            for (name, metadata) in known(target, metric) {
                let entries = all.entry(name).or_default();
                let full = limit_per_metric.is_some_and(|limit| limit > 0 && entries.len() >= limit);
                if !full && !entries.contains(&metadata) {
                    entries.push(metadata);
                }
            }
        });
        let kept = all.into_iter().take(limit.unwrap_or(usize::MAX));
        kept.map(|(name, entries)| (name, Value::from(entries.iter().map(facts).collect::<Vec<_>>())))
            .collect::<Map<_, _>>()
            .into()
    }

    fn target_metadata(&self, matchers: &[Matcher], metric: &str, limit: Option<usize>) -> Vec<Value> {
        let limit = limit.unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        self.each(|target| {
            // The limit ends the row of targets, not that of a target's metrics, as in the original.
            if rows.len() >= limit || !matchers.iter().all(|matcher| matcher.matches_labels(target.labels()))
            {
                return;
            }
            let known = known(target, metric).into_iter();
            rows.extend(known.map(|(name, metadata)| row(target, &name, &metadata, metric.is_empty())));
        });
        rows
    }

    fn relabel_steps(&self, pool: &str, input: &Labels) -> Result<Value, String> {
        let job = self
            .scraper
            .job(pool)
            .ok_or_else(|| format!("scrape pool {} not found", model::quote::quote(pool)))?;
        let steps = scrape::relabel_steps(&job.relabel, input).into_iter().map(
            |step| json!({ "rule": rule(&step.rule), "output": labels(&step.output), "keep": step.keep }),
        );
        Ok(steps.collect::<Vec<_>>().into())
    }
}

fn labels(labels: &Labels) -> Value {
    labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect::<Map<_, _>>().into()
}

/// Metadata of one metric, or of all where no name is given.
fn known(target: &Target, metric: &str) -> Vec<(String, Metadata)> {
    if metric.is_empty() {
        return target.all_metadata();
    }
    target.metadata(metric).map(|metadata| (metric.to_owned(), metadata)).into_iter().collect()
}

fn facts(metadata: &Metadata) -> Value {
    json!({ "type": metadata.metric_type.as_str(), "help": metadata.help, "unit": metadata.unit })
}

fn row(target: &Target, name: &str, metadata: &Metadata, with_name: bool) -> Value {
    let mut row = facts(metadata);
    if let Some(row) = row.as_object_mut() {
        row.insert("target".to_owned(), labels(target.labels()));
        if with_name {
            row.insert("metric".to_owned(), name.into());
        }
    }
    row
}

/// A rule as the configuration file has it; what is empty is left out.
fn rule(rule: &Rule) -> Value {
    let mut shown = Map::new();
    if !rule.source_labels.is_empty() {
        shown.insert("source_labels".to_owned(), rule.source_labels.clone().into());
    }
    shown.insert("separator".to_owned(), rule.separator.clone().into());
    let pattern = rule.regex.as_str();
    shown.insert(
        "regex".to_owned(),
        pattern.strip_prefix("^(?s:").and_then(|rest| rest.strip_suffix(")$")).unwrap_or(pattern).into(),
    );
    if rule.modulus > 0 {
        shown.insert("modulus".to_owned(), rule.modulus.into());
    }
    if !rule.target_label.is_empty() {
        shown.insert("target_label".to_owned(), rule.target_label.clone().into());
    }
    shown.insert("replacement".to_owned(), rule.replacement.clone().into());
    shown.insert("action".to_owned(), rule.action.as_str().into());
    shown.into()
}
