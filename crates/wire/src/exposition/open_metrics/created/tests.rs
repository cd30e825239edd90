//! Start times are found wherever in the family they stand.

use crate::exposition::{Entry, Format, Options, Parser};

fn starts(body: &str) -> Vec<(String, Option<i64>)> {
    let options = Options { start_timestamps: true, ..Options::default() };
    let mut parser = Parser::new(body.as_bytes(), Format::OpenMetrics, options);
    let none: &[u8] = &[];
    let mut starts = Vec::new();
    while let Some(entry) = parser.next(&none).unwrap() {
        if matches!(entry, Entry::Sample(_)) {
            starts.push((String::from_utf8_lossy(parser.key()).into_owned(), parser.start_timestamp()));
        }
    }
    starts
}

#[test]
fn behind_the_series_and_by_labels() {
    let body = "# TYPE a counter\na_total{x=\"1\"} 5\na_created{x=\"1\"} 1.5\na_total{x=\"2\"} 6\na_created{x=\"2\"} 2\n\
        # TYPE h histogram\nh_bucket{le=\"1\",x=\"1\"} 1\nh_bucket{le=\"+Inf\",x=\"1\"} 1\nh_count{x=\"1\"} 1\nh_created{x=\"1\"} 7\n\
        # TYPE g gauge\ng_created 9\n# TYPE b counter\nb_total 1\n# EOF\n";
    let expected = [
        ("a_total{x=\"1\"}", Some(1500)),
        ("a_total{x=\"2\"}", Some(2000)),
        ("h_bucket{le=\"1\",x=\"1\"}", Some(7000)),
        ("h_bucket{le=\"+Inf\",x=\"1\"}", Some(7000)),
        ("h_count{x=\"1\"}", Some(7000)),
        ("g_created", None),
        ("b_total", None),
    ];
    assert_eq!(starts(body), expected.map(|(key, start)| (key.to_owned(), start)));
}

#[test]
fn not_asked_for_they_are_series() {
    let mut parser =
        Parser::new(b"# TYPE a counter\na_created 1\n# EOF\n", Format::OpenMetrics, Options::default());
    let none: &[u8] = &[];
    parser.next(&none).unwrap();
    assert!(matches!(parser.next(&none), Ok(Some(Entry::Sample(_)))));
}
