//! `check config`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use model::quote::quote;
use platform::FileSystem;

use super::{
    lint::Lints,
    report::Report,
    rules::{DEFAULT_LINT, check_files},
    target_file::read_targets,
    targets::{check_alertmanager_targets, check_scrape_targets},
};
use crate::{
    files::{describe, glob},
    prometheus::{AlertmanagerConfig, Features, Loaded, Mode, ScrapeConfig, Source, TargetGroup, TlsConfig},
    rule_file::RuleChecks,
    values::FilePath,
};

/// What stands around a check.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Files.
    pub files: &'a dyn FileSystem,
    /// Variables of the environment.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// What expressions and templates may be.
    pub rules: RuleChecks<'a>,
    /// What they may be in rules over logs.
    pub log_rules: RuleChecks<'a>,
}

impl World<'_> {
    /// Whether all files given as arguments exist; if not, says so as the command line of the original does.
    pub(super) fn arguments_exist(&self, files: &[String], report: &mut Report) -> bool {
        for file in files {
            let message = match self.files.metadata(Path::new(file)) {
                Ok(found) if found.is_dir => format!("'{file}' is a directory"),
                Ok(_) => continue,
                Err(_) => format!("path '{file}' does not exist"),
            };
            report.err(format!("promtool: error: {message}, try --help"));
            report.fail();
            return false;
        }
        true
    }

    /// Checks that a file exists, when one is named.
    fn file_exists(&self, file: &str) -> Result<(), String> {
        if file.is_empty() {
            return Ok(());
        }
        let path = Path::new(file);
        self.files.metadata(path).map(|_| ()).map_err(|error| describe("stat", path, &error))
    }
}

/// What `check config` is asked.
#[derive(Clone, Debug)]
pub struct CheckConfig {
    /// The files.
    pub files: Vec<String>,
    /// The flag `--agent`.
    pub agent: bool,
    /// The flag `--syntax-only`.
    pub syntax_only: bool,
    /// The flag `--lint`.
    pub lint: String,
    /// The flag `--lint-fatal`.
    pub lint_fatal: bool,
    /// The flag `--ignore-unknown-fields`; it speaks of files of rules.
    pub ignore_unknown_fields: bool,
    /// The flag `--query.lookback-delta`.
    pub lookback_delta: Duration,
}

impl Default for CheckConfig {
    fn default() -> Self {
        CheckConfig {
            files: Vec::new(),
            agent: false,
            syntax_only: false,
            lint: DEFAULT_LINT.into(),
            lint_fatal: false,
            ignore_unknown_fields: false,
            lookback_delta: Duration::from_secs(300),
        }
    }
}

impl CheckConfig {
    /// Checks the files.
    pub fn run(&self, world: &World<'_>) -> Report {
        let mut report = Report::default();
        if !world.arguments_exist(&self.files, &mut report) {
            return report;
        }
        let lints = Lints::parse(&self.lint, self.lint_fatal, self.lookback_delta, &mut report);
        for file in &self.files {
            self.check_file(file, &lints, world, &mut report);
        }
        report
    }

    fn check_file(&self, file: &str, lints: &Lints, world: &World<'_>, report: &mut Report) {
        report.out(format!("Checking {file}"));
        let (loaded, rule_files) = match self.load(file, world, report) {
            Ok(found) => found,
            Err(message) => {
                report.err(format!("  FAILED: {message}"));
                report.fail();
                report.out("");
                return;
            }
        };
        if !rule_files.of_samples.is_empty() {
            report.out(format!("  SUCCESS: {} rule files found", rule_files.of_samples.len()));
        }
        if !rule_files.of_logs.is_empty() {
            report.out(format!("  SUCCESS: {} files of rules over logs found", rule_files.of_logs.len()));
        }
        report.out(format!(" SUCCESS: {file} is valid prometheus config file syntax"));
        report.out("");
        if self.syntax_only {
            return;
        }
        if let Some(message) = long_interval(&loaded.scrape_configs, lints) {
            report.err(format!("  FAILED: {message}"));
            report.find(lints.fatal);
        }
        let RuleFiles { of_samples, of_logs } = rule_files;
        check_files(&of_samples, self.ignore_unknown_fields, lints, world, report);
        let over_logs = World { rules: world.log_rules, ..*world };
        check_files(&of_logs, self.ignore_unknown_fields, lints, &over_logs, report);
    }

    /// Loads a file and looks at all that it names.
    fn load(
        &self,
        file: &str,
        world: &World<'_>,
        report: &mut Report,
    ) -> Result<(Loaded, RuleFiles), String> {
        let source = Source {
            path: Path::new(file),
            files: world.files,
            environment: world.environment,
            mode: if self.agent { Mode::Agent } else { Mode::Server },
            features: Features::default(),
            ignore_unknown_keys: false,
        };
        let mut loaded = source.load_main().map_err(|error| error.to_string())?;
        let mut rule_files = RuleFiles::default();
        if !self.syntax_only {
            rule_files = RuleFiles {
                of_samples: find_rule_files(&loaded.config.rule_files, world)?,
                of_logs: find_rule_files(&loaded.config.log_rule_files, world)?,
            };
            let wrapped = |error| format!("error loading scrape configs: {error}");
            source.load_scrape_configs(&mut loaded).map_err(wrapped)?;
        }
        for job in &loaded.scrape_configs {
            self.check_job(job, world, report)?;
        }
        for group in &loaded.config.alerting.alertmanagers {
            self.check_alertmanagers(group, world, report)?;
        }
        Ok((loaded, rule_files))
    }

    fn check_job(&self, job: &ScrapeConfig, world: &World<'_>, report: &mut Report) -> Result<(), String> {
        if let Some(authorization) = job.http.authorization.as_ref().filter(|_| !self.syntax_only) {
            let file = authorization.credentials_file.as_str();
            world.file_exists(file).map_err(|error| {
                format!(
                    "error checking authorization credentials or bearer token file {}: {error}",
                    quote(file)
                )
            })?;
        }
        self.check_tls(&job.http.tls_config, world)?;
        for cluster in &job.discovery.kubernetes {
            self.check_tls(&cluster.http.tls_config, world)?;
        }
        for files in job.discovery.file.iter().filter(|_| !self.syntax_only) {
            for pattern in &files.files {
                let whose = format!("scrape job {}", quote(&job.job_name));
                for groups in target_files(pattern.as_str(), &whose, world, report)? {
                    check_scrape_targets(&groups, job)?;
                }
            }
        }
        check_scrape_targets(&numbered(&job.discovery.fixed), job)
    }

    fn check_alertmanagers(
        &self,
        group: &AlertmanagerConfig,
        world: &World<'_>,
        report: &mut Report,
    ) -> Result<(), String> {
        for files in group.discovery.file.iter().filter(|_| !self.syntax_only) {
            for pattern in &files.files {
                for groups in target_files(pattern.as_str(), "alertmanager config", world, report)? {
                    check_alertmanager_targets(&groups, &group.relabel_configs)?;
                }
            }
        }
        check_alertmanager_targets(&numbered(&group.discovery.fixed), &group.relabel_configs)
    }

    fn check_tls(&self, tls: &TlsConfig, world: &World<'_>) -> Result<(), String> {
        if self.syntax_only {
            return Ok(());
        }
        for (what, file) in [("cert", &tls.cert_file), ("key", &tls.key_file)] {
            let file = file.as_str();
            world
                .file_exists(file)
                .map_err(|error| format!("error checking client {what} file {}: {error}", quote(file)))?;
        }
        Ok(())
    }
}

/// Groups with the names that the original gives to those of one key: their numbers.
fn numbered(groups: &[TargetGroup]) -> Vec<(String, TargetGroup)> {
    groups.iter().enumerate().map(|(index, group)| (index.to_string(), group.clone())).collect()
}

/// The targets of each file that a pattern names; says so when there is none.
fn target_files(
    pattern: &str,
    whose: &str,
    world: &World<'_>,
    report: &mut Report,
) -> Result<Vec<Vec<(String, TargetGroup)>>, String> {
    let files = glob(world.files, pattern).map_err(|_| "syntax error in pattern".to_string())?;
    if files.is_empty() {
        report.out(format!("  WARNING: file {} for file_sd in {whose} does not exist", quote(pattern)));
    }
    let read = |path: &PathBuf| {
        let groups = read_targets(world, path);
        let groups = groups.map_err(|error| format!("checking SD file {}: {error}", quote(pattern)))?;
        Ok(groups.into_iter().map(|group| (String::new(), group)).collect())
    };
    files.iter().map(read).collect()
}

/// The files of rules that a configuration names.
#[derive(Default)]
struct RuleFiles {
    of_samples: Vec<String>,
    of_logs: Vec<String>,
}

/// The files that patterns name; a name that is no pattern must exist.
fn find_rule_files(patterns: &[FilePath], world: &World<'_>) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for pattern in patterns {
        let pattern = pattern.as_str();
        let files = glob(world.files, pattern).map_err(|_| "syntax error in pattern".to_string())?;
        if files.is_empty() && !pattern.contains('*') {
            return Err(format!("{} does not point to an existing file", quote(pattern)));
        }
        found.extend(files.into_iter().map(|path| path.to_string_lossy().into_owned()));
    }
    Ok(found)
}

/// The first job that is scraped so rarely that queries do not see its last sample until the next.
fn long_interval(jobs: &[ScrapeConfig], lints: &Lints) -> Option<String> {
    let job =
        jobs.iter().find(|job| lints.long_scrape_interval && job.scrape_interval > lints.lookback_delta)?;
    Some(format!(
        "too long scrape interval found, data point will be marked as stale - job: {}, interval: {}",
        job.job_name,
        model::duration::format_duration(job.scrape_interval)
    ))
}
