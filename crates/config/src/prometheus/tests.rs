//! Sections read, filled in and refused. Refusals are worded as the real program words them; each was asked.

mod refusals;

use std::{collections::HashMap, path::Path, time::Duration};

use platform::{FileSystem, real::RealFileSystem};

use super::{Features, Loaded, Mode, ScrapeProtocols, Source, TlsVersion};
use crate::{error::Error, values::ByteSize};

/// Loads `prometheus.yml` of a folder that holds `files`; names of files in texts lose the folder.
fn load_files(files: &[(&str, &str)], mode: Mode) -> Result<Loaded, (String, String)> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        RealFileSystem.write_atomic(&folder.path().join(name), text.as_bytes()).unwrap();
    }
    let variables = HashMap::from([("REGION", "eu"), ("EMPTY", "")]);
    let source = Source {
        path: &folder.path().join("prometheus.yml"),
        files: &RealFileSystem,
        environment: &|name| variables.get(name).map(ToString::to_string),
        mode,
        features: Features::default(),
        ignore_unknown_keys: false,
    };
    let place = format!("{}/", folder.path().display());
    let texts = |error: Error| (error.to_string().replace(&place, ""), error.explain().replace(&place, ""));
    source.load().map_err(texts)
}

fn load(text: &str) -> Result<Loaded, (String, String)> {
    load_files(&[("prometheus.yml", text)], Mode::Server)
}

#[test]
fn an_empty_file_is_all_defaults() {
    let loaded = load("").unwrap();
    let global = &loaded.config.global;
    assert_eq!(global.scrape_interval, Duration::from_secs(60));
    assert_eq!(global.scrape_timeout, Duration::from_secs(10));
    assert_eq!(global.evaluation_interval, Duration::from_secs(60));
    assert_eq!(loaded.config.runtime.gogc, 75);
    assert_eq!(loaded.scrape_configs, []);
    assert_eq!(loaded.config, load("# nothing\n").unwrap().config);
    assert_eq!(loaded.config, load("null").unwrap().config);
}

#[test]
fn scrape_configurations_take_from_global_what_they_leave_out() {
    let text = "global: {scrape_interval: 30s, scrape_timeout: 20s, sample_limit: 5, body_size_limit: 1MB, \
                scrape_native_histograms: true}\n\
                scrape_configs:\n- job_name: a\n- {job_name: b, scrape_interval: 5s, sample_limit: 9, \
                scrape_native_histograms: false}\n";
    let jobs = load(text).unwrap().scrape_configs;
    let (a, b) = (&jobs[0], &jobs[1]);
    assert_eq!((a.scrape_interval, a.scrape_timeout), (Duration::from_secs(30), Duration::from_secs(20)));
    // A timeout that is not given is never above the interval.
    assert_eq!((b.scrape_interval, b.scrape_timeout), (Duration::from_secs(5), Duration::from_secs(5)));
    assert_eq!((a.sample_limit, b.sample_limit, a.body_size_limit), (5, 9, ByteSize(1 << 20)));
    assert_eq!(a.scrape_protocols, Some(ScrapeProtocols::by_default(true)));
    assert_eq!(a.scrape_protocols.as_ref().unwrap().0[0], "PrometheusProto");
    assert_eq!(b.scrape_protocols.as_ref().unwrap().0[0], "OpenMetricsText1.0.0");
    assert_eq!(a.metric_name_escaping_scheme, "allow-utf-8");
}

#[test]
fn the_command_line_decides_what_neither_a_job_nor_global_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.yml");
    let text = "scrape_config_files: [more.yml]\nscrape_configs:\n- job_name: a\n- {job_name: b, \
                extra_scrape_metrics: false, scrape_protocols: [PrometheusText0.0.4]}\n";
    RealFileSystem.write_atomic(&path, text.as_bytes()).unwrap();
    let more = folder.path().join("more.yml");
    RealFileSystem.write_atomic(&more, b"scrape_configs: [{job_name: c}]").unwrap();
    let environment = |_: &str| None;
    let source = |features| Source {
        path: &path,
        files: &RealFileSystem,
        environment: &environment,
        mode: Mode::Server,
        features,
        ignore_unknown_keys: false,
    };
    let decided = |features| {
        let jobs = source(features).load().unwrap().scrape_configs;
        let protocol = |protocols: &ScrapeProtocols| protocols.0[0].clone();
        jobs.iter()
            .map(|job| (job.extra_scrape_metrics, job.scrape_protocols.as_ref().map(protocol).unwrap()))
            .collect::<Vec<_>>()
    };
    let (proto, open, text) = ("PrometheusProto", "OpenMetricsText1.0.0", "PrometheusText0.0.4");
    let expected = |first: (bool, &str)| {
        [first, (false, text), first].map(|(extra, protocol)| (Some(extra), protocol.to_owned())).to_vec()
    };
    assert_eq!(decided(Features::default()), expected((false, open)));
    let all = Features { extra_scrape_metrics: true, protobuf_first: true };
    assert_eq!(decided(all), expected((true, proto)));
}

#[test]
fn legacy_names_are_asked_for_with_underscores_unless_said_otherwise() {
    let loaded =
        load("global: {metric_name_validation_scheme: legacy}\nscrape_configs: [{job_name: a}]").unwrap();
    assert_eq!(loaded.scrape_configs[0].metric_name_escaping_scheme, "underscores");
}

#[test]
fn variables_of_the_environment_stand_in_external_labels() {
    let text =
        "global: {external_labels: {a: \"$REGION-${REGION}-$$-${NONE}$EMPTY\", b: \"x$\", c: \"$ ${} ${x\"}}";
    let loaded = load(text).unwrap();
    let labels = &loaded.config.global.external_labels;
    assert_eq!(labels["a"], "eu-eu-$-");
    assert_eq!(labels["b"], "x$");
    assert_eq!(labels["c"], "$  x");
    assert_eq!(loaded.warnings.len(), 2, "{:?}", loaded.warnings);
}

#[test]
fn relative_names_of_files_start_at_the_folder_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.yml");
    let text = "rule_files: [r/*.yml, /abs.yml]\nscrape_configs:\n- job_name: a\n  tls_config: {ca_file: ca.pem}\n  \
                basic_auth: {password_file: ../pw}\n  file_sd_configs: [{files: [t.json]}]\n  \
                http_headers: {X: {files: [h]}}\n";
    RealFileSystem.write_atomic(&path, text.as_bytes()).unwrap();
    let environment = |_: &str| None;
    let source = Source {
        path: &path,
        files: &RealFileSystem,
        environment: &environment,
        mode: Mode::Server,
        features: Features::default(),
        ignore_unknown_keys: false,
    };
    let loaded = source.load().unwrap();
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let rule_files: Vec<&str> = loaded.config.rule_files.iter().map(|file| file.as_str()).collect();
    assert_eq!(rule_files, [at("r/*.yml"), "/abs.yml".into()]);
    let job = &loaded.scrape_configs[0];
    assert_eq!(job.http.tls_config.ca_file.path(), Some(Path::new(&at("ca.pem"))));
    let above = folder.path().parent().unwrap().join("pw");
    assert_eq!(job.http.basic_auth.as_ref().unwrap().password_file.path(), Some(above.as_path()));
    assert_eq!(job.discovery.file[0].files[0].as_str(), at("t.json"));
    assert_eq!(job.http.http_headers["X"].files[0].as_str(), at("h"));
}

#[test]
fn bearer_tokens_become_authorization() {
    let jobs = load(
        "scrape_configs: [{job_name: a, bearer_token: t}, {job_name: b, authorization: {credentials: c}}]",
    );
    let jobs = jobs.unwrap().scrape_configs;
    let authorization = jobs[0].http.authorization.as_ref().unwrap();
    assert_eq!((authorization.kind.as_str(), authorization.credentials.expose()), ("Bearer", "t"));
    assert!(jobs[0].http.bearer_token.is_empty());
    assert_eq!(jobs[1].http.authorization.as_ref().unwrap().kind, "Bearer");
}

#[test]
fn dotted_retention_is_read_with_a_warning() {
    let loaded = load("storage: {tsdb: {retention.time: 30d, retention.size: 50GB}}").unwrap();
    let retention = loaded.config.storage.tsdb.unwrap().retention.unwrap();
    assert_eq!(
        (retention.time, retention.size),
        (Some(Duration::from_secs(30 * 86_400)), ByteSize(50 << 30))
    );
    let (_, warning) = &loaded.warnings[0];
    assert_eq!((warning.at.line, warning.key.as_str()), (1, "storage.tsdb.retention.time"));
    assert_eq!(
        load("storage: {tsdb: {retention.percentage: 5}}").unwrap_err().0,
        "parsing YAML file prometheus.yml: yaml: unmarshal errors:\n  \
         line 1: field retention.percentage not found in type config.plain"
    );
}

#[test]
fn scrape_configurations_of_other_files_are_added() {
    let main = ("prometheus.yml", "scrape_config_files: [\"s*.yml\"]\nscrape_configs: [{job_name: a}]");
    let good = ("s1.yml", "scrape_configs: [{job_name: b, file_sd_configs: [{files: [x.yml]}]}]");
    let loaded = load_files(&[main, good], Mode::Server).unwrap();
    let names: Vec<&str> = loaded.scrape_configs.iter().map(|job| job.job_name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(loaded.config.scrape_configs.len(), 1);
    let again = ("s2.yml", "\nscrape_configs:\n- {job_name: b}");
    let (text, long) = load_files(&[main, good, again], Mode::Server).unwrap_err();
    assert_eq!(
        text,
        "\"s2.yml\": found multiple scrape configs with job name \"b\", first found in \"s1.yml\""
    );
    assert!(long.starts_with("s2.yml:3:14: scrape_configs[0].job_name: found multiple"), "{long}");
}

#[test]
fn the_agent_refuses_what_it_cannot_do() {
    for (text, field) in [
        ("rule_files: [r.yml]", "rule_files"),
        ("log_rule_files: [r.yml]", "log_rule_files"),
        ("remote_read: [{url: \"http://x\"}]", "remote_read"),
        ("alerting: {alertmanagers: [{}]}", "alerting"),
    ] {
        let (error, _) = load_files(&[("prometheus.yml", text)], Mode::Agent).unwrap_err();
        assert_eq!(error, format!("field {field} is not allowed in agent mode"));
        assert!(load(text).is_ok());
    }
    assert!(load_files(&[("prometheus.yml", "alerting: {alertmanagers: []}")], Mode::Agent).is_ok());
}

#[test]
fn a_missing_file_is_told_as_the_original_does() {
    let (text, _) = load_files(&[], Mode::Server).unwrap_err();
    assert_eq!(text, "open prometheus.yml: no such file or directory");
}

#[test]
fn merged_mappings_are_checked_and_filled_in() {
    let text = "x: &x\n  scrape_configs: [{job_name: a, scrape_timeout: 2m}]\n<<: *x\n";
    let (error, _) = load(&text.replace("x: &x", "runtime: {}\nglobal: &x")).unwrap_err();
    assert!(error.contains("field scrape_configs not found"), "{error}");
    let (error, long) = load("<<: {scrape_configs: [{job_name: a, scrape_timeout: 2m}]}").unwrap_err();
    assert!(
        error.ends_with("scrape timeout greater than scrape interval for scrape config with job name \"a\"")
    );
    assert!(long.starts_with("prometheus.yml:1:53: scrape_configs[0].scrape_timeout: "), "{long}");
    assert_eq!(
        load("<<: {scrape_configs: [{job_name: a}]}").unwrap().scrape_configs[0].scrape_interval.as_secs(),
        60
    );
}

#[test]
fn problems_know_place_key_finding_and_remedy_but_no_secrets() {
    let text = "scrape_configs:\n- job_name: a\n  tls_config:\n    min_version: TLS14\n";
    assert_eq!(
        load(text).unwrap_err().1,
        "prometheus.yml:4:18: scrape_configs[0].tls_config.min_version: unknown TLS version: TLS14; \
         found `TLS14`; expected TLS10, TLS11, TLS12 or TLS13"
    );
    let text = "scrape_configs:\n- {job_name: a, scrape_intervall: 5s, basic_auth: {user: x}}\nruls: []\n";
    let long = load(text).unwrap_err().1;
    let lines: Vec<&str> = long.lines().collect();
    assert!(lines[0].contains("2:17: scrape_configs[0]: field scrape_intervall not found"), "{long}");
    assert!(lines[0].ends_with("found `scrape_intervall`; expected `scrape_interval`"), "{long}");
    assert!(
        lines[1].contains("scrape_configs[0].basic_auth: field user not found in type config.plain"),
        "{long}"
    );
    assert!(lines[2].contains("3:1: field ruls not found in type config.plain; found `ruls`"), "{long}");
    for text in [
        "scrape_configs: [{job_name: a, bearer_token: hunter2, basic_auth: {username: u}}]",
        "scrape_configs: [{job_name: a, consul_sd_configs: [{token: hunter2, authorization: {credentials: x}}]}]",
        "remote_write: [{url: \"http://u:hunter2@[\"}]",
        "remote_write: [{url: \"http://a\", sigv4: {secret_key: hunter2}}]",
    ] {
        let (short, long) = load(text).unwrap_err();
        let shown = if text.contains("url: \"http://u") { long } else { format!("{short}{long}") };
        assert!(!shown.replace("parse \"http://u:hunter2", "").contains("hunter2"), "{shown}");
    }
}

#[test]
fn secrets_are_masked_in_what_is_printed() {
    let text = "scrape_configs:\n- job_name: a\n  basic_auth: {username: u, password: hunter2}\n  \
                proxy_url: \"http://u:hunter2@p\"\n  proxy_connect_header: {X: [hunter2]}\n  \
                http_headers: {X: {secrets: [hunter2]}}\n  tls_config: {cert: x, key: hunter2}\n  \
                consul_sd_configs: [{token: hunter2}]\n  stackit_sd_configs: [{private_key: hunter2}]\n\
                remote_write:\n- {url: \"http://u:hunter2@x\", azuread: {oauth: {client_id: \
                00000000-0000-0000-0000-000000000000, client_secret: hunter2, tenant_id: t}}}\n";
    let loaded = load(text).unwrap();
    let printed = loaded.config.to_yaml();
    assert!(!printed.contains("hunter2"), "{printed}");
    assert_eq!(printed.matches("<secret>").count(), 7, "{printed}");
    assert!(!format!("{:?}", loaded.scrape_configs).replace("Url", "").contains("password: hunter2"));
}

#[test]
fn tens_of_thousands_of_jobs_load() {
    let mut text = String::from("scrape_configs:\n");
    for job in 0..20_000 {
        text.push_str(&format!(
            "- job_name: job{job}\n  static_configs: [{{targets: [\"host{job}:9100\"]}}]\n"
        ));
    }
    assert_eq!(load(&text).unwrap().scrape_configs.len(), 20_000);
}

#[test]
fn versions_of_tls_have_an_order() {
    assert!(TlsVersion::Tls12 < TlsVersion::Tls13);
}
