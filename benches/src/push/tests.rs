//! What a receiver gets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;

use platform::simulated::SimulatedClock;

use super::*;
use crate::fleet::Churn;

/// Takes requests on one connection until it ends, and says the bodies.
fn receiver(status: &'static str) -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api/v1/write", listener.local_addr().unwrap());
    let (sender, bodies) = mpsc::channel();
    std::thread::spawn(move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let mut line = String::new();
        loop {
            let mut len = 0;
            loop {
                line.clear();
                if stream.read_line(&mut line).unwrap() == 0 {
                    return;
                }
                if line.trim_end().is_empty() {
                    break;
                }
                if let Some(value) = line.strip_prefix("Content-Length: ") {
                    len = value.trim_end().parse().unwrap();
                }
            }
            let mut body = vec![0; len];
            stream.read_exact(&mut body).unwrap();
            sender.send(body).unwrap();
            stream
                .get_mut()
                .write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nno").as_bytes())
                .unwrap();
        }
    });
    (url, bodies)
}

fn settings(url: String, version: Version) -> Settings {
    let fleet =
        fleet::Settings { churn: Churn { per_mille: 1000, every: 2 }, ..fleet::Settings::new(1000, 1) };
    let end_ms = Some(1_700_000_000_000);
    Settings { url, fleet, scrapes: 3, interval_ms: 1000, end_ms, connections: 1, batch: 600, version }
}

fn text_of(body: &[u8]) -> String {
    String::from_utf8_lossy(&snap::raw::Decoder::new().decompress_vec(body).unwrap()).into_owned()
}

#[test]
fn every_scrape_of_every_series_is_pushed_and_machines_are_replaced_when_it_is_time() {
    for version in [Version::V1, Version::V2] {
        let (url, bodies) = receiver("204 No Content");
        let clock = SimulatedClock::new(0);
        let report = push(&settings(url, version), &Meter::new(&clock, None, None), &clock).unwrap();
        let json = report.to_json();
        assert_eq!(json["series"], 1000);
        let samples: Vec<_> =
            json["rows"].as_array().unwrap().iter().map(|row| row["samples"].as_f64()).collect();
        assert_eq!(samples, [Some(1000.0), Some(2000.0), Some(3000.0)]);
        let bodies: Vec<String> = bodies.try_iter().map(|body| text_of(&body)).collect();
        // Two requests for each scrape; at the third one, other machines.
        assert_eq!(bodies.len(), 6);
        let machines = |body: &str| {
            let all = (0..8).map(|number| format!("node-{number:05}.example.org:9100"));
            all.filter(|name| body.contains(name)).count()
        };
        assert_eq!(bodies.iter().map(|body| machines(body)).collect::<Vec<_>>(), [1, 2, 1, 2, 1, 2]);
        assert!(bodies[3].contains("node-00001.") && bodies[5].contains("node-00003."));
        assert_eq!(report.remarks, ["1000 series came in place of others"]);
    }
}

#[test]
fn the_first_refusal_ends_it_with_what_the_server_says() {
    let (url, _bodies) = receiver("400 Bad Request");
    let clock = SimulatedClock::new(0);
    let refused = push(&settings(url, Version::V1), &Meter::new(&clock, None, None), &clock).unwrap_err();
    assert!(refused.to_string().ends_with("/api/v1/write: status 400: no"), "{refused}");
}
