//! The rules over logs, as Loki's ruler tells of them; they are changed in their files alone.

#[cfg(test)]
mod tests;
mod yaml;

use std::collections::BTreeMap;
use std::path::Path;

use ::rules::GroupView;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Loki;
use super::answer::{json as answer_json, typed};
use super::asked::Asked;
use super::refusal::Refusal;
use crate::error::ApiError;
use crate::prometheus::rules::{alerts_of, asked_groups};

const YAML: &str = "application/yaml";

impl Loki {
    /// The groups over a tenant's logs; the file of each is its namespace, which is the name without its folder.
    fn rule_groups(&self, tenant: &str) -> Vec<GroupView> {
        let all = self.rules.load_full().map(|rules| rules.groups()).unwrap_or_default();
        let of_tenant = all.into_iter().filter(|group| group.dialect.tenant() == Some(tenant));
        of_tenant
            .map(|mut group| {
                let name = Path::new(&group.file).file_name().map(|name| name.to_string_lossy().into_owned());
                group.file = name.unwrap_or_default();
                group
            })
            .collect()
    }
}

/// `/loki/api/v1/rules`: all groups by namespace.
pub(super) fn rules(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    by_namespace(loki, asked, |_| true)
}

/// `/loki/api/v1/rules/NAMESPACE`: the groups of one.
pub(super) fn namespace(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    match asked.call.method {
        Method::POST => Err(read_only("SetRuleGroup")),
        Method::DELETE => Err(read_only("DeleteNamespace")),
        _ => by_namespace(loki, asked, |group| group.file == asked.call.segment),
    }
}

/// `/loki/api/v1/rules/NAMESPACE/GROUP`: one group.
pub(super) fn group(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    match asked.call.method {
        Method::POST => return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "")),
        Method::DELETE => return Err(read_only("DeleteRuleGroup")),
        _ => {}
    }
    let groups = loki.rule_groups(asked.tenants.only()?);
    // Either name may hold an encoded slash, so that both are compared at once.
    let named = |group: &&GroupView| format!("{}/{}", group.file, group.name) == asked.call.segment;
    match groups.iter().find(named) {
        Some(group) => Ok(typed(YAML, yaml::group(group))),
        None => Err(Refusal::new(StatusCode::NOT_FOUND, "group does not exist\n")),
    }
}

fn by_namespace(
    loki: &Loki,
    asked: &Asked,
    wanted: impl Fn(&GroupView) -> bool,
) -> Result<Response, Refusal> {
    let tenant = asked.tenants.only()?;
    let groups = loki.rule_groups(tenant);
    let mut namespaces: BTreeMap<&str, Vec<&GroupView>> = BTreeMap::new();
    for group in groups.iter().filter(|group| wanted(group)) {
        namespaces.entry(&group.file).or_default().push(group);
    }
    if namespaces.is_empty() {
        return Err(nothing(loki, tenant));
    }
    Ok(typed(YAML, yaml::namespaces(&namespaces)))
}

fn read_only(what: &str) -> Refusal {
    Refusal::internal(format!("{what} unsupported in rule local store\n"))
}

/// There are no groups; where the tenant has no folder of them the ruler says so.
fn nothing(loki: &Loki, tenant: &str) -> Refusal {
    let folder = loki.settings().rules_folder.as_ref().map(|folder| cleaned(&folder.join(tenant)));
    match folder.filter(|folder| !(loki.parts.folder_exists)(Path::new(folder))) {
        Some(folder) => Refusal::bad(format!(
            "unable to read rule dir {folder}: open {folder}: no such file or directory\n"
        )),
        None => Refusal::new(StatusCode::NOT_FOUND, "no rule groups found\n"),
    }
}

/// A path without `.` parts.
fn cleaned(path: &Path) -> String {
    let kept: std::path::PathBuf =
        path.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect();
    kept.display().to_string()
}

/// `/prometheus/api/v1/rules`: groups in Prometheus's shape.
pub(super) fn groups(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let groups = loki.rule_groups(asked.tenants.only()?);
    match asked_groups(&groups, asked.params()) {
        Ok(mut data) => {
            let rules = data.get_mut("groups").and_then(Value::as_array_mut).into_iter().flatten();
            let rules = rules.filter_map(|group| group.get_mut("rules")?.as_array_mut()).flatten();
            // Unlike Prometheus, the ruler names the error of rules that have none.
            for rule in rules.filter_map(Value::as_object_mut) {
                rule.entry("lastError").or_insert_with(|| Value::from(""));
            }
            success(data)
        }
        Err(error) => failure(&error),
    }
}

/// `/prometheus/api/v1/alerts`: alerts that are pending or firing.
pub(super) fn alerts(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let groups = loki.rule_groups(asked.tenants.only()?);
    success(json!({ "alerts": alerts_of(&groups) }))
}

fn success(data: Value) -> Result<Response, Refusal> {
    answer_json(&json!({ "status": "success", "data": data, "errorType": "", "error": "" }))
}

/// A refusal in Prometheus's shape; the ruler does not name the parameter.
fn failure(error: &ApiError) -> Result<Response, Refusal> {
    let text = error.text.strip_prefix("invalid parameter \"type\": ").unwrap_or(&error.text);
    let kind = error.error_type.as_str();
    let mut response =
        answer_json(&json!({ "status": "error", "data": null, "errorType": kind, "error": text }))?;
    *response.status_mut() = error.error_type.status();
    Ok(response)
}
