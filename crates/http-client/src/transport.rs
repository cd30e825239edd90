//! The connections of a client, made anew when the files of its certificates change.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use parking_lot::Mutex;
use platform::FileSystem;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::client::address;
use crate::connect::Connector;
use crate::{Error, PemSource, SecretSource, Settings, TlsSettings, error, tls};

/// How long an unused connection is kept.
pub(crate) const IDLE_MAX: Duration = Duration::from_mins(5);
/// Between probes of a connection on which nothing moves.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(crate) type Http = HyperClient<HttpsConnector<Connector>, Full<Bytes>>;

/// Hands out the client to ask with.
pub(crate) struct Transport {
    /// Connects to servers without TLS or proxy.
    tcp: HttpConnector,
    files: Arc<dyn FileSystem>,
    /// The files that certificates and keys are read from.
    watched: Vec<PathBuf>,
    present: Mutex<Present>,
}

struct Present {
    http: Http,
    states: Vec<State>,
}

/// What tells a changed file; `None` where it cannot be looked at.
type State = Option<(u64, SystemTime)>;

impl Transport {
    pub(crate) fn new(settings: &Settings, files: Arc<dyn FileSystem>) -> Result<Self, Error> {
        let watched = watched(&settings.tls);
        // Looked at before they are read: a change in between is seen at the next request.
        let states = states(&watched, files.as_ref());
        let http = client(settings, files.as_ref())?;
        let tcp = tcp_connector();
        Ok(Self { tcp, files, watched, present: Mutex::new(Present { http, states }) })
    }

    /// Connects to the server of a URL, without TLS and past all proxies.
    ///
    /// # Errors
    /// The reason in Go's words.
    pub(crate) async fn connect(&self, url: &Uri) -> Result<TcpStream, String> {
        let connected = self.tcp.clone().call(url.clone()).await;
        connected.map(TokioIo::into_inner).map_err(|error| error::reason(&error, &address(url)))
    }

    /// The client for a request; its connections go with it when a file has changed.
    ///
    /// # Errors
    /// A changed file cannot be used.
    pub(crate) fn http(&self, settings: &Settings) -> Result<Http, Error> {
        let mut present = self.present.lock();
        if !self.watched.is_empty() {
            let states = states(&self.watched, self.files.as_ref());
            if states != present.states {
                present.http = client(settings, self.files.as_ref())?;
                present.states = states;
            }
        }
        Ok(present.http.clone())
    }
}

fn client(settings: &Settings, files: &dyn FileSystem) -> Result<Http, Error> {
    let connector = tls::connector(settings, files, tcp_connector())?;
    Ok(HyperClient::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_MAX)
        .http1_title_case_headers(true)
        .build(connector))
}

fn tcp_connector() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEP_ALIVE));
    tcp
}

fn watched(tls: &TlsSettings) -> Vec<PathBuf> {
    let pems = [&tls.ca, &tls.cert].into_iter().flatten();
    let mut paths: Vec<PathBuf> = pems
        .filter_map(|source| match source {
            PemSource::File(path) => Some(path.clone()),
            PemSource::Inline(_) => None,
        })
        .collect();
    if let Some(SecretSource::File(path)) = &tls.key {
        paths.push(path.clone());
    }
    paths
}

fn states(paths: &[PathBuf], files: &dyn FileSystem) -> Vec<State> {
    let state = |path: &PathBuf| files.metadata(path).ok().map(|found| (found.len, found.modified));
    paths.iter().map(state).collect()
}
