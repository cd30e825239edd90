//! What a client asks of the rules.

use std::fmt::Write;

use model::Matcher;
use ring::digest::{SHA256, digest};
use rules::{GroupView, RuleView};

use crate::error::ApiError;
use crate::params::{Params, parse_bool, parse_int_as};
use crate::prometheus::selectors;

/// The parameters, checked.
pub(super) struct Asked {
    /// Only alerting, or only recording rules.
    alerting: Option<bool>,
    names: Vec<String>,
    groups: Vec<String>,
    files: Vec<String>,
    selectors: Vec<Vec<Matcher>>,
    /// Leave the alerts of rules out.
    pub(super) exclude_alerts: bool,
    /// How many groups at most.
    pub(super) limit: Option<usize>,
    /// The group that the page begins with, named by its token.
    pub(super) next_token: String,
}

impl Asked {
    /// Checks the parameters in the original's order.
    pub(super) fn new(params: &Params) -> Result<Self, ApiError> {
        params.check_form()?;
        let kind = params.get("type").to_lowercase();
        let alerting = match kind.as_str() {
            "" => None,
            "alert" => Some(true),
            "record" => Some(false),
            _ => {
                let text = format!("not supported value {}", model::quote::quote(&kind));
                return Err(ApiError::parameter("type", text));
            }
        };
        let selectors = selectors::parse(params.all("match[]"))?;
        let text = params.get("exclude_alerts");
        let exclude_alerts = !text.is_empty()
            && parse_bool(text).map_err(|error| {
                ApiError::parameter("exclude_alerts", format!("error converting exclude_alerts: {error}"))
            })?;
        let all = |name: &str| params.all(name).map(str::to_owned).collect();
        Ok(Self {
            alerting,
            names: all("rule_name[]"),
            groups: all("rule_group[]"),
            files: all("file[]"),
            selectors,
            exclude_alerts,
            limit: limit(params)?,
            next_token: params.get("group_next_token").to_owned(),
        })
    }

    pub(super) fn wants_group(&self, group: &GroupView) -> bool {
        let listed = |names: &[String], name: &String| names.is_empty() || names.contains(name);
        listed(&self.groups, &group.name) && listed(&self.files, &group.file)
    }

    pub(super) fn wants_rule(&self, rule: &RuleView) -> bool {
        let kind = self.alerting.is_none_or(|alerting| alerting == rule.alerting.is_some());
        let name = self.names.is_empty() || self.names.contains(&rule.name);
        // A label that is a template has another value for each alert: no selector can mean it.
        let value = |label: &str| {
            rule.labels.get(label).filter(|text| !text.contains("{{")).map_or("", String::as_str)
        };
        let selected = self.selectors.is_empty()
            || self
                .selectors
                .iter()
                .any(|matchers| matchers.iter().all(|matcher| matcher.matches(value(matcher.name()))));
        kind && name && selected
    }
}

fn limit(params: &Params) -> Result<Option<usize>, ApiError> {
    let text = params.get("group_limit");
    if text.is_empty() {
        if !params.get("group_next_token").is_empty() {
            let text = "group_limit needs to be present in order to paginate over the groups";
            return Err(ApiError::parameter("group_next_token", text));
        }
        return Ok(None);
    }
    let limit = parse_int_as("ParseInt", text).map_err(|error| {
        ApiError::parameter("group_limit", format!("group_limit needs to be a valid number: {error}"))
    })?;
    match usize::try_from(limit) {
        Ok(limit) if limit > 0 => Ok(Some(limit)),
        _ => Err(ApiError::parameter("group_limit", "group_limit needs to be greater than 0")),
    }
}

/// The token that names a group: the SHA-256 of its file and name.
pub(super) fn token(group: &GroupView) -> String {
    let hash = digest(&SHA256, format!("{};{}", group.file, group.name).as_bytes());
    let mut token = String::new();
    for byte in hash.as_ref() {
        // Writing to a String cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    token
}
