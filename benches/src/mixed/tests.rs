//! Loads, and the line through what was seen.

use std::collections::BTreeSet;
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use platform::real::RealClock;

use super::load::Load;
use super::*;
use crate::http::tests::request;

/// A server that takes everything; keeps the paths.
fn server() -> (String, Arc<Mutex<BTreeSet<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let paths = Arc::new(Mutex::new(BTreeSet::new()));
    let kept = Arc::clone(&paths);
    let take = |stream: TcpStream, kept: &Mutex<BTreeSet<String>>| {
        let mut stream = BufReader::new(stream);
        while let Some((path, _)) = request(&mut stream) {
            kept.lock().unwrap().insert(path);
            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
    };
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || take(stream.unwrap(), &kept));
        }
    });
    (url, paths)
}

/// What was done in a turn of each load, and the paths that were asked.
fn one_turn(more: &[&str]) -> (Vec<String>, Vec<String>) {
    let (url, paths) = server();
    let arguments = [format!("--url={url}"), "--minutes=0".to_owned(), "--series=100".to_owned()];
    let arguments: Vec<String> =
        arguments.into_iter().chain(more.iter().map(|flag| flag.replace("URL", &url))).collect();
    let given = Given::parse(COMMAND.flags, &arguments).unwrap();
    let report = run(&given, &RealClock::new(), &mut Vec::new()).unwrap().unwrap();
    assert_eq!((report.failure, report.remarks), (None, Vec::new()));
    let paths = paths.lock().unwrap().iter().cloned().collect();
    (report.rows.into_iter().map(|row| row.name).collect(), paths)
}

#[test]
fn all_that_is_asked_for_is_done_at_once() {
    let (rows, paths) = one_turn(&["--log-bytes=5000", "--alerts-url=URL"]);
    assert_eq!(rows, ["samples", "queries", "lines", "log_queries", "alerts", "all"]);
    let all =
        ["/api/v1/query", "/api/v1/write", "/api/v2/alerts", "/loki/api/v1/push", "/loki/api/v1/query_range"];
    assert_eq!(paths, all);
    let (rows, paths) = one_turn(&["--readers=0"]);
    assert_eq!(
        (rows, paths),
        (vec!["samples".to_owned(), "all".to_owned()], vec!["/api/v1/write".to_owned()])
    );
}

#[test]
fn loads_of_a_name_are_added_up_with_their_first_error() {
    let clock = RealClock::new();
    let meter = Meter::new(&clock, None, None);
    let loads = vec![
        Load::new("a", Duration::from_secs(60), |_| Ok(3)),
        Load::new("a", Duration::from_secs(60), |_| Ok(4)),
        Load::new("b", Duration::from_secs(60), |_| Err(Error::Url("x".to_owned()))),
    ];
    let (done, memory) = run_all(loads, &meter, &clock, Duration::ZERO).unwrap();
    let of: Vec<_> =
        done.iter().map(|done| (done.name, done.units, done.latencies.len(), done.errors)).collect();
    assert_eq!(of, [("a", 7, 2, 0), ("b", 0, 0, 1)]);
    assert_eq!(done[1].first_error.as_deref(), Some("expected http://host:port/path, found x"));
    assert!(memory.seen.is_empty());
}

#[test]
fn growth_is_the_slope_of_the_second_half() {
    let seen =
        (0..10).map(|at| (f64::from(at), if at < 5 { 0.0 } else { 100.0 + f64::from(at) * 2.0 })).collect();
    assert_eq!(Memory { seen }.growth_per_hour().map(f64::round), Some(7200.0));
    assert_eq!(Memory::default().growth_per_hour(), None);
}
