//! What is built in and turned on, as `/api/v1/features` shows it: one table by category.

use std::collections::BTreeMap;

use promql_syntax::ast::AggregateOp;
use promql_syntax::functions::FUNCTIONS;

use crate::cli::server_options::ServerOptions;

/// Features by category.
type Features = BTreeMap<&'static str, BTreeMap<String, bool>>;

/// What the parser and the engine always do.
const PROMQL: [&str; 13] = [
    "at_modifier",
    "bool",
    "by",
    "duration_expr",
    "group_left",
    "group_right",
    "ignoring",
    "negative_offset",
    "offset",
    "on",
    "per_query_lookback_delta",
    "subqueries",
    "without",
];

const OPERATORS: [&str; 21] = [
    "!=", "!~", "%", "*", "+", "-", "/", "<", "</", "<=", "==", "=~", ">", ">/", ">=", "@", "^", "and",
    "atan2", "or", "unless",
];

const TEMPLATE_FUNCTIONS: [&str; 29] = [
    "args",
    "externalURL",
    "first",
    "graphLink",
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "label",
    "match",
    "now",
    "parseDuration",
    "pathPrefix",
    "query",
    "reReplaceAll",
    "safeHtml",
    "sortByLabel",
    "stripDomain",
    "stripPort",
    "strvalue",
    "tableLink",
    "title",
    "toDuration",
    "toLower",
    "toTime",
    "toUpper",
    "urlQueryEscape",
    "value",
];

/// The discoveries that run.
const DISCOVERIES: [&str; 8] =
    ["consul", "dns", "docker", "dockerswarm", "file", "http", "kubernetes", "static"];
/// The discoveries that are only parsed.
const DISCOVERIES_LATER: [&str; 23] = [
    "aws",
    "azure",
    "digitalocean",
    "ec2",
    "eureka",
    "gce",
    "hetzner",
    "ionos",
    "kuma",
    "linode",
    "marathon",
    "nerve",
    "nomad",
    "openstack",
    "outscale",
    "ovhcloud",
    "puppetdb",
    "scaleway",
    "serverset",
    "stackit",
    "triton",
    "uyuni",
    "vultr",
];

/// The features of a server that was started so.
pub(super) fn features(options: &ServerOptions) -> Features {
    let on = |name: &str| options.has_feature(name);
    let all =
        |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), true)).collect::<BTreeMap<_, _>>();
    let experimental = on("promql-experimental-functions");
    let mut operators = all(&OPERATORS);
    operators.extend(
        AggregateOp::ALL.iter().map(|op| (op.name().to_owned(), experimental || !op.is_experimental())),
    );
    let mut discoveries = all(&DISCOVERIES);
    discoveries.extend(DISCOVERIES_LATER.iter().map(|name| ((*name).to_owned(), false)));
    BTreeMap::from([
        ("api", api(options)),
        (
            "otlp_receiver",
            table(&[
                ("delta_conversion", on("otlp-deltatocumulative")),
                ("native_delta_ingestion", on("otlp-native-delta-ingestion")),
            ]),
        ),
        (
            "prometheus",
            table(&[
                ("agent_mode", false),
                ("auto_reload_config", on("auto-reload-config")),
                ("server_mode", true),
                ("stringlabels", true),
            ]),
        ),
        ("promql", promql(options)),
        (
            "promql_functions",
            FUNCTIONS
                .iter()
                .map(|function| (function.name.to_owned(), experimental || !function.experimental))
                .collect(),
        ),
        ("promql_operators", operators),
        (
            "rules",
            table(&[
                ("concurrent_rule_eval", on("concurrent-rule-eval")),
                ("keep_firing_for", true),
                ("query_offset", true),
            ]),
        ),
        (
            "scrape",
            table(&[
                ("extra_scrape_metrics", true),
                ("start_timestamp_zero_ingestion", on("created-timestamp-zero-ingestion")),
                ("type_and_unit_labels", on("type-and-unit-labels")),
            ]),
        ),
        ("service_discovery_providers", discoveries),
        ("templating_functions", all(&TEMPLATE_FUNCTIONS)),
        ("tsdb", tsdb(options)),
        ("ui", table(&[("ui_v2", on("old-ui")), ("ui_v3", !on("old-ui"))])),
    ])
}

fn table(rows: &[(&str, bool)]) -> BTreeMap<String, bool> {
    rows.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect()
}

fn api(options: &ServerOptions) -> BTreeMap<String, bool> {
    table(&[
        ("admin", options.enable_admin_api),
        ("exclude_alerts", true),
        ("label_values_match", true),
        ("lifecycle", options.enable_lifecycle),
        ("openapi_3.1", true),
        ("openapi_3.2", true),
        ("otlp_write_receiver", options.enable_otlp_receiver),
        ("query_stats", true),
        ("query_warnings", true),
        ("remote_write_receiver", options.enable_remote_write_receiver),
        ("search", options.has_feature("search-api")),
        ("search_fuzz_alg_jarowinkler", true),
        ("search_fuzz_alg_subsequence", true),
        ("time_range_labels", true),
        ("time_range_series", true),
    ])
}

fn promql(options: &ServerOptions) -> BTreeMap<String, bool> {
    let on = |name: &str| options.has_feature(name);
    let mut features: BTreeMap<String, bool> = PROMQL.iter().map(|name| ((*name).to_owned(), true)).collect();
    features.extend(table(&[
        ("anchored", on("promql-extended-range-selectors")),
        ("delayed_name_removal", on("promql-delayed-name-removal")),
        ("fill", on("promql-binop-fill-modifiers")),
        ("fill_left", on("promql-binop-fill-modifiers")),
        ("fill_right", on("promql-binop-fill-modifiers")),
        ("per_step_stats", on("promql-per-step-stats")),
        ("smoothed", on("promql-extended-range-selectors")),
        ("type_and_unit_labels", on("type-and-unit-labels")),
    ]));
    features
}

fn tsdb(options: &ServerOptions) -> BTreeMap<String, bool> {
    let on = |name: &str| options.has_feature(name);
    table(&[
        ("delayed_compaction", on("delayed-compaction")),
        ("exemplar_storage", on("exemplar-storage")),
        ("histograms_st_encoding", on("histograms-st-encoding")),
        ("isolation", true),
        ("native_histograms", true),
        ("st_storage", on("st-storage")),
        ("use_uncached_io", on("use-uncached-io")),
        ("xor2_encoding", on("xor2-encoding")),
    ])
}
