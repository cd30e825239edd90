//! Rules over logs in memory: what they record lands among the samples, what they raise goes where other alerts go.

use std::collections::BTreeMap;
use std::time::Duration;

use storage::logs::memory::MemoryLogs;
use storage::logs::{AppendRules, EntryAppendable, EntryRef, StreamEntries};

use super::*;
use crate::tests::{World, alert, record, world};
use crate::{Error, Group, GroupSettings, Options, RuleKind, RuleSettings};

const SECOND: i64 = 1_000_000_000;

/// A world with a line of each of two streams every ten seconds for a minute, of one tenant.
fn world_with_logs() -> World {
    let mut world = world();
    let logs = MemoryLogs::new();
    for app in ["api", "web"] {
        let labels = Labels::from_pairs([("app", app)]);
        let lines: Vec<String> = (1..=6).map(|number| format!("status={}", 498 + number)).collect();
        let entries: Vec<EntryRef<'_>> = lines
            .iter()
            .zip(1..)
            .map(|(line, number)| EntryRef {
                timestamp: number * 10 * SECOND,
                line: line.as_bytes(),
                metadata: &[],
            })
            .collect();
        let push = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
        logs.append("team", &push, &AppendRules::default()).unwrap();
    }
    let parts = LogqlParts {
        logs: Arc::new(logs),
        clock: world.clock.clone(),
        memory: Arc::default(),
        limits: Arc::new(|_| Limits::default()),
    };
    world.parts.log_language = Some(Arc::new(Logql::new(parts)));
    world
}

fn over_logs(settings: &mut GroupSettings) {
    settings.dialect = Dialect::Logql { tenant: "team".into() };
}

#[test]
fn what_is_counted_in_logs_is_recorded_among_the_samples_and_ends_with_the_lines() {
    let world = world_with_logs();
    let rule = record("errors:count1m", "sum by (app) (count_over_time({app=~\".+\"} |= \"50\" [1m]))");
    let group = world.group(vec![rule], over_logs);
    group.evaluate(60 * SECOND);
    // The lines of 500 to 504 stand at 20 to 60 seconds; a minute after the last of them nothing is left.
    let minute = ["5", "5"].map(|value| (60, value.to_owned()));
    assert_eq!(world.stored("errors:count1m"), minute, "{:?}", group.view());
    group.evaluate(180 * SECOND);
    let mut stored = world.stored("errors:count1m");
    stored.sort();
    let ends = ["stale", "stale"].map(|value| (180, value.to_owned()));
    assert_eq!(stored, [minute, ends].concat());
}

#[test]
fn alerts_over_logs_expand_their_templates_with_logs_and_link_to_them() {
    let world = world_with_logs();
    let mut rule = alert("Errors", "count_over_time({app=\"api\"}[30s]) > 2", 0, 0);
    let RuleKind::Alerting { annotations, .. } = &mut rule.kind else { panic!("it alerts") };
    let asked = "{{ with query \"sum(count_over_time({app=~`.+`}[1m]))\" }}{{ . | first | value }}{{ end }}";
    *annotations = BTreeMap::from([
        ("all".to_owned(), asked.to_owned()),
        ("text".to_owned(), "{{ $labels.app }}: {{ $value | humanize }} at {{ $externalURL }}".to_owned()),
    ]);
    rule.labels.insert("severity".to_owned(), "page".to_owned());
    let surroundings = Surroundings {
        external_url: "http://grafana".to_owned(),
        datasource_uid: "loki1".to_owned(),
        ..Surroundings::default()
    };
    let mut settings = world.group(vec![rule], over_logs).settings;
    settings.interval = Duration::from_secs(30);
    let group = Group::alone(settings, surroundings, world.parts.clone(), Options::default()).unwrap();
    group.evaluate(60 * SECOND);
    let sent = world.sink.0.lock().clone();
    let [told] = sent.as_slice() else { panic!("{sent:?} {:?}", group.view()) };
    let labels = [("alertname", "Errors"), ("app", "api"), ("severity", "page")];
    assert_eq!(told.labels, Labels::from_pairs(labels));
    assert_eq!(told.annotations["text"], "api: 3 at http://grafana");
    assert_eq!(told.annotations["all"], "12");
    let page = "http://grafana/explore?left=%7B%22queries%22%3A%5B%7B";
    assert!(told.generator_url.starts_with(page), "{}", told.generator_url);
    assert!(told.generator_url.contains("%22uid%22%3A%22loki1%22"), "{}", told.generator_url);
}

#[test]
fn a_rule_asks_the_logs_of_its_own_tenant_only() {
    let world = world_with_logs();
    let rule = record("lines", "count_over_time({app=\"api\"}[1m])");
    let group = world.group(vec![rule], |settings| {
        settings.dialect = Dialect::Logql { tenant: "another".into() };
    });
    group.evaluate(60 * SECOND);
    assert!(world.stored("lines").is_empty());
}

#[test]
fn log_queries_and_what_is_none_are_refused_when_rules_are_read() {
    let bad_template = "rate({app=\"api\"} | line_format \"{{ .a\" [1m])";
    for text in ["{app=\"api\"} |= \"x\"", "rate({app=\"api\"})", "{app=\"api\"", bad_template] {
        assert!(Logql::check(text).is_err(), "{text}");
    }
    assert_eq!(Logql::check("{app=\"api\"}").unwrap_err(), NO_NUMBERS);
}

#[test]
fn rules_over_logs_are_refused_where_there_are_none() {
    let world = world();
    let mut settings = world.group(Vec::<RuleSettings>::new(), |_| {}).settings;
    over_logs(&mut settings);
    let made = Group::alone(settings, Surroundings::default(), world.parts.clone(), Options::default());
    assert!(matches!(made.err(), Some(Error::NoLogs { .. })));
}

#[test]
fn an_evaluation_over_logs_breaks_off_when_its_group_stops() {
    let world = world_with_logs();
    let language = world.parts.log_language.clone().unwrap();
    let owner = crate::Owner {
        file: "f.yml".into(),
        group: "g".into(),
        dialect: Dialect::Logql { tenant: "team".into() },
        stopping: CancelFlag::new(),
    };
    let expression = language.compile("count_over_time({app=\"api\"}[1m])", &owner).unwrap();
    assert_eq!(expression.evaluate(60_000).unwrap().len(), 1);
    owner.stopping.cancel();
    assert!(expression.evaluate(60_000).is_err());
}
