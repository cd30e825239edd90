//! Blocks of the HTTP client.

use config::prometheus::{HttpClientConfig, TlsConfig};
use config::{FilePath, Secret};
use http_client::{Auth, Header, PemSource, SecretSource, Settings, TlsSettings, TlsVersion};

/// The client's settings.
///
/// # Errors
/// What the client cannot do yet, with the key.
pub(super) fn settings(block: &HttpClientConfig) -> Result<Settings, String> {
    let not_yet = |key: &str| Err(format!("{key} is not supported yet"));
    if block.oauth2.is_some() {
        return not_yet("oauth2");
    }
    if !block.proxy.proxy_url.is_empty() || block.proxy.proxy_from_environment {
        return not_yet("proxy_url");
    }
    let headers = block.http_headers.iter().map(|(name, header)| Header {
        name: name.clone(),
        values: header
            .values
            .iter()
            .map(|value| SecretSource::Inline(http_client::Secret::new(value.as_str())))
            .chain(header.secrets.iter().filter_map(|value| source(value, &FilePath::default())))
            .chain(header.files.iter().filter_map(|file| source(&Secret::default(), file)))
            .collect(),
    });
    Ok(Settings {
        auth: auth(block),
        tls: tls(&block.tls_config),
        headers: headers.collect(),
        follow_redirects: block.follow_redirects,
        enable_http2: block.enable_http2,
    })
}

fn auth(block: &HttpClientConfig) -> Auth {
    if let Some(basic) = &block.basic_auth {
        let name = (!basic.username.is_empty()).then(|| plain(&basic.username));
        return Auth::Basic {
            username: name.or_else(|| source(&Secret::default(), &basic.username_file)),
            password: source(&basic.password, &basic.password_file),
        };
    }
    match &block.authorization {
        Some(authorization) => Auth::Header {
            scheme: if authorization.kind.is_empty() {
                "Bearer".to_owned()
            } else {
                authorization.kind.clone()
            },
            credentials: source(&authorization.credentials, &authorization.credentials_file),
        },
        None => Auth::None,
    }
}

fn tls(block: &TlsConfig) -> TlsSettings {
    let pem = |inline: &str, file: &FilePath| {
        if inline.is_empty() {
            file.path().map(|path| PemSource::File(path.to_owned()))
        } else {
            Some(PemSource::Inline(inline.to_owned()))
        }
    };
    let version = |version| match version {
        config::prometheus::TlsVersion::Unset => None,
        config::prometheus::TlsVersion::Tls10 => Some(TlsVersion::Tls10),
        config::prometheus::TlsVersion::Tls11 => Some(TlsVersion::Tls11),
        config::prometheus::TlsVersion::Tls12 => Some(TlsVersion::Tls12),
        config::prometheus::TlsVersion::Tls13 => Some(TlsVersion::Tls13),
    };
    TlsSettings {
        ca: pem(&block.ca, &block.ca_file),
        cert: pem(&block.cert, &block.cert_file),
        key: source(&block.key, &block.key_file),
        server_name: (!block.server_name.is_empty()).then(|| block.server_name.clone()),
        insecure_skip_verify: block.insecure_skip_verify,
        min_version: version(block.min_version),
        max_version: version(block.max_version),
    }
}

fn plain(text: &str) -> SecretSource {
    SecretSource::Inline(http_client::Secret::new(text))
}

fn source(inline: &Secret, file: &FilePath) -> Option<SecretSource> {
    if !inline.is_empty() {
        return Some(plain(inline.expose()));
    }
    file.path().map(|path| SecretSource::File(path.to_owned()))
}
