//! Listening: the accept loop, with bounds on connections and slow clients, and a stop that lets requests finish.

mod request_line;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::request_line::LenientRequestLines;

/// Bounds of the listener.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once, over all listeners.
    pub connections_max: usize,
    /// How long a client may take to send a request's head.
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

/// Serves connections of all listeners until `stop`, then lets running requests finish up to the drain timeout.
pub async fn serve(listeners: Vec<TcpListener>, router: Router, limits: Limits, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(limits.connections_max.clamp(1, Semaphore::MAX_PERMITS)));
    let loops: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            tokio::spawn(accept_loop(listener, router.clone(), limits, Arc::clone(&places), stop.clone()))
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
    router: Router,
    limits: Limits,
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
                let serving = connection(stream, peer, &router, limits, &graceful);
                tokio::spawn(async move {
                    serving.await;
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
    if tokio::time::timeout(limits.drain_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests did not finish in time and were cut off");
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: &Router,
    limits: Limits,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + use<> {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.read_timeout);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(limits.read_timeout));
    let service = TowerToHyperService::new(router.clone());
    let connection = builder
        .serve_connection_with_upgrades(TokioIo::new(LenientRequestLines::new(stream)), service)
        .into_owned();
    let watched = graceful.watch(connection);
    async move {
        if let Err(error) = watched.await {
            tracing::debug!(%peer, %error, "connection ended");
        }
    }
}
