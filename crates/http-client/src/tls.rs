//! TLS to the server.

use std::sync::Arc;

use hyper_rustls::{ConfigBuilderExt, FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use platform::FileSystem;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme, SupportedProtocolVersion};

use crate::connect::Connector;
use crate::{Error, PemSource, SecretSource, Settings, TlsSettings, TlsVersion};

/// The longest file of certificates that is read.
const PEM_BYTES_MAX: u64 = 16 << 20;

/// Connects with TLS where the URL says so.
pub(crate) fn connector(
    settings: &Settings,
    files: &dyn FileSystem,
    tcp: HttpConnector,
) -> Result<HttpsConnector<Connector>, Error> {
    let config = client_config(&settings.tls, files)?;
    let connector = Connector {
        tcp,
        proxy: Arc::new(settings.proxy.clone()),
        tls: Arc::new(config.clone()),
        server_name: settings.tls.server_name.clone(),
        unix_socket: settings.unix_socket.clone(),
    };
    let mut builder = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
    if let Some(name) = &settings.tls.server_name {
        let name = ServerName::try_from(name.clone())
            .map_err(|_| Error::Tls(format!("invalid server name {name:?}")))?;
        builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name));
    }
    Ok(if settings.enable_http2 {
        builder.enable_all_versions().wrap_connector(connector)
    } else {
        builder.enable_http1().wrap_connector(connector)
    })
}

/// What a connection by TLS is made with, for who speaks something else than HTTP over it.
///
/// # Errors
/// Certificates or keys cannot be read or used.
pub fn client_config(settings: &TlsSettings, files: &dyn FileSystem) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let versions = versions(settings)?;
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .map_err(|error| Error::Tls(error.to_string()))?;
    let builder = if settings.insecure_skip_verify {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(TrustAll(provider)))
    } else if let Some(ca) = &settings.ca {
        let mut roots = RootCertStore::empty();
        let certificates = certificates(&read_pem(ca, files, "CA")?)?;
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(Error::Tls(format!("unable to use specified CA cert {}", name_of(ca))));
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| Error::Tls(error.to_string()))?;
        builder.with_webpki_verifier(verifier)
    } else {
        match builder.clone().with_native_roots() {
            Ok(builder) => builder,
            // A machine without certificates can still ask servers without TLS.
            Err(_) => builder.with_root_certificates(RootCertStore::empty()),
        }
    };
    let (Some(cert), Some(key)) = (&settings.cert, &settings.key) else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates(&read_pem(cert, files, "certificate")?)?;
    builder
        .with_client_auth_cert(chain, private_key(key, files)?)
        .map_err(|error| Error::Tls(error.to_string()))
}

/// The versions between the two bounds that this library speaks.
fn versions(settings: &TlsSettings) -> Result<Vec<&'static SupportedProtocolVersion>, Error> {
    let spoken = [(TlsVersion::Tls12, &rustls::version::TLS12), (TlsVersion::Tls13, &rustls::version::TLS13)];
    let versions: Vec<_> = spoken
        .into_iter()
        .filter(|(version, _)| settings.min_version.is_none_or(|min| min <= *version))
        .filter(|(version, _)| settings.max_version.is_none_or(|max| *version <= max))
        .map(|(_, spoken)| spoken)
        .collect();
    if versions.is_empty() {
        return Err(Error::Tls("TLS versions below 1.2 are not supported".to_owned()));
    }
    Ok(versions)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::Tls(format!("cannot read certificates: {error}")))
}

fn private_key(source: &SecretSource, files: &dyn FileSystem) -> Result<PrivateKeyDer<'static>, Error> {
    let key = source.read(files, "client key")?;
    PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
        .map_err(|error| Error::Tls(format!("cannot read the client key: {error}")))
}

fn read_pem(source: &PemSource, files: &dyn FileSystem, what: &str) -> Result<Vec<u8>, Error> {
    match source {
        PemSource::Inline(text) => Ok(text.clone().into_bytes()),
        PemSource::File(path) => files.read(path, PEM_BYTES_MAX).map_err(|error| {
            Error::Tls(format!("unable to load specified {what} cert {}: {error}", path.display()))
        }),
    }
}

fn name_of(source: &PemSource) -> String {
    match source {
        PemSource::Inline(_) => "<inline>".to_owned(),
        PemSource::File(path) => path.display().to_string(),
    }
}

/// Takes any certificate, as `insecure_skip_verify` says; the handshake's signatures are checked all the same.
#[derive(Debug)]
struct TrustAll(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAll {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            cert,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            cert,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
