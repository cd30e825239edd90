//! What is accepted, and what it means.

use logql_syntax::ast::{LabelFilter, Stage};
use logql_syntax::{AnyTemplate, Expr, Options, check_stages, parse};

fn read(text: &str) -> Expr {
    parse(text, Options::STRICT).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn queries_of_every_form_are_accepted() {
    for text in [
        r#"{app="x"}"#,
        r#"{app="x", env!="p"}"#,
        r#"{app=~".+"}"#,
        r#"{app!=""}"#,
        r#"({app="x"} |= "e")"#,
        r#"{app="x"} |= "a" or "b" or "c""#,
        r#"{app="x"} != "a" or "b""#,
        r#"{app="x"} |~ "a|b" |= "c""#,
        r#"{app="x"} |> "<_> level=error <_>""#,
        r#"{app="x"} | json | status >= 500 and (dur > 1s or size > 20KB)"#,
        r#"{app="x"} | json | size > 5mb, dur < -1m30s or n = -1.5e3 or a == 1d"#,
        r#"{app="x"} | a="1" b="2", c=~"3.*""#,
        r#"{app="x"} | logfmt --strict --keep-empty | level="error""#,
        r#"{app="x"} | logfmt lvl="level", msg"#,
        r#"{app="x"} | json first="servers[0]", ua="req.headers[\"User-Agent\"]""#,
        r#"rate({app="x"}[5m])"#,
        r#"rate({app="x"} |= "e" [5m])"#,
        r#"rate({app="x"}[5m] |= "e")"#,
        r#"rate(({app="x"} |= "e")[5m])"#,
        r#"rate(({app="x"} |= "e" [5m]))"#,
        r#"count_over_time({app="x"}[5m] offset 1h)"#,
        r#"count_over_time({app="x"}[5m] offset -1h |= "e")"#,
        r#"sum(rate({app="x"} | unwrap bytes [5m]))"#,
        r#"sum_over_time({app="x"} | json | unwrap bytes(size) | __error__="" [5m])"#,
        r#"sum_over_time({app="x"}[5m] offset 1m | json | unwrap v)"#,
        r#"quantile_over_time(0.9, {app="x"} | logfmt | unwrap duration(d) [5m]) by (path)"#,
        r#"SUM BY (a) (RATE({app="x"}[5m]))"#,
        r#"sum by () (rate({app="x"}[5m]))"#,
        r#"sum without (a, b) (rate({app="x"}[5m]))"#,
        r#"topk by (a) (3, rate({app="x"}[5m]))"#,
        r#"sort_desc(sum by (a)(rate({app="x"}[5m])))"#,
        r#"rate({app="x"}[5m]) / ignoring(a) group_left sum(rate({app="x"}[5m]))"#,
        r#"rate({app="x"}[5m]) / on() group_right(b) sum(rate({app="x"}[5m]))"#,
        r#"sum(rate({app="x"}[5m])) or vector(0)"#,
        r#"label_replace(rate({app="x"}[5m]), "d", "$1", "s", "(.*)")"#,
        "{app=\"x\"} # note\n|= \"e\"",
        "{app=`x`} /* note */ |= `\"e\"` // more",
        r#"sum by (rate) (rate({app="x"}[5m]))"#,
        r#"{app="x"} | logfmt | count > 5 | ip="1" | ip=ip("10.0.0.0/8")"#,
        r#"{app="x"} | drop a, b="x", c=~"re" | keep d != "y""#,
    ] {
        let expr = read(text);
        check_stages(&expr, &AnyTemplate).unwrap_or_else(|error| panic!("{text}: {error}"));
        for printed in [expr.to_string(), expr.pretty()] {
            assert_eq!(read(&printed), expr, "{printed}");
        }
    }
}

#[test]
fn numbers_are_computed_where_they_are_read() {
    for (text, number) in [
        ("1 + 2 * 3", "7"),
        ("2 ^ 3 ^ 2", "512"),
        ("1 > 2", "0"),
        ("1 >bool 0", "1"),
        ("7 % 4 - 1", "2"),
        ("1 / 0", "NaN"),
        ("-2 ^ 2", "4"),
    ] {
        assert_eq!(read(text).to_string(), number, "{text}");
    }
}

#[test]
fn a_comma_takes_the_rest_of_a_filter() {
    for (text, meaning) in [
        (r#"a="1" b="2", c="3" or d="4""#, r#"( a="1" , ( b="2" , ( c="3" or d="4" ) ) )"#),
        (r#"a="1" or b="2" and c="3""#, r#"( a="1" or ( b="2" , c="3" ) )"#),
        (r#"a="1" or b="2", c="3" or d="4""#, r#"( a="1" or ( b="2" , ( c="3" or d="4" ) ) )"#),
        (r#"(a="1" or b="2") and c="3""#, r#"( ( a="1" or b="2" ) , c="3" )"#),
    ] {
        let Expr::Log(log) = read(&format!("{{x=\"y\"}} | {text}")) else { panic!("{text}") };
        let [Stage::LabelFilter(filter)] = log.stages.as_slice() else { panic!("{text}") };
        assert!(matches!(filter, LabelFilter::And(..) | LabelFilter::Or(..)));
        assert_eq!(filter.to_string(), meaning, "{text}");
    }
}

#[test]
fn line_filters_in_a_row_are_one_stage() {
    let Expr::Log(log) = read(r#"{a="b"} |= "x" != "y" or "z" | json |~ "w""#) else { panic!() };
    let [Stage::LineFilters(first), Stage::Json(_), Stage::LineFilters(second)] = log.stages.as_slice()
    else {
        panic!("{log}")
    };
    assert_eq!((first.len(), second.len()), (2, 1));
    assert_eq!(first[1].operands().count(), 2);
}

#[test]
fn a_repeated_filter_operator_reads_as_a_bare_operand() {
    let repeated = parse(r#"{} |= "a" or |= "b""#, Options::default()).unwrap();
    assert_eq!(repeated, parse(r#"{} |= "a" or "b""#, Options::default()).unwrap());
    let other = parse(r#"{a="b"} |= "a" or != "b""#, Options::default()).unwrap_err();
    assert_eq!(
        other.to_string(),
        "parse error at line 0, col 19: syntax error: unexpected !=, expecting STRING or ip"
    );
}

#[test]
fn long_queries_stand_on_several_lines() {
    let long = "a".repeat(60);
    let text = format!(
        "topk(3, sum by (a) (rate({{job=\"{long}\"}} |= \"{long}\" | logfmt | unwrap x | y=\"1\" [5m] offset 1m))) > on (a) 1"
    );
    let pretty = format!(
        "  topk(\n    3,\n    sum by (a)(\n      rate(\n        {{job=\"{long}\"}}\n          |= \"{long}\"\n          | logfmt\n          | unwrap x\n          | y=\"1\" [5m] offset 1m0s\n      )\n    )\n  )\n> on (a) \n  1"
    );
    let expr = read(&text);
    assert_eq!(expr.pretty(), pretty);
    assert_eq!(read(&pretty), expr);
}

#[test]
fn variants_are_read_where_they_are_switched_on() {
    let text = r#"Variants(count_over_time({a="x"}[5m]), sum by (b) (rate({a="x"} | json [5m])) * 2) OF ({a="x"} | json [5m] offset 1m)"#;
    let Expr::Metric(logql_syntax::MetricExpr::Variants(variants)) = parse(text, Options::default()).unwrap()
    else {
        panic!("no variants");
    };
    assert_eq!((variants.metrics.len(), variants.log.stages.len()), (2, 1));
    assert_eq!((variants.range.as_secs(), variants.offset_nanos), (300, 60_000_000_000));
    let expr = parse(text, Options::default()).unwrap();
    let printed = r#"variants(count_over_time({a="x"}[5m]), (sum by (b)(rate({a="x"} | json[5m])) * 2)) of ({a="x"} | json[5m] offset 1m0s)"#;
    assert_eq!(expr.to_string(), printed);
    let pretty = "variants(\n  count_over_time({a=\"x\"}[5m]),\n  (sum by (b)(rate({a=\"x\"} | json[5m])) * 2)\n) of (\n  {a=\"x\"} | json [5m] offset 1m0s\n)";
    assert_eq!(expr.pretty(), pretty);
    assert_eq!(parse(pretty, Options::default()).unwrap(), expr);
    // Elsewhere the words are names.
    parse(r#"sum by (variants, of) (rate({variants="x", of="y"}[5m]))"#, Options::default()).unwrap();
}

#[test]
fn what_is_no_whole_query_of_variants_is_refused() {
    let told = |text: &str, options| parse(text, options).unwrap_err().to_string();
    let range = r#"({a="x"}[5m])"#;
    let one = format!("variants(rate{range})");
    let unexpected = "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER";
    assert_eq!(told(&format!("{one} of {range}"), Options::STRICT), unexpected);
    for (text, words) in [
        (one.clone(), "col 28: syntax error: unexpected $end, expecting of"),
        (format!("{one} of {{a=\"x\"}}"), "col 32: syntax error: unexpected {, expecting ("),
        (format!("{one} of ({{a=\"x\"}})"), "col 40: syntax error: unexpected )"),
        (format!("{one} of {range} > 1"), "col 46: syntax error: unexpected >"),
        (format!("variants({{a=\"x\"}}) of {range}"), "col 17: syntax error: unexpected )"),
        (format!("variants() of {range}"), "col 10: syntax error: unexpected )"),
        (format!("sum({one} of {range})"), "col 5: syntax error: unexpected IDENTIFIER"),
    ] {
        let error = told(&text, Options::default());
        assert!(error.ends_with(words), "{text}: {error}");
    }
}
