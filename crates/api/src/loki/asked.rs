//! A request as the handlers see it.

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use http::HeaderMap;
use model::Matcher;
use storage::logs::{LogQuerier, LogQueryable};

use super::refusal::Refusal;
use super::settings::ReadLimits;
use super::tenant::Tenants;
use super::times::Span;
use super::{Loki, tenants};
use crate::call::Call;
use crate::params::Params;

/// A request with its tenants and their limits.
pub(super) struct Asked {
    pub(super) call: Call,
    pub(super) tenants: Tenants,
    pub(super) limits: Arc<ReadLimits>,
    /// The time of the request, in nanoseconds.
    pub(super) now: i64,
    /// The websocket that the client wants, where it wants one.
    pub(super) upgrade: Option<WebSocketUpgrade>,
}

impl Asked {
    pub(super) fn params(&self) -> &Params {
        &self.call.params
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.call.headers
    }

    /// The value of a header; empty where there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.call.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What the header `X-Query-Tags` says of a name; the names are read in any case of letters.
    pub(super) fn tag(&self, name: &str) -> Option<&str> {
        self.header("x-query-tags").split(',').find_map(|pair| {
            let (tag, value) = pair.split_once('=')?;
            tag.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The matchers of a text; none where it is empty.
    pub(super) fn matchers(&self, text: &str) -> Result<Vec<Matcher>, Refusal> {
        if text.is_empty() { Ok(Vec::new()) } else { self.selector(text) }
    }

    /// The matchers of a text.
    pub(super) fn selector(&self, text: &str) -> Result<Vec<Matcher>, Refusal> {
        Ok(logql_syntax::parse_selector(text, self.limits.syntax())?)
    }

    /// The logs of the request's tenants.
    pub(super) fn logs(&self, loki: &Loki) -> Result<Arc<dyn LogQueryable>, Refusal> {
        let services = loki.services()?;
        Ok(match self.tenants.names() {
            [_] => Arc::clone(&services.logs),
            names => Arc::new(tenants::TenantLogs::new(Arc::clone(&services.logs), names.to_vec())),
        })
    }

    /// A view of the tenants' entries in a span, once the span has been checked and cut to what may be seen.
    pub(super) fn view(&self, loki: &Loki, span: Span) -> Result<Box<dyn LogQuerier>, Refusal> {
        let span = self.seen(span)?;
        Ok(self.logs(loki)?.log_querier(&self.tenants.joined(), span.range())?)
    }

    /// The part of a span that the tenants may see.
    pub(super) fn seen(&self, span: Span) -> Result<Span, Refusal> {
        check_length(span.length(), &self.limits)?;
        let Some(lookback) = self.limits.lookback_max else { return Ok(span) };
        let oldest = self.now.saturating_sub(i64::try_from(lookback.as_nanos()).unwrap_or(i64::MAX));
        if span.end < oldest {
            let shown = model::duration::format_duration(lookback);
            return Err(Refusal::bad(format!(
                "this data is no longer available, it is past now - max_query_lookback ({shown})"
            )));
        }
        Ok(Span { start: span.start.max(oldest), ..span })
    }
}

/// Refuses a span that is longer than the tenant's queries may be.
pub(super) fn check_length(nanos: i64, limits: &ReadLimits) -> Result<(), Refusal> {
    match limits.length_max {
        Some(max) if i128::from(nanos) > max.as_nanos() as i128 => Err(Refusal::bad(format!(
            "the query time range exceeds the limit (query length: {}, limit: {})",
            logql_syntax::quantity::format_go_duration(nanos),
            model::duration::format_duration(max),
        ))),
        _ => Ok(()),
    }
}
