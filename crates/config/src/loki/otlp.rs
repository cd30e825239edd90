//! `otlp_config`: what becomes of attributes of OpenTelemetry.

use go_regex::Regex;
use log_intake::{AttributeAction, AttributeNames, OtlpRules};

use super::ignored::unused;
use super::values::Names;
use crate::{
    decode::{Check, Decoder, Invalid, List, section},
    yaml::Node,
};

section! {
    /// What becomes of attributes of OpenTelemetry.
    pub struct OtlpConfig as "push.OTLPConfig" {
        /// Of resources.
        resource_attributes: ResourceAttributes = ResourceAttributes::default() => ["resource_attributes"];
        /// Of scopes.
        scope_attributes: List<AttributesConfig> = List::default() => ["scope_attributes"];
        /// Of records.
        log_attributes: List<AttributesConfig> = List::default() => ["log_attributes"];
        /// Whether the text of the severity is a label.
        severity_text_as_label: bool = false => ["severity_text_as_label"];
    }
}

impl Check for OtlpConfig {}

section! {
    /// What becomes of attributes of resources.
    pub struct ResourceAttributes as "push.ResourceAttributesConfig" {
        /// Whether those that are labels by default are not.
        ignore_defaults: bool = false => ["ignore_defaults"];
        /// What is said of some.
        attributes_config: List<AttributesConfig> = List::default() => ["attributes_config"];
    }
}

impl Check for ResourceAttributes {}

section! {
    /// What becomes of some attributes.
    pub struct AttributesConfig as "push.AttributesConfig" {
        /// `index_label`, `structured_metadata` or `drop`.
        action: String = String::new() => ["action", always];
        /// Their keys.
        attributes: Vec<String> = Vec::new() => ["attributes"];
        /// A pattern of their keys.
        regex: String = String::new() => ["regex"];
    }
}

impl Check for AttributesConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.action_value().is_none() {
            let message = format!(
                "unsupported action {}, it must be one of: index_label, structured_metadata, drop",
                self.action
            );
            return Err(decoder.invalid_key(node, "action", message));
        }
        match (self.attributes.is_empty(), self.regex.is_empty()) {
            (true, true) => {
                Err(decoder.invalid_key(node, "attributes", "either attributes or regex must be set"))
            }
            (false, false) => {
                Err(decoder.invalid_key(node, "regex", "only one of attributes or regex must be set"))
            }
            (true, false) if Regex::anchored(&self.regex).is_err() => {
                let message = format!("error parsing regexp: {}", model::quote::quote(&self.regex));
                Err(decoder.invalid_key(node, "regex", message))
            }
            _ => Ok(()),
        }
    }
}

impl AttributesConfig {
    fn action_value(&self) -> Option<AttributeAction> {
        match self.action.as_str() {
            "index_label" => Some(AttributeAction::Label),
            "structured_metadata" => Some(AttributeAction::Metadata),
            "drop" => Some(AttributeAction::Drop),
            _ => None,
        }
    }

    fn add_to(&self, names: &mut AttributeNames) {
        let Some(action) = self.action_value() else { return };
        for key in &self.attributes {
            names.keys.insert(key.clone(), action);
        }
        if let Some(pattern) = Regex::anchored(&self.regex).ok().filter(|_| !self.regex.is_empty()) {
            names.patterns.push((pattern, action));
        }
    }
}

impl OtlpConfig {
    /// The rules for attributes, given those of resources that are labels by default.
    pub fn rules(&self, default_labels: &[String]) -> OtlpRules {
        let defaults = if self.resource_attributes.ignore_defaults { &[][..] } else { default_labels };
        let mut rules = OtlpRules::with_resource_labels(defaults.iter().map(String::as_str));
        for (list, names) in [
            (&self.resource_attributes.attributes_config, &mut rules.resource),
            (&self.scope_attributes, &mut rules.scope),
            (&self.log_attributes, &mut rules.record),
        ] {
            for attributes in list {
                attributes.add_to(names);
            }
        }
        rules.severity_text_as_label = self.severity_text_as_label;
        rules
    }
}

section! {
    /// What pushes go through.
    pub struct DistributorConfig as "distributor.Config" {
        /// Bytes of a body as it comes.
        max_recv_msg_size: super::Size = super::Size(104_857_600) => ["max_recv_msg_size", always];
        /// Bytes of a body once it is decompressed.
        max_decompressed_size: super::Size = super::Size(5_242_880_000) => ["max_decompressed_size", always];
        /// What is a label of OpenTelemetry by default.
        otlp_config: GlobalOtlp = GlobalOtlp::default() => ["otlp_config"];
    }
}

unused!(DistributorConfig as "distributor": &["ring", "rate_store", "write_failures_logging", "kafka_*", "tenant_topic", "ingest_limits_*", "ingester_writes_enabled"]);

section! {
    /// What is a label of OpenTelemetry by default.
    pub struct GlobalOtlp as "push.GlobalOTLPConfig" {
        /// Attributes of resources.
        default_resource_attributes_as_index_labels: Names = Names::from(OtlpRules::default_resource_labels()) => ["default_resource_attributes_as_index_labels", always];
    }
}

impl Check for GlobalOtlp {}
