//! `/api/v1/read`: series for other servers, as samples or as chunks.

mod cut;
mod respond;
mod selection;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use storage::ErrorKind;
use telemetry::Gauge;
use tokio::sync::mpsc;
use wire::remote::read::{ReadRequest, SAMPLES, STREAMED_XOR_CHUNKS};

use super::{BODY_BYTES_MAX, body};
use crate::answer::text_error;
use crate::call::Call;
use crate::router::not_ready;
use crate::{Api, Services};
use respond::{respond_with_chunks, respond_with_samples};
use selection::Selection;

/// Frames that wait for the client; a slow one slows the reader down.
const FRAMES_WAITING_MAX: usize = 4;

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    status: StatusCode,
    text: String,
}

impl Failure {
    fn bad_request(text: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, text: text.into() }
    }

    fn internal(text: impl Into<String>) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, text: text.into() }
    }

    fn into_response(self) -> Response {
        text_error(self.status, &self.text)
    }
}

impl From<storage::Error> for Failure {
    fn from(error: storage::Error) -> Self {
        match error.kind() {
            ErrorKind::Unavailable => {
                Self { status: StatusCode::SERVICE_UNAVAILABLE, text: error.to_string() }
            }
            _ => Self::internal(error.to_string()),
        }
    }
}

/// Counts a request as present until it is dropped.
struct Present(Gauge);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The forms that an answer can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Samples,
    Chunks,
}

/// Answers a request.
pub(crate) async fn read(api: Arc<Api>, call: Call) -> Response {
    api.remote.metrics.read_queries.inc();
    let present = Present(api.remote.metrics.read_queries.clone());
    let Ok(turn) = Arc::clone(&api.remote.read_turns).acquire_owned().await else {
        return not_ready(api.is_stopping());
    };
    let received = match body::receive(&api.remote, &call.headers, call.body).await {
        Ok(received) => received,
        Err(answer) => return answer,
    };
    let Some(services) = api.services.load_full() else { return not_ready(api.is_stopping()) };
    let (sender, receiver) = mpsc::channel(FRAMES_WAITING_MAX);
    let (started, start) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let _held = (turn, present);
        answer(&api, &services, &received.bytes, started, &sender);
    });
    match start.await {
        Ok(Start::Whole(response)) => response,
        Ok(Start::Frames) => frames(receiver),
        Err(_) => text_error(StatusCode::INTERNAL_SERVER_ERROR, "unexpected error"),
    }
}

/// How an answer begins.
enum Start {
    /// It is all there.
    Whole(Response),
    /// Frames follow.
    Frames,
}

type Piece = Result<Bytes, std::io::Error>;

fn frames(receiver: mpsc::Receiver<Piece>) -> Response {
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let mut response = Response::new(Body::from_stream(stream));
    let form =
        HeaderValue::from_static("application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse");
    response.headers_mut().insert(CONTENT_TYPE, form);
    response
}

fn answer(
    api: &Api,
    services: &Services,
    compressed: &[u8],
    started: tokio::sync::oneshot::Sender<Start>,
    sender: &mpsc::Sender<Piece>,
) {
    // Whoever asked may have gone: then nothing is to be told.
    let plan = match plan(api, compressed) {
        Ok(plan) => plan,
        Err(failure) => return drop(started.send(Start::Whole(failure.into_response()))),
    };
    let settings = &api.settings.remote_read;
    match plan.form {
        Form::Samples => {
            let whole = respond_with_samples(services, &plan.selections, settings.samples_max);
            let response = whole.map_or_else(Failure::into_response, samples_response);
            drop(started.send(Start::Whole(response)));
        }
        Form::Chunks => {
            if started.send(Start::Frames).is_err() {
                return;
            }
            let send = |frames: Vec<u8>| sender.blocking_send(Ok(frames.into())).is_ok();
            if let Err(failure) = respond_with_chunks(services, &plan.selections, settings.frame_bytes, send)
            {
                tracing::warn!(error = failure.text, "remote read answer was cut off");
                let error = std::io::Error::other(failure.text);
                drop(sender.blocking_send(Err(error)));
            }
        }
    }
}

fn samples_response(message: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(wire::remote::compress(&message)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("snappy"));
    response
}

/// A request that can be answered.
struct Plan {
    form: Form,
    selections: Vec<Selection>,
}

fn plan(api: &Api, compressed: &[u8]) -> Result<Plan, Failure> {
    let mut decompressor = api.remote.take_decompressor();
    let request = decompressor
        .decompress(compressed, BODY_BYTES_MAX)
        .and_then(ReadRequest::decode)
        .map_err(|error| Failure::bad_request(error.to_string()));
    api.remote.give_decompressor(decompressor);
    let request = request?;
    let form = form(&request.accepted)?;
    let config = api.config.load();
    let selections = request.queries.into_iter().map(|query| Selection::new(query, &config.external_labels));
    Ok(Plan { form, selections: selections.collect::<Result<_, _>>()? })
}

fn form(accepted: &[u64]) -> Result<Form, Failure> {
    let known = accepted.iter().find_map(|form| match *form {
        SAMPLES => Some(Form::Samples),
        STREAMED_XOR_CHUNKS => Some(Form::Chunks),
        _ => None,
    });
    match known {
        Some(form) => Ok(form),
        None if accepted.is_empty() => Ok(Form::Samples),
        None => {
            let asked: Vec<String> = accepted.iter().map(u64::to_string).collect();
            Err(Failure::bad_request(format!(
                "server does not support any of the requested response types: [{}]; supported: map[SAMPLES:{{}} STREAMED_XOR_CHUNKS:{{}}]",
                asked.join(" ")
            )))
        }
    }
}
