//! Every route of the Loki half, once.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::response::Response;
use http::Method;

use super::asked::Asked;
use super::refusal::Refusal;
use super::{
    Loki, delete, detected_fields, detected_labels, export, format, labels, operations, patterns, push,
    query, rules, tail, volume,
};

/// A handler that computes its answer at once, off the reactor's threads.
type Work = fn(&Loki, &Asked) -> Result<Response, Refusal>;

/// A handler that waits for something.
type Waiting = fn(Arc<Loki>, Asked) -> Answering;

/// An answer in the making.
pub(super) type Answering = Pin<Box<dyn Future<Output = Result<Response, Refusal>> + Send>>;

/// How a route is answered.
#[derive(Clone, Copy)]
pub(super) enum Handler {
    Work(Work),
    Wait(Waiting),
}

/// Who may ask.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Everybody.
    Open,
    /// A tenant.
    Tenant,
    /// A tenant; it waits where memory is short.
    Reads,
}

/// A row of the table.
#[derive(Clone, Copy)]
pub(super) struct Route {
    /// `{}` stands for one open part; two of them are one with a slash in it.
    pub(super) path: &'static str,
    pub(super) methods: &'static [Method],
    /// Its name in metrics.
    pub(super) name: &'static str,
    pub(super) gate: Gate,
    /// Whether the body is read as a form.
    pub(super) takes_form: bool,
    pub(super) handler: Handler,
}

const GET: &[Method] = &[Method::GET, Method::HEAD];
const BOTH: &[Method] = &[Method::GET, Method::HEAD, Method::POST];
const DELETES: &[Method] = &[Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE];
const RULES: &[Method] = &[Method::GET, Method::HEAD, Method::POST, Method::DELETE];
const PUSHES: &[Method] = &[Method::POST];
/// Clients of Elasticsearch send documents with either.
const BULKS: &[Method] = &[Method::POST, Method::PUT];
const ANY: &[Method] = &[Method::GET, Method::HEAD, Method::POST, Method::DELETE];

const fn work(
    path: &'static str,
    methods: &'static [Method],
    name: &'static str,
    gate: Gate,
    handler: Work,
) -> Route {
    Route { path, methods, name, gate, takes_form: true, handler: Handler::Work(handler) }
}

const fn wait(
    path: &'static str,
    methods: &'static [Method],
    name: &'static str,
    gate: Gate,
    handler: Waiting,
) -> Route {
    Route { path, methods, name, gate, takes_form: true, handler: Handler::Wait(handler) }
}

/// A route whose body is no form, whatever it is called.
const fn raw(path: &'static str, methods: &'static [Method], name: &'static str, handler: Waiting) -> Route {
    let handler = Handler::Wait(handler);
    Route { path, methods, name, gate: Gate::Tenant, takes_form: false, handler }
}

const fn open(path: &'static str, name: &'static str, handler: Work) -> Route {
    work(path, GET, name, Gate::Open, handler)
}

/// The routes.
pub(super) static ROUTES: &[Route] = &[
    raw("/loki/api/v1/push", PUSHES, "loki_api_v1_push", push::push),
    raw("/api/prom/push", PUSHES, "api_prom_push", push::old_push),
    raw("/otlp/v1/logs", PUSHES, "otlp_v1_logs", push::otlp),
    raw("/elasticsearch/_bulk", BULKS, "elasticsearch_bulk", push::bulk),
    raw("/elasticsearch/{}/_bulk", BULKS, "elasticsearch_index_bulk", push::bulk),
    wait("/loki/api/v1/query_range", BOTH, "loki_api_v1_query_range", Gate::Reads, query::range),
    wait("/loki/api/v1/query", BOTH, "loki_api_v1_query", Gate::Reads, query::instant),
    wait("/loki/api/v1/tail", GET, "loki_api_v1_tail", Gate::Tenant, tail::tail),
    wait("/loki/api/v1/export", BOTH, "loki_api_v1_export", Gate::Reads, export::export),
    wait("/api/prom/query", BOTH, "api_prom_query", Gate::Reads, query::old),
    wait("/api/prom/tail", GET, "api_prom_tail", Gate::Tenant, tail::old_tail),
    work("/loki/api/v1/labels", BOTH, "loki_api_v1_labels", Gate::Reads, labels::names),
    work("/loki/api/v1/label", BOTH, "loki_api_v1_label", Gate::Reads, labels::names),
    work("/loki/api/v1/label/{}/values", BOTH, "loki_api_v1_label_name_values", Gate::Reads, labels::values),
    work("/loki/api/v1/series", BOTH, "loki_api_v1_series", Gate::Reads, labels::series),
    work("/loki/api/v1/index/stats", BOTH, "loki_api_v1_index_stats", Gate::Reads, volume::stats),
    work("/loki/api/v1/index/volume", BOTH, "loki_api_v1_index_volume", Gate::Reads, volume::volume),
    work(
        "/loki/api/v1/index/volume_range",
        BOTH,
        "loki_api_v1_index_volume_range",
        Gate::Reads,
        volume::volume_range,
    ),
    work("/loki/api/v1/index/shards", BOTH, "loki_api_v1_index_shards", Gate::Reads, volume::shards),
    work(
        "/loki/api/v1/detected_labels",
        BOTH,
        "loki_api_v1_detected_labels",
        Gate::Reads,
        detected_labels::detected_labels,
    ),
    work(
        "/loki/api/v1/detected_fields",
        BOTH,
        "loki_api_v1_detected_fields",
        Gate::Reads,
        detected_fields::fields,
    ),
    work(
        "/loki/api/v1/detected_field/{}/values",
        BOTH,
        "loki_api_v1_detected_field_name_values",
        Gate::Reads,
        detected_fields::values,
    ),
    work("/loki/api/v1/patterns", BOTH, "loki_api_v1_patterns", Gate::Reads, patterns::patterns),
    work("/loki/api/v1/delete", DELETES, "loki_api_v1_delete", Gate::Tenant, delete::delete),
    work("/loki/api/v1/format_query", BOTH, "loki_api_v1_format_query", Gate::Tenant, format::format_query),
    work(
        "/loki/api/v1/drilldown-limits",
        GET,
        "loki_api_v1_drilldown_limits",
        Gate::Tenant,
        operations::drilldown,
    ),
    open("/loki/api/v1/status/buildinfo", "loki_api_v1_status_buildinfo", operations::build),
    work(
        "/loki/api/v1/cache/generation_numbers",
        GET,
        "loki_api_v1_cache_generation_numbers",
        Gate::Tenant,
        operations::generations,
    ),
    work("/loki/api/v1/rules", GET, "loki_api_v1_rules", Gate::Tenant, rules::rules),
    work("/loki/api/v1/rules/{}", RULES, "loki_api_v1_rules_namespace", Gate::Tenant, rules::namespace),
    work(
        "/loki/api/v1/rules/{}/{}",
        RULES,
        "loki_api_v1_rules_namespace_groupname",
        Gate::Tenant,
        rules::group,
    ),
    work("/api/prom/rules", GET, "api_prom_rules", Gate::Tenant, rules::rules),
    work("/api/prom/rules/{}", RULES, "api_prom_rules_namespace", Gate::Tenant, rules::namespace),
    work("/api/prom/rules/{}/{}", RULES, "api_prom_rules_namespace_groupname", Gate::Tenant, rules::group),
    work("/prometheus/api/v1/rules", GET, "prometheus_api_v1_rules", Gate::Tenant, rules::groups),
    work("/prometheus/api/v1/alerts", GET, "prometheus_api_v1_alerts", Gate::Tenant, rules::alerts),
    work("/api/prom/label", BOTH, "api_prom_label", Gate::Reads, labels::old_names),
    work("/api/prom/label/{}/values", BOTH, "api_prom_label_name_values", Gate::Reads, labels::old_values),
    work("/api/prom/series", BOTH, "api_prom_series", Gate::Reads, labels::series),
    open("/ready", "ready", operations::ready),
    open("/metrics", "metrics", operations::metrics),
    open("/config", "config", operations::config),
    work("/config/tenant/v1/limits", GET, "config_tenant_v1_limits", Gate::Tenant, operations::tenant_limits),
    open("/services", "services", operations::services),
    work("/log_level", BOTH, "log_level", Gate::Open, operations::log_level),
    work("/flush", BOTH, "flush", Gate::Open, operations::flush),
    work("/ingester/prepare_shutdown", ANY, "ingester_prepare_shutdown", Gate::Open, operations::prepared),
    work("/ingester/shutdown", BOTH, "ingester_shutdown", Gate::Open, operations::shutdown),
    work(
        "/ingester/prepare_partition_downscale",
        ANY,
        "ingester_prepare_partition_downscale",
        Gate::Open,
        operations::partitions,
    ),
    open("/ring", "ring", operations::ring),
    open("/distributor/ring", "distributor_ring", operations::ring),
    open("/ruler/ring", "ruler_ring", operations::ring),
    open("/compactor/ring", "compactor_ring", operations::ring),
    open("/indexgateway/ring", "indexgateway_ring", operations::ring),
    open("/scheduler/ring", "scheduler_ring", operations::ring),
    open("/pattern/ring", "pattern_ring", operations::ring),
    open("/memberlist", "memberlist", operations::memberlist),
];

/// The route of a path and the path's open part as it was sent, of two the first.
pub(super) fn find(path: &str) -> Option<(&'static Route, &str)> {
    ROUTES.iter().find_map(|route| match route.path.split_once("{}") {
        None => (route.path == path).then_some((route, "")),
        Some((before, after)) => {
            let parts = if after == "/{}" { 2 } else { 1 };
            let after = if parts == 2 { "" } else { after };
            let segment = path.strip_prefix(before)?.strip_suffix(after)?;
            let is_whole =
                segment.split('/').count() == parts && segment.split('/').all(|part| !part.is_empty());
            is_whole.then_some((route, segment))
        }
    })
}
