//! How well an instance of a service is, all its checks taken together.

use serde::Deserialize;

/// One check.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Check {
    #[serde(rename = "CheckID")]
    check_id: String,
    status: String,
}

/// The worst of all states.
pub(super) fn overall(checks: &[Check]) -> &'static str {
    let maintained = |check: &Check| {
        check.check_id == "_node_maintenance" || check.check_id.starts_with("_service_maintenance:")
    };
    if checks.iter().any(maintained) {
        return "maintenance";
    }
    let known = ["critical", "warning", "passing"];
    if checks.iter().any(|check| !known.contains(&check.status.as_str())) {
        return "";
    }
    let worst = known.into_iter().find(|state| checks.iter().any(|check| check.status == *state));
    worst.unwrap_or("passing")
}
