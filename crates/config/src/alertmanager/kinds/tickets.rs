//! Jira.

use notify::integration::{Jira, JiraField};

use super::*;
use crate::yaml::Yaml;

keys!(Jira as "jira.plain" {
    api_url => ["api_url"];
    api_type => ["api_type"];
    project => ["project"];
    summary => ["summary"];
    description => ["description"];
    labels => ["labels"];
    priority => ["priority"];
    issue_type => ["issue_type"];
    reopen_transition => ["reopen_transition"];
    resolve_transition => ["resolve_transition"];
    wont_fix_resolution => ["wont_fix_resolution"];
    reopen_duration => ["reopen_duration"];
    fields => ["fields"];
});

impl Check for Jira {}

impl Kind for Jira {
    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        if self.project.is_empty() {
            return fail(node, decoder, "project", "missing project in jira_config");
        }
        if self.issue_type.is_empty() {
            return fail(node, decoder, "issue_type", "missing issue_type in jira_config");
        }
        if !["auto", "cloud", "datacenter"].contains(&self.api_type.as_str()) {
            let message = "unknown api_type on jira_config, must be cloud, datacenter or auto";
            return fail(node, decoder, "api_type", message);
        }
        Ok(())
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        take(&mut self.api_url, &global.jira_api_url, || {
            fail(node, decoder, "api_url", "no global Jira Cloud URL set")
        })
    }
}

crate::decode::section! {
    /// A field with a word on updates.
    struct LongField as "jira.JiraFieldConfig" {
        /// The text.
        template: String = String::new() => ["template"];
        /// Whether it is updated.
        enable_update: Option<bool> = None => ["enable_update"];
    }
}

impl Check for LongField {}

/// A text, or a mapping with the text and a word on updates.
impl Field for JiraField {
    fn zero() -> Self {
        JiraField { template: String::new(), enable_update: None }
    }

    fn type_name() -> String {
        "jira.JiraFieldConfig".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        if node.mapping().is_none() {
            self.enable_update = None;
            return self.template.decode(node, decoder);
        }
        let mut long = LongField::default();
        let good = long.decode(node, decoder)?;
        *self = JiraField { template: long.template, enable_update: long.enable_update };
        Ok(good)
    }

    fn encode(&self) -> Yaml {
        LongField { template: self.template.clone(), enable_update: self.enable_update }.encode()
    }

    fn is_zero(&self) -> bool {
        self.template.is_empty() && self.enable_update.is_none()
    }
}
