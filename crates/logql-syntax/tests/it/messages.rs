//! What is refused, and with which words.

use logql_syntax::{AnyTemplate, Options, check_stages, parse};

fn told(text: &str) -> String {
    let read = parse(text, Options::STRICT).and_then(|expr| check_stages(&expr, &AnyTemplate));
    read.err().unwrap_or_else(|| panic!("{text}: accepted")).to_string()
}

const UNEXPECTED: &[(&str, &str)] = &[
    (r#"{app="x""#, "line 1, col 9: syntax error: unexpected $end, expecting } or ,"),
    (r#"{app="x",}"#, "line 1, col 10: syntax error: unexpected }, expecting IDENTIFIER"),
    (r#"{app="x}"#, "line 1, col 6: literal not terminated"),
    (r#"{app='x'}"#, "line 1, col 6: syntax error: unexpected IDENTIFIER, expecting STRING"),
    (r#"{app='xy'}"#, "line 1, col 6: invalid char literal"),
    (r#"{app="\d"}"#, "line 1, col 6: invalid char escape"),
    ("{app=“x”}", "line 1, col 6: syntax error: unexpected IDENTIFIER, expecting STRING"),
    ("{a=\"b\"}\n foo", "line 2, col 2: syntax error: unexpected IDENTIFIER"),
    (r#"{app="x"} foo"#, "line 1, col 11: syntax error: unexpected IDENTIFIER"),
    (r#"{app="x"} "foo""#, "line 1, col 11: syntax error: unexpected STRING"),
    (r#"{app="x"} |~"#, "line 1, col 13: syntax error: unexpected $end, expecting STRING or ip"),
    (r#"{app="x"} |= ip"#, "line 1, col 14: syntax error: unexpected IDENTIFIER, expecting STRING or ip"),
    (r#"{app="x"} |= "a" or |= "b""#, "line 0, col 21: syntax error: unexpected |=, expecting STRING or ip"),
    (r#"{app="x"} | logfmt | addr > ip("1.2.3.4")"#, "line 1, col 29: syntax error: unexpected ip"),
    (r#"{app="x"} | a="1","#, "line 1, col 19: syntax error: unexpected $end, expecting IDENTIFIER or ("),
    (r#"{app="x"} | label_format a"#, "line 1, col 27: syntax error: unexpected $end, expecting ="),
    (
        r#"{app="x"} | label_format a=1"#,
        "line 1, col 28: syntax error: unexpected NUMBER, expecting IDENTIFIER or STRING",
    ),
    (r#"rate({app="x"})"#, "line 1, col 15: syntax error: unexpected )"),
    (r#"rate({app="x"}[5])"#, "line 0, col 15: not a valid duration string: \"5\""),
    (r#"rate({app="x"}[5minutes])"#, "line 0, col 15: unknown unit \"minutes\" in duration \"5minutes\""),
    (r#"rate({app="x"}[5m)"#, "line 0, col 15: missing closing ']' in duration"),
    (
        r#"rate({app="x"} | unwrap [5m])"#,
        "line 0, col 25: syntax error: unexpected RANGE, expecting IDENTIFIER or BYTES_CONV or DURATION_CONV or DURATION_SECONDS_CONV",
    ),
    (
        r#"rate({app="x"} | unwrap x | [5m])"#,
        "line 0, col 29: syntax error: unexpected RANGE, expecting IDENTIFIER or (",
    ),
    (
        r#"rate(({app="x"} | unwrap x "a")[5m])"#,
        "line 1, col 28: syntax error: unexpected STRING, expecting RANGE or ) or |",
    ),
    (r#"rate({app="x"} |= "a" [5m] |= "b")"#, "line 0, col 28: syntax error: unexpected |=, expecting )"),
    (r#"rate({app="x"}[5m]) | json"#, "line 1, col 21: syntax error: unexpected |"),
    (r#"min({app="x"}[5m])"#, "line 0, col 14: syntax error: unexpected RANGE"),
    (r#"sum({app="x"})"#, "line 1, col 14: syntax error: unexpected )"),
    (r#"sum by (1) (x)"#, "line 1, col 9: syntax error: unexpected NUMBER, expecting IDENTIFIER or )"),
    ("vector(abc)", "line 1, col 8: syntax error: unexpected IDENTIFIER, expecting NUMBER"),
    (r#"label_replace(rate({app="x"}[5m]), "")"#, "line 1, col 38: syntax error: unexpected ), expecting ,"),
    (r#"increase({app="x"}[5m])"#, "line 1, col 1: syntax error: unexpected IDENTIFIER"),
    (
        "absent_over_time(sum(vector(1)))",
        "line 1, col 18: syntax error: unexpected SUM, expecting NUMBER or { or (",
    ),
    ("# only a comment", "line 1, col 17: syntax error: unexpected $end"),
    ("1 +\n", "line 2, col 1: syntax error: unexpected $end"),
];

#[test]
fn a_token_in_the_wrong_place_is_told_with_what_could_stand_there() {
    for (text, message) in UNEXPECTED {
        assert_eq!(told(text), format!("parse error at {message}"), "{text}");
    }
}

const UNSELECTIVE: &str = "queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will";

const REFUSED: &[(&str, &str)] = &[
    ("", "syntax error: unexpected $end"),
    ("{}", UNSELECTIVE),
    (r#"{app!~"a|b"}"#, UNSELECTIVE),
    ("sum(rate({}[5m])) + 1", UNSELECTIVE),
    (r#"sum_over_time({app="x"}[5m])"#, "invalid aggregation sum_over_time without unwrap"),
    (r#"count_over_time({app="x"} | unwrap v [5m])"#, "invalid aggregation count_over_time with unwrap"),
    (
        r#"sum_over_time({app="x"} | unwrap v [5m]) by (a)"#,
        "grouping not allowed for sum_over_time aggregation",
    ),
    (
        r#"quantile_over_time({app="x"} | unwrap v [5m])"#,
        "parameter required for operation quantile_over_time",
    ),
    (
        r#"sum_over_time(5, {app="x"} | unwrap v [5m])"#,
        "parameter 5 not supported for operation sum_over_time",
    ),
    ("topk(vector(1))", "parameter required for operation topk"),
    ("topk(0, vector(1))", "invalid parameter (must be greater than 0) topk(0"),
    ("bottomk(1.2, vector(1))", "invalid parameter bottomk(1.2,"),
    ("sum(3, vector(1))", "unsupported parameter for operation sum(3,"),
    ("sort(vector(1)) by (a)", "sort and sort_desc doesn't allow grouping by "),
    ("approx_topk(2, vector(1)) by (a)", "grouping not allowed for approx_topk aggregation"),
    ("vector(1) or 1", "unexpected literal for right leg of logical/set binary operation (or): 1.000000"),
    (
        r#"{app="x"} + {app="y"}"#,
        "unexpected type for left leg of binary operation (+): *syntax.MatchersExpr",
    ),
    (
        r#"1 + ({app="y"} |= "a")"#,
        "unexpected type for right leg of binary operation (+): *syntax.PipelineExpr",
    ),
    (r#"{app="x"} | a=~"(""#, "error parsing regexp: missing closing ): `(`"),
    (
        r#"{app="x"} | regexp "no capture""#,
        "invalid regexp parser: at least one named capture must be supplied",
    ),
    (
        r#"{app="x"} | pattern "<a> <a>""#,
        "invalid pattern parser: duplicate capture name (a): invalid expression",
    ),
    ("1e400", r#"unable to parse float: strconv.ParseFloat: parsing "1e400": value out of range"#),
    (
        r#"{app="x"} | a > 0x1F"#,
        r#"unable to parse float: strconv.ParseFloat: parsing "0x1F": invalid syntax"#,
    ),
    (r#"{app="x"} |> "<msg> x""#, "stage '|> \"<msg> x\"' : named captures are not allowed: found '<msg>'"),
    (
        r#"{app="x"} !> "<_><_>""#,
        "stage '!> \"<_><_>\"' : found consecutive capture '<_><_>': invalid expression",
    ),
    (
        r#"{app="x"} |= "a" |~ "(""#,
        "stage '|= \"a\" |~ \"(\"' : error parsing regexp: missing closing ): `(`",
    ),
];

#[test]
fn what_a_tree_may_not_be_is_told_without_a_place() {
    for (text, message) in REFUSED {
        assert_eq!(told(text), format!("parse error : {message}"), "{text}");
    }
}

#[test]
fn the_outer_and_then_the_left_complaint_is_told() {
    assert_eq!(
        told(r#"topk(0, sum_over_time({app="x"}[5m])) + sort(vector(1)) by (a)"#),
        "parse error : invalid parameter (must be greater than 0) topk(0"
    );
    assert_eq!(
        told("sum_over_time({}[5m]) + )"),
        "parse error at line 1, col 25: syntax error: unexpected )"
    );
}
