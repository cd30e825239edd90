//! The text format beyond what was recorded.

use super::super::float::{parse_leading, parse_value};
use super::super::{Entry, Format, KnownLines, Options, Parser};
use super::{Expected, NONE, Run, keys, read, read_guessing, read_passing};
use model::MetricType;
use model::number::parse_float;

#[test]
fn comments_declare_types_and_help() {
    let mut parser =
        Parser::new(b"# HELP a b\\\\c\n# TYPE a counter\n# other\na 1 5\n", Format::Text, Options::default());
    assert_eq!(parser.next(&NONE), Ok(Some(Entry::Help { metric: "a", text: "b\\\\c", escaped: true })));
    let declared = Entry::Type { metric: "a", metric_type: MetricType::Counter };
    assert_eq!(parser.next(&NONE), Ok(Some(declared)));
    let Ok(Some(Entry::Sample(sample))) = parser.next(&NONE) else { panic!("no sample") };
    assert_eq!((sample.value, sample.timestamp), (1.0, Some(5)));
    assert_eq!(parser.metric_type(), MetricType::Counter);
    assert_eq!(parser.next(&NONE), Ok(None));
    assert_eq!(super::super::unescape_help("b\\\\c\\n\\\"", Format::Text), "b\\c\n\\\"");
}

#[test]
fn declarations_of_blanks_say_nothing() {
    for blanks in ["", " ", "  ", " \t", "\t \t"] {
        let help = format!("# HELP a{blanks}\n");
        let mut parser = Parser::new(help.as_bytes(), Format::Text, Options::default());
        let declared = Entry::Help { metric: "a", text: "", escaped: true };
        assert_eq!(parser.next(&NONE), Ok(Some(declared)), "{blanks:?}");
        let error = read(format!("# TYPE a{blanks}\n").as_bytes(), Format::Text).1;
        assert_eq!(error.as_deref(), Some("invalid metric type \"\""), "{blanks:?}");
    }
}

#[test]
fn guesses_change_nothing_but_the_work() {
    let body =
        b"# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2 7\nh_sum 3\nh_sum_more 4\nh 5\n";
    let right = keys(body, Format::Text);
    assert_eq!(right.len(), 5);
    assert_eq!(read_guessing(body, Format::Text, &right), read(body, Format::Text));
    // Each a key that the line starts with, without being that line's series.
    let wrong = ["h_bucket", "h_bucket{le=\"", "h_su", "h_sum", "h"].map(|key| Expected::key(key.as_bytes()));
    assert_eq!(read_guessing(body, Format::Text, &wrong), read(body, Format::Text));
    let spaced = b"a {x=\"1\"} 1\n";
    assert_eq!(read_guessing(spaced, Format::Text, &[Expected::key(b"a")]), read(spaced, Format::Text));
}

#[test]
fn declarations_that_are_expected_are_passed_over() {
    let body = b"# HELP a b\n# TYPE a counter\na 1\n# TYPE b gauge\nb 2\n";
    let expected = keys(body, Format::Text);
    assert_eq!(expected[0].lines, b"# HELP a b\n# TYPE a counter\n");
    let mut parser = Parser::new(body, Format::Text, Options::default());
    let Ok(Some(Entry::Sample(first))) = parser.next(&expected[0]) else { panic!("no sample") };
    assert!(first.guessed && first.prefaced);
    assert_eq!((parser.metric_type(), parser.key()), (MetricType::Counter, &b"a"[..]));
    assert_eq!(parser.preface(), expected[0].lines);
    // Another one is handed out.
    let declared = Entry::Type { metric: "b", metric_type: MetricType::Gauge };
    assert_eq!(parser.next(&expected[0]), Ok(Some(declared)));
    let Ok(Some(Entry::Sample(second))) = parser.next(&expected[1]) else { panic!("no sample") };
    assert!(second.guessed && !second.prefaced);
    assert_eq!(parser.preface(), b"# TYPE b gauge\n");
}

#[test]
fn known_lines_are_passed_up_to_the_first_that_is_not_as_expected() {
    let body = b"# TYPE a counter\na 1\na{x=\"1\"} 2.5\n# TYPE b gauge\nb 3\nc 4 5\n";
    let expected = keys(body, Format::Text);
    let mut parser = Parser::new(body, Format::Text, Options::default());
    let mut run = Run { expected: &expected[..2], position: 0, most: usize::MAX, taken: Vec::new() };
    parser.pass_known(&mut run);
    assert_eq!(run.taken, [(1.0, MetricType::Counter), (2.5, MetricType::Counter)]);
    assert!(matches!(parser.next(&run.guess()), Ok(Some(Entry::Type { metric: "b", .. }))));
    let Ok(Some(Entry::Sample(third))) = parser.next(&NONE) else { panic!("no sample") };
    assert_eq!((third.value, third.guessed, parser.preface()), (3.0, false, &b"# TYPE b gauge\n"[..]));
    // A line with a time of its own is for the one who knows how.
    let mut run = Run { expected: &expected[3..], position: 0, most: usize::MAX, taken: Vec::new() };
    parser.pass_known(&mut run);
    assert!(run.taken.is_empty());
    let Ok(Some(Entry::Sample(last))) = parser.next(&NONE) else { panic!("no sample") };
    assert_eq!((last.value, last.timestamp, parser.preface()), (4.0, Some(5), &b""[..]));
}

#[test]
fn known_lines_of_open_metrics_are_passed_where_they_have_no_unit() {
    let body = b"# TYPE a counter\na 1\n# TYPE b_s gauge\n# UNIT b_s s\nb_s 2\n# TYPE c gauge\nc 3\nc{x=\"1\"} 4\n# EOF\n";
    let expected = keys(body, Format::OpenMetrics);
    let prefaces: Vec<&[u8]> = expected.iter().map(|each| each.lines.as_slice()).collect();
    assert_eq!(prefaces, [&b"# TYPE a counter\n"[..], b"", b"# TYPE c gauge\n", b""]);
    let mut parser = Parser::new(body, Format::OpenMetrics, Options::default());
    let mut run = Run { expected: &expected, position: 0, most: usize::MAX, taken: Vec::new() };
    parser.pass_known(&mut run);
    assert_eq!(run.taken, [(1.0, MetricType::Counter)]);
    assert!(matches!(parser.next(&run.guess()), Ok(Some(Entry::Type { metric: "b_s", .. }))));
    assert!(matches!(parser.next(&run.guess()), Ok(Some(Entry::Unit { metric: "b_s", unit: "s" }))));
    // Behind a unit nothing is passed, and behind the next declaration all is again.
    parser.pass_known(&mut run);
    assert_eq!(run.taken.len(), 1);
    assert!(matches!(parser.next(&run.guess()), Ok(Some(Entry::Sample(sample))) if sample.guessed));
    assert_eq!((parser.unit(), parser.preface()), ("s", &b""[..]));
    run.position += 1;
    parser.pass_known(&mut run);
    assert_eq!(run.taken.len(), 1);
    assert!(matches!(parser.next(&run.guess()), Ok(Some(Entry::Type { metric: "c", .. }))));
    parser.pass_known(&mut run);
    assert_eq!(run.taken[1..], [(3.0, MetricType::Gauge), (4.0, MetricType::Gauge)]);
    assert_eq!(parser.next(&run.guess()), Ok(None));
}

#[test]
fn what_is_no_text_is_found_wherever_it_stands() {
    // More than is looked at once, so that lines stand before, across and behind what was looked at.
    for lines in [0, 1, 300, 682, 683, 900] {
        let before: String = (0..lines).map(|line| format!("a{{b=\"ä\",n=\"{line:05}\"}} 1\n")).collect();
        for format in [Format::Text, Format::OpenMetrics] {
            let read = |line: &[u8]| {
                let body = [before.as_bytes(), line, b"a 1\n# EOF\n"].concat();
                let (samples, error) = read(&body, format);
                (samples.len(), error)
            };
            assert_eq!(read(b"a{b=\"\xc3\xa4\",\"\xc3\xa4\"=\"1\"} 1\n"), (lines + 2, None));
            assert_eq!(read(b"a{b=\"1\"} 1\n"), (lines + 2, None));
            let wrong = Some("invalid UTF-8 label value: \"\\\"\\xff\\\"\"".to_owned());
            assert_eq!(read(b"a{c=\"1\",b=\"\xff\"} 1\n"), (lines, wrong));
        }
    }
}

#[test]
fn plain_labels_are_read_like_all_others() {
    // Blanks, escapes and quoted names have their own way; the labels are the same.
    let plain = read(b"a:b{c_1=\"x\",de=\"y z\",Le=\"\"} 1\n", Format::Text);
    assert_eq!(plain.0[0].0.len(), 4);
    for other in [
        &b"a:b{c_1=\"x\",de=\"y z\",Le=\"\",} 1\n"[..],
        b"a:b{c_1=\"x\",de=\"y z\" ,Le=\"\"} 1\n",
        b"a:b{c_1=\"x\", de=\"y z\",Le=\"\"} 1\n",
        b"a:b{c_1=\"x\",\"de\"=\"y z\",Le=\"\"} 1\n",
        b"a:b{c_1= \"x\" de=\"y z\" Le=\"\"} 1\n",
        b"{c_1=\"x\",\"a:b\",de=\"y z\",Le=\"\"} 1\n",
    ] {
        let (mut samples, error) = read(other, Format::Text);
        assert_eq!(error, None);
        samples[0].0.sort();
        let mut expected = plain.0.clone();
        expected[0].0.sort();
        assert_eq!(samples, expected, "{}", String::from_utf8_lossy(other));
    }
    let unfinished = read(b"a{b=\"1\",c=\"", Format::Text).1.unwrap();
    assert_eq!(unfinished, read(b"a{b=\"1\", c=\"", Format::Text).1.unwrap().replace("\", c", "\",c"));
    for wrong in [&b"a{b=\"1\"c=\"2\"} 1\n# EOF\n"[..], b"a{1b=\"1\"} 1\n# EOF\n", b"a{:b=\"1\"} 1\n# EOF\n"]
    {
        assert!(read(wrong, Format::OpenMetrics).1.is_some(), "{}", String::from_utf8_lossy(wrong));
    }
}

#[test]
fn a_right_guess_is_reported() {
    let mut parser = Parser::new(b"a{x=\"1\"} 1\nb 2\n", Format::Text, Options::default());
    let Ok(Some(Entry::Sample(first))) = parser.next(&&b"a{x=\"1\"}"[..]) else { panic!("no sample") };
    assert!(first.guessed);
    assert_eq!(parser.key(), b"a{x=\"1\"}");
    let Ok(Some(Entry::Sample(second))) = parser.next(&&b"c"[..]) else { panic!("no sample") };
    assert!(!second.guessed);
    assert_eq!(parser.key(), b"b");
}

#[test]
fn the_fast_way_for_numbers_agrees_with_the_exact_one() {
    let texts = [
        "0",
        "-0",
        "1",
        "12.5",
        ".5",
        "5.",
        "1e5",
        "1E-5",
        "1.234567e+09",
        "9007199254740992",
        "9007199254740993",
        "123456789012345678",
        "0.1",
        "0.3",
        "1e22",
        "1e23",
        "-1.5e-22",
        "179769313486231570e291",
        "4.9e-324",
        "1.7976931348623157e308",
        "00012",
        "3.141592653589793",
        "1e0005",
        "18446744073709551616",
    ];
    for text in texts {
        let fast = parse_value(text.as_bytes()).map(f64::to_bits);
        let exact = parse_float(text).map(f64::to_bits).ok_or_else(String::new);
        assert_eq!(fast.map_err(|_| String::new()), exact, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_number_is_read_to_its_last_bit(bits: u64, digits in 0usize..20) {
        let value = f64::from_bits(bits);
        for text in [format!("{value}"), format!("{value:e}"), format!("{value:.digits$}"), format!("{}", bits)] {
            if let Some(exact) = parse_float(&text).filter(|exact| !exact.is_nan()) {
                proptest::prop_assert_eq!(parse_value(text.as_bytes()).map(f64::to_bits), Ok(exact.to_bits()));
                // What follows a number changes nothing.
                for more in ["\n1234567890", " 1", "x", "\u{ff}12345678"] {
                    let longer = format!("{text}{more}");
                    proptest::prop_assert_eq!(parse_leading(longer.as_bytes()), parse_leading(text.as_bytes()));
                }
            }
        }
    }

    #[test]
    fn what_is_passed_over_changes_nothing(
        lines in proptest::collection::vec(proptest::sample::select(vec![
            "# HELP a b\n", "# TYPE a counter\n", "# TYPE b gauge\n", "# TYPE b wrong\n", "#x\n", "\n", " \n", "a 1\n",
            "a{x=\"1\"} 2.5e3\n", " b 3\n", "b\t4 5\n", "{\"c\"} 6\n", "a 7 \n", "b NaN\n", "a -12.50", "b 1e400\n",
        ]), 0..12),
        others in proptest::collection::vec(0usize..12, 0..12),
    ) {
        let body = lines.concat().into_bytes();
        let known = keys(&body, Format::Text);
        let plain = format!("{:?}", read(&body, Format::Text));
        proptest::prop_assert_eq!(format!("{:?}", read_guessing(&body, Format::Text, &known)), plain.clone());
        // Guesses that are right somewhere else.
        let wrong: Vec<Expected> = others.iter().filter_map(|other| known.get(*other).cloned()).collect();
        proptest::prop_assert_eq!(format!("{:?}", read_guessing(&body, Format::Text, &wrong)), plain);
        let (samples, error) = read(&body, Format::Text);
        let values: Vec<_> = samples.into_iter().map(|(_, value, metric_type)| (value, metric_type)).collect();
        for (expected, most) in [(&known, usize::MAX), (&known, 1), (&known, 0), (&wrong, usize::MAX)] {
            let passed = read_passing(&body, Format::Text, expected, most);
            proptest::prop_assert_eq!(format!("{passed:?}"), format!("{:?}", (&values, &error)));
        }
    }

    #[test]
    fn what_is_passed_over_changes_nothing_in_open_metrics_either(
        lines in proptest::collection::vec(proptest::sample::select(vec![
            "# HELP a b\n", "# TYPE a counter\n", "# TYPE b gauge\n", "# UNIT a_s s\n", "# TYPE a_s gauge\n", "a_s 8\n",
            "a 1\n", "a{x=\"1\"} 2.5e3\n", "b 4 5.5\n", "a_total 6 # {t=\"x\"} 1\n", "a 7 \n", "b NaN\n", "a -12.50",
            "b 1e400\n", "# EOF\n",
        ]), 0..12),
        others in proptest::collection::vec(0usize..12, 0..12),
    ) {
        let mut body = lines.concat().into_bytes();
        body.extend_from_slice(b"# EOF\n");
        let known = keys(&body, Format::OpenMetrics);
        let wrong: Vec<Expected> = others.iter().filter_map(|other| known.get(*other).cloned()).collect();
        let (samples, error) = read(&body, Format::OpenMetrics);
        let values: Vec<_> = samples.into_iter().map(|(_, value, metric_type)| (value, metric_type)).collect();
        for (expected, most) in [(&known, usize::MAX), (&known, 1), (&known, 0), (&wrong, usize::MAX)] {
            let passed = read_passing(&body, Format::OpenMetrics, expected, most);
            proptest::prop_assert_eq!(format!("{passed:?}"), format!("{:?}", (&values, &error)));
        }
    }

    #[test]
    fn no_bytes_panic_and_guesses_never_change_what_is_read(
        body in proptest::collection::vec(proptest::sample::select(&b"ab{}=,\"\\ \t\n#0123.e-\0\xffHELPTYE"[..]), 0..60)
    ) {
        for format in [Format::Text, Format::OpenMetrics] {
            let plain = format!("{:?}", read(&body, format));
            let guessed = read_guessing(&body, format, &keys(&body, format));
            proptest::prop_assert_eq!(format!("{guessed:?}"), plain);
        }
    }
}
