//! Who is told what and when: the cases are those that were recorded of a real Alertmanager, on a clock of our own.

use std::collections::HashMap;

use super::*;
use crate::interval::{TimeInterval, YearRange};
use crate::log::Reason;
use crate::matchers::{Syntax, parse_matchers};
use crate::route::{GroupBy, Route, RouteTree};
use crate::{Annotations, InhibitRule, Matcher};

/// Half a second, the grid of the tests.
const S: i64 = 1_000_000_000;

fn matchers(text: &str) -> Vec<Matcher> {
    parse_matchers(text, Syntax::Both).unwrap().value
}

fn webhook(send_resolved: bool) -> Vec<IntegrationSettings> {
    vec![IntegrationSettings { name: "webhook", index: 0, send_resolved }]
}

fn route() -> Route {
    Route {
        receiver: "w".to_owned(),
        group_by: GroupBy::Names(vec!["alertname".to_owned()]),
        group_wait: Duration::from_secs(1),
        group_interval: Duration::from_secs(2),
        repeat_interval: Duration::from_secs(3600),
        ..Route::default()
    }
}

fn settings(root: Route) -> Settings {
    Settings {
        routes: RouteTree::new(root),
        inhibit_rules: Vec::new(),
        intervals: HashMap::new(),
        receivers: HashMap::from([("w".to_owned(), webhook(true)), ("n".to_owned(), webhook(true))]),
        resolve_timeout: Duration::from_secs(300),
    }
}

struct Bench {
    dispatcher: Dispatcher,
    now: i64,
    /// What was told: second, receiver, group key, reason, the alerts with `!` before those that are over.
    told: Vec<String>,
    fails: bool,
}

impl Bench {
    fn new(settings: Settings) -> Bench {
        let dispatcher = Dispatcher::new(settings, Options::default());
        Bench { dispatcher, now: 0, told: Vec::new(), fails: false }
    }

    fn post(&mut self, labels: &[(&str, &str)], starts_at: i64, ends_at: i64) {
        let alert = Alert {
            labels: Labels::from_pairs(labels.iter().copied()),
            annotations: Annotations::empty(),
            starts_at,
            ends_at,
            updated_at: self.now,
            ends_by_timeout: false,
            generator_url: Arc::from(""),
        };
        self.dispatcher.put(alert, self.now);
    }

    fn fire(&mut self, labels: &[(&str, &str)]) {
        self.post(labels, self.now, self.now + 300 * S);
    }

    fn run(&mut self, until: i64) {
        while let Some(at) = self.dispatcher.next_wake().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            let mut waiting = self.dispatcher.poll(self.now);
            while let Some(notification) = waiting.pop() {
                let outcome = if self.fails { Err(()) } else { Ok(BTreeMap::new()) };
                self.note(&notification);
                waiting.extend(self.dispatcher.report(&notification, outcome, self.now).1);
            }
        }
        self.now = until;
    }

    fn note(&mut self, notification: &Notification) {
        if notification.firing + notification.resolved == 0 {
            return;
        }
        let alerts = self.dispatcher.alerts_of(notification);
        let is_over = alerts.iter().filter(|alert| alert.is_resolved).count();
        assert_eq!((notification.firing, notification.resolved), (alerts.len() - is_over, is_over));
        let alerts = alerts.iter().map(|alert| {
            format!("{}{}", if alert.is_resolved { "!" } else { "" }, alert.alert.labels.value("x"))
        });
        let seconds = self.now as f64 / S as f64;
        self.told.push(format!(
            "{seconds} {} {} {}: {}",
            notification.receiver,
            notification.group_key,
            notification.reason,
            alerts.collect::<Vec<_>>().join(",")
        ));
    }
}

/// All that is kept, the alerts in pieces of one.
fn kept(dispatcher: &Dispatcher) -> Vec<Change> {
    let mut kept = dispatcher.snapshot();
    let mut next = Some(0);
    while let Some(from) = next {
        let (piece, behind) = dispatcher.snapshot_alerts(from, 1);
        kept.extend(piece);
        next = behind;
    }
    kept
}

#[test]
fn groups_wait_and_late_alerts_come_on_the_grid() {
    let mut bench = Bench::new(settings(route()));
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.fire(&[("alertname", "A"), ("x", "2")]);
    bench.run(3 * S / 2);
    bench.fire(&[("alertname", "A"), ("x", "3")]);
    bench.run(9 * S);
    assert_eq!(
        bench.told,
        [
            "1 w {}:{alertname=\"A\"} first notification: 1,2",
            "3 w {}:{alertname=\"A\"} new alerts added: 1,2,3"
        ]
    );
}

#[test]
fn old_alerts_do_not_wait() {
    let mut bench = Bench::new(settings(route()));
    bench.now = 10 * S;
    bench.post(&[("alertname", "A"), ("x", "1")], 5 * S, 900 * S);
    bench.run(11 * S);
    assert_eq!(bench.told, ["10 w {}:{alertname=\"A\"} first notification: 1"]);
}

#[test]
fn what_is_over_is_told_once_and_then_the_group_is_gone() {
    let mut bench = Bench::new(settings(route()));
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.fire(&[("alertname", "A"), ("x", "2")]);
    bench.run(2 * S);
    bench.post(&[("alertname", "A"), ("x", "1")], 0, 2 * S);
    bench.run(4 * S);
    bench.post(&[("alertname", "A"), ("x", "2")], 0, 4 * S);
    bench.run(9 * S);
    assert_eq!(
        bench.told[1..],
        [
            "3 w {}:{alertname=\"A\"} some alerts resolved: !1,2",
            "5 w {}:{alertname=\"A\"} all alerts resolved: !2"
        ]
    );
    assert_eq!(bench.dispatcher.count_groups(), 0);
    bench.dispatcher.collect_alerts(bench.now);
    assert!(bench.dispatcher.firing(bench.now).is_empty());
}

#[test]
fn what_ends_before_the_first_flush_is_never_told() {
    let mut bench = Bench::new(settings(route()));
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.now = S / 2;
    bench.post(&[("alertname", "A"), ("x", "1")], 0, S / 2);
    bench.run(9 * S);
    assert!(bench.told.is_empty());
}

#[test]
fn repeats_come_at_the_first_flush_behind_the_interval() {
    let mut bench = Bench::new(settings(Route { repeat_interval: Duration::from_secs(3), ..route() }));
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.run(10 * S);
    let seconds: Vec<&str> = bench.told.iter().map(|told| &told[..1]).collect();
    assert_eq!(seconds, ["1", "5", "9"]);
    assert!(bench.told[1].contains("repeat interval elapsed"));
}

#[test]
fn what_failed_is_told_again_with_the_next_flush() {
    let mut bench = Bench::new(settings(route()));
    bench.fails = true;
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.run(3 * S);
    bench.fails = false;
    bench.run(9 * S);
    assert_eq!(bench.told.len(), 3, "{:?}", bench.told);
    assert!(bench.told.iter().all(|told| told.contains("first notification")));
}

#[test]
fn receivers_that_want_no_end_get_none() {
    let mut settings = settings(route());
    settings.receivers.insert("w".to_owned(), webhook(false));
    let mut bench = Bench::new(settings);
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.run(2 * S);
    bench.post(&[("alertname", "A"), ("x", "1")], 0, 2 * S);
    bench.run(9 * S);
    assert_eq!(bench.told.len(), 1);
    assert_eq!(bench.dispatcher.count_groups(), 0);
}

#[test]
fn sources_silence_targets_and_not_each_other() {
    let rule = |source: &str, target: &str, equal: &[&str]| InhibitRule {
        name: String::new(),
        source: matchers(source),
        target: matchers(target),
        equal: equal.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut with_rule = settings(route());
    with_rule.inhibit_rules = vec![rule("sev=hi", "sev=~\"lo|hi\"", &["inst"])];
    let mut bench = Bench::new(with_rule);
    bench.fire(&[("alertname", "S"), ("sev", "hi"), ("inst", "1"), ("x", "s")]);
    bench.fire(&[("alertname", "T"), ("sev", "lo"), ("inst", "1"), ("x", "t")]);
    bench.fire(&[("alertname", "U"), ("sev", "lo"), ("inst", "2"), ("x", "u")]);
    bench.fire(&[("alertname", "V"), ("sev", "lo"), ("x", "v")]);
    bench.run(2 * S);
    let mut told: Vec<&str> = bench.told.iter().map(|told| &told[told.len() - 1..]).collect();
    told.sort();
    assert_eq!(told, ["s", "u", "v"], "one that lacks the label is not equal to one that has it");
    assert_eq!(bench.dispatcher.count_suppressed(Suppression::Inhibition), 1);
    bench.post(&[("alertname", "S"), ("sev", "hi"), ("inst", "1"), ("x", "s")], 0, 2 * S);
    bench.run(4 * S);
    assert!(bench.told.iter().any(|told| told.ends_with("first notification: t")), "{:?}", bench.told);
}

#[test]
fn silences_keep_quiet_until_they_end() {
    let mut bench = Bench::new(settings(route()));
    let silence = Silence {
        id: String::new(),
        matcher_sets: vec![matchers("x=1")],
        starts_at: 0,
        ends_at: 4 * S,
        updated_at: 0,
        created_by: String::new(),
        comment: String::new(),
        annotations: BTreeMap::new(),
    };
    bench.dispatcher.set_silence(silence, "id".to_owned(), 0).unwrap();
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.run(3 * S);
    let firing = bench.dispatcher.firing(bench.now);
    assert_eq!(bench.dispatcher.alerts(&firing, |_, _| true, bench.now)[0].silenced_by, ["id"]);
    assert!(bench.dispatcher.alerts(&firing, |_, _| false, bench.now).is_empty());
    assert!(bench.dispatcher.alerts(&firing, |_, _| true, bench.now + 300 * S).is_empty(), "over by then");
    assert!(bench.told.is_empty());
    bench.run(9 * S);
    assert_eq!(bench.told, ["5 w {}:{alertname=\"A\"} first notification: 1"]);
}

#[test]
fn intervals_mute_routes() {
    let years = |text: &str| {
        vec![TimeInterval { years: vec![text.parse::<YearRange>().unwrap()], ..TimeInterval::default() }]
    };
    let muted = |mute: &[&str], active: &[&str]| {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let child = Route { mute_time_intervals: list(mute), active_time_intervals: list(active), ..route() };
        let mut settings = settings(Route { routes: vec![child], ..route() });
        settings.intervals =
            HashMap::from([("then".to_owned(), years("1990")), ("now".to_owned(), years("1970"))]);
        let mut bench = Bench::new(settings);
        bench.fire(&[("alertname", "A"), ("x", "1")]);
        bench.run(2 * S);
        bench.told.is_empty()
    };
    assert!(muted(&["now"], &[]) && muted(&[], &["then"]));
    assert!(!muted(&["then"], &["now"]));
}

#[test]
fn a_new_configuration_tells_new_receivers_and_a_restart_tells_nobody_twice() {
    let mut bench = Bench::new(settings(route()));
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.run(2 * S);
    let kept = kept(&bench.dispatcher);
    bench.dispatcher.apply(settings(Route { receiver: "n".to_owned(), ..route() }), bench.now);
    bench.run(3 * S);
    assert_eq!(bench.told[1], "2 n {}:{alertname=\"A\"} first notification: 1");

    let mut again = Bench::new(settings(route()));
    again.now = 3 * S;
    kept.into_iter().for_each(|change| again.dispatcher.restore(change, 3 * S));
    again.run(9 * S);
    assert!(again.told.is_empty());
    again.post(&[("alertname", "A"), ("x", "1")], 0, 9 * S);
    again.run(12 * S);
    assert!(again.told[0].contains("all alerts resolved: !1"), "{:?}", again.told);
}

#[test]
fn the_first_report_behind_a_restart_is_told_when_it_would_be_without_what_was_kept() {
    let slow = || settings(Route { group_interval: Duration::from_secs(60), ..route() });
    let mut bench = Bench::new(slow());
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.fire(&[("alertname", "B"), ("x", "1")]);
    bench.run(2 * S);
    let mut again = Bench::new(slow());
    kept(&bench.dispatcher).into_iter().for_each(|change| again.dispatcher.restore(change, 2 * S));
    again.dispatcher.end_restoring(2 * S);
    again.run(4 * S);
    // As it is recorded in restart-resolved: what began long ago does not wait, what is new waits as in a new group.
    again.post(&[("alertname", "A"), ("x", "1")], 0, 4 * S);
    again.fire(&[("alertname", "B"), ("x", "2")]);
    again.run(6 * S);
    assert_eq!(
        again.told,
        [
            "4 w {}:{alertname=\"A\"} all alerts resolved: !1",
            "5 w {}:{alertname=\"B\"} new alerts added: 1,2"
        ]
    );
    // From then on the group keeps its time.
    again.fire(&[("alertname", "B"), ("x", "3")]);
    again.run(64 * S);
    assert_eq!(again.told.len(), 2, "{:?}", again.told);
    again.run(65 * S);
    assert!(again.told[2].starts_with("65 w"), "{:?}", again.told);
}

#[test]
fn a_flush_that_is_still_sent_holds_the_next_one_back() {
    let mut bench = Bench::new(settings(route()));
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    let first = bench.dispatcher.poll(S).remove(0);
    bench.now = 3 * S;
    bench.fire(&[("alertname", "A"), ("x", "2")]);
    assert!(bench.dispatcher.poll(3 * S).is_empty(), "one at a time");
    let (note, next) = bench.dispatcher.report(&first, Ok(BTreeMap::new()), 4 * S);
    assert_eq!(note.unwrap().firing.len(), 1);
    assert_eq!((next.len(), next[0].reason), (1, Reason::NewAlerts));
}

#[test]
fn too_many_alerts_of_a_name_are_refused() {
    let options = Options { alerts_per_name_max: Some(1), ..Options::default() };
    let mut bench = Bench::new(settings(route()));
    bench.dispatcher = Dispatcher::new(settings(route()), options);
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.fire(&[("alertname", "A"), ("x", "1")]);
    bench.fire(&[("alertname", "A"), ("x", "2")]);
    assert_eq!(bench.dispatcher.firing(0).len(), 1);
    assert_eq!(bench.dispatcher.count_limited(), 1);
}

#[test]
fn the_history_tells_of_changes_once() {
    let mut settings = settings(route());
    settings.inhibit_rules = vec![InhibitRule {
        source: matchers("kind=\"cause\""),
        target: matchers("kind=\"effect\""),
        ..InhibitRule::default()
    }];
    let mut bench = Bench::new(settings);
    bench.dispatcher.options.has_history = true;
    bench.post(&[("alertname", "C"), ("kind", "cause")], 0, 5 * S);
    bench.post(&[("alertname", "E"), ("kind", "effect")], 0, 300 * S);
    bench.post(&[("alertname", "E"), ("kind", "effect")], 0, 300 * S);
    bench.run(10 * S);
    let told: Vec<String> = bench
        .dispatcher
        .take_events()
        .into_iter()
        .map(|event| match event {
            Event::Alert { at, alert, state } => {
                format!("{}s {} {}", at / S, alert.labels.value("alertname"), state.as_str())
            }
            Event::KeptBack(kept) => {
                let cause = crate::fingerprint(&Labels::from_pairs([("alertname", "C"), ("kind", "cause")]));
                let cause = format!("{cause:016x}");
                assert_eq!((kept.why, kept.by), (Suppression::Inhibition, vec![cause]));
                format!("{}s {} kept back", kept.at / S, kept.labels.value("alertname"))
            }
        })
        .collect();
    // The effect is kept back at 1 s and 3 s and told of once; the end of the cause is seen at its group's next turn.
    assert_eq!(told, ["0s C firing", "0s E firing", "1s E kept back", "5s C resolved"]);
    assert!(bench.dispatcher.take_events().is_empty());
}

#[test]
fn what_is_over_and_untold_is_kept_over_a_restart() {
    let mut bench = Bench::new(settings(route()));
    bench.post(&[("alertname", "A")], 0, 4 * S);
    bench.run(3 * S);
    bench.fails = true;
    bench.run(7 * S);
    bench.dispatcher.collect_alerts(7 * S);
    let kept = kept(&bench.dispatcher);
    assert!(kept.iter().any(|change| matches!(change, Change::Alert(_))), "{kept:?}");
}

#[test]
fn after_a_restart_what_is_over_is_told_only_where_it_was_not() {
    let mut bench = Bench::new(settings(route()));
    bench.post(&[("alertname", "A"), ("n", "1")], 0, 4 * S);
    bench.post(&[("alertname", "A"), ("n", "2")], 0, 300 * S);
    bench.post(&[("alertname", "A"), ("n", "3")], 0, 8 * S);
    bench.run(6 * S);
    // The end of 1 is told, and a fourth that began later; that of 3 is not yet.
    bench.fire(&[("alertname", "A"), ("n", "4")]);
    bench.run(7 * S);
    bench.now = 8 * S;
    bench.post(&[("alertname", "A"), ("n", "3")], 0, 8 * S);
    let kept = kept(&bench.dispatcher);
    let mut again = Bench::new(settings(route()));
    again.now = 9 * S;
    for change in kept {
        again.dispatcher.restore(change, 9 * S);
    }
    again.dispatcher.end_restoring(9 * S);
    let notifications = again.dispatcher.poll(9 * S);
    let told = notifications.iter().flat_map(|notification| again.dispatcher.alerts_of(notification));
    let over = told.filter(|alert| alert.is_resolved);
    let over: Vec<String> = over.map(|alert| alert.alert.labels.value("n").to_owned()).collect();
    assert_eq!(over, ["3"]);
}
