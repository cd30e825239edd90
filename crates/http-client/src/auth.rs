//! The headers that go with each request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use platform::FileSystem;

use crate::{Auth, Error, Header, Secret, SecretSource};

/// Adds the configured headers and the one that says who asks.
///
/// A URL's own user and password (`user`) count where nothing else is configured; `token` is the header of a
/// token from another server.
pub(crate) fn apply(
    auth: &Auth,
    extra: &[Header],
    user: Option<(&str, &str)>,
    token: Option<String>,
    files: &dyn FileSystem,
    headers: &mut HeaderMap,
) -> Result<(), Error> {
    for header in extra {
        let invalid = || Error::Header { name: header.name.clone() };
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| invalid())?;
        for value in &header.values {
            let value = value.read(files, "header")?;
            headers.append(&name, HeaderValue::from_str(value.expose()).map_err(|_| invalid())?);
        }
    }
    let authorization = match auth {
        Auth::None => match user {
            Some((name, password)) => basic(name, password),
            None => return Ok(()),
        },
        Auth::Basic { username, password } => {
            let username = read_or_empty(username.as_ref(), files, "basic auth username")?;
            let password = read_or_empty(password.as_ref(), files, "basic auth password")?;
            basic(username.expose(), password.expose())
        }
        Auth::Header { scheme, credentials } => {
            let credentials = read_or_empty(credentials.as_ref(), files, "authorization credentials")?;
            format!("{scheme} {}", credentials.expose())
        }
        Auth::OAuth2(_) => match token {
            Some(token) => token,
            None => return Ok(()),
        },
    };
    let mut value = HeaderValue::from_str(&authorization)
        .map_err(|_| Error::Header { name: AUTHORIZATION.as_str().to_owned() })?;
    value.set_sensitive(true);
    headers.insert(AUTHORIZATION, value);
    Ok(())
}

/// A secret that may be missing.
pub(crate) fn read_or_empty(
    source: Option<&SecretSource>,
    files: &dyn FileSystem,
    what: &'static str,
) -> Result<Secret, Error> {
    source.map_or_else(|| Ok(Secret::default()), |source| source.read(files, what))
}

pub(crate) fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))
}
