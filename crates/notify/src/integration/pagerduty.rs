//! PagerDuty.

use std::collections::BTreeMap;
use std::path::PathBuf;

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
