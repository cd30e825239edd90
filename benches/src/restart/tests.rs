//! Servers that cannot be started, and what is asked.

use std::io::{Read, Write as _};
use std::net::TcpListener;

use platform::real::RealClock;

use super::*;

fn run_with(arguments: &[&str]) -> String {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let given = Given::parse(&[FLAGS], &arguments).unwrap();
    run(&given, &RealClock::new(), &mut Vec::new()).unwrap_err().to_string()
}

#[test]
fn a_server_that_cannot_be_measured_is_told_of() {
    assert_eq!(run_with(&["--url=http://127.0.0.1:1"]), "the server's command is needed behind --");
    assert!(run_with(&["--url=http://127.0.0.1:1", "--", "/none/such"]).starts_with("/none/such: "));
    let ended = run_with(&["--url=http://127.0.0.1:1", "--", "/bin/sh", "-c", "exit 3"]);
    assert_eq!(ended, "/bin/sh: ended with exit status: 3");
}

/// Answers each connection once, with the next value.
fn server(values: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for value in values {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = String::new();
            let mut seen = vec![0; 4096];
            while !request.ends_with("query=up&time=5.000") {
                let len = stream.read(&mut seen).unwrap();
                request.push_str(std::str::from_utf8(&seen[..len]).unwrap());
            }
            let body = format!(r#"{{"data":{{"resultType":"vector","result":[{value}]}}}}"#);
            stream
                .write_all(
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes(),
                )
                .unwrap();
        }
    });
    url
}

#[test]
fn the_first_value_is_the_right_one_from_then_on() {
    let url = server(&[
        "",
        r#"{"metric":{},"value":[5,"7"]}"#,
        r#"{"metric":{},"value":[5,"6"]}"#,
        r#"{"metric":{},"value":[5,"7"]}"#,
    ]);
    let query = Query { text: "up".to_owned(), span: Span::Instant };
    let mut question = Question { query, end_ms: 5000, expected: None };
    let asked: Vec<bool> = (0..4).map(|_| question.ask(&url).unwrap()).collect();
    assert_eq!(asked, [false, true, false, true]);
    assert_eq!(question.expected.as_deref(), Some("7"));
}

#[test]
fn medians_are_of_the_middle_one() {
    assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(Vec::new()), None);
}
