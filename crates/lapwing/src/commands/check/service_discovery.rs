//! `check service-discovery`: what a job's discoveries find, and what relabelling makes of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use config::prometheus::{Features, Mode, Source};
use discovery::{Discoverer, Parts, Settings, TargetGroup};
use model::Labels;
use model::duration::parse_duration;
use platform::FileSystem;
use platform::real::{RealClock, RealFileSystem};
use scrape::{CheckedTarget, JobSettings, check_target};
use serde_json::{Map, Value, json};
use telemetry::Registry;

use super::{LOOKBACK, usage_error};
use crate::cli::tool::{Tool, ToolArgument, ToolCall, ToolFlag, value};
use crate::{answer, complain, version};

const TIMEOUT: ToolFlag = value("timeout", "30s", "The time to wait for discovery results.");

pub(super) const TOOL: Tool = Tool {
    name: "check service-discovery",
    about: "Perform service discovery for the given job name and report the results, including relabeling.",
    flags: &[LOOKBACK, TIMEOUT],
    arguments: &[
        ToolArgument { name: "config-file", required: true, help: "The prometheus config file." },
        ToolArgument { name: "job", required: true, help: "The job to run service discovery for." },
    ],
};

/// News are published together within this time.
const INTERVAL: Duration = Duration::from_millis(100);

pub(super) fn run(program: &str, call: &ToolCall) -> ExitCode {
    let Ok(timeout) = parse_duration(call.get(TIMEOUT.name)) else {
        return usage_error(program, &format!("not a valid duration: {}", call.get(TIMEOUT.name)));
    };
    let (Some(path), Some(name)) = (call.argument(0), call.argument(1)) else {
        return usage_error(program, "a config file and a job must be given");
    };
    if !RealFileSystem.exists(Path::new(path)).unwrap_or(false) {
        return complain(&format!("{program}: error: path '{path}' does not exist, try --help"), 1);
    }
    let jobs = match jobs(path) {
        Ok(jobs) => jobs,
        Err(error) => return complain(&format!("Cannot load config {error}"), 1),
    };
    let Some(job) = jobs.iter().find(|job| job.job_name == name) else {
        let names: String = jobs.iter().map(|job| format!("\n\t{}", job.job_name)).collect();
        return complain(&format!("Job {name} not found. Select one of:{names}"), 1);
    };
    match found(job, timeout) {
        Ok(groups) => answer(&printed(&checked(job, &groups)), 0),
        Err(error) => complain(&error, 1),
    }
}

/// The jobs of a configuration file.
fn jobs(path: &str) -> Result<Vec<JobSettings>, String> {
    let source = Source {
        path: Path::new(path),
        files: &RealFileSystem,
        environment: &|name| std::env::var(name).ok(),
        mode: Mode::Server,
        features: Features::default(),
        ignore_unknown_keys: false,
    };
    let loaded = source.load().map_err(|error| error.explain())?;
    crate::server::scrape_settings(&loaded).map(|settings| settings.jobs)
}

/// The groups that a job's discoveries have found when the time is over; what stands in the file is there at once.
fn found(job: &JobSettings, timeout: Duration) -> Result<Vec<Arc<TargetGroup>>, String> {
    let is_fixed = |settings: &Settings| matches!(settings, Settings::Static(_));
    if job.discoveries.iter().all(is_fixed) {
        let groups = job.discoveries.iter().flat_map(|settings| match settings {
            Settings::Static(groups) => groups.clone(),
            _ => Vec::new(),
        });
        return Ok(groups.map(Arc::new).collect());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let groups = runtime.block_on(async {
        let discoverer = Discoverer::new(Parts {
            name: "scrape",
            clock: Arc::new(RealClock::new()),
            files: Arc::new(RealFileSystem),
            registry: Registry::new(),
            user_agent: format!("Prometheus/{}", version::PROMETHEUS_VERSION),
            interval: INTERVAL,
        });
        let snapshots = discoverer.subscribe();
        discoverer.apply(BTreeMap::from([(job.job_name.clone(), job.discoveries.clone())]));
        tokio::time::sleep(timeout).await;
        let snapshot = Arc::clone(&snapshots.borrow());
        snapshot.get(&job.job_name).cloned().unwrap_or_default()
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(groups)
}

/// What becomes of each target, each once.
fn checked(job: &JobSettings, groups: &[Arc<TargetGroup>]) -> Vec<CheckedTarget> {
    let mut all = Vec::new();
    for group in groups {
        for target in &group.targets {
            let checked = check_target(job, group, target);
            if !all.contains(&checked) {
                all.push(checked);
            }
        }
    }
    all
}

fn printed(targets: &[CheckedTarget]) -> String {
    let labels = |labels: &Labels| -> Map<String, Value> {
        labels.iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
    };
    let results = targets.iter().map(|target| {
        let mut shown = json!({
            "discoveredLabels": labels(&target.discovered),
            "labels": labels(&target.labels),
        });
        if target.error.is_some() {
            // The original prints an empty object, whatever is wrong.
            shown["error"] = json!({});
        }
        shown
    });
    serde_json::to_string_pretty(&results.collect::<Vec<_>>()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
