//! PagerDuty.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Failure, Message, Object, Outcome, Post, Tools, check_status, cut_runes, list, tree_json};
use crate::values::{GoDuration, Secret, Tree, Url};

/// What an event is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct PagerDuty {
    /// The key of the first interface.
    pub service_key: Secret,
    /// A file that holds it.
    pub service_key_file: PathBuf,
    /// The key of the second interface.
    pub routing_key: Secret,
    /// A file that holds it.
    pub routing_key_file: PathBuf,
    /// Where the second interface is.
    pub url: Url,
    /// Who sends.
    pub client: String,
    /// Where it is.
    pub client_url: String,
    /// The description.
    pub description: String,
    /// What is said besides.
    pub details: BTreeMap<String, Tree>,
    /// Images.
    pub images: Vec<PagerDutyImage>,
    /// Links.
    pub links: Vec<PagerDutyLink>,
    /// What is hit.
    pub source: String,
    /// How bad it is.
    pub severity: String,
    /// The class.
    pub class: String,
    /// The component.
    pub component: String,
    /// The group.
    pub group: String,
    /// How long a request may take; 0 for as long as the notification may.
    pub timeout: GoDuration,
}

impl Default for PagerDuty {
    fn default() -> Self {
        Self {
            service_key: Default::default(),
            service_key_file: Default::default(),
            routing_key: Default::default(),
            routing_key_file: Default::default(),
            url: Default::default(),
            client: "{{ template \"pagerduty.default.client\" . }}".to_owned(),
            client_url: "{{ template \"pagerduty.default.clientURL\" . }}".to_owned(),
            description: "{{ template \"pagerduty.default.description\" .}}".to_owned(),
            details: Default::default(),
            images: Default::default(),
            links: Default::default(),
            source: Default::default(),
            severity: Default::default(),
            class: Default::default(),
            component: Default::default(),
            group: Default::default(),
            timeout: Default::default(),
        }
    }
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PagerDutyImage {
    /// Where it is.
    pub src: String,
    /// What it shows.
    pub alt: String,
    /// Where it leads.
    pub href: String,
}

/// A link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PagerDutyLink {
    /// Where it leads.
    pub href: String,
    /// Its text.
    pub text: String,
}

/// Where events of the first interface go.
const FIRST_INTERFACE: &str = "https://events.pagerduty.com/generic/2010-04-15/create_event.json";
/// The longest summary.
const SUMMARY_RUNES_MAX: usize = 1024;
/// The largest event that is taken.
const EVENT_BYTES_MAX: usize = 512_000;

impl PagerDuty {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let timeout = message.timeout(self.timeout.0);
        let details = self.details(message, tools)?;
        let service = tools.secret(self.service_key.expose(), &self.service_key_file)?;
        let (url, body, codes): (_, _, &[u16]) = if service.is_empty() {
            let key = tools.secret(self.routing_key.expose(), &self.routing_key_file)?;
            (self.url.expose(), self.second(key.expose(), &details, message, tools)?, &[429])
        } else {
            (FIRST_INTERFACE, self.first(service.expose(), &details, message, tools)?, &[403])
        };
        check_status(&Post::json(url, body, timeout).send(tools).await?, codes)?;
        Ok(BTreeMap::new())
    }

    fn details(&self, message: &Message, tools: &Tools) -> Result<String, Failure> {
        let mut object = Object::new();
        for (name, value) in &self.details {
            object = object.raw(name, tree_json(value, message, tools)?);
        }
        let details = object.end();
        if details.len() <= EVENT_BYTES_MAX {
            return Ok(details);
        }
        let note = format!(
            "Custom details have been removed because the original event exceeds the maximum size of {EVENT_BYTES_MAX} bytes"
        );
        Ok(Object::new().text("error", &note).end())
    }

    fn second(&self, key: &str, details: &str, message: &Message, tools: &Tools) -> Result<String, Failure> {
        let text = |text: &str| message.text(tools, text);
        let severity = if self.severity.is_empty() { "error".to_owned() } else { text(&self.severity)? };
        let payload = Object::new()
            .text("summary", &cut_runes(&text(&self.description)?, SUMMARY_RUNES_MAX))
            .text("source", &text(&self.source)?)
            .text("severity", &severity)
            .text_if("class", &text(&self.class)?)
            .text_if("component", &text(&self.component)?)
            .text_if("group", &text(&self.group)?)
            .raw("custom_details", details);
        let mut images = Vec::new();
        for image in &self.images {
            let (src, alt, href) = (text(&image.src)?, text(&image.alt)?, text(&image.href)?);
            if !src.is_empty() {
                images.push(Object::new().text("src", &src).text("alt", &alt).text("href", &href).end());
            }
        }
        let mut links = Vec::new();
        for link in &self.links {
            let (href, label) = (text(&link.href)?, text(&link.text)?);
            if !href.is_empty() {
                links.push(Object::new().text("href", &href).text("text", &label).end());
            }
        }
        Ok(Object::new()
            .text_if("routing_key", &text(key)?)
            .text("dedup_key", &message.key_hash())
            .text("event_action", event_kind(message))
            .raw("payload", payload.end())
            .text_if("client", &text(&self.client)?)
            .text_if("client_url", &text(&self.client_url)?)
            .raw_if(!images.is_empty(), "images", list(images))
            .raw_if(!links.is_empty(), "links", list(links))
            .end())
    }

    fn first(&self, key: &str, details: &str, message: &Message, tools: &Tools) -> Result<String, Failure> {
        let text = |text: &str| message.text(tools, text);
        let object = Object::new()
            .text_if("service_key", &text(key)?)
            .text("incident_key", &message.key_hash())
            .text("event_type", event_kind(message))
            .text("description", &cut_runes(&text(&self.description)?, SUMMARY_RUNES_MAX))
            // The original's encoder leaves these behind.
            .text("event_action", "")
            .raw("payload", "null");
        let object = if message.fires() {
            object.text_if("client", &text(&self.client)?).text_if("client_url", &text(&self.client_url)?)
        } else {
            object
        };
        Ok(object.raw("details", details).end())
    }
}

fn event_kind(message: &Message) -> &'static str {
    if message.fires() { "trigger" } else { "resolve" }
}
