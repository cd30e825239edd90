//! Groups over a store in memory, evaluated at given times.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use model::{Labels, Matcher};
use parking_lot::Mutex;
use platform::simulated::SimulatedClock;
use promql_engine::Engine;
use storage::{
    AppendOptions, Appendable, Queryable, SampleColumns, SelectHints, TimeRange, memory::MemoryStore,
};
use telemetry::Registry;

use crate::{
    AlertSink, AlertState, Dialect, Group, GroupSettings, Health, Notification, Options, Parts, Promql,
    RuleKind, RuleSettings, Surroundings,
    alert::{Alert, Alerts, Holds},
    context::Context,
    dependencies, schedule,
};

const SECOND: i64 = 1_000_000_000;

#[derive(Default)]
pub(crate) struct Kept(pub(crate) Mutex<Vec<Notification>>);

impl AlertSink for Kept {
    fn send(&self, alerts: Vec<Notification>) {
        self.0.lock().extend(alerts);
    }
}

pub(crate) struct World {
    store: MemoryStore,
    pub(crate) sink: Arc<Kept>,
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) parts: Parts,
}

pub(crate) fn world() -> World {
    let store = MemoryStore::new();
    let clock: Arc<SimulatedClock> = Arc::new(SimulatedClock::new(0));
    let parts = promql_engine::Parts::alone(clock.clone());
    let engine = Arc::new(Engine::new(promql_engine::Settings::default(), parts));
    let language = Promql::new(engine, Arc::new(store.clone()), promql_syntax::Options::default());
    let sink = Arc::new(Kept::default());
    let parts = Parts {
        language: Arc::new(language),
        log_language: None,
        appendable: Arc::new(store.clone()),
        queryable: Arc::new(store.clone()),
        clock: clock.clone(),
        sink: sink.clone(),
        registry: Registry::new(),
    };
    World { store, sink, clock, parts }
}

impl World {
    pub(crate) fn put(&self, name: &str, label: &str, at_s: i64, value: f64) {
        let mut appender = self.store.appender(AppendOptions::default());
        let series = appender.series(&Labels::from_pairs([("__name__", name), ("i", label)])).unwrap();
        appender.append(series, at_s * 1000, 0, value).unwrap();
        appender.commit().unwrap();
    }

    /// Times in seconds and values of all samples of a metric; `stale` for the end of a series.
    pub(crate) fn stored(&self, name: &str) -> Vec<(i64, String)> {
        let querier = self.store.querier(TimeRange::ALL).unwrap();
        let found = querier.select(&[Matcher::equal("__name__", name)], &SelectHints::default()).unwrap();
        let mut all = Vec::new();
        for position in 0..found.len() {
            let mut columns = SampleColumns::new();
            found.read(position, TimeRange::ALL, &mut columns).unwrap();
            for (time, value) in columns.timestamps.iter().zip(&columns.values) {
                let value = if model::is_stale_nan(*value) { "stale".into() } else { format!("{value}") };
                all.push((time / 1000, value));
            }
        }
        all
    }

    pub(crate) fn group(&self, rules: Vec<RuleSettings>, change: impl FnOnce(&mut GroupSettings)) -> Group {
        let mut settings = GroupSettings {
            file: "f.yml".into(),
            name: "g".into(),
            dialect: Dialect::Promql,
            interval: Duration::from_mins(1),
            query_offset: Duration::ZERO,
            limit: None,
            rules,
        };
        change(&mut settings);
        Group::alone(settings, Surroundings::default(), self.parts.clone(), Options::default()).unwrap()
    }
}

pub(crate) fn record(name: &str, expression: &str) -> RuleSettings {
    RuleSettings {
        name: name.into(),
        expression: expression.into(),
        labels: BTreeMap::new(),
        kind: RuleKind::Recording,
    }
}

pub(crate) fn alert(name: &str, expression: &str, hold_s: u64, keep_s: u64) -> RuleSettings {
    let kind = RuleKind::Alerting {
        hold: Duration::from_secs(hold_s),
        keep_firing_for: Duration::from_secs(keep_s),
        annotations: BTreeMap::from([("v".to_owned(), "{{ $value }} of {{ $labels.i }}".to_owned())]),
    };
    RuleSettings { name: name.into(), expression: expression.into(), labels: BTreeMap::new(), kind }
}

#[test]
fn recorded_series_are_written_at_the_offset_and_ended_when_they_vanish() {
    let world = world();
    world.put("m", "a", 30, 5.0);
    let group = world.group(vec![record("r", "m * 2")], |group| {
        group.query_offset = Duration::from_secs(20);
    });
    group.evaluate(60 * SECOND);
    group.evaluate(600 * SECOND);
    assert_eq!(world.stored("r"), [(40, "10".to_owned()), (580, "stale".to_owned())]);
}

#[test]
fn too_many_series_fail_the_rule_and_write_nothing() {
    let world = world();
    world.put("m", "a", 60, 1.0);
    world.put("m", "b", 60, 1.0);
    let group = world.group(vec![record("r", "m")], |group| group.limit = Some(1));
    group.evaluate(60 * SECOND);
    let view = group.view();
    assert_eq!(view.rules[0].health, Health::Error);
    assert_eq!(view.rules[0].last_error.as_deref(), Some("exceeded limit of 1 with 2 series"));
    assert!(world.stored("r").is_empty());
}

#[test]
fn an_alert_waits_fires_keeps_firing_and_is_told_to_be_over() {
    let world = world();
    let group = world.group(vec![alert("A", "m > 1", 120, 60)], |_| {});
    let states = |group: &Group| {
        let alerting = group.view().rules.remove(0).alerting.unwrap();
        (
            alerting.state,
            alerting.alerts.iter().map(|alert| alert.annotations["v"].clone()).collect::<Vec<_>>(),
        )
    };
    assert_eq!(states(&group).0, None);
    for minute in 0..3 {
        world.put("m", "a", minute * 60, 5.0);
        group.evaluate(minute * 60 * SECOND);
    }
    assert_eq!(states(&group), (Some(AlertState::Firing), vec!["5 of a".to_owned()]));
    world.put("m", "a", 180, 0.0);
    group.evaluate(180 * SECOND);
    assert_eq!(states(&group).0, Some(AlertState::Firing), "kept for a minute");
    group.evaluate(240 * SECOND);
    assert_eq!(states(&group).0, Some(AlertState::Inactive));
    let sent = world.sink.0.lock();
    let last = sent.last().unwrap();
    assert_eq!((last.starts_at_ns, last.ends_at_ns), (120 * SECOND, 240 * SECOND));
    assert!(last.generator_url.ends_with("/graph?g0.expr=m+%3E+1&g0.tab=1"), "{}", last.generator_url);
    let shown = world.stored("ALERTS");
    let firing: Vec<&str> = shown.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(firing, ["1", "1", "stale", "1", "1", "stale"], "firing first, then pending: {shown:?}");
}

#[test]
fn a_pending_alert_whose_expression_does_not_hold_any_more_is_gone() {
    let mut alerts = Alerts::default();
    let holds = Holds { hold: Duration::from_secs(60), keep_firing_for: Duration::from_secs(60) };
    let labels = Labels::from_pairs([("a", "b")]);
    let found = || {
        let alert = Alert::new(labels.clone(), BTreeMap::new(), 1.0, 0);
        std::collections::HashMap::from([(labels.clone(), alert)])
    };
    assert_eq!(alerts.update(found(), holds, 0), 1);
    assert_eq!(alerts.update(std::collections::HashMap::new(), holds, SECOND), 0);
    assert!(alerts.by_labels.is_empty());
}

#[test]
fn a_changed_group_goes_on_with_alerts_and_ends_series_of_rules_that_are_gone() {
    let world = world();
    world.put("m", "a", 0, 5.0);
    let old = world.group(vec![alert("A", "m > 1", 600, 0), record("gone", "m")], |_| {});
    old.evaluate(0);
    let new = world.group(vec![alert("A", "m > 2", 600, 0)], |_| {});
    new.inherit(&old);
    new.evaluate(60 * SECOND);
    let alerting = new.view().rules.remove(0).alerting.unwrap();
    assert_eq!(alerting.alerts[0].active_at_ns, 0);
    assert_eq!(world.stored("gone"), [(0, "5".to_owned()), (60, "stale".to_owned())]);
}

#[test]
fn the_state_of_alerts_is_taken_up_after_a_restart() {
    let world = world();
    world.put("m", "a", 0, 5.0);
    let before = world.group(vec![alert("A", "m > 1", 1800, 0)], |_| {});
    before.evaluate(60 * SECOND);
    before.evaluate(120 * SECOND);
    let context = Context::new(world.parts.clone(), Options::default());
    let after = Group::new(before.settings.clone(), &context, false).unwrap();
    world.put("m", "a", 600, 5.0);
    after.evaluate(600 * SECOND);
    let written = world.stored("ALERTS_FOR_STATE").len();
    assert_eq!(written, 2, "nothing is written before the state is back");
    after.restore(600 * SECOND);
    let alerting = after.view().rules.remove(0).alerting.unwrap();
    // Pending since 60, down at 120, up at 600: the 480 seconds in between do not count.
    assert_eq!(alerting.alerts[0].active_at_ns, 540 * SECOND);
    after.evaluate(660 * SECOND);
    assert_eq!(world.stored("ALERTS_FOR_STATE").len(), 3);
}

#[test]
fn slots_are_multiples_moved_by_the_offset_and_missed_ones_are_counted() {
    let minute = Duration::from_mins(1);
    assert_eq!(schedule::slot_before(130 * SECOND, minute, 7 * SECOND), 127 * SECOND);
    assert_eq!(schedule::slot_before(126 * SECOND, minute, 7 * SECOND), 67 * SECOND);
    assert_eq!(schedule::next_slot(67 * SECOND, 100 * SECOND, minute), (127 * SECOND, 0));
    assert_eq!(schedule::next_slot(67 * SECOND, 260 * SECOND, minute), (247 * SECOND, 2));
    let offset = schedule::offset_ns("f.yml", "g", minute);
    assert!((0..60 * SECOND).contains(&offset));
    assert_ne!(offset, schedule::offset_ns("f.yml", "h", minute));
}

#[test]
fn rules_wait_for_those_that_they_read() {
    let world = world();
    let batches = |rules: Vec<RuleSettings>| dependencies::batches(&world.group(rules, |_| {}).rules);
    let chain = vec![record("a", "m"), record("b", "a + 1"), record("c", "sum(b)"), record("d", "x")];
    assert_eq!(batches(chain), [vec![0, 3], vec![1], vec![2]]);
    let alerts = vec![
        alert("A", "m", 0, 0),
        record("n", "count(ALERTS{alertname=\"A\"})"),
        record("o", "ALERTS{alertname=\"B\"}"),
    ];
    assert_eq!(batches(alerts), [vec![0, 2], vec![1]]);
    let anything = vec![record("a", "m"), record("b", "{job=\"x\"}"), record("c", "m")];
    assert_eq!(batches(anything), [vec![0], vec![1], vec![2]], "one by one where it cannot be told");
}

#[test]
fn what_rules_give_is_written_before_others_may_read_it() {
    let world = world();
    let before = |rules: Vec<RuleSettings>| dependencies::written_before(&world.group(rules, |_| {}).rules);
    let apart = vec![record("a", "m"), record("b", "m"), record("c", "{__name__=\"n\",__name__!=\"a\"}")];
    assert_eq!(before(apart), [false, false, false]);
    let chain = vec![record("a", "m"), record("b", "a + 1"), record("c", "a + m"), record("d", "sum(c)")];
    assert_eq!(before(chain), [false, true, false, true], "a was written for b already");
    let patterns = vec![
        record("a1", "m"),
        record("b", "{__name__=~\"a.\"}"),
        record("c", "{__name__!~\"a.\",job=\"x\"}"),
    ];
    assert_eq!(before(patterns), [false, true, true]);
    let anything = vec![record("a", "m"), record("b", "{job=\"x\"}")];
    assert_eq!(before(anything), [false, true]);
    let alerts = vec![record("a", "m"), alert("A", "n", 0, 0), record("b", "ALERTS"), record("c", "m")];
    assert_eq!(before(alerts), [false, true, false, false], "alerts are written at once");
    assert_eq!(before(vec![record("a", "m"), record("a", "n")]), [false, true], "of one name");
}

#[test]
fn rules_read_what_those_before_them_gave() {
    let world = world();
    world.put("m", "a", 60, 1.0);
    let chain = vec![
        record("a", "m + 1"),
        record("x", "m"),
        record("b", "a + 1"),
        record("c", "sum({__name__=~\"b|x\"})"),
    ];
    let group = world.group(chain, |_| {});
    group.evaluate(60 * SECOND);
    assert_eq!(world.stored("c"), [(60, "4".to_owned())], "{:?}", group.view().rules);
}
