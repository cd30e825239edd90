//! `/federate`: the newest sample of each selected series, for another server to scrape.

mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use model::labels::METRIC_NAME;
use model::{Labels, Matcher, MetricType};
use wire::exposition::{
    Family, Format, Metric, MetricValue, content_type, negotiate_accept, write_protobuf, write_text,
};

use self::rows::{Row, RowValue};
use crate::answer::text_error;
use crate::call::Call;
use crate::params::Params;
use crate::router::not_ready;
use crate::{Api, Services};

/// `/federate`: series of the local store that a `match[]` selects, in the format that the client likes best.
pub(crate) async fn federate(api: Arc<Api>, call: Call) -> Response {
    let Some(services) = api.services.load_full() else { return not_ready(api.is_stopping()) };
    let worker = Arc::clone(&api);
    let work = tokio::task::spawn_blocking(move || answer(&worker, &services, &call));
    work.await.unwrap_or_else(|error| {
        tracing::error!(%error, "panic while federating");
        text_error(StatusCode::INTERNAL_SERVER_ERROR, "unexpected error")
    })
}

fn answer(api: &Api, services: &Services, call: &Call) -> Response {
    let selectors = match selectors(&call.params) {
        Ok(selectors) => selectors,
        Err(text) => return text_error(StatusCode::BAD_REQUEST, &text),
    };
    let accept = call.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let (format, escaping) = negotiate_accept(accept);
    let now = api.parts.clock.now_ms();
    let rows = match rows::newest(services.local.as_ref(), &selectors, now, api.settings.lookback) {
        Ok((rows, annotations)) => {
            api.metrics.federation_warnings.add(annotations.warnings().len() as u64);
            rows
        }
        Err(error) => {
            api.metrics.federation_errors.inc();
            return text_error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string());
        }
    };
    let natives = format == Format::Protobuf;
    let rows = rows.into_iter().filter(|row| natives || matches!(row.value, RowValue::Number(_)));
    let mut families = families(rows, &outer_labels(&api.config.load().external_labels));
    families.iter_mut().for_each(|family| family.escape_names(escaping));
    let body = match format {
        Format::Protobuf => {
            let mut body = Vec::new();
            write_protobuf(&families, &mut body);
            body
        }
        Format::Text | Format::OpenMetrics => {
            let mut body = String::new();
            write_text(&families, &mut body);
            body.into_bytes()
        }
    };
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(Body::from(body));
    if let Ok(value) = HeaderValue::from_str(&content_type(format, escaping)) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}

/// The selectors; one whose matchers fit every series is taken here, and one without a matcher selects nothing.
fn selectors(params: &Params) -> Result<Vec<Vec<Matcher>>, String> {
    params.check_form().map_err(|error| error.text)?;
    let selectors = params.all("match[]").map(promql_syntax::parse_metric_selector);
    let mut selectors: Vec<Vec<Matcher>> =
        selectors.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    selectors.retain(|matchers| !matchers.is_empty());
    Ok(selectors)
}

/// The external labels, and an empty `instance` where there is none: with it the reader does not put its own in
/// the place of the one that a series lacks.
fn outer_labels(external: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut outer = external.clone();
    outer.entry("instance".to_owned()).or_default();
    outer
}

/// Neighbours of one name and kind become a family.
fn families(rows: impl Iterator<Item = Row>, outer: &BTreeMap<String, String>) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for row in rows {
        let name = row.labels.metric_name();
        if name.is_empty() {
            tracing::warn!(labels = %row.labels, "series without a name left out of federation");
            continue;
        }
        let metric_type = match row.value {
            RowValue::Number(_) => MetricType::Unknown,
            RowValue::Native(_) => MetricType::Histogram,
        };
        if families.last().is_none_or(|last| last.name != name || last.metric_type != metric_type) {
            families.push(Family {
                name: name.to_owned(),
                help: String::new(),
                metric_type,
                unit: String::new(),
                metrics: Vec::new(),
            });
        }
        let metric = Metric {
            labels: labels(&row.labels, outer),
            value: match row.value {
                RowValue::Number(value) => MetricValue::Number(value),
                RowValue::Native(histogram) => MetricValue::Native(histogram),
            },
            timestamp: Some(row.time),
        };
        if let Some(last) = families.last_mut() {
            last.metrics.push(metric);
        }
    }
    families
}

/// The series' own labels, then those of the outer ones that it lacks.
fn labels(own: &Labels, outer: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let own_pairs = own.iter().filter(|(name, _)| *name != METRIC_NAME);
    let added = outer.iter().filter(|(name, _)| own.get(name).is_none_or(str::is_empty));
    own_pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .chain(added.map(|(name, value)| (name.clone(), value.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_without_a_matcher_selects_nothing() {
        let count = |query: &str| selectors(&Params::new(query, b"")).map(|selectors| selectors.len());
        assert_eq!(count("match[]={}"), Ok(0));
        assert_eq!(count("match[]={}&match[]=up"), Ok(1));
        assert_eq!(count("match[]={x%3D~%22.*%22}"), Ok(1));
        assert!(count("match[]=up[").is_err());
    }
}
