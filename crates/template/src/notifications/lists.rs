//! Labels, pairs, texts and alerts: lists and maps whose types have methods.

use std::sync::Arc;

use model::go_json::text;

use super::data::{AlertData, AlertObject};
use super::{Texts, json};
use crate::{Method, Object, Type, Value};

/// The label that stands before all others.
const ALERT_NAME: &str = "alertname";
const TEXTS: Type = Type::Named("[]string", true);

fn texts<'a>(items: impl Iterator<Item = &'a Arc<str>>) -> Vec<Value> {
    items.map(|text| Value::Text(text.clone())).collect()
}

/// Labels or annotations.
#[derive(Debug)]
pub(super) struct Kv(Texts);

impl Kv {
    pub(super) fn value(texts: &Texts) -> Value {
        Value::Object(Arc::new(Kv(texts.clone())))
    }

    fn pairs(&self) -> Pairs {
        let first = self.0.get(ALERT_NAME).map(|value| (ALERT_NAME, value));
        let rest = self.0.iter().filter(|(name, _)| *name != ALERT_NAME);
        Pairs(first.into_iter().chain(rest).map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl Object for Kv {
    fn type_name(&self) -> &str {
        "template.KV"
    }

    fn method(&self, name: &str) -> Option<Method> {
        let pairs = self.pairs();
        match name {
            "SortedPairs" => Some(Method::plain(Value::Object(Arc::new(pairs)))),
            "Remove" => {
                let own = self.0.clone();
                Some(Method::new(&[TEXTS], move |given| {
                    let Some(Value::List(names)) = given.first().map(Value::base) else {
                        return Ok(Kv::value(&own));
                    };
                    let is_named = |name: &str| names.items.iter().any(|one| one.as_text() == Some(name));
                    Ok(Kv::value(&own.filtered(|name, _| !is_named(name))))
                }))
            }
            "Names" | "Values" | "String" => pairs.method(name),
            _ => None,
        }
    }

    fn text(&self) -> Option<String> {
        self.pairs().text()
    }

    fn base(&self) -> Option<Value> {
        Some(Value::text_map(self.0.iter()))
    }

    fn json(&self) -> Option<String> {
        Some(json::texts(&self.0))
    }
}

/// Names with their values, in order.
#[derive(Debug)]
struct Pairs(Vec<(Arc<str>, Arc<str>)>);

impl Object for Pairs {
    fn type_name(&self) -> &str {
        "template.Pairs"
    }

    fn method(&self, name: &str) -> Option<Method> {
        let strings = |items| Method::plain(Value::Object(Arc::new(Strings(items))));
        match name {
            "Names" => Some(strings(texts(self.0.iter().map(|(name, _)| name)))),
            "Values" => Some(strings(texts(self.0.iter().map(|(_, value)| value)))),
            "String" => Some(Method::plain(Value::text(&self.text().unwrap_or_default()))),
            _ => None,
        }
    }

    fn text(&self) -> Option<String> {
        Some(self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", "))
    }

    fn base(&self) -> Option<Value> {
        let pairs = self
            .0
            .iter()
            .map(|(name, value)| Value::Object(Arc::new(Pair { name: name.clone(), value: value.clone() })));
        Some(Value::list("[]template.Pair", pairs.collect()))
    }
}

#[derive(Debug)]
struct Pair {
    name: Arc<str>,
    value: Arc<str>,
}

impl Object for Pair {
    fn type_name(&self) -> &str {
        "template.Pair"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Name", Value::Text(self.name.clone())), ("Value", Value::Text(self.value.clone()))]
    }

    fn json(&self) -> Option<String> {
        Some(format!("{{\"Name\":{},\"Value\":{}}}", text(&self.name), text(&self.value)))
    }
}

/// Texts that can be joined.
#[derive(Debug)]
struct Strings(Vec<Value>);

impl Object for Strings {
    fn type_name(&self) -> &str {
        "template.Strings"
    }

    fn method(&self, name: &str) -> Option<Method> {
        let own: Vec<String> = self.0.iter().map(Value::to_text).collect();
        (name == "Join").then(|| {
            Method::new(&[Type::Text], move |given| {
                Ok(Value::text(&own.join(given.first().and_then(Value::as_text).unwrap_or_default())))
            })
        })
    }

    fn base(&self) -> Option<Value> {
        Some(Value::list("[]string", self.0.clone()))
    }
}

/// The alerts of a notification.
#[derive(Debug)]
pub(super) struct Alerts(pub(super) Vec<Arc<AlertData>>);

impl Alerts {
    fn of(&self, is_resolved: bool) -> Value {
        let chosen = self.0.iter().filter(|alert| alert.is_resolved == is_resolved).cloned();
        Value::Object(Arc::new(Alerts(chosen.collect())))
    }
}

impl Object for Alerts {
    fn type_name(&self) -> &str {
        "template.Alerts"
    }

    fn method(&self, name: &str) -> Option<Method> {
        match name {
            "Firing" => Some(Method::plain(self.of(false))),
            "Resolved" => Some(Method::plain(self.of(true))),
            _ => None,
        }
    }

    fn base(&self) -> Option<Value> {
        let alerts = self.0.iter().map(|alert| Value::Object(Arc::new(AlertObject(alert.clone()))));
        Some(Value::list("[]template.Alert", alerts.collect()))
    }

    fn json(&self) -> Option<String> {
        Some(json::alerts(&self.0))
    }
}
