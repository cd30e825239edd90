//! Whole scrapes: found, asked, stored, reloaded, ended.

use std::sync::Arc;
use std::time::Duration;

use discovery::TargetGroup;
use model::{Labels, is_stale_nan};
use platform::real::{RealClock, RealFileSystem};
use storage::memory::MemoryStore;
use storage::{Queryable, SampleColumns, SelectHints, TimeRange};
use telemetry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{Features, Health, JobSettings, Parts, Scraper, Settings};

/// A target that answers every request with `body`; returns its address.
async fn target(body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while let Ok(byte) = stream.read_u8().await {
                    head.push(byte);
                    if head.ends_with(b"\r\n\r\n") {
                        head.clear();
                        let answer = format!(
                            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\r\n{body}",
                            body.len()
                        );
                        if stream.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    address
}

struct Server {
    scraper: Scraper,
    store: MemoryStore,
    registry: Registry,
}

fn server() -> Server {
    let (store, registry) = (MemoryStore::new(), Registry::new());
    let scraper = Scraper::new(Parts {
        appendable: Arc::new(store.clone()),
        clock: Arc::new(RealClock::new()),
        files: Arc::new(RealFileSystem),
        registry: registry.clone(),
        user_agent: "test/1".to_owned(),
        host: "here".to_owned(),
        features: Features::default(),
        discovery_interval: Duration::from_millis(1),
    });
    Server { scraper, store, registry }
}

fn job(addresses: &[&str]) -> JobSettings {
    let mut job = JobSettings::new("j");
    job.scrape_interval = Duration::from_millis(60);
    job.scrape_timeout = Duration::from_millis(60);
    let group = TargetGroup::of_addresses("0", addresses, Labels::from_pairs([("env", "x")]));
    job.discoveries = vec![discovery::Settings::Static(vec![group])];
    job
}

fn settings(jobs: Vec<JobSettings>) -> Settings {
    Settings { jobs, ..Settings::default() }
}

impl Server {
    /// The values of the series with this name, per instance.
    fn values(&self, name: &str) -> Vec<Vec<f64>> {
        let querier = self.store.querier(TimeRange::ALL).unwrap();
        let set = querier.select(&[], &SelectHints { sorted: true, ..SelectHints::default() }).unwrap();
        (0..set.len())
            .filter(|position| set.labels(*position).metric_name() == name)
            .map(|position| {
                let mut columns = SampleColumns::new();
                set.read(position, TimeRange::ALL, &mut columns).unwrap();
                columns.values
            })
            .collect()
    }

    /// Waits until `condition` holds.
    async fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let waited = tokio::time::timeout(Duration::from_secs(30), async {
            while !condition(self) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        assert!(waited.await.is_ok(), "never: {what}");
    }

    fn metric(&self, name: &str) -> f64 {
        let families = self.registry.gather();
        let metric = &families.iter().find(|family| family.name == name).unwrap().metrics[0];
        match &metric.value {
            telemetry::Value::Counter(value) | telemetry::Value::Gauge(value) => *value,
            telemetry::Value::Summary { count, .. } => *count as f64,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_are_scraped_again_and_again() {
    let server = server();
    let good = target("# HELP a Help.\n# TYPE a counter\na 5\n").await;
    let bad = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    server.scraper.apply(settings(vec![job(&[&good, &bad])])).unwrap();
    let three_each = |values: &[Vec<f64>]| values.len() == 2 && values.iter().all(|values| values.len() >= 3);
    server.until("three scrapes of each", |server| three_each(&server.values("up"))).await;
    assert!(server.values("a")[0].iter().all(|value| *value == 5.0));
    let pools = server.scraper.pools();
    assert_eq!((pools.len(), pools[0].name.as_str(), pools[0].active.len()), (1, "j", 2));
    for target in &pools[0].active {
        let status = target.status();
        if target.scrape_url().contains(&good) {
            assert_eq!((status.health, status.last_error.as_str()), (Health::Up, ""));
            assert_eq!(target.metadata("a").unwrap().help, "Help.");
            assert_eq!(target.labels().value("env"), "x");
        } else {
            let refused =
                format!("Get \"http://{bad}/metrics\": dial tcp {bad}: connect: connection refused");
            assert_eq!((status.health, status.last_error), (Health::Down, refused));
        }
        assert!(status.last_scrape.is_some());
    }
    assert_eq!(server.metric("prometheus_target_scrape_pool_targets"), 2.0);
    assert_eq!(server.metric("prometheus_target_metadata_cache_entries"), 1.0);
    assert_eq!(server.metric("lapwing_target_scrape_pool_series"), 1.0);
    assert!(server.metric("prometheus_target_interval_length_seconds") > 1.0);
    server.scraper.stop().await;
    assert!(server.store.series_count() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_leaves_no_marks_of_an_end() {
    let server = server();
    let address = target("a 5\n").await;
    server.scraper.apply(settings(vec![job(&[&address])])).unwrap();
    server.until("a scrape", |server| !server.values("a").is_empty()).await;
    let Server { scraper, store, registry } = server;
    scraper.stop().await;
    let querier = store.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[], &SelectHints::default()).unwrap();
    for position in 0..set.len() {
        let mut columns = SampleColumns::new();
        set.read(position, TimeRange::ALL, &mut columns).unwrap();
        assert!(!columns.values.iter().any(|value| is_stale_nan(*value)), "{}", set.labels(position));
    }
    drop(registry);
}

#[tokio::test(flavor = "multi_thread")]
async fn series_of_targets_that_are_gone_end() {
    let server = server();
    let address = target("a 5\n").await;
    server.scraper.apply(settings(vec![job(&[&address])])).unwrap();
    server.until("a scrape", |server| !server.values("a").is_empty()).await;
    server.scraper.apply(settings(vec![job(&[])])).unwrap();
    let ended = |server: &Server, name: &str| {
        server.values(name).iter().any(|values| values.last().is_some_and(|value| is_stale_nan(*value)))
    };
    server.until("the end of a", |server| ended(server, "a") && ended(server, "up")).await;
    let none_left = |server: &Server| server.metric("lapwing_target_scrape_pool_series") == 0.0;
    server.until("nothing that counts as theirs", none_left).await;
    assert!(server.scraper.pools()[0].active.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_goes_on_without_an_end() {
    let server = server();
    let address = target("a 5\nb 6\n").await;
    server.scraper.apply(settings(vec![job(&[&address])])).unwrap();
    server.until("a scrape", |server| !server.values("b").is_empty()).await;
    let mut changed = job(&[&address]);
    changed.scrape_interval = Duration::from_millis(70);
    changed.extra_scrape_metrics = true;
    server.scraper.apply(settings(vec![changed])).unwrap();
    server.until("the new settings", |server| !server.values("scrape_timeout_seconds").is_empty()).await;
    assert!(server.values("a")[0].iter().all(|value| *value == 5.0));
    let added = server.values("scrape_series_added");
    assert_eq!(
        added[0].iter().filter(|added| **added > 0.0).count(),
        1,
        "known series stay known: {added:?}"
    );
    assert_eq!(server.metric("prometheus_target_scrape_pool_reloads_total"), 1.0);
    // Relabelling that drops a series ends it.
    let mut dropping = job(&[&address]);
    dropping.metric_relabel = vec![crate::target::tests::rule(
        &serde_json::json!({"source_labels": ["__name__"], "regex": "a", "action": "drop"}),
    )];
    server.scraper.apply(settings(vec![dropping])).unwrap();
    let ended = |values: &[Vec<f64>]| values[0].last().is_some_and(|value| is_stale_nan(*value));
    server.until("the end of a", |server| ended(&server.values("a"))).await;
    assert!(!ended(&server.values("b")));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_targets_are_none() {
    let server = server();
    let address = target("a 5\n").await;
    let mut limited = job(&[&address, "127.0.0.1:1", "127.0.0.1:2"]);
    limited.limits.targets = Some(2);
    server.scraper.apply(settings(vec![limited])).unwrap();
    server.until("a scrape of each", |server| server.values("up").len() == 3).await;
    assert!(server.values("a").is_empty());
    let pools = server.scraper.pools();
    for target in &pools[0].active {
        assert_eq!(target.status().last_error, "target_limit exceeded (number of targets: 3, limit: 2)");
    }
    // Each time that targets were told counts: the discovery may tell them again meanwhile.
    assert!(server.metric("prometheus_target_scrape_pool_exceeded_target_limit_total") >= 1.0);
}
