//! Jira.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;

use crate::send::{
    Failure, Message, Object, Outcome, Post, Tools, check_status, cut_runes, list, quoted, tree_json,
};
use crate::values::{Tree, Url};

/// What an issue is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Jira {
    /// Where it is.
    pub api_url: Url,
    /// `cloud`, `datacenter`, or `auto`.
    pub api_type: String,
    /// The project.
    pub project: String,
    /// The summary.
    pub summary: JiraField,
    /// The description.
    pub description: JiraField,
    /// Labels.
    pub labels: Vec<String>,
    /// The priority.
    pub priority: String,
    /// The type.
    pub issue_type: String,
    /// How an issue is opened again.
    pub reopen_transition: String,
    /// How it is resolved.
    pub resolve_transition: String,
    /// The resolution that is left alone.
    pub wont_fix_resolution: String,
    /// For how long an issue is opened again.
    pub reopen_duration: Duration,
    /// Further fields.
    pub fields: BTreeMap<String, Tree>,
}

impl Default for Jira {
    fn default() -> Self {
        Self {
            api_url: Default::default(),
            api_type: "auto".to_owned(),
            project: Default::default(),
            summary: JiraField::of("jira.default.summary"),
            description: JiraField::of("jira.default.description"),
            labels: Default::default(),
            priority: "{{ template \"jira.default.priority\" . }}".to_owned(),
            issue_type: Default::default(),
            reopen_transition: Default::default(),
            resolve_transition: Default::default(),
            wont_fix_resolution: Default::default(),
            reopen_duration: Default::default(),
            fields: Default::default(),
        }
    }
}

/// A field of an issue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JiraField {
    /// Its text.
    pub template: String,
    /// Whether it is updated.
    pub enable_update: Option<bool>,
}

impl JiraField {
    fn of(name: &str) -> JiraField {
        JiraField { template: format!("{{{{ template \"{name}\" . }}}}"), enable_update: None }
    }
}

const SUMMARY_RUNES_MAX: usize = 255;
const DESCRIPTION_RUNES_MAX: usize = 32767;

/// An issue that was found.
struct Issue {
    key: String,
    is_done: bool,
}

impl Jira {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let found = self.search(message, tools).await?;
        let api = self.api();
        match &found {
            None if !message.fires() => {}
            None => {
                let body = self.issue(message, tools, false)?;
                self.ask(Method::POST, format!("{api}/issue"), body, message, tools).await?;
            }
            Some(issue) => {
                let body = self.issue(message, tools, true)?;
                self.ask(Method::PUT, format!("{api}/issue/{}", issue.key), body, message, tools).await?;
                self.transition(issue, message, tools).await?;
            }
        }
        Ok(BTreeMap::new())
    }

    fn api(&self) -> &str {
        self.api_url.expose().trim_end_matches('/')
    }

    /// One request. What fails on the way is not tried again: it may have been done all the same.
    async fn ask(
        &self,
        method: Method,
        url: String,
        body: String,
        message: &Message,
        tools: &Tools,
    ) -> Result<serde_json::Value, Failure> {
        let mut post = Post::json(url, body, message.timeout).header("accept-language", "en");
        if method == Method::GET {
            post.body.clear();
        }
        post.method = method;
        let sent = post.send(tools).await;
        let answer = sent.map_err(|failure| Failure { may_retry: false, ..failure })?;
        check_status(&answer, &[429])?;
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    async fn search(&self, message: &Message, tools: &Tools) -> Result<Option<Issue>, Failure> {
        let project = message.text(tools, &self.project)?;
        let mut question = String::new();
        if !self.wont_fix_resolution.is_empty() {
            let kept_out = go_quoted(&self.wont_fix_resolution);
            question.push_str(&format!("(resolution is EMPTY or resolution != {kept_out}) and "));
        }
        let minutes = self.reopen_duration.as_secs() / 60;
        if message.fires() && !self.reopen_transition.is_empty() && minutes > 0 {
            question.push_str(&format!("(resolutiondate is EMPTY OR resolutiondate >= -{minutes}m) and "));
        } else {
            question.push_str("statusCategory != Done and ");
        }
        question.push_str(&format!(
            "project={} and labels={} order by status ASC,resolutiondate DESC",
            go_quoted(&project),
            go_quoted(&label(message))
        ));
        let host = self.api_url.expose().split('/').nth(2).unwrap_or_default().to_owned();
        let is_cloud = self.api_type == "cloud" || self.api_type == "auto" && host.ends_with("atlassian.net");
        let url = if is_cloud {
            // Issues are looked for in the third version, whatever the others go to.
            let api = self.api();
            api.strip_suffix("/2")
                .map_or_else(|| format!("{api}/search/jql"), |api| format!("{api}/3/search/jql"))
        } else {
            format!("{}/search", self.api())
        };
        let body = Object::new()
            .text("jql", &question)
            .raw("maxResults", 2)
            .raw("fields", list([quoted("status")]))
            .end();
        let answer = self.ask(Method::POST, url, body, message, tools).await?;
        let Some(issue) = answer.pointer("/issues/0") else { return Ok(None) };
        let text = |path: &str| issue.pointer(path).and_then(serde_json::Value::as_str).unwrap_or_default();
        let is_done = text("/fields/status/statusCategory/key") == "done";
        Ok(Some(Issue { key: text("/key").to_owned(), is_done }))
    }

    fn issue(&self, message: &Message, tools: &Tools, is_update: bool) -> Result<String, Failure> {
        let text = |text: &str| message.text(tools, text);
        let takes = |field: &JiraField| !is_update || field.enable_update.unwrap_or(true);
        let mut labels = vec![label(message)];
        for label in &self.labels {
            labels.push(text(label)?);
        }
        labels.sort();
        let mut fields = Object::new()
            .raw("project", Object::new().text("key", &text(&self.project)?).end())
            .raw("issuetype", Object::new().text("name", &text(&self.issue_type)?).end());
        if takes(&self.summary) {
            let summary = cut_runes(&text(&self.summary.template)?, SUMMARY_RUNES_MAX);
            fields = fields.text("summary", &summary);
        }
        if takes(&self.description) {
            let description = cut_runes(&text(&self.description.template)?, DESCRIPTION_RUNES_MAX);
            fields = fields.raw("description", self.description_json(&description)?);
        }
        fields = fields.raw("labels", list(labels.iter().map(|label| quoted(label))));
        let priority = text(&self.priority)?;
        if !priority.is_empty() {
            fields = fields.raw("priority", Object::new().text("name", &priority).end());
        }
        for (name, value) in &self.fields {
            fields = fields.raw(name, tree_json(value, message, tools)?);
        }
        Ok(Object::new().raw("fields", fields.end()).end())
    }

    /// The third version of the interface takes documents and no texts.
    fn description_json(&self, description: &str) -> Result<String, Failure> {
        if !self.api().ends_with("/3") {
            return Ok(quoted(description));
        }
        let document: Result<serde_json::Value, _> = serde_json::from_str(description);
        match document {
            Ok(document) => Ok(document.to_string()),
            Err(error) => {
                Err(Failure::lasting(format!("description is no JSON, which this API wants: {error}")))
            }
        }
    }

    /// Opens a closed issue again, or closes an open one.
    async fn transition(&self, issue: &Issue, message: &Message, tools: &Tools) -> Result<(), Failure> {
        let wanted = match (message.fires(), issue.is_done) {
            (true, true) => &self.reopen_transition,
            (false, false) => &self.resolve_transition,
            _ => return Ok(()),
        };
        if wanted.is_empty() {
            return Ok(());
        }
        let url = format!("{}/issue/{}/transitions", self.api(), issue.key);
        let known = self.ask(Method::GET, url.clone(), String::new(), message, tools).await?;
        let mut all = known.get("transitions").and_then(serde_json::Value::as_array).into_iter().flatten();
        let text = |value: &serde_json::Value, key: &str| {
            value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
        };
        let Some(found) = all.find(|one| text(one, "name") == *wanted) else {
            return Err(Failure::lasting(format!("can't find transition {wanted} for issue {}", issue.key)));
        };
        let id = Object::new().text("id", &text(found, "id")).end();
        self.ask(Method::POST, url, Object::new().raw("transition", id).end(), message, tools).await?;
        Ok(())
    }
}

/// By what an issue is known to belong to the group.
fn label(message: &Message) -> String {
    format!("ALERT{{{}}}", message.key_hash())
}

fn go_quoted(text: &str) -> String {
    model::quote::quote(text)
}
