//! Sets, answers and what is measured of them.

use std::io::{Read, Write as _};
use std::net::TcpListener;

use platform::simulated::SimulatedClock;

use super::answer::Answer;
use super::*;

#[test]
fn a_set_has_a_query_on_each_line() {
    let set = parse_set("# a comment\n\ninstant  up\n1h/15s sum by (a) (up)\n").unwrap();
    assert_eq!(set[0], Query { text: "up".to_owned(), span: Span::Instant });
    assert_eq!(set[1], Query { text: "sum by (a) (up)".to_owned(), span: Span::Range(3600, 15) });
    assert_eq!((set[1].steps(), set[1].line().as_str()), (241, "1h/15s sum by (a) (up)"));
    for wrong in ["", "up", "1h up", "1h/0s up", "1x/1s up"] {
        assert!(parse_set(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_sets_of_its_own_are_read() {
    for language in [Language::Metrics, Language::Logs] {
        let given = Given::parse(&[FLAGS, LOG_FLAGS], &[]).unwrap();
        let queries = set::of(language, &given).unwrap();
        assert!(queries.len() > 10 && queries.iter().all(|query| !query.text.contains('$')));
    }
}

fn matrix(value: &str) -> Answer {
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{"b":"2","a":"1"}},"values":[[1,"{value}"],[2,"NaN"]]}}]}}}}"#
    );
    Answer::parse(&body).unwrap()
}

#[test]
fn answers_are_the_same_where_labels_times_and_values_are() {
    let none = |left: &Answer, right: &Answer| left.difference(right, 1e-9);
    assert_eq!(none(&matrix("0.1"), &matrix("0.10000000000001")), None);
    assert_eq!(none(&matrix("+Inf"), &matrix("+Inf")), None);
    assert_eq!(
        none(&matrix("0.1"), &matrix("0.1001")).unwrap(),
        r#"{"a":"1","b":"2"}: [1,"0.1"] and [1,"0.1001"]"#
    );
    let body = |text: &str| {
        Answer::parse(&format!(r#"{{"data":{{"resultType":"vector","result":[{text}]}}}}"#)).unwrap()
    };
    let (one, two) =
        (body(r#"{"metric":{"a":"1"},"value":[1,"2"]}"#), body(r#"{"metric":{"a":"2"},"value":[1,"2"]}"#));
    assert_eq!(none(&one, &two).unwrap(), r#"1 and 1 series; the second has no {"a":"1"}"#);
    assert_eq!(none(&body(""), &one).unwrap(), r#"0 and 1 series; the first has no {"a":"1"}"#);
    assert_eq!(none(&matrix("1"), &one).unwrap(), "a matrix and a vector");
    let later = body(r#"{"metric":{"a":"1"},"value":[2,"2"]}"#);
    assert!(none(&one, &later).is_some());
    assert!(Answer::parse(r#"{"status":"error","error":"bad"}"#).is_err());
}

#[test]
fn entries_of_streams_are_compared_with_their_lines() {
    let body = |line: &str| {
        let text = format!(
            r#"{{"data":{{"resultType":"streams","result":[{{"stream":{{"a":"1"}},"values":[["5","{line}"]]}}]}}}}"#
        );
        Answer::parse(&text).unwrap()
    };
    assert_eq!(body("x").difference(&body("x"), 1e-9), None);
    assert!(body("x").difference(&body("y"), 1e-9).is_some());
}

/// A server that answers every request of one connection with a body.
fn server(body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = vec![0; 4096];
        // A request comes in two pieces at most, and ends with a time.
        let mut request = String::new();
        while let Ok(len) = stream.read(&mut seen) {
            if len == 0 {
                return;
            }
            request.push_str(std::str::from_utf8(&seen[..len]).unwrap());
            if request.contains("\r\n\r\nquery=up&time=5.000") {
                request.clear();
                stream
                    .write_all(
                        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes(),
                    )
                    .unwrap();
            }
        }
    });
    url
}

const ONE: &str = r#"{"data":{"resultType":"vector","result":[{"metric":{},"value":[5,"1"]}]}}"#;
const TWO: &str = r#"{"data":{"resultType":"vector","result":[{"metric":{},"value":[5,"2"]}]}}"#;

fn compared(other: &'static str, more: &[&str]) -> Report {
    let (url, against) = (format!("--url={}", server(ONE)), format!("--against={}", server(other)));
    let fixed = ["--query=instant up", "--end=5000", "--measured-ms=1"];
    let arguments = [&url as &str, &against].into_iter().chain(fixed).chain(more.iter().copied());
    let arguments: Vec<String> = arguments.map(str::to_owned).collect();
    let given = Given::parse(&[FLAGS], &arguments).unwrap();
    run("metrics-query", Language::Metrics, &given, &SimulatedClock::new(0)).unwrap().unwrap()
}

#[test]
fn servers_that_answer_the_same_are_compared() {
    let report = compared(ONE, &[]);
    assert_eq!(report.failure, None);
    assert_eq!(report.rows[0].name, "instant up");
    assert_eq!(report.rows.len(), 2);
}

#[test]
fn servers_that_answer_differently_are_not_compared() {
    let report = compared(TWO, &[]);
    assert_eq!(report.failure.as_deref(), Some("1 of 1 answers differ: nothing is compared"));
    assert!(report.rows.is_empty());
    let report = compared(TWO, &["--allow-differences"]);
    assert_eq!((report.failure, report.rows.len()), (None, 1));
    assert_eq!(report.remarks, [r#"instant up: answers differ: {}: [5,"1"] and [5,"2"]"#]);
}
