//! The rules of the ruler: none are evaluated; what is asked of them is answered as by a server without rules.

use std::path::Path;

use axum::response::Response;
use http::StatusCode;

use super::Loki;
use super::answer::json as answer_json;
use super::asked::Asked;
use super::refusal::Refusal;

/// `/loki/api/v1/rules` and everything below.
pub(super) fn rules(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let settings = loki.settings();
    let tenant = asked.tenants.only()?;
    if let Some(folder) = &settings.rules_folder {
        let folder = cleaned(&folder.join(tenant));
        if !(loki.parts.folder_exists)(Path::new(&folder)) {
            return Err(Refusal::bad(format!(
                "unable to read rule dir {folder}: open {folder}: no such file or directory\n"
            )));
        }
    }
    Err(Refusal::new(StatusCode::NOT_FOUND, "no rule groups found\n"))
}

/// A path without `.` parts.
fn cleaned(path: &Path) -> String {
    let kept: std::path::PathBuf =
        path.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect();
    kept.display().to_string()
}

/// `/loki/api/v1/rules/{namespace}/{group}`: there is none.
pub(super) fn group(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    match rules(loki, asked) {
        Err(refusal) if refusal.status == StatusCode::NOT_FOUND => {
            Err(Refusal::new(StatusCode::NOT_FOUND, "group does not exist\n"))
        }
        other => other,
    }
}

/// `/prometheus/api/v1/rules`: no groups.
pub(super) fn groups(_: &Loki, _: &Asked) -> Result<Response, Refusal> {
    empty("groups")
}

/// `/prometheus/api/v1/alerts`: no alerts.
pub(super) fn alerts(_: &Loki, _: &Asked) -> Result<Response, Refusal> {
    empty("alerts")
}

fn empty(what: &str) -> Result<Response, Refusal> {
    answer_json(&serde_json::json!({
        "status": "success", "data": { what: [] }, "errorType": "", "error": "",
    }))
}
