//! Writing answers as they stream.

use std::io::{self, Write};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderValue, StatusCode};
use promql_engine::Answer;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::options::SharedOptions;
use super::shape::{self, Clocked};
use crate::compress::{Encoder, Encoding};
use crate::error::{ApiError, ErrorType};

/// Bytes handed over at once.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces that wait for the client; a slow one slows the writer down.
const PIECES_WAITING_MAX: usize = 4;

/// A part of an answer.
pub(super) enum Piece {
    /// Others follow.
    Part(Bytes),
    /// None follows.
    Last(Bytes),
}

/// The writer's end of an answer's stream; fails once the client is gone.
pub(super) struct Sink {
    sender: mpsc::Sender<Piece>,
    piece: Vec<u8>,
    encoding: Option<Encoding>,
}

impl Sink {
    fn send(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        self.sender.blocking_send(Piece::Part(piece.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// Sends the rest.
    fn end(self) -> io::Result<()> {
        let piece = Piece::Last(self.piece.into());
        self.sender.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

/// A stream from a writer off the reactor's threads to the client.
pub(super) fn channel(encoding: Option<Encoding>) -> (Sink, mpsc::Receiver<Piece>) {
    let (sender, receiver) = mpsc::channel(PIECES_WAITING_MAX);
    (Sink { sender, piece: Vec::with_capacity(1024), encoding }, receiver)
}

/// Writes an answer into the stream; a client that has gone ends the writing, and that is all.
pub(super) fn stream(sink: Sink, answer: Answer, options: &SharedOptions, clocked: Clocked) {
    let written = match sink.encoding {
        None => shape::write(sink, answer, options, clocked).and_then(Sink::end),
        Some(encoding) => Encoder::new(encoding, sink)
            .and_then(|encoder| shape::write(encoder, answer, options, clocked))
            .and_then(Encoder::finish)
            .and_then(Sink::end),
    };
    if let Err(error) = written {
        tracing::debug!(%error, "answer not written to its end");
    }
}

/// Waits for the first piece or the work's failure, and gives the response that goes on streaming.
pub(super) async fn respond(
    mut pieces: mpsc::Receiver<Piece>,
    work: JoinHandle<Result<(), ApiError>>,
    encoding: Option<Encoding>,
) -> Result<Response, ApiError> {
    let Some(first) = pieces.recv().await else {
        // Nothing was written: the work failed or panicked.
        return Err(match work.await {
            Ok(Err(error)) => error,
            Ok(Ok(())) => ApiError::new(ErrorType::Internal, "empty answer"),
            Err(error) => ApiError::new(ErrorType::Internal, format!("unexpected error: {error}")),
        });
    };
    let first = match first {
        Piece::Last(whole) => return Ok(response(Body::from(whole), encoding)),
        Piece::Part(first) => first,
    };
    let rest = futures_util::stream::unfold(pieces, |mut pieces| async move {
        let (Piece::Part(piece) | Piece::Last(piece)) = pieces.recv().await?;
        Some((piece, pieces))
    });
    let all = futures_util::StreamExt::chain(futures_util::stream::iter([first]), rest);
    let body = Body::from_stream(futures_util::StreamExt::map(all, Ok::<Bytes, std::convert::Infallible>));
    Ok(response(body, encoding))
}

/// Writes an answer as a whole.
pub(super) fn whole(
    answer: Answer,
    options: &SharedOptions,
    clocked: Clocked,
    encoding: Option<Encoding>,
) -> Response {
    let sink = Vec::with_capacity(1024);
    let written = match encoding {
        None => shape::write(sink, answer, options, clocked),
        Some(encoding) => Encoder::new(encoding, sink)
            .and_then(|encoder| shape::write(encoder, answer, options, clocked))
            .and_then(Encoder::finish),
    };
    match written {
        Ok(bytes) => response(Body::from(bytes), encoding),
        Err(error) => ApiError::new(ErrorType::Internal, error.to_string()).into_response(),
    }
}

fn response(body: Body, encoding: Option<Encoding>) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.as_str()));
        headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    response
}
