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
use tokio::sync::{Semaphore, mpsc};

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

/// An Alertmanager that takes everything, as long as it has permits, and tells what it was sent, with the number of the
/// connection.
async fn receiver(permits: Arc<Semaphore>) -> (String, mpsc::UnboundedReceiver<(usize, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (told, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for connection in 1.. {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let (told, permits) = (told.clone(), Arc::clone(&permits));
            tokio::spawn(async move {
                let mut text = String::new();
                while let Ok(byte) = stream.read_u8().await {
                    text.push(char::from(byte));
                    if text.ends_with("}]") {
                        let _ = told.send((connection, std::mem::take(&mut text)));
                        permits.acquire().await.unwrap().forget();
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
        built_in: None,
    };
    Alertmanagers::new(parts, Options::default())
}

async fn until_found(sender: &Alertmanagers) {
    let found = tokio::time::timeout(Duration::from_secs(30), async {
        while sender.active().is_empty() {
            tokio::task::yield_now().await;
        }
    });
    found.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_arrive_with_external_labels_and_before_the_end() {
    let (address, mut heard) = receiver(Arc::new(Semaphore::new(1))).await;
    let sender = alertmanagers();
    let settings = Settings {
        external_labels: Labels::from_pairs([("site", "x"), ("alertname", "not this")]),
        groups: vec![group(&[&address])],
        ..Settings::default()
    };
    sender.apply(settings).unwrap();
    until_found(&sender).await;
    assert_eq!(sender.active(), [format!("http://{address}/am/api/v2/alerts")]);
    sender.send(vec![alert("A")]);
    sender.stop(Duration::from_secs(30)).await;
    let (_, request) = heard.recv().await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_changed_goes_on_sending_over_a_reload() {
    let permits = Arc::new(Semaphore::new(0));
    let (address, mut heard) = receiver(Arc::clone(&permits)).await;
    let sender = alertmanagers();
    let settings = Settings { groups: vec![group(&[&address])], ..Settings::default() };
    sender.apply(settings.clone()).unwrap();
    until_found(&sender).await;
    sender.send(vec![alert("A")]);
    let (first, _) = heard.recv().await.unwrap();
    sender.apply(settings.clone()).unwrap();
    sender.send(vec![alert("B")]);
    permits.add_permits(1);
    let (second, request) = heard.recv().await.unwrap();
    assert!(request.contains("\"B\""), "{request}");
    assert_eq!((first, second), (1, 1));
    let changed = AlertmanagerSettings { timeout: Duration::from_secs(5), ..group(&[&address]) };
    sender.apply(Settings { groups: vec![changed], ..settings }).unwrap();
    sender.send(vec![alert("C")]);
    permits.add_permits(2);
    let (third, request) = heard.recv().await.unwrap();
    assert!(request.contains("\"C\""), "{request}");
    assert_eq!(third, 2);
}
