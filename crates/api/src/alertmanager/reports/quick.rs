//! Reports read in one pass: texts stay where they stand in the body until they are packed.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use alerting::Annotations;
use model::Labels;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::super::times;
use super::{Report, is_uri};

/// Reads reports that are as they should be; none where anything is unusual.
pub(super) fn reports(body: &[u8]) -> Option<Vec<Report>> {
    let Reports(reports) = serde_json::from_slice(body).ok()?;
    Some(reports)
}

/// Reports, each packed before the next one is read: of a large body no more than one is held in pieces.
struct Reports(Vec<Report>);

impl<'de> Deserialize<'de> for Reports {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ReportsVisitor)
    }
}

struct ReportsVisitor;

impl<'de> Visitor<'de> for ReportsVisitor {
    type Value = Reports;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("reports")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut posted: S) -> Result<Reports, S::Error> {
        // Alerts that stand side by side come from the same rule.
        let mut url: Arc<str> = Arc::from("");
        let mut reports = Vec::new();
        while let Some(one) = posted.next_element::<Posted<'de>>()? {
            let report = one.report(&mut url);
            reports.push(report.ok_or_else(|| S::Error::custom("a report that is unusual"))?);
        }
        Ok(Reports(reports))
    }
}

impl Posted<'_> {
    /// The report; `url` is where the one before it came from. None where it is unusual.
    fn report(self, url: &mut Arc<str>) -> Option<Report> {
        if *self.generator_url != **url {
            if !self.generator_url.is_empty() && !is_uri(&self.generator_url) {
                return None;
            }
            *url = Arc::from(&*self.generator_url);
        }
        Some(Report {
            labels: Labels::from_pairs(self.labels.0),
            annotations: Annotations::from_pairs(self.annotations.0),
            starts_at: times::read(&self.starts_at).ok()?,
            ends_at: times::read(&self.ends_at).ok()?,
            generator_url: Arc::clone(url),
        })
    }
}

/// A report with keys as they are written: others, in other letters for one, are looked at piece by piece.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
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
