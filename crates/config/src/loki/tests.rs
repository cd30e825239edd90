//! Files of users and of the recordings load, and tenants get the limits that they say.
#![expect(clippy::disallowed_methods, reason = "a test reads what was recorded")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;

fn shared(path: &str) -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    place.exists().then_some(place)
}

fn load(text: &str) -> Result<Loaded, String> {
    Config::load_text(text, Path::new("loki.yaml")).map_err(|error| error.to_string())
}

#[test]
fn recorded_and_users_files_load() {
    for folder in ["conformance/loki/config", "examples/loki"] {
        let Some(folder) = shared(folder) else { return };
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let loaded =
                Config::load_text(&text, &path).unwrap_or_else(|error| panic!("{}", error.explain()));
            let printed = loaded.config.to_yaml();
            let again = load(&printed).unwrap_or_else(|error| panic!("{error}\n{printed}"));
            assert_eq!(again.config, loaded.config, "{}", path.display());
        }
    }
}

#[test]
fn limits_of_a_recorded_file_reach_those_who_keep_them() {
    let Some(path) = shared("conformance/loki/config/strict.yaml") else { return };
    let config = load(&std::fs::read_to_string(path).unwrap()).unwrap().config;
    let limits = config.intake_limits(&config.limits_config);
    let rate = limits.rate.unwrap();
    assert_eq!((rate.per_second as u64, rate.burst), (10_485, 20_971));
    let stream = limits.append.stream_rate.unwrap();
    assert_eq!((stream.per_second as u64, stream.burst), (1024, 4096));
    assert_eq!(limits.times.age_max, Some(Duration::from_secs(168 * 3600)));
    assert_eq!(limits.times.first, Some(1_577_836_800_000_000_000));
    assert_eq!(limits.append.out_of_order_window, Some(3_600_000_000_000));
    assert!(!config.auth_enabled);
    assert_eq!(config.folders().logs, Some(PathBuf::from("./loki-data/chunks")));
}

#[test]
fn keys_of_loki_that_mean_nothing_are_told_and_others_refused() {
    let loaded = load(
        "memberlist: {join_members: [a]}\nlimits_config: {cardinality_limit: 5}\nruler: {resend_delay: 2m}\ningester: {wal: {dir: w}}\n",
    )
    .unwrap();
    let told: Vec<&str> = loaded.warnings.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "memberlist has no effect here and is passed over",
            "limits_config.cardinality_limit has no effect here and is passed over",
            "ingester.wal.dir has no effect here and is passed over",
            "ruler.resend_delay has no effect here and is passed over",
        ]
    );
    for (text, message) in [
        ("nonsense: 1\n", "field nonsense not found in type loki.ConfigWrapper"),
        (
            "limits_config: {retention_perod: 1d}\n",
            "field retention_perod not found in type validation.plain",
        ),
        ("limits_config: {retention_period: 1h}\n", "retention period must be >= 24h was 1h"),
        ("limits_config: {max_query_length: soon}\n", "cannot unmarshal !!str `soon` into time.Duration"),
        ("server: {http_listen_port: x}\n", "cannot unmarshal !!str `x` into uint"),
        ("limits_config: {retention_stream: [{selector: '{', period: 2d}]}\n", "invalid labels matchers"),
    ] {
        let error = load(text).unwrap_err();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn what_is_no_size_is_told_with_what_would_be_one() {
    let text = "limits_config: {max_line_size: long}\n";
    let told = Config::load_text(text, Path::new("loki.yaml")).unwrap_err().explain();
    assert!(told.contains("found `long`, a text; expected a size such as 256KB"), "{told}");
}

#[test]
fn durations_and_sizes_are_read_in_every_notation() {
    let text = "limits_config: {max_query_length: 30d1h, query_timeout: 1m30s, max_query_lookback: 0, max_line_size: 256KB}\n\
        ingester: {max_chunk_age: -1ns}\ndistributor: {max_recv_msg_size: 5MiB, max_decompressed_size: 70}\n";
    let config = load(text).unwrap().config;
    assert_eq!(config.limits_config.max_query_length, Span::hours(721));
    assert_eq!(config.limits_config.query_timeout, Span::seconds(90));
    assert_eq!(config.limits_config.max_line_size, Size(262_144));
    assert_eq!(config.body_bytes_max(), (5 << 20, 70));
    assert_eq!(config.intake_limits(&config.limits_config).append.out_of_order_window, None);
}

#[test]
fn long_lines_are_cut_unless_a_limit_is_set_alone() {
    for (text, cut) in [
        ("limits_config: {}", true),
        ("limits_config: {max_line_size: 1KB}", false),
        ("limits_config: {max_line_size: 1KB, max_line_size_truncate: true}", true),
        ("limits_config: {max_line_size_truncate: false}", false),
    ] {
        let config = load(text).unwrap().config;
        let lines = config.intake_limits(&config.limits_config).lines;
        assert_eq!(lines.cut_mark.is_some(), cut, "{text}");
    }
}

#[test]
fn aggregations_and_selectors_are_switched_by_their_keys() {
    let limits = load("limits_config: {}").unwrap().config.limits_config;
    assert_eq!((limits.shard_aggregations.0.len(), limits.strict_selectors), (0, false));
    for names in ["'quantile_over_time, approx_topk'", "[quantile_over_time, approx_topk]"] {
        let text = format!("limits_config: {{shard_aggregations: {names}, strict_selectors: true}}\n");
        let loaded = load(&text).unwrap();
        assert_eq!(loaded.warnings.len(), 0);
        let limits = loaded.config.limits_config;
        assert_eq!(limits.shard_aggregations.0, ["quantile_over_time", "approx_topk"]);
        assert!(limits.strict_selectors);
    }
}

#[test]
fn overrides_of_a_tenant_change_what_they_name_alone() {
    let base = load("limits_config: {max_query_series: 7, max_line_size: 1KB}\n").unwrap().config;
    let text = "overrides:\n  a: {max_line_size: 2KB}\n  b:\nconfigs: {a: {log_push_request: true}}\nmulti_kv_config: {}\n";
    let runtime = RuntimeConfig::load_text(text, Path::new("runtime.yaml"), &base.limits_config).unwrap();
    let own = &runtime.overrides["a"];
    assert_eq!((own.max_query_series, own.max_line_size), (7, Size(2048)));
    assert!(!runtime.overrides.contains_key("b"));
    let warnings: Vec<String> = runtime.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings[1].contains("a tenant's configuration"), "{warnings:?}");
    let idle = "overrides: {a: {max_query_parallelism: 3}}";
    let idle = RuntimeConfig::load_text(idle, Path::new("r"), &base.limits_config).unwrap();
    assert!(
        idle.warnings[0].to_string().contains("max_query_parallelism has no effect"),
        "{:?}",
        idle.warnings
    );
    let refused = RuntimeConfig::load_text("overrides: {a: {x: 1}}", Path::new("r"), &base.limits_config);
    assert!(refused.unwrap_err().to_string().contains("field x not found in type validation.plain"));
}

#[test]
fn the_period_of_a_stream_is_that_of_the_highest_priority_and_then_the_shortest() {
    let text = "limits_config:\n  retention_stream:\n  - {selector: '{a=\"1\"}', priority: 1, period: 72h}\n\
        \x20 - {selector: '{a=\"1\"}', priority: 2, period: 48h}\n  - {selector: '{a=\"1\"}', priority: 2, period: 24h}\n\
        compactor: {retention_enabled: true, delete_request_store: filesystem}\n";
    let config = load(text).unwrap().config;
    let retention = config.retention(&config.limits_config);
    let hours: Vec<u64> =
        retention.streams.iter().map(|stream| stream.period.unwrap().as_secs() / 3600).collect();
    assert_eq!(hours, [24, 48, 72]);
    assert_eq!(retention.period, None);
}

#[test]
fn periods_count_where_retention_is_on_and_the_old_one_where_it_is_off() {
    let limits =
        "limits_config: {retention_period: 48h, retention_stream: [{selector: '{a=\"1\"}', period: 24h}]}\n";
    let old = "table_manager: {retention_deletes_enabled: true, retention_period: 720h}\n";
    let on = "compactor: {retention_enabled: true, delete_request_store: filesystem}\n";
    for (text, hours, streams) in [
        (limits.to_owned(), None, 0),
        (format!("{limits}{old}"), Some(720), 0),
        (format!("{limits}{old}{on}"), Some(48), 1),
    ] {
        let config = load(&text).unwrap().config;
        let retention = config.retention(&config.limits_config);
        assert_eq!(retention.period.map(|period| period.as_secs() / 3600), hours, "{text}");
        assert_eq!(retention.streams.len(), streams, "{text}");
    }
}

#[test]
fn references_to_the_environment_are_replaced_before_the_file_is_read() {
    let variable = |name: &str| (name == "SET").then(|| "value".to_owned());
    for (text, expanded) in [
        ("a: ${SET}", Ok("a: value")),
        ("a: $SET.", Ok("a: value.")),
        ("a: ${GONE:-other}", Ok("a: other")),
        ("a: ${SET:-other}", Ok("a: value")),
        ("a: ${GONE:?must be set}", Err("GONE: must be set")),
        ("a: ${GONE}b", Ok("a: b")),
        ("a: $$SET $1 ${1}", Ok("a: $SET $1 ${1}")),
        ("price: 5$", Ok("price: 5$")),
    ] {
        let found = expand_env(text, &variable);
        assert_eq!(found.as_deref().map_err(String::as_str), expanded, "{text}");
    }
}

#[test]
fn what_a_file_asks_for_and_does_not_get_is_told() {
    let text = "target: read\nschema_config: {configs: [{from: 2024-01-01, object_store: s3}, {from: 2024-02-01, object_store: filesystem}]}\n\
        ruler: {storage: {type: gcs}}\nruler_storage: {backend: local}\npattern_ingester: {max_chunk_age: 1h}\n";
    let warnings: Vec<String> = load(text).unwrap().warnings.iter().map(ToString::to_string).collect();
    for told in ["target read", "object_store s3", "ruler.storage.type gcs", "pattern_ingester.max_chunk_age"]
    {
        assert!(warnings.iter().any(|warning| warning.contains(told)), "{told}: {warnings:?}");
    }
    assert_eq!(warnings.len(), 4, "{warnings:?}");
    assert!(load("target: all\n").unwrap().warnings.is_empty());
}
