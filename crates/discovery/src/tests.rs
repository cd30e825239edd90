//! Sets are published, kept through reloads and forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::Labels;
use platform::real::{RealClock, RealFileSystem};
use telemetry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::{Discoverer, HttpSettings, Parts, Settings, Snapshot, TargetGroup};

/// A server that answers each request, on a connection of its own, with what `answer` makes of path and
/// query, or with 404; returns its address.
pub(crate) async fn serve(answer: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                let reply = match answer(head.split(' ').nth(1).unwrap()) {
                    Some(reply) => reply,
                    None => "404 Not Found\r\n\r\nno such thing\n".to_owned(),
                };
                let (status, rest) = reply.split_once("\r\n").unwrap();
                let reply = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{rest}");
                stream.write_all(reply.as_bytes()).await.unwrap();
            });
        }
    });
    address
}

/// An answer with a body of JSON.
pub(crate) fn json(body: &str) -> Option<String> {
    Some(format!("200 OK\r\nX-Consul-Index: 7\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
}

/// The targets that a discovery finds, as soon as there are as many as that.
pub(crate) async fn targets(settings: Settings, count: usize) -> Vec<Labels> {
    let discoverer = discoverer();
    let mut receiver = discoverer.subscribe();
    discoverer.apply(sets([("a", vec![settings])]));
    let of = |snapshot: &Arc<Snapshot>| -> Vec<Labels> {
        let groups = snapshot.get("a").map(Vec::as_slice).unwrap_or_default();
        let labelled =
            groups.iter().flat_map(|group| group.targets.iter().map(move |target| (group, target)));
        let both =
            labelled.map(|(group, target)| Labels::from_pairs(group.labels.iter().chain(target.iter())));
        both.collect()
    };
    let wait = receiver.wait_for(|snapshot| of(snapshot).len() == count);
    let snapshot = tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the targets in time");
    of(&snapshot.unwrap())
}

pub(crate) fn discoverer() -> Discoverer {
    Discoverer::new(Parts {
        name: "scrape",
        clock: Arc::new(RealClock::new()),
        files: Arc::new(RealFileSystem),
        registry: Registry::new(),
        user_agent: "test/1".to_owned(),
        interval: Duration::from_millis(1),
    })
}

fn fixed(addresses: &[&str]) -> Settings {
    Settings::Static(vec![TargetGroup::of_addresses("0", addresses, Labels::from_pairs([("env", "x")]))])
}

pub(crate) fn sets<const N: usize>(sets: [(&str, Vec<Settings>); N]) -> BTreeMap<String, Vec<Settings>> {
    sets.into_iter().map(|(name, settings)| (name.to_owned(), settings)).collect()
}

/// The addresses of a set, once they are what `until` wants.
async fn addresses(receiver: &mut watch::Receiver<Arc<Snapshot>>, set: &str, until: &[&str]) {
    let of = |snapshot: &Arc<Snapshot>| -> Vec<String> {
        let groups = snapshot.get(set).map(Vec::as_slice).unwrap_or_default();
        let targets = groups.iter().flat_map(|group| &group.targets);
        targets.map(|labels| labels.value("__address__").to_owned()).collect()
    };
    let wait = receiver.wait_for(|snapshot| of(snapshot) == until);
    assert!(tokio::time::timeout(Duration::from_secs(20), wait).await.is_ok(), "never {until:?}");
}

#[tokio::test]
async fn static_targets_come_and_go_with_the_settings() {
    let discoverer = discoverer();
    let mut receiver = discoverer.subscribe();
    discoverer.apply(sets([("a", vec![fixed(&["h:1", "h:2"])]), ("b", vec![fixed(&["h:3"])])]));
    addresses(&mut receiver, "a", &["h:1", "h:2"]).await;
    addresses(&mut receiver, "b", &["h:3"]).await;
    discoverer.apply(sets([("a", vec![fixed(&["h:1", "h:2"])])]));
    assert_eq!(receiver.borrow_and_update().keys().collect::<Vec<_>>(), ["a"]);
    // Replaced targets stay until the new ones are there, so that no scrape is missed.
    discoverer.apply(sets([("a", vec![fixed(&["h:9"])])]));
    addresses(&mut receiver, "a", &["h:9"]).await;
}

#[tokio::test]
async fn a_reload_without_changes_keeps_the_targets_at_every_moment() {
    let discoverer = discoverer();
    let mut receiver = discoverer.subscribe();
    let wanted = || sets([("a", vec![fixed(&["h:1"])])]);
    discoverer.apply(wanted());
    addresses(&mut receiver, "a", &["h:1"]).await;
    discoverer.apply(wanted());
    assert_eq!(receiver.borrow().get("a").map(Vec::len), Some(1));
}

#[tokio::test]
async fn replaced_discoveries_leave_their_targets_until_the_new_ones_report() {
    let discoverer = discoverer();
    let mut receiver = discoverer.subscribe();
    discoverer.apply(sets([("a", vec![fixed(&["h:1"])])]));
    addresses(&mut receiver, "a", &["h:1"]).await;
    let never_answers = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = Settings::Http(Box::new(HttpSettings {
        url: format!("http://{}/", never_answers.local_addr().unwrap()).parse().unwrap(),
        refresh_interval: Duration::from_secs(60),
        client: http_client::Settings::default(),
    }));
    discoverer.apply(sets([("a", vec![settings])]));
    assert_eq!(receiver.borrow_and_update().get("a").map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_discovery_that_is_not_built_yet_finds_nothing() {
    let discoverer = discoverer();
    let mut receiver = discoverer.subscribe();
    discoverer.apply(sets([("a", vec![fixed(&["h:1"])])]));
    addresses(&mut receiver, "a", &["h:1"]).await;
    discoverer.apply(sets([("a", vec![Settings::NotSupportedYet { mechanism: "zookeeper".to_owned() }])]));
    addresses(&mut receiver, "a", &[]).await;
}

#[tokio::test]
async fn http_lists_are_asked_for_again_and_failures_keep_the_last_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sd", listener.local_addr().unwrap());
    let (asked, mut heads) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let answers = [
            ("200 OK", "application/json", r#"[{"targets": ["h:1"], "labels": {"x": "y"}}]"#),
            ("500 Internal Server Error", "application/json", ""),
            ("200 OK", "text/html", r#"[{"targets": ["h:3"]}]"#),
            ("200 OK", "application/json; charset=UTF-8", r#"[{"targets": ["h:2"]}]"#),
        ];
        for (status, content_type, body) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            asked.send(String::from_utf8(head).unwrap()).unwrap();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let discoverer = discoverer();
    let mut receiver = discoverer.subscribe();
    discoverer.apply(sets([(
        "a",
        vec![Settings::Http(Box::new(HttpSettings {
            url: url.parse().unwrap(),
            refresh_interval: Duration::from_millis(100),
            client: http_client::Settings::default(),
        }))],
    )]));
    addresses(&mut receiver, "a", &["h:1"]).await;
    let group = receiver.borrow().get("a").unwrap()[0].clone();
    assert_eq!(group.labels, Labels::from_pairs([("x", "y"), ("__meta_url", url.as_str())]));
    let head = heads.recv().await.unwrap();
    assert!(head.contains("X-Prometheus-Refresh-Interval-Seconds: 0.1\r\n"), "{head}");
    assert!(head.contains("User-Agent: test/1\r\n"), "{head}");
    addresses(&mut receiver, "a", &["h:2"]).await;
}
