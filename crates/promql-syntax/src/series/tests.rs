//! Values and messages, the latter as the original's promtool gives them.

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram, Span, is_stale_nan};

use super::{SeriesValue, SeriesValues, parse_series_description};

/// The values of a series, written out.
fn shown(values: &str) -> Result<Vec<String>, String> {
    let series = parse_series_description(&format!("m {values}")).map_err(|error| error.to_string())?;
    let SeriesValues::Samples(values) = series.values else { return Err("start timestamps".to_owned()) };
    Ok(values
        .iter()
        .map(|value| match value {
            SeriesValue::Omitted => "_".to_owned(),
            SeriesValue::Float(value) if is_stale_nan(*value) => "stale".to_owned(),
            SeriesValue::Float(value) => value.to_string(),
            SeriesValue::Histogram(histogram) => {
                format!("h{}/{}/{:?}", histogram.count, histogram.sum, histogram.positive_buckets)
            }
        })
        .collect())
}

#[test]
fn values_are_written_out() {
    for (text, expected) in [
        ("", ""),
        ("  1 ", "1"),
        ("1 2 _ 4 stale", "1 2 _ 4 stale"),
        ("0+10x3", "0 10 20 30"),
        ("1-1x2 7", "1 0 -1 7"),
        ("-1-1x1 +3", "-1 -2 3"),
        ("5x2", "5 5 5"),
        ("0x2", "0 0 0"),
        ("_x3 1", "_ _ _ 1"),
        ("_x0", ""),
        ("1x0 1+1x0", "1 1"),
        ("1e3 .5 1. 1_000 Inf -Inf NaN", "1000 0.5 1 1000 inf -inf NaN"),
        ("{{}}x1 {{  }}", "h0/0/[] h0/0/[] h0/0/[]"),
        (
            "{{count:2 sum:1 buckets:[1 1]}}+{{count:1 sum:1 buckets:[1 0]}}x2",
            "h2/1/[1.0, 1.0] h3/2/[2.0, 1.0] h4/3/[3.0, 1.0]",
        ),
    ] {
        let expected: Vec<String> = match text.contains("buckets") {
            true => expected.split(" h").map(|part| format!("h{}", part.trim_start_matches('h'))).collect(),
            false => expected.split_ascii_whitespace().map(ToOwned::to_owned).collect(),
        };
        assert_eq!(shown(text), Ok(expected), "{text}");
    }
}

#[test]
fn histogram_has_its_fields() {
    let text = "m {{schema:-53 sum:-1.5 count:4 z_bucket:1 z_bucket_w:0.1 custom_values:[5 10] offset:-1 \
                buckets:[1 2 -3] n_offset:2 n_buckets:[1] counter_reset_hint:not_reset}}";
    let expected = FloatHistogram {
        counter_reset_hint: CounterResetHint::NotReset,
        schema: -53,
        zero_threshold: 0.1,
        zero_count: 1.0,
        count: 4.0,
        sum: -1.5,
        positive_spans: vec![Span { offset: -1, length: 3 }],
        negative_spans: vec![Span { offset: 2, length: 1 }],
        positive_buckets: vec![1.0, 2.0, -3.0],
        negative_buckets: vec![1.0],
        custom_values: Arc::from([5.0, 10.0]),
    };
    let series = parse_series_description(text).unwrap();
    assert_eq!(series.values, SeriesValues::Samples(vec![SeriesValue::Histogram(Arc::new(expected))]));
}

#[test]
fn labels_stand_before_the_values() {
    for (text, labels) in [
        ("m{a=\"b\",} 1", r#"{__name__="m", a="b"}"#),
        ("{\"a.b\",\"c\"='d'} 1", r#"{__name__="a.b", c="d"}"#),
        (" sum 1", r#"{__name__="sum"}"#),
        ("{} 1", "{}"),
        ("m", r#"{__name__="m"}"#),
    ] {
        assert_eq!(parse_series_description(text).unwrap().labels.to_string(), labels);
    }
}

#[test]
fn start_timestamps_are_offsets() {
    let offsets = |text: &str| parse_series_description(text).map(|series| series.values);
    assert_eq!(
        offsets("m{a=\"b\"}@st  _ _x2 -30s-1mx2 1ms 0 +1m -0msx1"),
        Ok(SeriesValues::StartOffsets(vec![
            None,
            None,
            None,
            Some(-30_000),
            Some(-90_000),
            Some(-150_000),
            Some(1),
            Some(0),
            Some(60_000),
            Some(0),
            Some(0)
        ]))
    );
    assert_eq!(offsets("m@st"), Ok(SeriesValues::StartOffsets(Vec::new())));
    for text in ["m@sta", "m@st 1", "m@st 1s-1m", "m@st x2", "m@st 1sx", "m@st 1x2", "m@st _x9999999999"] {
        assert!(offsets(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_wrong_is_told_in_the_words_of_the_original() {
    for (text, message) in [
        (
            "stalex5",
            r#"1:3: parse error: unexpected identifier "stalex5" in series values, expected number or "stale""#,
        ),
        ("1+1", "1:6: parse error: unexpected end of input in series values"),
        ("x5", r#"1:3: parse error: unexpected "x""#),
        ("1 x5", r#"1:5: parse error: unexpected "x""#),
        ("1x5x5", r#"1:6: parse error: unexpected "x""#),
        ("- 1", r#"1:4: parse error: unexpected " " in series values"#),
        (
            "1x1.5",
            r#"1:5: parse error: invalid repetition in series values: strconv.ParseUint: parsing "1.5": invalid syntax"#,
        ),
        ("-1--1x3", "1:6: parse error: unexpected <op:-> in series values"),
        ("1,2", "1:4: parse error: unexpected character in series sequence: ','"),
        ("__", r#"1:4: parse error: unexpected "_""#),
        ("1m", r#"1:3: parse error: bad number syntax: "1""#),
        ("1_", r#"1:3: parse error: bad number syntax: "1_""#),
        ("{{", "1:5: parse error: histogram description incomplete unexpected: '\u{fffd}'"),
        ("{{}", "1:5: parse error: histogram description incomplete unexpected: '}'"),
        ("{", "1:3: parse error: unexpected character in series sequence: '{'"),
        ("{{foo:1}}", r#"1:5: parse error: bad histogram descriptor found: "foo""#),
        ("{{schema 0}}", "1:5: parse error: missing `:` for histogram descriptor"),
        ("{{buckets:1}}", r#"1:13: parse error: unexpected number "1" in series values"#),
        ("{{buckets:[]}}", r#"1:14: parse error: unexpected "]" in series values"#),
        ("{{buckets:[ 1]}}", r#"1:14: parse error: unexpected " " in series values"#),
        ("{{buckets:[1,2]}}", "1:15: parse error: invalid character in buckets description: ','"),
        ("{{sum:1 sum:2}}", r#"1:1: parse error: duplicate key "sum" in histogram"#),
        (
            "{{sum:1 :1}}",
            r#"1:11: parse error: unexpected ":" in histogram description, expected histogram description key, e.g. buckets:[5 10 7]"#,
        ),
        (
            "{{buckets:[1][2]}}",
            r#"1:16: parse error: unexpected "[" in histogram description, expected histogram description key, e.g. buckets:[5 10 7]"#,
        ),
        ("{{}}+1x2", r#"1:8: parse error: unexpected number "1" in series values"#),
        ("1+{{}}x2", r#"1:5: parse error: unexpected "{{" in series values"#),
        ("{{}}+{{}}", "1:12: parse error: unexpected end of input in series values"),
        ("{{}}{{}}", r#"1:7: parse error: unexpected "{{""#),
        ("1x99999999999", "1:3: parse error: series has more than 5000000 values"),
    ] {
        assert_eq!(shown(text), Err(message.to_owned()), "{text}");
    }
    for (text, message) in [
        ("m{a=~\"b\"} 1", r#"1:4: parse error: unexpected <op:=~> in label set, expected "=""#),
        ("m{a} 1", r#"1:4: parse error: unexpected "}" in label set, expected "=""#),
        ("m{a=} 1", r#"1:5: parse error: unexpected "}" in label set, expected string"#),
        ("m{,} 1", r#"1:3: parse error: unexpected "," in label set, expected identifier or "}""#),
        (
            "m{a=\"b\" c=\"d\"} 1",
            r#"1:9: parse error: unexpected identifier "c" in label set, expected "," or "}""#,
        ),
        ("on 1", "1:1: parse error: unexpected <on> in series values"),
        ("1 1", r#"1:1: parse error: unexpected number "1" in series values"#),
        (
            "a b 1",
            r#"1:3: parse error: unexpected identifier "b" in series values, expected number or "stale""#,
        ),
    ] {
        let error = parse_series_description(text).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
    }
}
