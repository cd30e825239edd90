//! Connections to servers, directly or through a proxy.

mod socks;
mod stream;
mod tunnel;

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::Proxy;
use crate::error::dial_reason;
use crate::proxy::{ProxyScheme, ProxyUrl, host_port};

pub(crate) use stream::Stream;

/// Connects to the servers of URLs; TLS to the server itself is another's matter.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) tcp: HttpConnector,
    pub(crate) proxy: Arc<Proxy>,
    /// TLS to proxies.
    pub(crate) tls: Arc<ClientConfig>,
    /// The name that a proxy's certificate must have, where it is not the proxy's host.
    pub(crate) server_name: Option<String>,
    /// The socket of this machine that leads to the server, whatever its URL says.
    pub(crate) unix_socket: Option<PathBuf>,
}

/// A connection that did not come about, in Go's words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConnectError(pub(crate) String);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        if let Some(path) = self.unix_socket.clone() {
            return Box::pin(async move { Ok(local(&path).await?) });
        }
        if self.proxy.rules.of(&url).is_none() {
            let connecting = self.tcp.call(url);
            return Box::pin(async move { Ok(Stream::plain(connecting.await?, false)) });
        }
        let connector = self.clone();
        Box::pin(async move { connector.through_proxy(&url).await.map_err(Into::into) })
    }
}

impl Connector {
    async fn through_proxy(&self, url: &Uri) -> Result<Stream, ConnectError> {
        let Some(proxy) = self.proxy.rules.of(url) else {
            return Err(ConnectError("no proxy for this URL".to_owned()));
        };
        let (host, port) = crate::client::host_and_port(url);
        let target = host_port(host, port);
        if proxy.scheme == ProxyScheme::Socks5 {
            let failed = |reason: String| {
                ConnectError(format!("socks connect tcp {}->{target}: {reason}", proxy.address()))
            };
            let mut stream = dial(proxy).await.map_err(failed)?;
            socks::connect(&mut stream, proxy, host, port).await.map_err(failed)?;
            return Ok(Stream::plain(TokioIo::new(stream), false));
        }
        let failed = |reason: String| ConnectError(format!("proxyconnect tcp: {reason}"));
        let stream = dial(proxy).await.map_err(failed)?;
        let needs_tunnel = url.scheme_str() == Some("https");
        if proxy.scheme == ProxyScheme::Https {
            let mut stream = self.secure(stream, proxy).await.map_err(failed)?;
            if needs_tunnel {
                tunnel::open(&mut stream, &self.proxy, proxy, &target).await?;
            }
            return Ok(Stream::tls(TokioIo::new(stream), !needs_tunnel));
        }
        let mut stream = stream;
        if needs_tunnel {
            tunnel::open(&mut stream, &self.proxy, proxy, &target).await?;
        }
        Ok(Stream::plain(TokioIo::new(stream), !needs_tunnel))
    }

    async fn secure(
        &self,
        stream: TcpStream,
        proxy: &ProxyUrl,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, String> {
        let name = self.server_name.clone().unwrap_or_else(|| proxy.host.clone());
        let name = ServerName::try_from(name).map_err(|error| error.to_string())?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        connector.connect(name, stream).await.map_err(|error| error.to_string())
    }
}

async fn local(path: &Path) -> Result<Stream, ConnectError> {
    let connected = UnixStream::connect(path).await;
    connected.map(Stream::unix).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "connect: no such file or directory".to_owned(),
            io::ErrorKind::ConnectionRefused => "connect: connection refused".to_owned(),
            io::ErrorKind::PermissionDenied => "connect: permission denied".to_owned(),
            _ => error.to_string(),
        };
        ConnectError(format!("dial unix {}: {reason}", path.display()))
    })
}

async fn dial(proxy: &ProxyUrl) -> Result<TcpStream, String> {
    let connected: io::Result<TcpStream> = async {
        let stream = TcpStream::connect((proxy.host.as_str(), proxy.port)).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
    .await;
    connected.map_err(|error| dial_reason(&error, &proxy.address()))
}
