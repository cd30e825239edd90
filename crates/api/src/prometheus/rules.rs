//! `/rules`, `/alerts`, `/alertmanagers`.

mod asked;
mod shape;

use std::sync::Arc;

use axum::response::Response;
use rules::GroupView;
use serde_json::{Value, json};

use super::services;
use crate::Api;
use crate::answer::Success;
use crate::call::Call;
use crate::error::ApiError;
use crate::params::Params;
use asked::Asked;

/// `/api/v1/rules`: groups of rules, filtered and paged.
pub(crate) async fn rules(api: Arc<Api>, call: Call) -> Response {
    let answer = || -> Result<Response, ApiError> {
        let asked = Asked::new(&call.params)?;
        let groups = services(&api)?.rules.groups();
        Ok(Success::new(page(&groups, &asked)?).into_response())
    };
    answer().unwrap_or_else(ApiError::into_response)
}

/// The same for these groups.
pub(crate) fn asked_groups(groups: &[GroupView], params: &Params) -> Result<Value, ApiError> {
    page(groups, &Asked::new(params)?)
}

/// The alerts of these groups.
pub(crate) fn alerts_of(groups: &[GroupView]) -> Value {
    let rules = groups.iter().flat_map(|group| &group.rules);
    let alerting = rules.filter_map(|rule| rule.alerting.as_ref());
    alerting.flat_map(|rule| &rule.alerts).map(shape::alert).collect()
}

/// The groups that are asked for, and the token of the next where there are more.
fn page(groups: &[GroupView], asked: &Asked) -> Result<Value, ApiError> {
    let mut shown = Vec::new();
    let mut found = asked.next_token.is_empty();
    let mut next = None;
    for group in groups.iter().filter(|group| asked.wants_group(group)) {
        found = found || asked.next_token == asked::token(group);
        if !found {
            continue;
        }
        let wanted = group.rules.iter().filter(|rule| asked.wants_rule(rule));
        let rules: Vec<Value> = wanted.map(|rule| shape::rule(rule, asked.exclude_alerts)).collect();
        if rules.is_empty() {
            continue;
        }
        if asked.limit.is_some_and(|limit| shown.len() >= limit) {
            next = Some(asked::token(group));
            break;
        }
        shown.push(shape::group(group, rules));
    }
    if !found {
        let text = format!("invalid group_next_token '{}'. were rule groups changed?", asked.next_token);
        return Err(ApiError::parameter("group_next_token", text));
    }
    Ok(match next {
        None => json!({ "groups": shown }),
        Some(token) => json!({ "groups": shown, "groupNextToken": token }),
    })
}

/// `/api/v1/alerts`: alerts that are pending or firing.
pub(crate) async fn alerts(api: Arc<Api>, _call: Call) -> Response {
    match services(&api) {
        Err(error) => error.into_response(),
        Ok(services) => {
            let alerts = alerts_of(&services.rules.groups());
            Success::new(json!({ "alerts": alerts })).into_response()
        }
    }
}

/// `/api/v1/alertmanagers`: where alerts are sent to.
pub(crate) async fn alertmanagers(api: Arc<Api>, _call: Call) -> Response {
    match services(&api) {
        Err(error) => error.into_response(),
        Ok(services) => {
            let urls = |urls: Vec<String>| urls.iter().map(|url| json!({ "url": url })).collect::<Vec<_>>();
            let (active, dropped) = (services.alertmanagers.active(), services.alertmanagers.dropped());
            let data = json!({ "activeAlertmanagers": urls(active), "droppedAlertmanagers": urls(dropped) });
            Success::new(data).into_response()
        }
    }
}
