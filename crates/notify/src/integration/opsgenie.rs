//! OpsGenie.

use std::collections::BTreeMap;
use std::path::PathBuf;

use http::Method;

use crate::send::{Failure, Message, Object, Outcome, Post, Tools, check_status, cut_runes, list, quoted};
use crate::values::{PrefixUrl, Secret};

/// What an alert is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct OpsGenie {
    /// The key.
    pub api_key: Secret,
    /// A file that holds it.
    pub api_key_file: PathBuf,
    /// Where it is.
    pub api_url: PrefixUrl,
    /// The message.
    pub message: String,
    /// The description.
    pub description: String,
    /// Where it comes from.
    pub source: String,
    /// What is said besides.
    pub details: BTreeMap<String, String>,
    /// What is hit.
    pub entity: String,
    /// Who responds.
    pub responders: Vec<OpsGenieResponder>,
    /// What can be done, separated by commas.
    pub actions: String,
    /// Tags, separated by commas.
    pub tags: String,
    /// A note.
    pub note: String,
    /// The priority.
    pub priority: String,
    /// Whether message and description are updated.
    pub update_alerts: bool,
}

impl Default for OpsGenie {
    fn default() -> Self {
        Self {
            api_key: Default::default(),
            api_key_file: Default::default(),
            api_url: Default::default(),
            message: "{{ template \"opsgenie.default.message\" . }}".to_owned(),
            description: "{{ template \"opsgenie.default.description\" . }}".to_owned(),
            source: "{{ template \"opsgenie.default.source\" . }}".to_owned(),
            details: Default::default(),
            entity: Default::default(),
            responders: Default::default(),
            actions: Default::default(),
            tags: Default::default(),
            note: Default::default(),
            priority: Default::default(),
            update_alerts: Default::default(),
        }
    }
}

/// Who responds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpsGenieResponder {
    /// By id.
    pub id: String,
    /// By name.
    pub name: String,
    /// By the name of a user.
    pub username: String,
    /// What it is.
    pub kind: String,
}

/// The longest message.
const MESSAGE_RUNES_MAX: usize = 130;

impl OpsGenie {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let key = tools.secret(self.api_key.expose(), &self.api_key_file)?;
        let authorization = format!("GenieKey {}", message.text(tools, key.expose())?);
        for (method, path, body) in self.requests(message, tools)? {
            let url = format!("{}{path}", self.api_url.expose());
            let mut post =
                Post::json(url, body, message.timeout).header("authorization", authorization.clone());
            post.method = method;
            check_status(&post.send(tools).await?, &[429])?;
        }
        Ok(BTreeMap::new())
    }

    fn requests(&self, message: &Message, tools: &Tools) -> Result<Vec<(Method, String, String)>, Failure> {
        let text = |text: &str| message.text(tools, text);
        let alias = message.key_hash();
        let source = text(&self.source)?;
        let place = |what: &str| format!("v2/alerts/{alias}/{what}?identifierType=alias");
        if !message.fires() {
            let body = Object::new().text("source", &source).end();
            return Ok(vec![(Method::POST, place("close"), body)]);
        }
        let title = cut_runes(&text(&self.message)?, MESSAGE_RUNES_MAX);
        let description = text(&self.description)?;
        let mut details: BTreeMap<String, String> = message
            .data
            .common_labels
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        for (name, value) in &self.details {
            details.insert(name.clone(), text(value)?);
        }
        let details = details.iter().fold(Object::new(), |object, (name, value)| object.text(name, value));
        let responders = self.responders(message, tools)?;
        // Blanks around tags stay, as the original leaves them.
        let split = |text: String| -> Vec<String> {
            text.split(',').filter(|part| !part.is_empty()).map(quoted).collect()
        };
        let (tags, actions) = (split(text(&self.tags)?), split(text(&self.actions)?));
        let body = Object::new()
            .text("alias", &alias)
            .text("message", &title)
            .text_if("description", &description)
            .raw("details", details.end())
            .text("source", &source)
            .raw_if(!responders.is_empty(), "responders", list(responders))
            .raw_if(!tags.is_empty(), "tags", list(tags))
            .text_if("note", &text(&self.note)?)
            .text_if("priority", &text(&self.priority)?)
            .text_if("entity", &text(&self.entity)?)
            .raw_if(!actions.is_empty(), "actions", list(actions))
            .end();
        let mut requests = vec![(Method::POST, "v2/alerts".to_owned(), body)];
        if self.update_alerts {
            let body = Object::new().text_if("message", &title).end();
            requests.push((Method::PUT, place("message"), body));
            let body = Object::new().text_if("description", &description).end();
            requests.push((Method::PUT, place("description"), body));
        }
        Ok(requests)
    }

    fn responders(&self, message: &Message, tools: &Tools) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        for responder in &self.responders {
            let text = |text: &str| message.text(tools, text);
            let (id, name) = (text(&responder.id)?, text(&responder.name)?);
            let (username, kind) = (text(&responder.username)?, text(&responder.kind)?);
            if kind == "teams" {
                for team in name.split(',').map(str::trim).filter(|team| !team.is_empty()) {
                    found.push(Object::new().text("name", team).text("type", "team").end());
                }
            } else if ![&id, &name, &username, &kind].into_iter().all(String::is_empty) {
                let object = Object::new().text_if("id", &id).text_if("name", &name);
                found.push(object.text_if("username", &username).text_if("type", &kind).end());
            }
        }
        Ok(found)
    }
}
