//! `/api/v1/write`: remote write 1.0 and 2.0.

mod intake;
mod negotiate;
mod taken;
#[cfg(test)]
mod tests;
mod v1;
mod v2;

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};
use storage::{AppendOptions, Appendable};

use super::settings::WriteMessage;
use super::{BODY_BYTES_MAX, Remote, body};
use crate::answer::{empty_response, text_error};
use crate::call::Call;
use crate::router::not_ready;
use crate::{Api, RemoteWriteSettings};
pub(super) use intake::Columns;
pub(crate) use taken::TOO_FAR_AHEAD;
use taken::Taken;

/// Samples further ahead of the clock than this are refused.
pub(crate) const FUTURE_MAX_MS: i64 = 10 * 60 * 1000;

/// How a request has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// All was stored that can be.
    Stored,
    /// What can be was stored; sending the rest again is no use.
    Partly(String),
    /// Nothing was stored, and sending it again is no use.
    Refused(String),
    /// Nothing was stored; it may be sent again.
    Failed(String),
    /// The bytes are no request.
    Unreadable(String),
}

impl From<wire::remote::Error> for Outcome {
    fn from(error: wire::remote::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// What taking a request apart needs.
struct Receiver<'a> {
    remote: &'a Remote,
    settings: &'a RemoteWriteSettings,
    appendable: &'a dyn Appendable,
    now_ms: i64,
}

/// Answers a request.
pub(crate) async fn write(api: Arc<Api>, call: Call) -> Response {
    if !api.settings.enable_remote_write_receiver {
        let text = "remote write receiver needs to be enabled with --web.enable-remote-write-receiver";
        return text_error(StatusCode::NOT_FOUND, text);
    }
    let message = match negotiate::message(&call.headers, &api.settings.remote_write.messages) {
        Ok(message) => message,
        Err(text) => return text_error(StatusCode::UNSUPPORTED_MEDIA_TYPE, &text),
    };
    let received = match body::receive(&api.remote, &call.headers, call.body).await {
        Ok(received) => received,
        Err(answer) => return answer,
    };
    let Ok(turn) = Arc::clone(&api.remote.write_turns).acquire_owned().await else {
        return not_ready(api.is_stopping());
    };
    let Some(services) = api.services.load_full() else { return not_ready(api.is_stopping()) };
    let working = Arc::clone(&api);
    let work = tokio::task::spawn_blocking(move || {
        let receiver = Receiver {
            remote: &working.remote,
            settings: &working.settings.remote_write,
            appendable: services.appendable.as_ref(),
            now_ms: working.parts.clock.now_ms(),
        };
        let (outcome, taken) = receiver.receive(message, &received.bytes);
        drop((received, turn));
        answer(message, &outcome, taken)
    });
    work.await.unwrap_or_else(|error| {
        tracing::error!(%error, "panic while taking a remote write request");
        text_error(StatusCode::INTERNAL_SERVER_ERROR, "unexpected error")
    })
}

impl Receiver<'_> {
    /// Takes a compressed request; what was stored of it counts only where the outcome is not a failure.
    fn receive(&self, message: WriteMessage, compressed: &[u8]) -> (Outcome, Taken) {
        let mut decompressor = self.remote.take_decompressor();
        let received = match decompressor.decompress(compressed, BODY_BYTES_MAX) {
            Err(error) => (Outcome::Unreadable(error.to_string()), Taken::default()),
            Ok(body) => {
                let mut appender = self.appendable.appender(AppendOptions::default());
                let (mut outcome, mut taken) = match message {
                    WriteMessage::V1 => v1::take(self, body, &mut *appender),
                    WriteMessage::V2 => v2::take(self, body, &mut *appender),
                };
                let is_kept = matches!(outcome, Outcome::Stored | Outcome::Partly(_));
                let ended = if is_kept { appender.commit() } else { appender.rollback() };
                if let Err(error) = ended {
                    outcome = Outcome::Failed(error.to_string());
                }
                if matches!(outcome, Outcome::Failed(_) | Outcome::Refused(_)) {
                    taken = Taken::default();
                }
                (outcome, taken)
            }
        };
        self.remote.give_decompressor(decompressor);
        received
    }
}

fn answer(message: WriteMessage, outcome: &Outcome, taken: Taken) -> Response {
    let mut response = match outcome {
        Outcome::Stored => empty_response(StatusCode::NO_CONTENT),
        Outcome::Partly(text) | Outcome::Refused(text) => text_error(StatusCode::BAD_REQUEST, text),
        Outcome::Failed(text) => {
            tracing::error!(error = text, "remote write request was not stored");
            text_error(StatusCode::INTERNAL_SERVER_ERROR, text)
        }
        Outcome::Unreadable(text) => return text_error(StatusCode::BAD_REQUEST, text),
    };
    // Senders of version 1.0 would take a count for one of a partial write.
    if message == WriteMessage::V2 {
        let counts = [
            ("x-prometheus-remote-write-samples-written", taken.samples),
            ("x-prometheus-remote-write-histograms-written", taken.histograms),
            ("x-prometheus-remote-write-exemplars-written", taken.exemplars),
        ];
        for (name, count) in counts {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(count));
        }
    }
    response
}
