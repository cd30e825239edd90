//! Alerts reach whoever is found.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use discovery::TargetGroup;
use model::Labels;
use platform::real::{RealClock, RealFileSystem};
use telemetry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::target::find;
use crate::{Alert, AlertmanagerSettings, Alertmanagers, Options, Parts, Settings};

fn group(addresses: &[&str]) -> AlertmanagerSettings {
    let found = TargetGroup::of_addresses("0", addresses, Labels::empty());
    AlertmanagerSettings {
        name: "config-0".to_owned(),
        scheme: "http".to_owned(),
        path_prefix: "/am/".to_owned(),
        timeout: Duration::from_secs(10),
        client: http_client::Settings::default(),
        relabel: Vec::new(),
        alert_relabel: Vec::new(),
        discoveries: vec![discovery::Settings::Static(vec![found])],
    }
}

fn alert(name: &str) -> Alert {
    Alert {
        labels: Labels::from_pairs([("alertname", name)]),
        annotations: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
        starts_at_ns: 1_700_000_000_123_456_789,
        ends_at_ns: 1_700_000_240_000_000_000,
        generator_url: "http://p/graph".to_owned(),
    }
}

#[test]
fn addresses_get_scheme_port_and_path() {
    let settings = group(&[]);
    let targets = TargetGroup::of_addresses("0", ["a:9093", "b", "[::1]:9093"], Labels::empty());
    let found = find(&settings, &[Arc::new(targets)]);
    let active: Vec<&str> = found.active.iter().map(String::as_str).collect();
    assert_eq!(
        active,
        [
            "http://[::1]:9093/am/api/v2/alerts",
            "http://a:9093/am/api/v2/alerts",
            "http://b:80/am/api/v2/alerts"
        ]
    );
}

/// An Alertmanager that takes everything and tells what it was sent.
async fn receiver() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (told, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let mut text = String::new();
                while let Ok(byte) = stream.read_u8().await {
                    text.push(char::from(byte));
                    if text.ends_with("}]") {
                        let _ = told.send(std::mem::take(&mut text));
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                        if stream.write_all(answer).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    (address, heard)
}

fn alertmanagers() -> Alertmanagers {
    let parts = Parts {
        clock: Arc::new(RealClock::new()),
        files: Arc::new(RealFileSystem),
        registry: Registry::new(),
        user_agent: "test/1".to_owned(),
        discovery_interval: Duration::from_millis(1),
    };
    Alertmanagers::new(parts, Options::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_arrive_with_external_labels_and_before_the_end() {
    let (address, mut heard) = receiver().await;
    let sender = alertmanagers();
    let settings = Settings {
        external_labels: Labels::from_pairs([("site", "x"), ("alertname", "not this")]),
        groups: vec![group(&[&address])],
        ..Settings::default()
    };
    sender.apply(settings).unwrap();
    let found = tokio::time::timeout(Duration::from_secs(30), async {
        while sender.active().is_empty() {
            tokio::task::yield_now().await;
        }
    });
    found.await.unwrap();
    assert_eq!(sender.active(), [format!("http://{address}/am/api/v2/alerts")]);
    sender.send(vec![alert("A")]);
    sender.stop(Duration::from_secs(30)).await;
    let request = heard.recv().await.unwrap();
    assert!(request.starts_with("POST /am/api/v2/alerts HTTP/1.1\r\n"), "{request}");
    let body: serde_json::Value = serde_json::from_str(request.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(
        body,
        serde_json::json!([{
            "labels": {"alertname": "A", "site": "x"},
            "annotations": {"a": "b"},
            "startsAt": "2023-11-14T22:13:20.123Z",
            "endsAt": "2023-11-14T22:17:20.000Z",
            "generatorURL": "http://p/graph",
        }])
    );
}
