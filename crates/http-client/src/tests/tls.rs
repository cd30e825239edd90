//! TLS to servers: who is trusted, certificates of the client, files that change.

use std::path::Path;
use std::sync::Arc;

use platform::real::RealFileSystem;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{get, reply, send};
use crate::{Client, PemSource, Secret, SecretSource, Settings, TlsSettings};

const CA: &str = include_str!("pem/ca.pem");
const OTHER_CA: &str = include_str!("pem/other-ca.pem");
const SERVER: &str = include_str!("pem/server.pem");
const SERVER_KEY: &str = include_str!("pem/server.key");
const CLIENT: &str = include_str!("pem/client.pem");
const CLIENT_KEY: &str = include_str!("pem/client.key");

/// A server whose certificate is for `server.test` and 127.0.0.1; it may want one of the client's.
pub(super) async fn serve_tls(want_client: bool) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = if want_client {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(CA.as_bytes()).unwrap()).unwrap();
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let chain = vec![CertificateDer::from_pem_slice(SERVER.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(SERVER_KEY.as_bytes()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut head = Vec::new();
                while let Ok(byte) = stream.read_u8().await {
                    head.push(byte);
                    if head.ends_with(b"\r\n\r\n") {
                        let answer = reply("200 OK", "", &head);
                        head.clear();
                        if stream.write_all(&answer).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    address
}

pub(super) fn trusting_ca() -> TlsSettings {
    TlsSettings { ca: Some(PemSource::Inline(CA.to_owned())), ..TlsSettings::default() }
}

#[tokio::test]
async fn a_server_must_be_signed_and_named_rightly() {
    let address = serve_tls(false).await;
    let url = format!("https://{address}/");
    let asked = async |tls: TlsSettings| send(Settings { tls, ..Settings::default() }, &url).await;
    assert!(asked(trusting_ca()).await.is_ok());
    let named = |name: &str| TlsSettings { server_name: Some(name.to_owned()), ..trusting_ca() };
    assert!(asked(named("server.test")).await.is_ok());
    assert!(asked(named("other.test")).await.is_err());
    let strange = TlsSettings { ca: Some(PemSource::Inline(OTHER_CA.to_owned())), ..TlsSettings::default() };
    assert!(asked(strange.clone()).await.is_err());
    assert!(asked(TlsSettings { insecure_skip_verify: true, ..strange }).await.is_ok());
}

#[tokio::test]
async fn a_client_shows_its_certificate() {
    let url = format!("https://{}/", serve_tls(true).await);
    let asked = async |tls: TlsSettings| send(Settings { tls, ..Settings::default() }, &url).await;
    let with_certificate = TlsSettings {
        cert: Some(PemSource::Inline(CLIENT.to_owned())),
        key: Some(SecretSource::Inline(Secret::new(CLIENT_KEY))),
        ..trusting_ca()
    };
    assert!(asked(with_certificate).await.is_ok());
    assert!(asked(trusting_ca()).await.is_err());
}

#[tokio::test]
async fn a_changed_file_of_certificates_is_used_at_the_next_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let write = |path: &Path, text: &str| {
        #[expect(clippy::disallowed_methods, reason = "the test plays the user who changes a file")]
        std::fs::write(path, text).unwrap();
    };
    write(&path, OTHER_CA);
    let tls = TlsSettings { ca: Some(PemSource::File(path.clone())), ..TlsSettings::default() };
    let client = Client::new(Settings { tls, ..Settings::default() }, Arc::new(RealFileSystem)).unwrap();
    let url = format!("https://{}/", serve_tls(false).await);
    assert!(client.send(get(&url)).await.is_err());
    // The lengths of the two files differ, so that even a clock that stands still shows the change.
    write(&path, CA);
    assert!(client.send(get(&url)).await.is_ok());
    write(&path, "nothing");
    let error = client.send(get(&url)).await.unwrap_err().to_string();
    assert!(error.contains("unable to use specified CA cert"), "{error}");
    write(&path, CA);
    assert!(client.send(get(&url)).await.is_ok());
}
