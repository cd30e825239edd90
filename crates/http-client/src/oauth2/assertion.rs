//! A statement that the client signs (RFC 7519, RFC 7515).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::Clock;
use platform::real::RealClock;
use ring::rand::SystemRandom;
use ring::signature::{self, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Map, Value, json};

use super::{Grant, OAuth2, SignatureAlgorithm};
use crate::Secret;

/// How long a statement holds.
const LIFE: Duration = Duration::from_hours(1);

/// The form of a request with a signed statement.
///
/// # Errors
/// The key cannot sign.
pub(super) fn form(settings: &OAuth2, key: &Secret) -> Result<Vec<(String, String)>, String> {
    let now = RealClock::new().now_ms() / 1000;
    let mut form = vec![
        ("grant_type".to_owned(), "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned()),
        ("assertion".to_owned(), signed(settings, key, now)?),
    ];
    if !settings.scopes.is_empty() {
        form.push(("scope".to_owned(), settings.scopes.join(" ")));
    }
    form.extend(settings.endpoint_params.iter().cloned());
    Ok(form)
}

/// The statement, made at `now` (seconds since the Unix epoch).
fn signed(settings: &OAuth2, key: &Secret, now: i64) -> Result<String, String> {
    let Grant::JwtBearer { key_id, algorithm, issuer, audience, claims, .. } = &settings.grant else {
        return Err("oauth2: no key to sign with".to_owned());
    };
    let (name, encoding): (_, &dyn signature::RsaEncoding) = match algorithm {
        SignatureAlgorithm::Rs256 => ("RS256", &signature::RSA_PKCS1_SHA256),
        SignatureAlgorithm::Rs384 => ("RS384", &signature::RSA_PKCS1_SHA384),
        SignatureAlgorithm::Rs512 => ("RS512", &signature::RSA_PKCS1_SHA512),
    };
    let header = if key_id.is_empty() {
        json!({ "alg": name, "typ": "JWT" })
    } else {
        json!({ "alg": name, "typ": "JWT", "kid": key_id })
    };
    let or = |text: &str, other: String| if text.is_empty() { other } else { text.to_owned() };
    let mut body: Map<String, Value> =
        claims.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("iss", json!(or(issuer, settings.client_id.clone())));
    set("sub", json!(settings.client_id));
    set("aud", json!(or(audience, settings.token_url.to_string())));
    set("iat", json!(now));
    set("exp", json!(now.saturating_add(LIFE.as_secs() as i64)));
    if !settings.scopes.is_empty() {
        set("scope", json!(settings.scopes.join(" ")));
    }
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encoded(&header), encoded(&Value::Object(body)));
    let key = key_pair(key)?;
    let mut signed = vec![0; key.public().modulus_len()];
    key.sign(encoding, &SystemRandom::new(), text.as_bytes(), &mut signed)
        .map_err(|_| "oauth2: cannot sign with the private key".to_owned())?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(&signed)))
}

fn key_pair(key: &Secret) -> Result<RsaKeyPair, String> {
    let failed =
        |reason: String| format!("oauth2: private key should be a PEM or plain PKCS1 or PKCS8: {reason}");
    let key =
        PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).map_err(|error| failed(error.to_string()))?;
    let pair = match &key {
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
        _ => return Err(failed("no RSA key".to_owned())),
    };
    pair.map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests;
