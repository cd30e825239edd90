//! Answers are shown as a packaged promtool shows them.

use serde_json::json;

use super::{Format, result, series, values};

#[test]
fn vectors_keep_the_servers_order() {
    let data = json!({ "resultType": "vector", "result": [
        { "metric": { "z": "1" }, "value": [1, "3"] },
        { "metric": { "__name__": "a" }, "value": [1.5, "0.1e-7"] },
        { "metric": { "__name__": "metric with spaces", "é l": "q\"\n" }, "value": [1.5, "+Inf"] },
        { "metric": {}, "value": [1700010000.123, "1"] },
    ] });
    assert_eq!(
        result(&data, Format::Promql).unwrap(),
        "{z=\"1\"} => 3 @[1]\na => 0.00000001 @[1.5]\n\
         metric with spaces{é l=\"q\\\"\\n\"} => +Inf @[1.5]\n{} => 1 @[1700010000.123]\n"
    );
    let empty = json!({ "resultType": "vector", "result": [] });
    assert_eq!(result(&empty, Format::Promql).unwrap(), "\n");
    assert_eq!(result(&empty, Format::Json).unwrap(), "[]\n");
}

#[test]
fn matrices_are_sorted_by_labels() {
    let data = json!({ "resultType": "matrix", "result": [
        { "metric": { "__name__": "a", "le": "1", "x": "1" }, "values": [[100, "0"], [160, "2"]] },
        { "metric": { "__name__": "b", "x": "1" }, "values": [[100, "0"]] },
        { "metric": { "__name__": "c", "le": "3" }, "values": [[100, "0"]] },
        { "metric": { "__name__": "d" }, "values": [[100, "NaN"]] },
        { "metric": { "z": "d" }, "values": [[100, "1"]] },
    ] });
    assert_eq!(
        result(&data, Format::Promql).unwrap(),
        "{z=\"d\"} =>\n1 @[100]\nd =>\nNaN @[100]\nb{x=\"1\"} =>\n0 @[100]\nc{le=\"3\"} =>\n0 @[100]\n\
         a{le=\"1\", x=\"1\"} =>\n0 @[100]\n2 @[160]\n"
    );
}

#[test]
fn histograms_show_their_buckets() {
    let data = json!({ "resultType": "matrix", "result": [{ "metric": { "__name__": "d" }, "histograms": [
        [100, { "count": "2", "sum": "3", "buckets": [[1, "1", "2", "1"], [2, "2", "4", "0"]] }],
        [160, { "count": "2", "sum": "3" }],
    ] }] });
    assert_eq!(
        result(&data, Format::Promql).unwrap(),
        "d =>\nCount: 2.000000, Sum: 3.000000, Buckets: [[1,2):1 (2,4):0] @[100]\n\
         Count: 2.000000, Sum: 3.000000, Buckets: [] @[160]\n"
    );
    let one = json!({ "resultType": "vector", "result": [{ "metric": {}, "histogram":
        [100, { "count": "2", "sum": "3", "buckets": [[3, "-1", "2", "1"]] }] }] });
    assert_eq!(
        result(&one, Format::Json).unwrap(),
        "[{\"metric\":{},\"histogram\":[100,{\"count\":\"2\",\"sum\":\"3\",\"buckets\":[[3,\"-1\",\"2\",\"1\"]]}]}]\n"
    );
}

#[test]
fn scalars_labels_and_values_stand_in_lines() {
    let scalar = json!({ "resultType": "scalar", "result": [1700010000.123, "1.5e-9"] });
    assert_eq!(result(&scalar, Format::Promql).unwrap(), "scalar: 0.0000000015 @[1700010000.123]\n");
    assert_eq!(result(&scalar, Format::Json).unwrap(), "[1700010000.123,\"0.0000000015\"]\n");
    let found = json!([{ "b": "1", "__name__": "x" }, { "a": "<" }]);
    assert_eq!(series(&found, Format::Promql), "{__name__=\"x\", b=\"1\"}\n{a=\"<\"}\n");
    assert_eq!(series(&found, Format::Json), "[{\"__name__\":\"x\",\"b\":\"1\"},{\"a\":\"\\u003c\"}]\n");
    assert_eq!(values(&json!(["a", "b"]), Format::Promql), "a\nb\n");
    assert_eq!(values(&json!([]), Format::Json), "[]\n");
}
