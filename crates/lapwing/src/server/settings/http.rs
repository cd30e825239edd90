//! Blocks of the HTTP client.

use std::collections::BTreeMap;

use config::prometheus::{HttpClientConfig, OAuth2 as OAuth2Config, ProxyConfig, TlsConfig};
use config::{FilePath, Secret};
use http_client::{
    Auth, Exceptions, Grant, Header, OAuth2, PemSource, Proxy, ProxyRules, ProxyUrl, SecretSource, Settings,
    SignatureAlgorithm, TlsSettings, TlsVersion,
};

/// The client's settings.
///
/// # Errors
/// What cannot be used, with the key.
pub(in crate::server) fn settings(block: &HttpClientConfig) -> Result<Settings, String> {
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
        auth: auth(block)?,
        tls: tls(&block.tls_config),
        proxy: proxy(&block.proxy)?,
        headers: headers.collect(),
        unix_socket: None,
        follow_redirects: block.follow_redirects,
        enable_http2: block.enable_http2,
    })
}

fn auth(block: &HttpClientConfig) -> Result<Auth, String> {
    if let Some(oauth2) = &block.oauth2 {
        return Ok(Auth::OAuth2(Box::new(self::oauth2(oauth2)?)));
    }
    if let Some(basic) = &block.basic_auth {
        let name = (!basic.username.is_empty()).then(|| plain(&basic.username));
        return Ok(Auth::Basic {
            username: name.or_else(|| source(&Secret::default(), &basic.username_file)),
            password: source(&basic.password, &basic.password_file),
        });
    }
    Ok(match &block.authorization {
        Some(authorization) => Auth::Header {
            scheme: if authorization.kind.is_empty() {
                "Bearer".to_owned()
            } else {
                authorization.kind.clone()
            },
            credentials: source(&authorization.credentials, &authorization.credentials_file),
        },
        None => Auth::None,
    })
}

fn oauth2(block: &OAuth2Config) -> Result<OAuth2, String> {
    let grant = if block.signs_assertions() {
        Grant::JwtBearer {
            key: source(&block.client_certificate_key, &block.client_certificate_key_file),
            key_id: block.client_certificate_key_id.clone(),
            algorithm: match block.signature_algorithm.as_str() {
                "RS384" => SignatureAlgorithm::Rs384,
                "RS512" => SignatureAlgorithm::Rs512,
                _ => SignatureAlgorithm::Rs256,
            },
            issuer: block.iss.clone(),
            audience: block.audience.clone(),
            claims: pairs(&block.claims),
        }
    } else {
        Grant::ClientCredentials { secret: source(&block.client_secret, &block.client_secret_file) }
    };
    Ok(OAuth2 {
        client_id: block.client_id.clone(),
        grant,
        token_url: block.token_url.parse().map_err(|error| format!("oauth2: token_url: {error}"))?,
        scopes: block.scopes.clone(),
        endpoint_params: pairs(&block.endpoint_params),
        tls: tls(&block.tls_config),
        proxy: proxy(&block.proxy).map_err(|error| format!("oauth2: {error}"))?,
    })
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<(String, String)> {
    map.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn proxy(block: &ProxyConfig) -> Result<Proxy, String> {
    let rules = if block.proxy_from_environment {
        ProxyRules::from_environment(&|name| std::env::var(name).ok())
            .map_err(|error| format!("proxy_from_environment: {error}"))?
    } else if block.proxy_url.is_empty() {
        ProxyRules::Direct
    } else {
        let url =
            ProxyUrl::parse(&block.proxy_url.to_string()).map_err(|error| format!("proxy_url: {error}"))?;
        if block.no_proxy.is_empty() {
            ProxyRules::Always(url)
        } else {
            let exceptions = Exceptions::parse(&block.no_proxy);
            ProxyRules::Except { http: Some(url.clone()), https: Some(url), exceptions }
        }
    };
    let values =
        |values: &Vec<Secret>| values.iter().map(|value| http_client::Secret::new(value.expose())).collect();
    let headers = block.proxy_connect_header.iter().map(|(name, all)| (name.clone(), values(all)));
    Ok(Proxy { rules, connect_headers: headers.collect() })
}

pub(in crate::server) fn tls(block: &TlsConfig) -> TlsSettings {
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
