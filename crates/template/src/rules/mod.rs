//! Templates in alerting rules: their functions, their data, and how they are expanded.

mod addresses;
mod functions;
mod humanize;
mod sample;
mod title;

use std::sync::Arc;

use model::Labels;

pub use addresses::expression_link;
pub use functions::RuleFunctions;
pub(crate) use humanize::{humanize_duration, number};
pub use sample::{Sample, SampleValue};
pub(crate) use title::title;

use crate::{Error, Limits, MissingKey, Object, Templates, Value, value::Type};

/// What the functions of a rule's templates ask for.
pub trait Environment {
    /// Runs a query at the time of the evaluation.
    ///
    /// # Errors
    /// The query fails, in the words of the query language.
    fn query(&self, text: &str) -> Result<Vec<Sample>, String>;

    /// Under which address users reach the server.
    fn external_url(&self) -> &str;

    /// The path of that address.
    fn path_prefix(&self) -> &str;

    /// The time of the evaluation in seconds since the Unix epoch.
    fn now_seconds(&self) -> f64;
}

/// What the template of a rule is about.
#[derive(Clone, Debug)]
pub struct RuleData {
    labels: Value,
    external_labels: Value,
    external_url: Arc<str>,
    value: Value,
}

impl RuleData {
    /// The data for one alert.
    pub fn new(
        labels: &Labels,
        external_labels: &Labels,
        external_url: &str,
        value: &SampleValue,
    ) -> RuleData {
        RuleData {
            labels: Value::text_map(labels.iter()),
            external_labels: Value::text_map(external_labels.iter()),
            external_url: external_url.into(),
            value: value.to_value(),
        }
    }
}

impl Object for RuleData {
    fn type_name(&self) -> &str {
        "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Labels", self.labels.clone()),
            ("ExternalLabels", self.external_labels.clone()),
            ("ExternalURL", Value::Text(self.external_url.clone())),
            ("Value", self.value.clone()),
        ]
    }

    fn holds_any(&self, field: &str) -> bool {
        field == "Value"
    }
}

/// Stands before each text: the variables that it may use. Columns in errors count it.
const PRELUDE: &str = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}\
    {{$externalURL := .ExternalURL}}{{$value := .Value}}";

/// The template of a label or an annotation, parsed once.
#[derive(Debug)]
pub enum RuleTemplate {
    /// A text without actions.
    Plain(String),
    /// A template and its name.
    Actions(Arc<str>, Box<Templates>),
}

impl RuleTemplate {
    /// Reads the text of a label or an annotation of an alert.
    ///
    /// # Errors
    /// It is no template.
    pub fn parse(alert: &str, text: &str) -> Result<RuleTemplate, Error> {
        if !text.contains("{{") {
            return Ok(RuleTemplate::Plain(text.to_owned()));
        }
        let name = format!("__alert_{alert}");
        RuleTemplate::parse_named(&name, text)
    }

    /// Reads a text under the whole name of a template.
    ///
    /// # Errors
    /// It is no template.
    pub fn parse_named(name: &str, text: &str) -> Result<RuleTemplate, Error> {
        let mut templates = Templates::new(MissingKey::Zero, Limits::default());
        templates.parse(name, &format!("{PRELUDE}{text}"), &functions::Names)?;
        Ok(RuleTemplate::Actions(name.into(), Box::new(templates)))
    }

    /// Whether the text is the same for all alerts.
    pub fn is_plain(&self) -> bool {
        matches!(self, RuleTemplate::Plain(_))
    }

    /// The text for one alert.
    ///
    /// # Errors
    /// Why there is none, in the words that the original shows.
    pub fn expand(&self, data: &RuleData, environment: &dyn Environment) -> Result<String, String> {
        match self {
            RuleTemplate::Plain(text) => Ok(text.clone()),
            RuleTemplate::Actions(name, templates) => {
                let data = Value::Object(Arc::new(data.clone()));
                let library = RuleFunctions::new(environment);
                templates
                    .execute(name, &data, &library)
                    .map_err(|error| format!("error executing template {name}: {error}"))
            }
        }
    }
}

/// The type of query results, as Go calls it.
pub(crate) const RESULT: Type = Type::Named("template.queryResult", true);
/// The type of a sample of one.
pub(crate) const SAMPLE: Type = Type::Named("*template.sample", true);
