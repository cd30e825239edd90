//! `/rules`, `/alerts`, `/alertmanagers`: answers of a server that evaluates no rules and sends no alerts.
//!
//! Where the configuration names rule files or Alertmanagers, an empty list would be a lie: the answer then is an
//! error that says so.

use std::sync::Arc;

use axum::response::Response;
use serde_json::json;

use super::selectors;
use crate::Api;
use crate::answer::Success;
use crate::call::Call;
use crate::error::{ApiError, ErrorType};
use crate::params::{Params, parse_bool, parse_int_as};

/// `/api/v1/rules`: groups of rules, filtered and paged.
pub(crate) async fn rules(api: Arc<Api>, call: Call) -> Response {
    let asked = Asked::new(&call.params).and_then(|asked| {
        no_rules(&api)?;
        asked.check_page(&[])
    });
    match asked {
        Ok(()) => Success::new(json!({ "groups": [] })).into_response(),
        Err(error) => error.into_response(),
    }
}

/// `/api/v1/alerts`: alerts that are pending or firing.
pub(crate) async fn alerts(api: Arc<Api>, _call: Call) -> Response {
    match no_rules(&api) {
        Ok(()) => Success::new(json!({ "alerts": [] })).into_response(),
        Err(error) => error.into_response(),
    }
}

/// `/api/v1/alertmanagers`: where alerts are sent to.
pub(crate) async fn alertmanagers(api: Arc<Api>, _call: Call) -> Response {
    if api.config.load().has_alertmanagers {
        return unsupported("Alertmanagers are configured, but alerts are not sent yet").into_response();
    }
    Success::new(json!({ "activeAlertmanagers": [], "droppedAlertmanagers": [] })).into_response()
}

/// Refuses where rule files are configured.
fn no_rules(api: &Api) -> Result<(), ApiError> {
    if api.config.load().has_rules {
        return Err(unsupported("rule files are configured, but rules are not evaluated yet"));
    }
    Ok(())
}

fn unsupported(text: &str) -> ApiError {
    ApiError::new(ErrorType::Unavailable, text)
}

/// What a client asks of the rules, checked.
struct Asked {
    /// The group that the page begins with, named by its token.
    next_token: String,
}

impl Asked {
    /// Checks the parameters in the original's order.
    fn new(params: &Params) -> Result<Self, ApiError> {
        params.check_form()?;
        let kind = params.get("type");
        if !matches!(kind.to_lowercase().as_str(), "" | "alert" | "record") {
            let text = format!("not supported value {}", model::quote::quote(&kind.to_lowercase()));
            return Err(ApiError::parameter("type", text));
        }
        selectors::parse(params.all("match[]"))?;
        let exclude_alerts = params.get("exclude_alerts");
        if !exclude_alerts.is_empty() {
            parse_bool(exclude_alerts).map_err(|error| {
                ApiError::parameter("exclude_alerts", format!("error converting exclude_alerts: {error}"))
            })?;
        }
        let next_token = params.get("group_next_token").to_owned();
        let limit = params.get("group_limit");
        if limit.is_empty() {
            if !next_token.is_empty() {
                let text = "group_limit needs to be present in order to paginate over the groups";
                return Err(ApiError::parameter("group_next_token", text));
            }
            return Ok(Self { next_token });
        }
        let limit = parse_int_as("ParseInt", limit).map_err(|error| {
            ApiError::parameter("group_limit", format!("group_limit needs to be a valid number: {error}"))
        })?;
        if limit <= 0 {
            return Err(ApiError::parameter("group_limit", "group_limit needs to be greater than 0"));
        }
        Ok(Self { next_token })
    }

    /// Refuses a page that begins with none of the groups that `tokens` name.
    fn check_page(&self, tokens: &[String]) -> Result<(), ApiError> {
        if self.next_token.is_empty() || tokens.contains(&self.next_token) {
            return Ok(());
        }
        let text = format!("invalid group_next_token '{}'. were rule groups changed?", self.next_token);
        Err(ApiError::parameter("group_next_token", text))
    }
}
