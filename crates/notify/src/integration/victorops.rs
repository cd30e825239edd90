//! VictorOps.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Message, Object, Outcome, Post, Tools, check_status, cut_runes};
use crate::values::{PrefixUrl, Secret};

/// What an incident is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct VictorOps {
    /// The key.
    pub api_key: Secret,
    /// A file that holds it.
    pub api_key_file: PathBuf,
    /// Where it is.
    pub api_url: PrefixUrl,
    /// The routing key.
    pub routing_key: String,
    /// How bad it is.
    pub message_type: String,
    /// The message.
    pub state_message: String,
    /// What is hit.
    pub entity_display_name: String,
    /// Who says so.
    pub monitoring_tool: String,
    /// Further fields.
    pub custom_fields: BTreeMap<String, String>,
}

impl Default for VictorOps {
    fn default() -> Self {
        Self {
            api_key: Default::default(),
            api_key_file: Default::default(),
            api_url: Default::default(),
            routing_key: Default::default(),
            message_type: "CRITICAL".to_owned(),
            state_message: "{{ template \"victorops.default.state_message\" . }}".to_owned(),
            entity_display_name: "{{ template \"victorops.default.entity_display_name\" . }}".to_owned(),
            monitoring_tool: "{{ template \"victorops.default.monitoring_tool\" . }}".to_owned(),
            custom_fields: Default::default(),
        }
    }
}

/// The longest message.
const MESSAGE_RUNES_MAX: usize = 20480;

impl VictorOps {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let text = |text: &str| message.text(tools, text);
        let key = tools.secret(self.api_key.expose(), &self.api_key_file)?;
        let url = format!("{}{}/{}", self.api_url.expose(), key.expose(), text(&self.routing_key)?);
        let kind = text(&self.message_type)?;
        let kind = match kind.as_str() {
            _ if !message.fires() => "RECOVERY",
            "WARNING" => "WARNING",
            "INFO" => "INFO",
            _ => "CRITICAL",
        };
        let mut fields = BTreeMap::from([
            ("message_type".to_owned(), kind.to_owned()),
            ("entity_id".to_owned(), message.key_hash()),
            ("entity_display_name".to_owned(), text(&self.entity_display_name)?),
            ("state_message".to_owned(), cut_runes(&text(&self.state_message)?, MESSAGE_RUNES_MAX)),
            ("monitoring_tool".to_owned(), text(&self.monitoring_tool)?),
        ]);
        for (name, value) in &self.custom_fields {
            fields.insert(name.clone(), text(value)?);
        }
        let body = fields.iter().fold(Object::new(), |object, (name, value)| object.text(name, value));
        check_status(&Post::json(url, body.end(), message.timeout).send(tools).await?, &[])?;
        Ok(BTreeMap::new())
    }
}
