//! Reports read in one pass: texts stay where they stand in the body until they are packed.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use alerting::Annotations;
use model::Labels;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::super::times;
use super::{Report, is_uri};

/// Reads reports that are as they should be; none where anything is unusual.
pub(super) fn reports(body: &[u8]) -> Option<Vec<Report>> {
    let posted: Vec<Posted<'_>> = serde_json::from_slice(body).ok()?;
    // Alerts that stand side by side come from the same rule.
    let mut url: Arc<str> = Arc::from("");
    let mut reports = Vec::with_capacity(posted.len());
    for one in posted {
        if *one.generator_url != *url {
            if !one.generator_url.is_empty() && !is_uri(&one.generator_url) {
                return None;
            }
            url = Arc::from(&*one.generator_url);
        }
        reports.push(Report {
            labels: Labels::from_pairs(one.labels.0),
            annotations: Annotations::from_pairs(one.annotations.0),
            starts_at: times::read(&one.starts_at).ok()?,
            ends_at: times::read(&one.ends_at).ok()?,
            generator_url: Arc::clone(&url),
        });
    }
    Some(reports)
}

#[derive(serde::Deserialize)]
struct Posted<'a> {
    #[serde(borrow)]
    labels: Pairs<'a>,
    #[serde(borrow, default)]
    annotations: Pairs<'a>,
    #[serde(borrow, default, rename = "startsAt")]
    starts_at: Cow<'a, str>,
    #[serde(borrow, default, rename = "endsAt")]
    ends_at: Cow<'a, str>,
    #[serde(borrow, default, rename = "generatorURL")]
    generator_url: Cow<'a, str>,
}

/// A text, in the body where nothing in it is escaped.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Names and texts of an object, in its order.
#[derive(Default)]
struct Pairs<'a>(Vec<(Text<'a>, Text<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("names and texts")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut pairs = Vec::with_capacity(8);
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
