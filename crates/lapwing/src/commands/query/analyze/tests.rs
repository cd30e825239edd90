//! Buckets are counted as a packaged promtool counts them.

use serde_json::json;

use super::{histograms, line, summary};

#[test]
fn buckets_in_use_are_counted_at_each_time() {
    let result = json!([
        { "metric": { "__name__": "b_bucket", "le": "1", "x": "2" }, "values": [[100, "0"], [160, "1"], [220, "3"]] },
        { "metric": { "__name__": "b_bucket", "le": "+Inf", "x": "2" }, "values": [[100, "0"], [160, "2"], [220, "6"]] },
        { "metric": { "__name__": "a_bucket", "le": "1", "x": "1" }, "values": [[100, "0"], [160, "0"], [220, "3"]] },
        { "metric": { "__name__": "a_bucket", "le": "5", "x": "1" }, "values": [[100, "0"], [160, "2"], [220, "5"]] },
        { "metric": { "__name__": "a_bucket", "le": "7", "x": "1" }, "values": [[100, "0"], [160, "2"], [220, "5"]] },
        { "metric": { "__name__": "a_bucket", "le": "+Inf", "x": "1" }, "values": [[100, "0"], [160, "2"], [220, "6"]] },
        { "metric": { "__name__": "c", "le": "3" }, "values": [[100, "0"]] },
        { "metric": { "__name__": "d" }, "histograms": [
            [100, { "buckets": [[0, "1", "2", "1"], [0, "2", "4", "0"]] }],
            [160, { "buckets": [[0, "1", "2", "1"], [0, "4", "8", "1"], [0, "8", "16", "1"]] }],
        ] },
    ]);
    let all = histograms(&result);
    let lines: String = all.iter().map(line).collect();
    assert_eq!(
        lines,
        "- d (native): 2/2.500/3/4\n- b_bucket{x=\"2\"} (classic): 0/1.333/2\n\
         - a_bucket{x=\"1\"} (classic): 0/1.333/3/4\n"
    );
    assert_eq!(
        summary("Classic", &all, false),
        "\nClassic histogram series (2 in total):\n- min populated: 0/0.000/0\n- avg populated: 1/1.000/1\n\
         - max populated: 2/2.500/3\n- total: 2/3.000/4\n"
    );
    assert_eq!(summary("Native", &[], true), "");
}
