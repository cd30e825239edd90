//! Groups that come and go while the clock stands still where the test wants it.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use model::Matcher;

use super::*;
use crate::{
    Dialect, Expression, GroupSettings, Language, Owner, RuleSettings, Sample, Surroundings,
    tests::{record, world},
};

const MINUTE_NS: i64 = 60_000_000_000;

fn settings(rules: Vec<RuleSettings>) -> Settings {
    let group = GroupSettings {
        file: "f.yml".into(),
        name: "g".into(),
        dialect: Dialect::Promql,
        interval: Duration::from_millis(1),
        query_offset: Duration::ZERO,
        limit: None,
        rules,
    };
    Settings { groups: vec![group], ..Settings::default() }
}

#[tokio::test]
async fn the_series_of_a_group_end_when_it_left_and_not_when_others_had_their_turn() {
    let world = world();
    world.put("m", "a", 60, 5.0);
    world.clock.advance(Duration::from_secs(70));
    let rules = Rules::new(world.parts.clone(), Options::default());
    rules.apply(settings(vec![record("r", "m")])).unwrap();
    let group = rules.state.lock().groups.values().map(|running| Arc::clone(&running.group)).next().unwrap();
    group.evaluate(MINUTE_NS);
    rules.apply(Settings::default()).unwrap();
    let names_group = || {
        let families = world.parts.registry.gather();
        families
            .iter()
            .any(|family| family.name == "prometheus_rule_group_rules" && !family.metrics.is_empty())
    };
    while names_group() {
        tokio::task::yield_now().await;
    }
    world.clock.advance(Duration::from_secs(100));
    let ending = std::mem::take(&mut rules.state.lock().ending);
    for task in ending {
        task.await.unwrap();
    }
    assert_eq!(world.stored("r"), [(60, "5".to_owned()), (70, "stale".to_owned())]);
}

/// A language whose expressions stop the group that they belong to.
#[derive(Clone, Default)]
struct Stopping(Arc<(OnceLock<Arc<Group>>, AtomicUsize)>);

impl Language for Stopping {
    fn compile(&self, _text: &str, _owner: &Owner) -> Result<Arc<dyn Expression>, String> {
        Ok(Arc::new(self.clone()))
    }
}

impl Expression for Stopping {
    fn text(&self) -> &str {
        "stop"
    }

    fn evaluate(&self, _at_ms: i64) -> Result<Vec<Sample>, String> {
        self.0.1.fetch_add(1, Ordering::Relaxed);
        self.0.0.get().unwrap().end_soon();
        Ok(Vec::new())
    }

    fn selectors(&self) -> &[Vec<Matcher>] {
        &[]
    }
}

#[test]
fn a_stop_waits_for_one_rule_and_not_for_the_whole_group() {
    for concurrency in [None, Some(4)] {
        let language = Stopping::default();
        let parts = Parts { language: Arc::new(language.clone()), ..world().parts };
        let options = Options { concurrency, ..Options::default() };
        let mut settings = settings(vec![record("a", "stop"), record("b", "stop"), record("c", "stop")]);
        let group = Group::alone(settings.groups.remove(0), Surroundings::default(), parts, options).unwrap();
        let group = Arc::new(group);
        language.0.0.set(Arc::clone(&group)).ok().unwrap();
        group.evaluate(MINUTE_NS);
        assert_eq!(language.0.1.load(Ordering::Relaxed), 1, "{concurrency:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_read_for_two_tenants_and_for_samples_makes_three_groups() {
    let language: Arc<dyn Language> = Arc::new(Stopping::default());
    let parts = Parts { language: Arc::clone(&language), log_language: Some(language), ..world().parts };
    let mut settings = settings(vec![record("a", "stop")]);
    settings.groups[0].interval = Duration::from_secs(3600);
    let group = settings.groups[0].clone();
    for tenant in ["one", "two"] {
        settings
            .groups
            .push(GroupSettings { dialect: Dialect::Logql { tenant: tenant.into() }, ..group.clone() });
    }
    let rules = Rules::new(parts.clone(), Options::default());
    rules.apply(settings.clone()).unwrap();
    let tenants = || rules.groups().iter().map(|group| group.dialect.tenant().map(str::to_owned)).collect();
    let all: Vec<Option<String>> = tenants();
    assert_eq!(all, [None, Some("one".to_owned()), Some("two".to_owned())]);
    settings.groups.pop();
    rules.apply(settings).unwrap();
    assert_eq!(tenants(), all[..2]);
    let ending = std::mem::take(&mut rules.state.lock().ending);
    for task in ending {
        task.abort();
        let _ = task.await;
    }
    rules.stop().await;
}
