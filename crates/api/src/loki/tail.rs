//! `/tail`: entries as they come in, over a websocket.
//!
//! First what is stored, oldest first; then what comes in. Following begins before the store is asked, so nothing is
//! missed between both; what was both stored and seen coming in is sent once.

pub(super) mod message;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use logql_engine::Control;
use logql_engine::pipeline::{CompileOptions, Pipeline, Runner};
use logql_syntax::{ErrorKind, LogExpr};
use platform::CancelFlag;
use telemetry::Gauge;
use tokio::time::{Instant, MissedTickBehavior};

use super::asked::{Asked, check_length};
use super::entries::{self, Entry, Looking, Selection};
use super::live::{Dropped, Following, LiveEntry};
use super::query::{CancelOnDrop, checks, limits, refusal, with_regexp};
use super::refusal::Refusal;
use super::settings::ReadLimits;
use super::table::Answering;
use super::times::{self, Span};
use super::{Loki, write};
use message::{Form, message};

/// A stream counts as followed that had entries within this time, in nanoseconds.
const STREAMS_SPAN: i64 = 3_600_000_000_000;
/// Entries of one message.
const MESSAGE_ENTRIES_MAX: usize = 100;
/// The longest delay that may be asked for, in seconds.
const DELAY_MAX: u64 = 5;
/// How often a client is asked whether it is there.
const PING_INTERVAL: Duration = Duration::from_secs(1);
/// How long a client may take to receive a message.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest message of a client.
const CLIENT_BYTES_MAX: usize = 4096;

/// `/tail`
pub(super) fn tail(loki: Arc<Loki>, asked: Asked) -> Answering {
    begin_tail(loki, asked, false)
}

/// `/api/prom/tail`: messages in the form of Loki's first releases.
pub(super) fn old_tail(loki: Arc<Loki>, asked: Asked) -> Answering {
    begin_tail(loki, asked, true)
}

fn begin_tail(loki: Arc<Loki>, mut asked: Asked, is_old: bool) -> Answering {
    Box::pin(async move {
        let wish = Wish::new(&asked, is_old)?;
        asked.tenants.only()?;
        loki.services()?;
        let Some(upgrade) = asked.upgrade.take() else { return Err(Refusal::bad("Bad Request\n")) };
        let upgrade = upgrade.max_message_size(CLIENT_BYTES_MAX).max_frame_size(CLIENT_BYTES_MAX);
        Ok(upgrade.on_upgrade(move |socket| run(loki, asked, wish, socket)))
    })
}

/// What is asked for.
struct Wish {
    /// The query; none for one that gives numbers, which is told through the socket.
    log: Option<LogExpr>,
    start: i64,
    limit: usize,
    delay: Duration,
    form: Form,
}

impl Wish {
    fn new(asked: &Asked, is_old: bool) -> Result<Self, Refusal> {
        let params = asked.params();
        let log = match logql_syntax::parse_log(&with_regexp(asked), asked.limits.syntax()) {
            Ok(log) => {
                Pipeline::compile(&log.stages, &CompileOptions::ALL).map_err(Refusal::bad)?;
                Some(log)
            }
            Err(error) if *error.kind() == ErrorKind::NotALogQuery => None,
            Err(error) => return Err(error.into()),
        };
        let delay = match params.get("delay_for") {
            "" => 0,
            text => crate::params::parse_int_as("ParseInt", text).map_err(Refusal::bad)?,
        };
        let delay = u64::try_from(delay).unwrap_or(0);
        if delay > DELAY_MAX {
            return Err(Refusal::bad(format!("delay_for can't be greater than {DELAY_MAX}")));
        }
        let limit = times::count(params, "limit", 100)?;
        checks::limit(limit, &asked.limits)?;
        Ok(Self {
            log,
            start: Span::new(params, asked.now)?.start,
            limit,
            delay: Duration::from_secs(delay),
            form: match write::categorizes(asked) {
                _ if is_old => Form::Old,
                true => Form::Categorized,
                false => Form::Plain,
            },
        })
    }
}

async fn run(loki: Arc<Loki>, asked: Asked, wish: Wish, mut socket: WebSocket) {
    let reason = match begin(&loki, &asked, &wish) {
        Err(text) => text,
        Ok((log, following)) => {
            loki.metrics.tails.inc();
            let outcome = follow(&loki, asked, &wish, log, &following, &mut socket).await;
            loki.metrics.tails.dec();
            match outcome {
                Ok(()) => return,
                Err(text) => text,
            }
        }
    };
    let frame = CloseFrame { code: close_code::ERROR, reason: cut(&reason).into() };
    // The client may have gone.
    let _ = tokio::time::timeout(PING_INTERVAL, socket.send(Message::Close(Some(frame)))).await;
}

/// Streams that are followed, counted until this is dropped.
struct Followed {
    gauge: Gauge,
    count: f64,
}

impl Followed {
    fn new(gauge: Gauge, count: usize) -> Self {
        let count = count as f64;
        gauge.add(count);
        Self { gauge, count }
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.gauge.add(-self.count);
    }
}

/// How many streams a tail has when it begins.
fn streams(loki: &Loki, asked: &Asked, log: &LogExpr) -> Result<usize, Refusal> {
    let span = Span { start: asked.now.saturating_sub(STREAMS_SPAN), end: i64::MAX };
    let logs = asked.logs(loki)?.log_querier(&asked.tenants.joined(), span.range())?;
    Ok(logs.streams(&log.matchers)?.len())
}

/// A reason that fits into a closing frame.
fn cut(text: &str) -> String {
    let mut end = text.len().min(120);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// Checks what is told through the socket, and begins to follow.
fn begin(loki: &Loki, asked: &Asked, wish: &Wish) -> Result<(LogExpr, Following), String> {
    let Some(log) = &wish.log else { return Err("only log selector is supported".to_owned()) };
    check_length(asked.now.saturating_sub(wish.start), &asked.limits).map_err(|refusal| refusal.text)?;
    let tenant = asked.tenants.only().map_err(|refusal| refusal.text)?;
    let (present, max) = (loki.live.followers_of(tenant), asked.limits.tails_max);
    if max > 0 && present >= max {
        let count = present + 1;
        return Err(format!("max concurrent tail requests limit exceeded, count > limit ({count} > {max})"));
    }
    Ok((log.clone(), loki.live.follow(tenant, log.matchers.clone())))
}

/// Sends the past and then the present. It ends well where the client goes.
async fn follow(
    loki: &Arc<Loki>,
    asked: Asked,
    wish: &Wish,
    log: LogExpr,
    following: &Following,
    socket: &mut WebSocket,
) -> Result<(), String> {
    let pipeline = Pipeline::compile(&log.stages, &CompileOptions::ALL).map_err(|error| error.to_string())?;
    let is_bare = log.stages.is_empty();
    let read_limits = Arc::clone(&asked.limits);
    let longest = loki.settings().tail_duration_max;
    let end = Instant::now() + longest;
    let (worker, query, limit) = (Arc::clone(loki), log, wish.limit);
    // Entries of the future are stored too.
    let span = Span { start: wish.start, end: i64::MAX };
    let past = tokio::task::spawn_blocking(move || {
        let count = streams(&worker, &asked, &query)?;
        past(&worker, &asked, &query, span, limit).map(|past| (past, count))
    });
    let past = past.await.map_err(|error| error.to_string())?;
    let (past, count) = past.map_err(|refusal| refusal.text)?;
    let _followed = Followed::new(loki.metrics.tail_streams.clone(), count);
    let mut sent: HashSet<Entry> = HashSet::new();
    for entries in past.chunks(MESSAGE_ENTRIES_MAX) {
        if !send(loki, socket, entries, &[], wish, is_bare).await {
            return Ok(());
        }
        sent.extend(entries.iter().cloned());
    }
    // A tail goes on for long.
    drop(past);
    let mut ping = tokio::time::interval(PING_INTERVAL);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stream = Arc::new(Present { pipeline, is_bare, sent, limits: read_limits });
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(end) => return Err("reached tail max duration limit".to_owned()),
            () = loki.stop.cancelled() => return Err("the server is stopping".to_owned()),
            message = socket.recv() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                Some(Ok(_)) => {}
            },
            () = following.follower.news.notified() => {
                if !present(loki, socket, following, wish, &stream).await? {
                    return Ok(());
                }
            }
            _ = ping.tick() => {
                let pinged = tokio::time::timeout(SEND_TIMEOUT, socket.send(Message::Ping("".into()))).await;
                if !matches!(pinged, Ok(Ok(()))) {
                    return Ok(());
                }
                // What was held back may be due.
                if !present(loki, socket, following, wish, &stream).await? {
                    return Ok(());
                }
            }
        }
    }
}

fn past(loki: &Loki, asked: &Asked, log: &LogExpr, span: Span, limit: usize) -> Result<Vec<Entry>, Refusal> {
    let logs = asked.logs(loki)?.log_querier(&asked.tenants.joined(), span.range())?;
    let looking = Looking::new(loki, &asked.limits);
    let mut entries = entries::select(logs.as_ref(), log, Selection { limit, forward: false }, &looking)?;
    entries.reverse();
    Ok(entries)
}

/// What the entries of the present go through.
struct Present {
    pipeline: Pipeline,
    /// Whether there are no stages.
    is_bare: bool,
    /// What was sent of the past.
    sent: HashSet<Entry>,
    /// What a query of the tenant may use, and so the stages for the entries of one message.
    limits: Arc<ReadLimits>,
}

impl Present {
    /// The entries as they come out, in order of time where they were held back. Stages may take long, so they are not run on a
    /// thread of the reactor, and no longer than a query may take.
    ///
    /// # Errors
    /// Why the tail ends.
    async fn work(self: &Arc<Self>, loki: &Loki, came: Vec<LiveEntry>) -> Result<Vec<Entry>, String> {
        let (clock, memory) = (Arc::clone(&loki.parts.clock), Arc::clone(&loki.parts.memory));
        let cancel = CancelFlag::new();
        let control = Control::new(clock, limits(&self.limits, 1), cancel.clone(), memory);
        if self.is_bare {
            return Ok(self.through(came, &control));
        }
        let _guard = CancelOnDrop(cancel);
        let stream = Arc::clone(self);
        let working = tokio::task::spawn_blocking(move || {
            let entries = stream.through(came, &control);
            control.check().map(|()| entries).map_err(|error| refusal(&error, &stream.limits).text)
        });
        working.await.map_err(|error| error.to_string())?
    }

    fn through(&self, came: Vec<LiveEntry>, control: &Control) -> Vec<Entry> {
        let mut runner = Runner::new(&self.pipeline).checked_by(control);
        let mut out = Vec::new();
        for live in came {
            let _ = runner.run(&live.stream, &live.columns, &mut |row| {
                let entry = Entry::new(&live.stream, &row);
                if !self.sent.contains(&entry) {
                    out.push(entry);
                }
                ControlFlow::Continue(())
            });
        }
        out
    }
}

/// Sends all that is due; `false` where the client has gone.
///
/// # Errors
/// Why the tail ends.
async fn present(
    loki: &Loki,
    socket: &mut WebSocket,
    following: &Following,
    wish: &Wish,
    stream: &Arc<Present>,
) -> Result<bool, String> {
    loop {
        let until = loki.parts.clock.monotonic().saturating_sub(wish.delay);
        let (mut came, dropped) = following.follower.next(until, MESSAGE_ENTRIES_MAX);
        if came.is_empty() && dropped.is_empty() {
            return Ok(true);
        }
        if !wish.delay.is_zero() {
            came.sort_by_key(|entry| entry.timestamp);
        }
        let entries = stream.work(loki, came).await?;
        if entries.is_empty() && dropped.is_empty() {
            continue;
        }
        if !send(loki, socket, &entries, &dropped, wish, stream.is_bare).await {
            return Ok(false);
        }
    }
}

/// Sends a message; `false` where the client has gone or does not take it.
async fn send(
    loki: &Loki,
    socket: &mut WebSocket,
    entries: &[Entry],
    dropped: &[Dropped],
    wish: &Wish,
    bare: bool,
) -> bool {
    let text = message(entries, dropped, wish.form, bare);
    loki.metrics.tail_bytes.add(text.len() as u64);
    let sent = tokio::time::timeout(SEND_TIMEOUT, socket.send(Message::Text(text.into()))).await;
    matches!(sent, Ok(Ok(())))
}
