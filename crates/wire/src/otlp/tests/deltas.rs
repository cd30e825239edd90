//! Deltas: summed up, or stored as they are.

use serde_json::{Value as Json, json};

use super::{Shown, request, run};
use crate::otlp::{Accumulator, Deltas, Settings, json as json_form, translate};

fn at(start: u64, time: u64, mut fields: Json) -> Json {
    fields["startTimeUnixNano"] = json!((start * 1_000_000).to_string());
    fields["timeUnixNano"] = json!((time * 1_000_000).to_string());
    fields
}

fn sum(points: Json) -> Json {
    request(
        &[],
        json!([{"name": "d", "sum": {"dataPoints": points, "aggregationTemporality": 1, "isMonotonic": true}}]),
    )
}

fn settings(deltas: Deltas) -> Settings {
    Settings { deltas, ..Settings::default() }
}

#[test]
fn deltas_are_summed_up_from_the_first_on() {
    let summing = settings(Deltas::Accumulated);
    let mut sums = Accumulator::new();
    let mut add = |start, time, value: u32| {
        let (lines, translated) =
            run(&sum(json!([at(start, time, json!({"asInt": value}))])), &summing, &mut sums).unwrap();
        (lines.concat(), translated.deltas_left_out)
    };
    assert_eq!(add(10, 20, 5), (r#"{__name__="d_total"} 5 20 since 10"#.to_owned(), 0));
    assert_eq!(add(20, 30, 2), (r#"{__name__="d_total"} 7 30 since 10"#.to_owned(), 0));
    // Late ones, and such that began before, are left out.
    assert_eq!(add(20, 30, 9), (String::new(), 1));
    assert_eq!(add(5, 40, 9), (String::new(), 1));
    assert_eq!(add(30, 50, 1), (r#"{__name__="d_total"} 8 50 since 10"#.to_owned(), 0));
}

#[test]
fn what_is_not_stored_is_not_summed_up() {
    let summing = settings(Deltas::Accumulated);
    let mut sums = Accumulator::new();
    let body = |time, value: u32| {
        json_form::to_protobuf(sum(json!([at(1, time, json!({"asInt": value}))])).to_string().as_bytes())
            .unwrap()
    };
    let mut shown = Shown::default();
    translate(&body(10, 1), &summing, (&mut sums, 0), &mut shown).unwrap();
    shown.refused = Some(20);
    translate(&body(20, 2), &summing, (&mut sums, 0), &mut shown).unwrap_err();
    shown.refused = None;
    translate(&body(20, 2), &summing, (&mut sums, 0), &mut shown).unwrap();
    // The store may fail later still.
    sums.undo();
    translate(&body(20, 2), &summing, (&mut sums, 0), &mut shown).unwrap();
    assert!(shown.lines.last().unwrap().contains(" 3 20"), "{:?}", shown.lines);
}

#[test]
fn idle_streams_begin_anew() {
    let summing = settings(Deltas::Accumulated);
    let mut sums = Accumulator::new();
    let mut shown = Shown::default();
    for (now, time) in [(0, 10), (600_000, 20)] {
        let body = sum(json!([at(1, time, json!({"asInt": 4}))])).to_string();
        let body = json_form::to_protobuf(body.as_bytes()).unwrap();
        translate(&body, &summing, (&mut sums, now), &mut shown).unwrap();
    }
    assert!(shown.lines.last().unwrap().contains(" 4 20"), "{:?}", shown.lines);
}

#[test]
fn histograms_are_summed_up_bucket_by_bucket() {
    let summing = settings(Deltas::Accumulated);
    let mut sums = Accumulator::new();
    let mut add = |time, metric: &str, fields: Json| {
        let metrics = json!([{"name": "h", metric: {"dataPoints": [at(1, time, fields)], "aggregationTemporality": 1}}]);
        run(&request(&[], metrics), &summing, &mut sums).unwrap().0
    };
    let classic = json!({"count": 3, "sum": 4, "bucketCounts": [1, 2], "explicitBounds": [1]});
    add(10, "histogram", classic.clone());
    let lines = add(20, "histogram", classic);
    assert!(lines.contains(&r#"{__name__="h_bucket", le="1"} 2 20 since 1"#.to_owned()), "{lines:?}");
    let exponential = |offset: i32, scale: i32| {
        json!({"count": 3, "sum": 4, "scale": scale, "zeroCount": 1,
        "positive": {"offset": offset, "bucketCounts": [1, 1]}})
    };
    add(10, "exponentialHistogram", exponential(0, 1));
    // Of the coarser scale the buckets (1, 4] and (4, 16].
    let [line] = add(20, "exponentialHistogram", exponential(0, -1)).try_into().unwrap();
    assert!(
        line.contains("schema:-1 count:6 sum:8 z_bucket:2") && line.contains("offset:1 buckets:[3 1]"),
        "{line}"
    );
    // Further apart than numbers are: what comes later counts alone.
    let lines = add(30, "exponentialHistogram", exponential(1_000_000, -1));
    assert!(lines.concat().contains("schema:-4 count:3 sum:4 z_bucket:1"), "{lines:?}");
}

#[test]
fn deltas_are_stored_as_they_are_where_asked_for() {
    let keeping = settings(Deltas::Kept);
    let points = json!([at(1, 10, json!({"asInt": 4})), at(10, 20, json!({"asInt": 2}))]);
    assert_eq!(
        run(&sum(points), &keeping, &mut Accumulator::new()).unwrap().0,
        [r#"{__name__="d_total"} 4 10 since 1"#, r#"{__name__="d_total"} 2 20 since 10"#]
    );
    let metrics = json!([{"name": "h", "exponentialHistogram": {"aggregationTemporality": 1,
        "dataPoints": [at(1, 10, json!({"count": 1, "sum": 4, "scale": 0, "positive": {"bucketCounts": [1]}}))]}}]);
    let [line] =
        run(&request(&[], metrics), &keeping, &mut Accumulator::new()).unwrap().0.try_into().unwrap();
    assert!(line.contains("counter_reset_hint:gauge"), "{line}");
}
