//! A storm against a server that tells each service at once.

use std::collections::BTreeSet;
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use platform::real::RealClock;

use super::*;
use crate::http::tests::request;
use crate::http::{Connection, Url};

/// An Alertmanager of sorts: each service of a post is told to `hook` the first time.
fn alertmanager(hook: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let posts = Arc::new(Mutex::new(Vec::new()));
    let (kept, told) = (Arc::clone(&posts), Arc::new(Mutex::new(BTreeSet::new())));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (kept, told, hook) = (Arc::clone(&kept), Arc::clone(&told), hook.clone());
            std::thread::spawn(move || take(stream.unwrap(), &kept, &told, &hook));
        }
    });
    (url, posts)
}

fn take(stream: TcpStream, kept: &Mutex<Vec<String>>, told: &Mutex<BTreeSet<String>>, hook: &str) {
    let mut stream = BufReader::new(stream);
    let mut hook = Connection::to(&Url::of(hook).unwrap()).unwrap();
    while let Some((_, body)) = request(&mut stream) {
        let body = String::from_utf8(body).unwrap();
        let alerts: serde_json::Value = serde_json::from_str(&body).unwrap();
        for alert in alerts.as_array().unwrap() {
            let service = alert["labels"]["service"].as_str().unwrap();
            if told.lock().unwrap().insert(service.to_owned()) {
                let text =
                    format!(r#"{{"receiver":"hook","groupLabels":{{"service":"{service}"}},"alerts":[]}}"#);
                hook.hand_over(&[], text.as_bytes()).unwrap();
            }
        }
        kept.lock().unwrap().push(body);
        stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    }
}

fn given(arguments: &[String]) -> Given {
    Given::parse(&[FLAGS, meter::FLAGS], arguments).unwrap()
}

#[test]
fn all_groups_and_probes_are_told_and_every_round_posts_all_alerts() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, posts) = alertmanager(format!("http://{}/", listener.local_addr().unwrap()));
    let hook = Hook::of(listener);
    let flags = ["--alerts=10", "--groups=3", "--batch=4", "--rounds=2", "--interval=0", "--probes=1"];
    let own = [format!("--url={url}")];
    let arguments: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).chain(own).collect();
    let report = measure(&given(&arguments), &RealClock::new(), &hook).unwrap();
    let names: Vec<&str> = report.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["first round", "rounds", "post of a new group to its first notification"]);
    let value = |row: usize, key: &str| {
        report.rows[row].figures.iter().find(|figure| figure.key == key).unwrap().value
    };
    assert_eq!(
        (value(0, "alerts"), value(1, "alerts"), value(1, "notifications")),
        (Some(10.0), Some(20.0), Some(5.0))
    );
    let posts = posts.lock().unwrap();
    // Three requests a round, and two probes.
    assert_eq!(posts.len(), 11);
    assert!(posts.iter().all(|post| !post.contains("2000-01-01")));
}

#[test]
fn the_configuration_names_the_receiver() {
    let mut out = Vec::new();
    let report =
        run(&given(&["--print-config".to_owned(), "--hook=h:1".to_owned()]), &RealClock::new(), &mut out)
            .unwrap();
    assert_eq!(report, None);
    assert!(String::from_utf8(out).unwrap().ends_with("- url: http://h:1/\n"));
}

#[test]
fn times_are_of_one_length() {
    assert_eq!(storm::stamp(1_700_000_000_005), "2023-11-14T22:13:20.005Z");
    assert_eq!(storm::stamp(0), "1970-01-01T00:00:00.000Z");
}
