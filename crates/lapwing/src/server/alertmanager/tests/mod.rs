//! Alerts that users have, from their rules to what receivers get, on a clock of our own.

mod bounds;
mod history;
mod sinks;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::{Labels, Matcher};
use notify::{Alertmanagers, Runner};
use platform::real::RealFileSystem;
use platform::simulated::SimulatedClock;
use platform::{Clock, FileSystem};
use promql_syntax::Options as Syntax;
use rules::{Expression, Group, Language, Owner, Sample, SampleValue, Surroundings};
use storage::memory::MemoryStore;
use telemetry::Registry;

use self::sinks::{Delivery, Sinks};
use super::{Configured, Place, runner_parts};
use crate::cli::alertmanager_flags::DispatcherOptions;
use crate::rules::{GroupDefaults, groups, load};
use crate::server::rules::Sink;

const SECOND: i64 = 1_000_000_000;
const BEGIN_MS: i64 = 1_700_000_000_000;

fn read(path: &Path) -> String {
    String::from_utf8(RealFileSystem.read(path, 1 << 20).unwrap()).unwrap()
}

fn write(path: &Path, text: &str) {
    RealFileSystem.write_atomic(path, text.as_bytes()).unwrap();
}

fn examples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/examples");
    folder.exists().then_some(folder)
}

/// Expressions that all give one series, or none.
struct Switch(Arc<AtomicBool>);

struct Switched {
    text: String,
    fires: Arc<AtomicBool>,
}

impl Language for Switch {
    fn compile(&self, text: &str, _: &Owner) -> Result<Arc<dyn Expression>, String> {
        promql_syntax::parse_expr(text, Syntax::default()).map_err(|error| error.to_string())?;
        Ok(Arc::new(Switched { text: text.to_owned(), fires: Arc::clone(&self.0) }))
    }
}

impl Expression for Switched {
    fn text(&self) -> &str {
        &self.text
    }

    fn evaluate(&self, _: i64) -> Result<Vec<Sample>, String> {
        let labels = [
            ("instance", "10.0.0.1:9100"),
            ("job", "postgres"),
            ("name", "web"),
            ("namespace", "shop"),
            ("node", "node-1"),
        ];
        let sample = Sample { labels: Labels::from_pairs(labels), value: SampleValue::Float(0.9375) };
        Ok(if self.fires.load(Ordering::SeqCst) { vec![sample] } else { Vec::new() })
    }

    fn selectors(&self) -> &[Vec<Matcher>] {
        &[]
    }
}

/// The rules of the examples; what stands in a resource of Kubernetes is taken out of it.
fn rule_files(examples: &Path, folder: &Path) -> Vec<String> {
    let resource = read(&examples.join("kubernetes/prometheusrule-platform.yaml"));
    let (_, spec) = resource.split_once("\nspec:\n").unwrap();
    let plain: Vec<&str> = spec.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    let taken = folder.join("platform.yml");
    write(&taken, &plain.join("\n"));
    let written = examples.join("prometheus/rules/kvstore-alerts.yml");
    [written, taken].iter().map(|path| path.display().to_string()).collect()
}

fn config(sinks: &Sinks) -> String {
    let (http, smtp) = (&sinks.http, &sinks.smtp);
    format!(
        "route: {{receiver: all, group_by: ['...'], group_wait: 0s, group_interval: 10m}}\nreceivers:\n- name: all\n  \
         webhook_configs: [{{url: 'http://{http}/webhook'}}]\n  \
         email_configs: [{{to: a@example.org, from: b@example.org, smarthost: '{smtp}', require_tls: false, send_resolved: true}}]\n  \
         slack_configs: [{{api_url: 'http://{http}/slack', channel: '#alerts', send_resolved: true}}]\n  \
         pagerduty_configs: [{{routing_key: key, url: 'http://{http}/pagerduty'}}]\n"
    )
}

fn options() -> DispatcherOptions {
    DispatcherOptions {
        retention: Duration::from_hours(120),
        maintenance_interval: Duration::from_mins(15),
        silence_limits: Default::default(),
        alerts_gc_interval: Duration::from_mins(30),
        alerts_per_name_max: None,
        keeps_alerts: true,
        start_delay: Duration::ZERO,
    }
}

fn runner(folder: &Path, sinks: &Sinks, clock: &Arc<SimulatedClock>) -> Runner {
    let file = folder.join("alertmanager.yml");
    write(&file, &config(sinks));
    let configured = Configured::load(&file).unwrap();
    let place = Place {
        folder: folder.join("alerts"),
        import: folder.to_owned(),
        external_url: "http://am.example.org".to_owned(),
    };
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    Runner::open(configured.settings, runner_parts(&options(), place, clock, &Registry::new())).unwrap()
}

/// Groups of rules that give their alerts to `runner`.
fn rule_groups(
    files: &[String],
    fires: &Arc<AtomicBool>,
    clock: &Arc<SimulatedClock>,
    runner: &Runner,
) -> Vec<Group> {
    let alertmanagers = Alertmanagers::new(
        notify::Parts {
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            files: Arc::new(RealFileSystem),
            registry: Registry::new(),
            user_agent: "test/1".to_owned(),
            discovery_interval: Duration::from_secs(5),
            built_in: Some(runner.clone()),
        },
        notify::Options::default(),
    );
    let store = MemoryStore::new();
    let parts = rules::Parts {
        language: Arc::new(Switch(Arc::clone(fires))),
        log_language: None,
        appendable: Arc::new(store.clone()),
        queryable: Arc::new(store),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        sink: Arc::new(Sink(Arc::new(alertmanagers))),
        registry: Registry::new(),
    };
    let patterns: Vec<&str> = files.iter().map(String::as_str).collect();
    let loaded = load(&patterns, &RealFileSystem, Syntax::default(), false).unwrap();
    let defaults = GroupDefaults { interval: Duration::from_mins(1), query_offset: Duration::ZERO };
    let surroundings = Surroundings {
        external_labels: Labels::empty(),
        external_url: "http://prometheus.example.org".to_owned(),
        ..Surroundings::default()
    };
    let made = groups(&loaded, defaults).into_iter().map(|group| {
        Group::alone(group, surroundings.clone(), parts.clone(), rules::Options::default()).unwrap()
    });
    made.collect()
}

/// Waits until each receiver has told that each of the alerts is in this state.
async fn told(sinks: &mut Sinks, names: &BTreeSet<String>, state: &str) {
    let mut missing: BTreeSet<(&str, String)> = sinks::KINDS
        .into_iter()
        .flat_map(|kind| names.iter().map(move |name| (kind, name.clone())))
        .collect();
    while !missing.is_empty() {
        let waited = tokio::time::timeout(Duration::from_secs(60), sinks.heard.recv()).await;
        let Delivery { kind, body } =
            waited.unwrap_or_else(|_| panic!("{state} not told: {missing:?}")).unwrap();
        let name = names.iter().find(|name| sinks::says(kind, &body, name, state));
        let name = name.unwrap_or_else(|| panic!("{kind} was told something else: {body}"));
        assert!(missing.remove(&(kind, name.clone())), "{kind} was told of {name} again: {body}");
        assert!(!body.contains("error expanding"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_of_the_examples_fire_and_resolve_at_every_receiver() {
    let Some(examples) = examples() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |minutes: i64| BEGIN_MS + minutes * 60_000;
    // The longest of them is pending for an hour. What fires before is over by then for the dispatcher, whose clock moves
    // only between two turns of its groups, and within the time that a notification has.
    let clock = Arc::new(SimulatedClock::new(at(61)));
    let mut sinks = Sinks::start().await;
    let runner = runner(folder.path(), &sinks, &clock);
    let stop = tokio_util::sync::CancellationToken::new();
    let (working, stopped) = (runner.clone(), stop.clone());
    let running = tokio::spawn(async move { working.run(stopped.cancelled()).await });
    let fires = Arc::new(AtomicBool::new(true));
    let groups = rule_groups(&rule_files(&examples, folder.path()), &fires, &clock, &runner);
    let evaluate =
        |minutes: i64| groups.iter().for_each(|group| group.evaluate(at(minutes) * (SECOND / 1000)));
    let alerting = groups.iter().flat_map(|group| group.view().rules).filter(|rule| rule.alerting.is_some());
    let names: BTreeSet<String> = alerting.map(|rule| rule.name).collect();
    assert_eq!(names.len(), 12, "{names:?}");

    evaluate(0);
    evaluate(61);
    told(&mut sinks, &names, "firing").await;
    fires.store(false, Ordering::SeqCst);
    clock.set_ms(at(62));
    evaluate(62);
    clock.set_ms(at(72));
    runner.put(Vec::new());
    told(&mut sinks, &names, "resolved").await;
    stop.cancel();
    running.await.unwrap();
}

#[test]
fn configurations_of_the_examples_lead_every_alert_to_a_receiver() {
    let Some(examples) = examples() else { return };
    for name in ["emr.yml", "kvstore.yml", "platform.yml"] {
        let configured = Configured::load(&examples.join("alertmanager").join(name)).unwrap();
        for severity in ["critical", "warning", "info"] {
            let labels = Labels::from_pairs([("alertname", "A"), ("severity", severity)]);
            let routes = &configured.settings.dispatch.routes;
            let taken = routes.matching(&labels);
            assert!(!taken.is_empty(), "{name}: {severity}");
            for route in taken {
                let receiver = &routes.get(route).unwrap().route.receiver;
                let made = configured.settings.receivers.iter().any(|(made, _)| made == receiver);
                assert!(made, "{name}: {receiver}");
            }
        }
    }
}
