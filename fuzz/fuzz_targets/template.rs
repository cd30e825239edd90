//! Templates of rules and notifications, as texts and as pages: no panic, and an end.
#![no_main]

use std::cell::LazyCell;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use model::Labels;
use notify::templates::TemplateSet;
use template::Time;
use template::notifications::{AlertData, NotificationData};
use template::rules::{Environment, RuleData, RuleTemplate, Sample, SampleValue};

/// Two samples for every query.
struct Asked;

impl Environment for Asked {
    fn query(&self, text: &str) -> Result<Vec<Sample>, String> {
        if text.is_empty() {
            return Err("there is no query".to_owned());
        }
        let sample = |name: &str, value: f64| Sample {
            labels: Labels::from_pairs([("__name__", name), ("instance", "a:1")]),
            value: SampleValue::Float(value),
        };
        Ok(vec![sample("up", 1.0), sample("down", f64::NAN)])
    }

    fn external_url(&self) -> &str {
        "http://localhost:9090/prom"
    }

    fn path_prefix(&self) -> &str {
        "/prom"
    }

    fn now_seconds(&self) -> f64 {
        1_700_000_000.0
    }
}

fn notification() -> template::Value {
    let alert = |name: &str, is_resolved| {
        Arc::new(AlertData {
            is_resolved,
            labels: [("alertname", name), ("instance", "a:1")].into_iter().collect(),
            annotations: [("summary", "<it> is \"so\"")].into_iter().collect(),
            starts_at: Time::from_nanos(1_700_000_000_000_000_000),
            ends_at: Time::from_nanos(1_700_000_300_000_000_000),
            generator_url: Arc::from("http://localhost:9090/graph?g0.expr=up"),
            fingerprint: "d2c6efc389df0927".to_owned(),
        })
    };
    let mut data = NotificationData {
        receiver: "team".to_owned(),
        alerts: vec![alert("A", false), alert("B", true)],
        group_labels: [("instance", "a:1")].into_iter().collect(),
        ..NotificationData::default()
    };
    data.find_common();
    Arc::new(data).to_value()
}

thread_local! {
    static SET: LazyCell<(TemplateSet, template::Value)> = LazyCell::new(|| {
        let set = TemplateSet::new([]).unwrap_or_else(|error| panic!("{error}"));
        (set, notification())
    });
}

fuzz_target!(|text: &str| {
    let labels = Labels::from_pairs([("job", "j"), ("instance", "a:1")]);
    let data = RuleData::new(&labels, &Labels::empty(), "http://localhost", &SampleValue::Float(0.25));
    if let Ok(parsed) = RuleTemplate::parse("A", text) {
        let _ = parsed.expand(&data, &Asked);
    }
    SET.with(|parts| {
        let (set, value) = &**parts;
        let _ = set.expand(text, value, 0);
        let _ = set.expand_html(text, value, 0);
    });
});
