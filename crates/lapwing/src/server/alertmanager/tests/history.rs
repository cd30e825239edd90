//! The history of alerts, from what happens to what LogQL answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use alerting::matchers::{Syntax, parse_matchers};
use alerting::silence::Silence;
use alerting::{Alert, Annotations};
use logql_engine::{Control, Limits, LogQuery, query_logs};
use logstore::LogStore;
use model::Labels;
use notify::{Runner, RunnerParts};
use platform::real::RealFileSystem;
use platform::simulated::SimulatedClock;
use platform::{CancelFlag, Clock};
use storage::logs::{EntryRange, LogQueryable};
use telemetry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::sinks::Sinks;
use super::{BEGIN_MS, SECOND, options, write};
use crate::server::alertmanager::{Configured, Place, runner_parts};
use crate::server::history::{History, LogWay};

/// A server that refuses everything for good.
async fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut seen = Vec::new();
                // The body of a webhook ends with a line feed behind its last brace.
                while !seen.ends_with(b"}\n") {
                    match stream.read_u8().await {
                        Ok(byte) => seen.push(byte),
                        Err(_) => return,
                    }
                }
                let answer =
                    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot today";
                let _ = stream.write_all(answer).await;
            });
        }
    });
    address
}

fn config(sinks: &Sinks, refusing: &str) -> String {
    format!(
        "route:\n  receiver: team\n  group_by: [alertname]\n  group_wait: 0s\n  group_interval: 10m\n  routes:\n  \
         - {{receiver: broken, matchers: ['alertname=\"Lost\"']}}\n  \
         - {{receiver: team, matchers: ['alertname=\"Muted\"'], mute_time_intervals: [always]}}\n\
         time_intervals:\n- {{name: always, time_intervals: [{{months: ['1:12']}}]}}\n\
         inhibit_rules:\n- {{source_matchers: ['alertname=\"Cause\"'], target_matchers: ['alertname=\"Effect\"']}}\n\
         receivers:\n- name: team\n  webhook_configs: [{{url: 'http://{}/webhook'}}]\n\
         - name: broken\n  webhook_configs: [{{url: 'http://{refusing}/'}}]\n",
        sinks.http
    )
}

/// An alert of that name that ends so many seconds after the beginning.
pub(super) fn alert(name: &str, ends_in_seconds: i64) -> Alert {
    let now = BEGIN_MS * (SECOND / 1000);
    Alert {
        labels: Labels::from_pairs([("alertname", name), ("instance", "a:1")]),
        annotations: Annotations::empty(),
        starts_at: now - SECOND,
        ends_at: now + ends_in_seconds * SECOND,
        updated_at: now,
        ends_by_timeout: false,
        generator_url: Arc::from(""),
    }
}

fn silence() -> Silence {
    let now = BEGIN_MS * (SECOND / 1000);
    let matchers = parse_matchers("alertname=\"Silenced\"", Syntax::Both).unwrap().value;
    Silence {
        id: String::new(),
        matcher_sets: vec![matchers],
        starts_at: now,
        ends_at: now + 3600 * SECOND,
        updated_at: now,
        created_by: "somebody".into(),
        comment: "it is known".into(),
        annotations: BTreeMap::new(),
    }
}

/// A store of logs that takes a history, and the time.
pub(super) struct World {
    pub(super) logs: LogStore,
    pub(super) clock: Arc<SimulatedClock>,
}

impl World {
    pub(super) fn open(folder: &Path) -> Self {
        let clock = Arc::new(SimulatedClock::new(BEGIN_MS));
        let resources = logstore::Resources {
            fs: Arc::new(RealFileSystem),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            registry: Registry::new(),
            memory: Arc::default(),
        };
        let logs = LogStore::open(resources, &folder.join("logs"), logstore::Settings::default()).unwrap();
        Self { logs, clock }
    }

    /// A history that is written to the store.
    pub(super) fn history(&self) -> History {
        let way = LogWay {
            store: Arc::new(self.logs.clone()),
            follower: api::LiveEntries::new(Arc::clone(&self.clock) as Arc<dyn Clock>),
        };
        History::start(way, &Registry::new())
    }

    pub(super) fn runner(&self, folder: &Path, text: &str, history: &History) -> Runner {
        let file = folder.join("alertmanager.yml");
        write(&file, text);
        let configured = Configured::load(&file).unwrap();
        let place = Place {
            folder: folder.join("alerts"),
            import: folder.to_owned(),
            external_url: "http://am.example.org".to_owned(),
        };
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let parts = runner_parts(&options(), place, clock, &Registry::new());
        let parts = RunnerParts { history: Some(history.sink()), ..parts };
        Runner::open(configured.settings, parts).unwrap()
    }

    /// The lines that a query over the history gives.
    pub(super) fn ask(&self, query: &str) -> Vec<String> {
        let parsed = logql_syntax::parse_log(query, logql_syntax::Options::default()).unwrap();
        let querier = self.logs.log_querier(api::SINGLE_TENANT, EntryRange::ALL).unwrap();
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let control = Control::new(clock, Limits::default(), CancelFlag::new(), Arc::default());
        let query = LogQuery {
            expr: &parsed,
            limit: 1000,
            order: logql_engine::pipeline::Order::Forward,
            interval: 0,
            categorize: false,
            now: 0,
        };
        let found = query_logs(querier.as_ref(), &query, &control).unwrap();
        let entries = found.streams.iter().flat_map(|stream| &stream.entries);
        entries.map(|entry| String::from_utf8_lossy(&entry.line).into_owned()).collect()
    }

    /// Waits until a query gives so many lines, or more.
    pub(super) async fn wait_for(&self, query: &str, count: usize) -> Vec<String> {
        let waiting = async {
            loop {
                let lines = self.ask(query);
                if lines.len() >= count {
                    return lines;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(120), waiting).await {
            Ok(lines) => lines,
            Err(_) => panic!("{query} gives no {count} lines of: {:#?}", self.ask("{job=\"lapwing\"}")),
        }
    }
}

pub(super) const STREAM: &str = "{job=\"lapwing\", stream=\"alert-history\"}";

#[tokio::test(flavor = "multi_thread")]
async fn logql_answers_who_was_told_what_and_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path());
    let history = world.history();
    let sinks = Sinks::start().await;
    let runner = world.runner(folder.path(), &config(&sinks, &refusing().await), &history);
    let silence_id = runner.set_silence(silence()).unwrap();
    let stop = CancellationToken::new();
    let (working, stopped) = (runner.clone(), stop.clone());
    let running = tokio::spawn(async move { working.run(stopped.cancelled()).await });
    let names = ["Fine", "Lost", "Silenced", "Cause", "Effect", "Muted"];
    runner.put(names.iter().map(|name| alert(name, 3600)).collect());

    let sent =
        world.wait_for(&format!("{STREAM} | json | event=\"notification\" | outcome=\"sent\""), 2).await;
    assert_eq!(sent.len(), 2, "{sent:#?}");
    for name in ["Fine", "Cause"] {
        let told = |line: &&String| line.contains(&format!("\"groupLabels\":{{\"alertname\":\"{name}\"}}"));
        assert!(sent.iter().any(|line| told(&line) && line.contains("\"receiver\":\"team\"")), "{sent:#?}");
    }
    let failed =
        world.wait_for(&format!("{STREAM} | json | outcome=\"failed\" | receiver=\"broken\""), 1).await;
    assert!(failed[0].contains("not today"), "{failed:#?}");
    for (reason, name, by) in [
        ("silence", "Silenced", silence_id.as_str()),
        ("inhibition", "Effect", ""),
        ("mute_time_interval", "Muted", "always"),
    ] {
        let query =
            format!("{STREAM} | json | event=\"suppressed\" | reason=\"{reason}\" | alertname=\"{name}\"");
        let kept_back = world.wait_for(&query, 1).await;
        assert!(kept_back[0].contains(&format!("{by}\"]")), "{kept_back:#?}");
    }
    let firing =
        world.wait_for(&format!("{STREAM} | json | event=\"alert\" | state=\"firing\""), names.len()).await;
    assert_eq!(firing.len(), names.len(), "{firing:#?}");

    runner.put(vec![alert("Fine", -1)]);
    let resolved =
        world.wait_for(&format!("{STREAM} | json | event=\"alert\" | state=\"resolved\""), 1).await;
    assert!(resolved[0].contains("\"alertname\":\"Fine\""), "{resolved:#?}");
    stop.cancel();
    running.await.unwrap();
    history.stop().await;
    let all: BTreeSet<String> = world.ask(STREAM).into_iter().collect();
    assert_eq!(all.len(), world.ask(STREAM).len(), "nothing is told twice");
    world.logs.close().unwrap();
}
