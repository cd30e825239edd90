//! What is told of the limits.

use std::path::Path;

use super::*;

fn told(text: &str) -> Value {
    let loaded = Config::load_text(text, Path::new("loki.yaml")).unwrap();
    let configured = Configured::new(loaded.config, Texts::default()).unwrap();
    configured.settings.limits.published.clone()
}

#[test]
fn limits_are_published_with_the_periods_of_streams() {
    let text = "limits_config:\n  max_query_series: 7\n  retention_stream:\n  \
        - {selector: '{env=\"dev\"}', priority: 2, period: 48h}\n";
    let published = told(text);
    assert_eq!(published["max_query_series"], 7);
    let expected = json!([{ "selector": "{env=\"dev\"}", "priority": 2, "period": "2d" }]);
    assert_eq!(published["retention_stream"], expected);
}

#[test]
fn of_limits_that_are_named_no_others_are_published() {
    let published = told("tenant_limits_allow_publish: [max_query_series, query_timeout, unheard_of]\n");
    assert_eq!(published, json!({ "max_query_series": 500, "query_timeout": "1m" }));
}
