//! Steps of alerts: their texts, and the routes that they take.

use std::time::Duration;

use alerting::route::{GroupBy, Route, RouteTree};
use alerting::{MatchOp, Matcher};
use model::Labels;
use template::rules::{Environment, RuleData, RuleTemplate, Sample, SampleValue};

use super::Prepared;
use crate::Error;

const TEXT: &str = "{{ $labels.instance }} of {{ $labels.job }} has been down for more than 5 minutes; \
{{ if gt $value 0.9 }}nearly all{{ else }}{{ $value | humanizePercentage }}{{ end }} of requests fail.";

/// What a template asks of the server: nothing here.
struct Nothing;

impl Environment for Nothing {
    fn query(&self, _: &str) -> Result<Vec<Sample>, String> {
        Ok(Vec::new())
    }

    fn external_url(&self) -> &str {
        "http://monitoring.example.org/"
    }

    fn path_prefix(&self) -> &str {
        "/"
    }

    fn now_seconds(&self) -> f64 {
        1_700_000_000.0
    }
}

/// The annotation of an alert.
pub(super) fn template() -> Result<Prepared, Error> {
    let template = RuleTemplate::parse("Down", TEXT).map_err(Error::broken)?;
    let labels = Labels::from_pairs([("instance", "node-1:9100"), ("job", "node"), ("cluster", "prod-1")]);
    Ok(Prepared::new(1, move || {
        let data = RuleData::new(&labels, &Labels::default(), "", &SampleValue::Float(0.25));
        let text = template.expand(&data, &Nothing).map_err(Error::broken)?;
        if text.contains("25%") { Ok(()) } else { Err(Error::Broken(text)) }
    }))
}

fn route_to(receiver: &str, matchers: Vec<Matcher>, routes: Vec<Route>) -> Route {
    Route {
        receiver: receiver.to_owned(),
        group_by: GroupBy::Names(vec!["alertname".to_owned()]),
        matchers,
        goes_on: false,
        group_wait: Duration::from_secs(30),
        group_interval: Duration::from_secs(300),
        repeat_interval: Duration::from_secs(14_400),
        mute_time_intervals: Vec::new(),
        active_time_intervals: Vec::new(),
        routes,
    }
}

/// Alerts through a tree of ten teams with three severities each.
pub(super) fn route() -> Result<Prepared, Error> {
    let mut teams = Vec::new();
    for team in 0..10 {
        let mut below = Vec::new();
        for severity in ["critical|page", "warning", "info"] {
            let severity = Matcher::new("severity", MatchOp::Regex, severity).map_err(Error::broken)?;
            below.push(route_to("severity", vec![severity], Vec::new()));
        }
        let team = Matcher::new("team", MatchOp::Equal, format!("team-{team}")).map_err(Error::broken)?;
        teams.push(route_to("team", vec![team], below));
    }
    let tree = RouteTree::new(route_to("default", Vec::new(), teams));
    let alerts: Vec<Labels> = (0..40)
        .map(|number| {
            let (team, severity) =
                (format!("team-{}", number % 11), if number % 2 == 0 { "page" } else { "info" });
            Labels::from_pairs([
                ("alertname", "Down"),
                ("severity", severity),
                ("team", &team),
                ("instance", "node-1:9100"),
            ])
        })
        .collect();
    Ok(Prepared::new(alerts.len(), move || {
        let routes: usize = alerts.iter().map(|labels| tree.matching(labels).len()).sum();
        if routes == alerts.len() { Ok(()) } else { Err(Error::broken("an alert took no route")) }
    }))
}
