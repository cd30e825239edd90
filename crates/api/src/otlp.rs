//! `/api/v1/otlp/v1/metrics`: metrics of OpenTelemetry.
//!
//! A request is stored as a whole or not at all.

mod body;
mod metrics;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use parking_lot::Mutex;
use storage::{AppendOptions, Appendable, Appender};
use telemetry::Registry;
use tokio::sync::Semaphore;
use wire::otlp::{Accumulator, Deltas, Failure, Settings, translate};

use crate::answer::{empty_response, text_error};
use crate::call::Call;
use crate::prometheus::remote::body::receive;
use crate::router::not_ready;
use crate::{Api, RemoteWriteSettings};
use metrics::Metrics;
use store::{Store, TakenError};

/// What requests share.
pub(crate) struct Otlp {
    metrics: Metrics,
    /// The totals of deltas.
    sums: Mutex<Accumulator>,
    /// Requests that are taken apart at once.
    turns: Arc<Semaphore>,
}

impl Otlp {
    pub(crate) fn new(registry: &Registry) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            metrics: Metrics::new(registry),
            sums: Mutex::default(),
            turns: Arc::new(Semaphore::new((2 * cores).max(4))),
        }
    }
}

/// Why nothing of a request is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refused {
    status: StatusCode,
    text: String,
}

impl Refused {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }
}

/// Answers a request.
pub(crate) async fn write(api: Arc<Api>, mut call: Call) -> Response {
    if !api.settings.enable_otlp_receiver {
        let text = "otlp write receiver needs to be enabled with --web.enable-otlp-receiver";
        return text_error(StatusCode::NOT_FOUND, text);
    }
    let form = match body::form(&call.headers) {
        Ok(form) => form,
        Err(refused) => return text_error(refused.status, &refused.text),
    };
    let sent = std::mem::take(&mut call.body);
    let received = match receive(&api.remote, &call.headers, sent).await {
        Ok(received) => received,
        Err(answer) => return answer,
    };
    let Ok(turn) = Arc::clone(&api.otlp.turns).acquire_owned().await else {
        return not_ready(api.is_stopping());
    };
    let Some(services) = api.services.load_full() else { return not_ready(api.is_stopping()) };
    let working = Arc::clone(&api);
    let work = tokio::task::spawn_blocking(move || {
        let config = working.config.load();
        let receiver = Receiver {
            otlp: &working.otlp,
            settings: &config.otlp,
            written: &working.settings.remote_write,
            appendable: services.appendable.as_ref(),
            now_ms: working.parts.clock.now_ms(),
        };
        let outcome = body::protobuf(form, &received.bytes).and_then(|body| receiver.receive(&body));
        drop((received, turn));
        outcome
    });
    match work.await {
        Ok(Ok(())) => empty_response(StatusCode::OK),
        Ok(Err(refused)) => {
            if refused.status.is_server_error() {
                tracing::error!(error = refused.text, "OTLP request was not stored");
            }
            text_error(refused.status, &refused.text)
        }
        Err(error) => {
            tracing::error!(%error, "panic while taking an OTLP request");
            text_error(StatusCode::INTERNAL_SERVER_ERROR, "unexpected error")
        }
    }
}

/// What taking a request apart needs.
struct Receiver<'a> {
    otlp: &'a Otlp,
    settings: &'a Settings,
    /// Zeros at start times and metadata are a matter of the same features as in remote write.
    written: &'a RemoteWriteSettings,
    appendable: &'a dyn Appendable,
    now_ms: i64,
}

impl Receiver<'_> {
    /// Stores a request in protobuf.
    fn receive(&self, body: &[u8]) -> Result<(), Refused> {
        let mut shared;
        let mut unused;
        let sums = if self.settings.deltas == Deltas::Accumulated {
            // Held to the end, so that what is summed up is what is stored.
            shared = self.otlp.sums.lock();
            &mut *shared
        } else {
            unused = Accumulator::new();
            &mut unused
        };
        let mut store = Store::new(self, self.appendable.appender(AppendOptions::default()));
        let translated = translate(body, self.settings, (&mut *sums, self.now_ms), &mut store);
        match translated {
            Ok(translated) => {
                self.otlp.metrics.label_collisions.add(translated.label_collisions);
                if translated.deltas_left_out > 0 {
                    tracing::debug!(points = translated.deltas_left_out, "late deltas were left out");
                }
                store.commit().inspect_err(|_| sums.undo())
            }
            Err(failure) => {
                store.rollback();
                Err(match failure {
                    Failure::Unreadable(error) => Refused::new(StatusCode::BAD_REQUEST, error.to_string()),
                    Failure::Metrics(text) => Refused::new(StatusCode::INTERNAL_SERVER_ERROR, text),
                    Failure::Sink(TakenError { status, text }) => Refused::new(status, text),
                })
            }
        }
    }
}

/// Gives a batch up; that it cannot be is of no consequence, as nothing of it is seen.
fn give_up(appender: Box<dyn Appender>) {
    if let Err(error) = appender.rollback() {
        tracing::debug!(%error, "batch of an OTLP request was not given up");
    }
}
