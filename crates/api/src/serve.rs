//! Listening: the accept loop, with TLS and rules for requests, bounds on connections and slow clients, and a stop that
//! lets requests finish.

mod guard;
mod request_line;
mod timed;
mod tls;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tower::Service;

use self::guard::Guard;
pub use self::guard::{GuardSource, Rules};
use self::request_line::LenientRequestLines;
use self::timed::Timed;
pub use self::tls::{ClientAuth, TlsSettings, check_key_pair};

/// Streams at once on one connection of HTTP/2, as in the original.
const STREAMS_MAX: u32 = 250;
/// The longest head of a request.
const HEAD_BYTES_MAX: usize = 1 << 20;
/// The first byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// The client of a request, added to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Bounds of the listener.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once, over all listeners.
    pub connections_max: usize,
    /// How long a client may take to send a request's head, and then its body.
    pub read_timeout: Duration,
    /// How long requests may go on once a stop has begun.
    pub drain_timeout: Duration,
}

/// Takes an address for listening: `host:port`, `:port` for every address of the machine.
///
/// # Errors
/// An address that does not resolve, a port in use; the text names the address.
pub async fn listen(address: &str) -> Result<TcpListener, String> {
    let full = if address.starts_with(':') { format!("0.0.0.0{address}") } else { address.to_owned() };
    TcpListener::bind(&full).await.map_err(|error| format!("listen on {address}: {error}"))
}

/// What every connection needs.
#[derive(Clone)]
struct Serving {
    router: Router,
    limits: Limits,
    guard: Arc<Guard>,
}

/// Serves connections of all listeners until `stop`, then lets running requests finish up to the drain timeout.
/// `guard` tells how TLS is spoken and who may come in; without it everyone may, without TLS.
pub async fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    limits: Limits,
    guard: Option<Arc<dyn GuardSource>>,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections_max.clamp(1, Semaphore::MAX_PERMITS)));
    let serving = Serving { router, limits, guard: Guard::new(guard) };
    let loops: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            tokio::spawn(accept_loop(listener, serving.clone(), Arc::clone(&places), stop.clone()))
        })
        .collect();
    for each in loops {
        if let Err(error) = each.await {
            tracing::error!(%error, "accept loop ended");
        }
    }
}

async fn accept_loop(
    listener: TcpListener,
    serving: Serving,
    places: Arc<Semaphore>,
    stop: CancellationToken,
) {
    let graceful = GracefulShutdown::new();
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            Some((place, listener.accept().await))
        };
        let (place, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            next = next => match next {
                Some(next) => next,
                None => break,
            },
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = connection(serving.clone(), stream, peer, graceful.watcher());
                tokio::spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                // Mostly too many open files: waiting lets some close, and keeps the loop from spinning.
                tracing::warn!(%error, "connection not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(serving.limits.drain_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests did not finish in time and were cut off");
    }
}

async fn connection(serving: Serving, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    match serving.guard.tls() {
        None => speak(serving, stream, peer, watcher).await,
        Some(Err(error)) => tracing::error!(%peer, error, "TLS settings cannot be used"),
        Some(Ok(config)) => {
            let greeting = handshake(stream, TlsAcceptor::from(config));
            match tokio::time::timeout(serving.limits.read_timeout, greeting).await {
                Ok(Ok(stream)) => speak(serving, stream, peer, watcher).await,
                Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
                Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
            }
        }
    }
}

/// Begins to speak TLS; who speaks HTTP instead is told so.
async fn handshake(mut stream: TcpStream, acceptor: TlsAcceptor) -> io::Result<TlsStream<TcpStream>> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 1 && first != [TLS_HANDSHAKE] {
        let answer = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
        stream.write_all(answer).await?;
        stream.shutdown().await?;
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the client does not speak TLS"));
    }
    acceptor.accept(stream).await
}

/// Answers the requests of a connection.
async fn speak<S>(serving: Serving, stream: S, peer: SocketAddr, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    let timeout = serving.limits.read_timeout;
    builder.http1().timer(TokioTimer::new()).header_read_timeout(timeout).max_buf_size(HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(timeout))
        .max_concurrent_streams(STREAMS_MAX);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        answer(serving.clone(), request)
    });
    let connection = builder
        .serve_connection_with_upgrades(TokioIo::new(LenientRequestLines::new(stream)), service)
        .into_owned();
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

/// Answers a request, if it may come in.
async fn answer(mut serving: Serving, request: Request<Incoming>) -> Result<Response, Infallible> {
    let rules = match serving.guard.rules() {
        Ok(rules) => rules,
        Err(refusal) => return Ok(*refusal),
    };
    if let Some(rules) = &rules
        && let Err(mut refusal) = serving.guard.admit(rules, request.headers()).await
    {
        guard::add_headers(rules, &mut refusal);
        return Ok(refusal);
    }
    let deadline = Instant::now() + serving.limits.read_timeout;
    let request = request.map(|body| Body::new(Timed::new(body, deadline)));
    // The router is always ready: it waits for nothing before a call.
    let mut response = serving.router.call(request).await?;
    if let Some(rules) = &rules {
        guard::add_headers(rules, &mut response);
    }
    Ok(response)
}
