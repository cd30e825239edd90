//! Receivers that hang, answer without end or say something that never ends: bounded, and the others are told as ever.

use std::sync::Arc;
use std::time::Duration;

use notify::{HistoryEntry, HistorySink, Runner, RunnerParts};
use platform::Clock;
use platform::simulated::SimulatedClock;
use serde_json::Value;
use telemetry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::history::alert;
use super::sinks::Sinks;
use super::{BEGIN_MS, options, write};
use crate::server::alertmanager::{Configured, Place, runner_parts};

/// The group interval of the configurations: so long a notification is tried, on the clock of the test.
const INTERVAL_MS: i64 = 10 * 60_000;
/// How long anything is waited for before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a receiver does once it has read a request.
#[derive(Clone, Copy)]
enum Manner {
    /// Nothing, for ever.
    Hangs,
    /// Answers with this status and a body without end.
    Streams(u16),
    /// Begins an answer and leaves it at that.
    Stalls,
}

/// A receiver; for each connection that ends it tells how many bytes of its answer were taken.
async fn receiver(manner: Manner) -> (String, UnboundedReceiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (told, heard) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let taken = behave(stream, manner).await;
                let _ = told.send(taken);
            });
        }
    });
    (address, heard)
}

async fn behave(mut stream: TcpStream, manner: Manner) -> usize {
    let mut seen = Vec::new();
    // The body of a webhook ends with a line feed behind its last brace.
    while !seen.ends_with(b"}\n") {
        match stream.read_u8().await {
            Ok(byte) => seen.push(byte),
            Err(_) => return 0,
        }
    }
    let mut taken = 0;
    if let Manner::Streams(status) = manner {
        let head = format!("HTTP/1.1 {status} So\r\nConnection: close\r\n\r\n");
        let piece = vec![b'x'; 1 << 16];
        let mut next = head.as_bytes();
        while stream.write_all(next).await.is_ok() {
            taken += next.len();
            next = &piece;
        }
        return taken;
    }
    if let Manner::Stalls = manner {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx").await;
    }
    // Until the other side has enough.
    let mut rest = [0; 64];
    while stream.read(&mut rest).await.is_ok_and(|bytes| bytes > 0) {}
    taken
}

/// Gives what is told of notifications to the test.
struct Outcomes(UnboundedSender<Value>);

impl HistorySink for Outcomes {
    fn record(&self, entries: Vec<HistoryEntry>) {
        for entry in entries {
            let line: Value = serde_json::from_str(&entry.line).unwrap();
            if line["event"] == "notification" {
                let _ = self.0.send(line);
            }
        }
    }
}

/// A dispatcher at work whose every alert goes to a receiver `odd` and to one that is as it should be.
struct Bench {
    runner: Runner,
    clock: Arc<SimulatedClock>,
    outcomes: UnboundedReceiver<Value>,
    sinks: Sinks,
    stop: CancellationToken,
    running: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Bench {
    /// `odd` are the keys of the webhook of the receiver `odd`.
    async fn start(odd: &str) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let sinks = Sinks::start().await;
        let file = folder.path().join("alertmanager.yml");
        write(
            &file,
            &format!(
                "route:\n  receiver: good\n  group_by: ['...']\n  group_wait: 0s\n  group_interval: 10m\n  routes:\n  \
                 - {{receiver: odd, continue: true}}\n  - {{receiver: good}}\nreceivers:\n\
                 - name: odd\n  webhook_configs: [{odd}]\n\
                 - name: good\n  webhook_configs: [{{url: 'http://{}/webhook'}}]\n",
                sinks.http
            ),
        );
        let configured = Configured::load(&file).unwrap();
        let place = Place {
            folder: folder.path().join("alerts"),
            import: folder.path().to_owned(),
            external_url: "http://am.example.org".to_owned(),
        };
        let clock = Arc::new(SimulatedClock::new(BEGIN_MS));
        let of_runner = Arc::clone(&clock) as Arc<dyn Clock>;
        let (told, outcomes) = unbounded_channel();
        let parts = runner_parts(&options(), place, of_runner, &Registry::new());
        let parts = RunnerParts { history: Some(Arc::new(Outcomes(told))), ..parts };
        let runner = Runner::open(configured.settings, parts).unwrap();
        let stop = CancellationToken::new();
        let (working, stopped) = (runner.clone(), stop.clone());
        let running = tokio::spawn(async move { working.run(stopped.cancelled()).await });
        Bench { runner, clock, outcomes, sinks, stop, running, _folder: folder }
    }

    fn post(&self, count: usize) {
        self.runner.put((0..count).map(|n| alert(&format!("Alert{n}"), 3600)).collect());
    }

    /// Waits until the good receiver has been told of so many groups.
    async fn told(&mut self, count: usize) {
        for nth in 0..count {
            let told = tokio::time::timeout(PATIENCE, self.sinks.heard.recv()).await;
            assert!(told.is_ok_and(|told| told.is_some()), "only {nth} were told");
        }
    }

    /// What became of the next notification to the receiver `odd`.
    async fn outcome(&mut self) -> Value {
        loop {
            let outcome = tokio::time::timeout(PATIENCE, self.outcomes.recv()).await.unwrap().unwrap();
            if outcome["receiver"] == "odd" {
                return outcome;
            }
            assert_eq!((&outcome["receiver"], &outcome["outcome"]), (&"good".into(), &"sent".into()));
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.running.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_takes_its_own_turns_alone_and_gives_up_with_the_interval() {
    let (address, _heard) = receiver(Manner::Hangs).await;
    let mut bench = Bench::start(&format!("{{url: 'http://{address}/', timeout: 200ms}}")).await;
    // More groups than a receiver has turns.
    let groups = 140;
    bench.post(groups);
    bench.told(groups).await;
    bench.clock.set_ms(BEGIN_MS + INTERVAL_MS);
    for _ in 0..groups {
        let outcome = bench.outcome().await;
        assert_eq!(outcome["outcome"], "failed", "{outcome}");
    }
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_answer_without_end_a_mebibyte_is_read() {
    for (status, expected) in [(200, "sent"), (400, "failed")] {
        let (address, mut heard) = receiver(Manner::Streams(status)).await;
        let mut bench = Bench::start(&format!("{{url: 'http://{address}/'}}")).await;
        bench.post(1);
        bench.told(1).await;
        let outcome = bench.outcome().await;
        assert_eq!(outcome["outcome"], expected, "{outcome}");
        assert!(outcome.to_string().len() < 10_000, "of the answer a complaint shows the beginning");
        let taken = tokio::time::timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
        // What the connection itself holds comes on top of what is read.
        assert!(taken < 32 << 20, "{taken}");
        bench.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_stops_coming_is_waited_for_as_long_as_the_request_may_take() {
    let (address, _heard) = receiver(Manner::Stalls).await;
    let mut bench = Bench::start(&format!("{{url: 'http://{address}/', timeout: 200ms}}")).await;
    bench.post(1);
    bench.told(1).await;
    // Its status was there: it has been told.
    assert_eq!(bench.outcome().await["outcome"], "sent");
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_never_ends_fails_its_own_notification() {
    let texts = [
        // It calls itself.
        r#"{{ define "again" }}x{{ template "again" . }}{{ end }}{{ template "again" . }}"#,
        // It calls itself twice at each of its steps: deep is not the worst it can be.
        r#"{{ define "twice" }}{{ if lt (len .) 60 }}{{ template "twice" (printf "%sx" .) }}{{ template "twice" (printf "%sx" .) }}{{ end }}{{ end }}{{ template "twice" "" }}"#,
        // Its text doubles again and again.
        r#"{{ $t := "xxxxxxxxxxxxxxxx" }}{{ range (stringSlice "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z") }}{{ $t = printf "%s%s" $t $t }}{{ end }}{{ $t }}"#,
    ];
    for text in texts {
        let (address, _heard) = receiver(Manner::Hangs).await;
        let mut bench =
            Bench::start(&format!("{{url: 'http://{address}/', payload: {{text: '{text}'}}}}")).await;
        bench.post(3);
        bench.told(3).await;
        for _ in 0..3 {
            let outcome = bench.outcome().await;
            assert_eq!(outcome["outcome"], "failed", "{text}");
            assert!(outcome["error"].as_str().is_some_and(|error| !error.contains("deadline")), "{outcome}");
        }
        bench.end().await;
    }
}
