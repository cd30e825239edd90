//! The functions of rules and consoles, in one table.

use go_regex::Regex;

use super::{Environment, RESULT, SAMPLE, addresses, humanize, sample, title::title};
use crate::{Duration, Library, Signature, Trust, Value, letters, value::Type};

const TEXT: Signature = Signature::of(&[Type::Text]);
const ANYTHING: Signature = Signature::of(&[Type::Any]);
const NOTHING: Signature = Signature::of(&[]);

/// The names, for parsing without an environment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names;

impl Library for Names {
    fn signature(&self, name: &str) -> Option<Signature> {
        signature(name)
    }

    fn call(&self, name: &str, _given: &[Value]) -> Result<Value, String> {
        Err(format!("function {} not defined", model::quote::quote(name)))
    }
}

/// The functions over an environment.
pub struct RuleFunctions<'a> {
    environment: &'a dyn Environment,
}

impl<'a> RuleFunctions<'a> {
    /// The functions, asking `environment`.
    pub fn new(environment: &'a dyn Environment) -> Self {
        RuleFunctions { environment }
    }
}

/// What each function takes.
pub(super) fn signature(name: &str) -> Option<Signature> {
    Some(match name {
        "query" | "safeHtml" | "title" | "toUpper" | "toLower" | "graphLink" | "tableLink" | "stripPort"
        | "stripDomain" | "parseDuration" | "urlQueryEscape" => TEXT,
        "first" => Signature::of(&[RESULT]),
        "label" => Signature::of(&[Type::Text, SAMPLE]),
        "value" | "strvalue" => Signature::of(&[SAMPLE]),
        "sortByLabel" => Signature::of(&[Type::Text, RESULT]),
        "args" => Signature::with_rest(&[], Type::Any),
        "match" => Signature::of(&[Type::Text, Type::Text]),
        "reReplaceAll" => Signature::of(&[Type::Text, Type::Text, Type::Text]),
        "humanize" | "humanize1024" | "humanizeDuration" | "humanizePercentage" | "humanizeTimestamp"
        | "toTime" | "toDuration" => ANYTHING,
        "now" | "pathPrefix" | "externalURL" => NOTHING,
        _ => return None,
    })
}

impl Library for RuleFunctions<'_> {
    fn signature(&self, name: &str) -> Option<Signature> {
        signature(name)
    }

    fn call(&self, name: &str, given: &[Value]) -> Result<Value, String> {
        let text_at = |index: usize| given.get(index).and_then(Value::as_text).unwrap_or_default();
        let number = || humanize::number(given.first());
        let text = |text: &str| Ok(Value::text(text));
        match name {
            "query" => Ok(sample::result(self.environment.query(text_at(0))?)),
            "first" => first(given.first()),
            "label" => sample::label(given.get(1), text_at(0)),
            "value" => sample::field(given.first(), "Value"),
            "strvalue" => sample::label(given.first(), "__value__"),
            "sortByLabel" => Ok(sort_by_label(text_at(0), given.get(1))),
            "args" => Ok(Value::any_map(
                given.iter().enumerate().map(|(index, value)| (format!("arg{index}").into(), value.clone())),
            )),
            "match" => {
                let pattern = Regex::new(text_at(0)).map_err(|error| error.to_string())?;
                Ok(Value::Bool(pattern.is_match(text_at(1))))
            }
            "reReplaceAll" => {
                let pattern = Regex::new(text_at(0))
                    .map_err(|error| format!("regexp: Compile(`{}`): {error}", text_at(0)))?;
                text(&pattern.replace_all(text_at(2), text_at(1)))
            }
            "safeHtml" => Ok(Value::Trusted(Trust::Html, text_at(0).into())),
            "title" => text(&title(text_at(0))),
            "toUpper" => text(&letters::upper(text_at(0))),
            "toLower" => text(&letters::lower(text_at(0))),
            "graphLink" => text(&addresses::expression_link(text_at(0), false)),
            "tableLink" => text(&addresses::expression_link(text_at(0), true)),
            "stripPort" => text(addresses::strip_port(text_at(0))),
            "stripDomain" => text(&addresses::strip_domain(text_at(0))),
            "urlQueryEscape" => text(&crate::run::query_escape(text_at(0))),
            "parseDuration" => match model::duration::parse_duration(text_at(0)) {
                Ok(duration) => Ok(Value::Float(duration.as_secs_f64())),
                Err(error) => Err(error.to_string()),
            },
            "humanize" => text(&humanize::humanize(number()?)),
            "humanize1024" => text(&humanize::humanize_1024(number()?)),
            "humanizeDuration" => text(&humanize::humanize_duration(number()?)),
            "humanizePercentage" => text(&humanize::humanize_percentage(number()?)),
            "humanizeTimestamp" => text(&humanize::humanize_timestamp(number()?)?),
            "toTime" => Ok(Value::Time(humanize::time_of(number()?)?.pointed())),
            "toDuration" => Ok(Value::Duration(Duration::from_nanos((number()? * 1e9) as i64).pointed())),
            "now" => Ok(Value::Float(self.environment.now_seconds())),
            "pathPrefix" => text(self.environment.path_prefix()),
            "externalURL" => text(self.environment.external_url()),
            _ => Err(format!("function {} not defined", model::quote::quote(name))),
        }
    }
}

fn first(result: Option<&Value>) -> Result<Value, String> {
    match result {
        Some(Value::List(list)) => list.items.first().cloned(),
        _ => None,
    }
    .ok_or_else(|| "first() called on vector with no elements".into())
}

fn sort_by_label(name: &str, result: Option<&Value>) -> Value {
    let Some(Value::List(list)) = result else { return sample::result(Vec::new()) };
    let key = |item: &Value| {
        let label = sample::label(Some(item), name).ok();
        label.and_then(|label| label.as_text().map(str::to_owned)).unwrap_or_default()
    };
    let mut items = list.items.clone();
    items.sort_by_cached_key(key);
    Value::list("template.queryResult", items)
}
