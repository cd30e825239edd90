//! Every route, once.

use std::future::Future;

use axum::response::Response;
use http::Method;

use super::{Answering, Gate, Handler, Route};
use crate::call::Call;
use crate::{federate, ingest, management, otlp, prometheus};

const GET: &[Method] = &[Method::GET];
const GET_HEAD: &[Method] = &[Method::GET, Method::HEAD];
const GET_POST: &[Method] = &[Method::GET, Method::POST];
const POST: &[Method] = &[Method::POST];
const DELETE: &[Method] = &[Method::DELETE];
const POST_PUT: &[Method] = &[Method::POST, Method::PUT];
/// GET is answered that it is not allowed, by the handler.
const GET_POST_PUT: &[Method] = &[Method::GET, Method::POST, Method::PUT];

/// Makes a row; a macro, because each handler has a future type of its own.
macro_rules! route {
    ($path:literal, $methods:expr, $gate:ident, $($handler:ident)::+) => {
        Route {
            path: $path,
            methods: $methods,
            gate: Gate::$gate,
            handler: {
                fn boxed(api: std::sync::Arc<crate::Api>, call: Call) -> Answering {
                    boxed_future($($handler)::+(api, call))
                }
                let handler: Handler = boxed;
                handler
            },
        }
    };
}

fn boxed_future(answer: impl Future<Output = Response> + Send + 'static) -> Answering {
    Box::pin(answer)
}

/// The routes of the whole surface.
pub(super) static ROUTES: &[Route] = &[
    route!("/", GET, Always, management::home),
    route!("/graph", GET, Always, management::graph),
    route!("/metrics", GET, Always, management::metrics),
    route!("/version", GET, Always, management::version),
    route!("/-/healthy", GET_HEAD, Always, management::healthy),
    route!("/-/ready", GET_HEAD, Ready, management::ready),
    route!("/-/reload", GET_POST_PUT, Always, management::reload),
    route!("/-/quit", GET_POST_PUT, Always, management::quit),
    route!("/federate", GET, Reads, federate::federate),
    route!("/api/v1/query", GET_POST, Ready, prometheus::query::instant),
    route!("/api/v1/query_range", GET_POST, Ready, prometheus::query::range),
    route!("/api/v1/query_exemplars", GET_POST, Ready, prometheus::exemplars::exemplars),
    route!("/api/v1/format_query", GET_POST, Ready, prometheus::expression::format),
    route!("/api/v1/parse_query", GET_POST, Ready, prometheus::expression::tree),
    route!("/api/v1/labels", GET_POST, Reads, prometheus::labels::names),
    route!("/api/v1/label/{segment}/values", GET, Reads, prometheus::labels::values),
    route!("/api/v1/series", GET_POST, Reads, prometheus::series::series),
    route!("/api/v1/write", POST, Ready, prometheus::remote::write::write),
    route!("/api/v1/read", POST, Reads, prometheus::remote::read::read),
    route!("/api/v1/otlp/v1/metrics", POST, Ready, otlp::write),
    route!("/api/v1/import/prometheus", POST, Ready, ingest::import_text),
    route!("/write", POST, Ready, ingest::write_influx),
    route!("/api/v2/write", POST, Ready, ingest::write_influx),
    route!("/api/v1/search/metric_names", GET_POST, Reads, prometheus::search::metric_names),
    route!("/api/v1/search/label_names", GET_POST, Reads, prometheus::search::label_names),
    route!("/api/v1/search/label_values", GET_POST, Reads, prometheus::search::label_values),
    route!("/api/v1/scrape_pools", GET, Ready, prometheus::targets::pools),
    route!("/api/v1/targets", GET, Ready, prometheus::targets::targets),
    route!("/api/v1/targets/metadata", GET, Ready, prometheus::targets::target_metadata),
    route!("/api/v1/targets/relabel_steps", GET, Ready, prometheus::targets::relabel_steps),
    route!("/api/v1/metadata", GET, Ready, prometheus::targets::metadata),
    route!("/api/v1/rules", GET, Ready, prometheus::rules::rules),
    route!("/api/v1/alerts", GET, Ready, prometheus::rules::alerts),
    route!("/api/v1/alertmanagers", GET, Ready, prometheus::rules::alertmanagers),
    route!("/api/v1/features", GET, Ready, prometheus::features::features),
    route!("/api/v1/openapi.yaml", GET, Ready, prometheus::openapi::openapi),
    route!("/api/v1/notifications", GET, Always, prometheus::notifications::list),
    route!("/api/v1/notifications/live", GET, Always, prometheus::notifications::live),
    route!("/api/v1/status/self_metrics", GET, Ready, prometheus::self_metrics::self_metrics),
    route!("/api/v1/status/config", GET, Ready, prometheus::status::config),
    route!("/api/v1/status/flags", GET, Ready, prometheus::status::flags),
    route!("/api/v1/status/buildinfo", GET, Ready, prometheus::status::build),
    route!("/api/v1/status/runtimeinfo", GET, Ready, prometheus::status::runtime),
    route!("/api/v1/status/tsdb", GET, Ready, prometheus::status::tsdb),
    route!("/api/v1/status/tsdb/blocks", GET, Ready, prometheus::status::blocks),
    route!("/api/v1/admin/tsdb/delete_series", POST_PUT, Ready, prometheus::admin::delete_series),
    route!("/api/v1/admin/tsdb/clean_tombstones", POST_PUT, Ready, prometheus::admin::clean_tombstones),
    route!("/api/v1/admin/tsdb/snapshot", POST_PUT, Ready, prometheus::admin::snapshot),
    route!("/api/v1/status/active_queries", GET, Ready, prometheus::active::list),
    route!("/api/v1/status/active_queries/{segment}", DELETE, Ready, prometheus::active::cancel),
    route!("/api/v1/status/walreplay", GET, Always, prometheus::status::walreplay),
];

/// Whether a path (without prefix) is one of the table's.
pub(super) fn is_known(path: &str) -> bool {
    ROUTES.iter().any(|route| match route.path.split_once("{segment}") {
        None => route.path == path,
        Some((before, after)) => path
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|segment| !segment.is_empty() && !segment.contains('/')),
    })
}
