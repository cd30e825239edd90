//! The tree of routes as it is written.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use alerting::route::{GroupBy, Route};

use super::matchers::{MatchExpressions, MatcherList, check_names, combined};
use crate::{
    decode::{Check, Decoder, Invalid, List, section},
    yaml::Node,
};

section! {
    /// A route.
    pub struct RouteConfig as "config.plain" {
        /// The receiver; that of the route above unless given.
        receiver: String = String::new() => ["receiver"];
        /// The labels by which alerts are grouped; those of the route above unless given.
        group_by: Option<Vec<String>> = None => ["group_by"];
        /// Labels and their values, the old form.
        equal: BTreeMap<String, String> = BTreeMap::new() => ["match"];
        /// Labels and expressions for their values, the old form.
        expressions: MatchExpressions = MatchExpressions::default() => ["match_re"];
        /// Conditions.
        matchers: MatcherList = MatcherList::default() => ["matchers"];
        /// Intervals in which nothing is sent.
        mute_time_intervals: Vec<String> = Vec::new() => ["mute_time_intervals"];
        /// Intervals in which something is sent.
        active_time_intervals: Vec<String> = Vec::new() => ["active_time_intervals"];
        /// Whether the routes behind are tried too.
        goes_on: bool = false => ["continue", always];
        /// Routes below.
        routes: List<RouteConfig> = List::default() => ["routes"];
        /// How long a new group waits.
        group_wait: Option<Duration> = None => ["group_wait"];
        /// How often a group is looked at.
        group_interval: Option<Duration> = None => ["group_interval"];
        /// After what time something is sent again.
        repeat_interval: Option<Duration> = None => ["repeat_interval"];
    }
}

/// What stands for all labels.
const ALL_LABELS: &str = "...";

impl Check for RouteConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_names(self.equal.keys(), "match", node, decoder)?;
        check_names(self.expressions.0.keys(), "match_re", node, decoder)?;
        let fail = |key: &str, message: String| Err(decoder.invalid_key(node, key, message));
        let names = self.group_by.iter().flatten();
        let mut seen = HashSet::new();
        for name in names.clone() {
            if name == ALL_LABELS && names.clone().count() > 1 {
                let message = "cannot have wildcard group_by (`...`) and other labels at the same time";
                return fail("group_by", message.into());
            }
            if name.is_empty() {
                return fail("group_by", "invalid label name \"\" in group_by list".into());
            }
            if !seen.insert(name) {
                return fail(
                    "group_by",
                    format!("duplicated label {} in group_by", model::quote::quote(name)),
                );
            }
        }
        if self.group_interval == Some(Duration::ZERO) {
            return fail("group_interval", "group_interval cannot be zero".into());
        }
        if self.repeat_interval == Some(Duration::ZERO) {
            return fail("repeat_interval", "repeat_interval cannot be zero".into());
        }
        Ok(())
    }
}

impl RouteConfig {
    /// Checks what only the root must be.
    pub(super) fn check_root(&self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        let fail = |key: &str, message: &str| Err(decoder.invalid_key(node, key, message));
        if self.receiver.is_empty() {
            return fail("receiver", "root route must specify a default receiver");
        }
        if !self.own_matchers().is_empty() {
            return fail("matchers", "root route must not have any matchers");
        }
        if !self.mute_time_intervals.is_empty() {
            return fail("mute_time_intervals", "root route must not have any mute time intervals");
        }
        if !self.active_time_intervals.is_empty() {
            return fail("active_time_intervals", "root route must not have any active time intervals");
        }
        Ok(())
    }

    /// Checks that what this route and those below name is there.
    pub(super) fn check_names(
        &self,
        receivers: &HashSet<&str>,
        intervals: &HashSet<&str>,
        node: &Node,
        decoder: &Decoder,
    ) -> Result<(), Invalid> {
        for (index, route) in self.routes.iter().enumerate() {
            let below = crate::prometheus::item(node, "routes", index);
            route.check_names(receivers, intervals, below, decoder)?;
        }
        if !self.receiver.is_empty() && !receivers.contains(self.receiver.as_str()) {
            let name = model::quote::quote(&self.receiver);
            let message = format!("undefined receiver {name} used in route");
            return Err(decoder.invalid_key(node, "receiver", message));
        }
        for (key, names) in [
            ("mute_time_intervals", &self.mute_time_intervals),
            ("active_time_intervals", &self.active_time_intervals),
        ] {
            if let Some(name) = names.iter().find(|name| !intervals.contains(name.as_str())) {
                let message = format!("undefined time interval {} used in route", model::quote::quote(name));
                return Err(decoder.invalid_key(node, key, message));
            }
        }
        Ok(())
    }

    fn own_matchers(&self) -> Vec<alerting::Matcher> {
        combined(&self.equal, &self.expressions, &self.matchers)
    }

    /// The route as the dispatcher takes it, what it leaves open taken from `above`.
    pub fn route(&self, above: &Route) -> Route {
        let mut route = Route {
            receiver: if self.receiver.is_empty() { above.receiver.clone() } else { self.receiver.clone() },
            group_by: match &self.group_by {
                None => above.group_by.clone(),
                Some(names) => group_by(names),
            },
            matchers: self.own_matchers(),
            goes_on: self.goes_on,
            group_wait: self.group_wait.unwrap_or(above.group_wait),
            group_interval: self.group_interval.unwrap_or(above.group_interval),
            repeat_interval: self.repeat_interval.unwrap_or(above.repeat_interval),
            mute_time_intervals: self.mute_time_intervals.clone(),
            active_time_intervals: self.active_time_intervals.clone(),
            routes: Vec::new(),
        };
        route.routes = self.routes.iter().map(|below| below.route(&route)).collect();
        route
    }
}

fn group_by(names: &[String]) -> GroupBy {
    match names {
        [] => GroupBy::Nothing,
        [one] if one == ALL_LABELS => GroupBy::All,
        _ => {
            let mut names = names.to_vec();
            names.sort();
            GroupBy::Names(names)
        }
    }
}
