//! Problems and errors are those that promtool tells of the same text.

use super::{families, lint, table};

fn problems(text: &str) -> Vec<String> {
    let families = families::parse(text).unwrap();
    lint::problems(&families).into_iter().map(|(name, text)| format!("{name} {text}")).collect()
}

#[test]
fn problems_are_told_by_name_and_text() {
    assert_eq!(
        problems("# TYPE aB_ms_gauge counter\naB_ms_gauge{le=\"1\"} 1\n"),
        [
            "aB_ms_gauge counter metrics should have \"_total\" suffix",
            "aB_ms_gauge metric names should be written in 'snake_case' not 'camelCase'",
            "aB_ms_gauge metric names should not contain abbreviated units",
            "aB_ms_gauge no help text",
            "aB_ms_gauge non-histogram metrics should not have \"le\" label",
        ]
    );
    assert_eq!(problems("b 1\na 1\na 2\n"), ["a metric not unique", "a no help text", "b no help text"]);
    assert!(problems("# HELP ms_total x\n# TYPE ms_total counter\nms_total 1\n").is_empty());
}

#[test]
fn units_are_measured_by_the_first_part_that_is_one() {
    let unit = |name: &str| problems(&format!("# HELP {name} x\n{name} 1\n"));
    assert_eq!(unit("a_hours_seconds"), ["a_hours_seconds use base unit \"seconds\" instead of \"hours\""]);
    assert_eq!(
        unit("a_centikelvins"),
        ["a_centikelvins use base unit \"kelvin\" instead of \"centikelvins\""]
    );
    assert_eq!(unit("a_seconds_hours"), [""; 0]);
    assert_eq!(unit("a_feet"), [""; 0]);
}

#[test]
fn parts_of_histograms_and_summaries_are_one_metric() {
    let text = "# HELP h x\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 2\n\
                # HELP g x\n# TYPE g gauge\ng 1\n";
    assert!(problems(text).is_empty());
    let shown = table(&families::parse(text).unwrap());
    assert_eq!(
        shown,
        "Metric    Cardinality    Percentage    \nh         4              80.00%        \n\
         g         1              20.00%        \nTotal     5              100%          \n"
    );
}

#[test]
fn what_is_not_in_the_format_is_told_with_its_line() {
    for (text, expected) in [
        ("a{b=\"1\" 1\n", "line 1: unexpected end of label value \"1\""),
        ("a 1 x\n", "line 1: expected integer as timestamp, got \"x\""),
        ("# HELP a x\n# TYPE a nope\n", "line 2: unknown metric type \"nope\""),
        ("# HELP a A\n# HELP a B\n", "line 2: second HELP line for metric name \"a\""),
        (
            "a 1\n# TYPE a gauge\n",
            "line 2: second TYPE line for metric name \"a\", or TYPE reported after samples",
        ),
        ("a\n", "line 1: expected float as value, got \"\""),
        ("a 1", "line 1: unexpected end of input stream"),
        ("a{b=\"1\",b=\"2\"} 1\n", "line 1: duplicate label names for metric \"a\""),
        ("a{b=1} 1\n", "line 1: expected '\"' at start of label value, found '1'"),
        ("a{b} 1\n", "line 1: expected '=' after label name, found '}'"),
        ("a{b=\"\\q\"} 1\n", "line 1: invalid escape sequence '\\q'"),
        ("9a 1\n", "line 1: invalid metric name"),
        ("# HELP 9 x\n", "line 1: invalid metric name in comment"),
        ("a 0x1p-2\n", "line 1: expected float as value, got \"0x1p-2\""),
        ("a 1 2 3\n", "line 1: spurious string after timestamp: \" 3\""),
        (
            "# TYPE a histogram\na_bucket{le=\"x\"} 1\n",
            "line 2: expected float as value for 'le' label, got \"x\"",
        ),
    ] {
        let error = families::parse(text).unwrap_err().to_string();
        assert_eq!(error, format!("text format parsing error in {expected}"), "{text:?}");
    }
}
