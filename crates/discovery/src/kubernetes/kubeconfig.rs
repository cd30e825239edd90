//! Files that say how a cluster is reached, as `kubectl` writes them.
//!
//! Source: <https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/>

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_client::{Auth, PemSource, Secret, SecretSource, Settings, TlsSettings};
use serde::Deserialize;

use crate::Error;

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Kubeconfig {
    clusters: Vec<NamedCluster>,
    users: Vec<NamedUser>,
    contexts: Vec<NamedContext>,
    current_context: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamedCluster {
    name: String,
    cluster: Cluster,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Cluster {
    server: String,
    certificate_authority: Option<PathBuf>,
    certificate_authority_data: Option<String>,
    insecure_skip_tls_verify: bool,
    tls_server_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamedUser {
    name: String,
    user: User,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct User {
    client_certificate: Option<PathBuf>,
    client_certificate_data: Option<String>,
    client_key: Option<PathBuf>,
    client_key_data: Option<String>,
    token: Option<String>,
    #[serde(rename = "tokenFile")]
    token_file: Option<PathBuf>,
    username: Option<String>,
    password: Option<String>,
    exec: Option<serde_json::Value>,
    auth_provider: Option<serde_json::Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamedContext {
    name: String,
    context: Context,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    cluster: String,
    user: String,
}

/// Address and settings of the cluster that the file's current context names.
///
/// # Errors
/// What the file does not say, or asks for and cannot be done.
pub(super) fn read(text: &str, path: &Path) -> Result<(String, Settings), Error> {
    let config: Kubeconfig =
        serde_saphyr::from_str(text).map_err(|error| Error::Syntax(error.to_string()))?;
    let missing = |what: &str, name: &str| Error::Access(format!("{what} \"{name}\" does not exist"));
    let name = &config.current_context;
    let context = config.contexts.iter().find(|context| context.name == *name);
    let context = &context.ok_or_else(|| missing("context", name))?.context;
    let cluster = config.clusters.iter().find(|cluster| cluster.name == context.cluster);
    let cluster = &cluster.ok_or_else(|| missing("cluster", &context.cluster))?.cluster;
    if cluster.server.is_empty() {
        return Err(Error::Access(format!("no server found for cluster \"{}\"", context.cluster)));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let nobody = User::default();
    let user = config.users.iter().find(|user| user.name == context.user).map_or(&nobody, |user| &user.user);
    let tls = TlsSettings {
        ca: pem(
            cluster.certificate_authority_data.as_deref(),
            cluster.certificate_authority.as_deref(),
            folder,
        )?,
        cert: pem(user.client_certificate_data.as_deref(), user.client_certificate.as_deref(), folder)?,
        key: match (&user.client_key_data, &user.client_key) {
            (Some(data), _) => Some(SecretSource::Inline(Secret::new(decoded(data)?))),
            (None, file) => file.as_ref().map(|file| SecretSource::File(folder.join(file))),
        },
        server_name: cluster.tls_server_name.clone(),
        insecure_skip_verify: cluster.insecure_skip_tls_verify,
        ..TlsSettings::default()
    };
    Ok((cluster.server.clone(), Settings { auth: auth(user, folder)?, tls, ..Settings::default() }))
}

fn auth(user: &User, folder: &Path) -> Result<Auth, Error> {
    let bearer = |credentials| Auth::Header { scheme: "Bearer".to_owned(), credentials: Some(credentials) };
    let inline = |text: &String| SecretSource::Inline(Secret::new(text.as_str()));
    if user.exec.is_some() || user.auth_provider.is_some() {
        let text = "users of a kubeconfig file whose credentials another program gives are not supported";
        return Err(Error::Access(text.to_owned()));
    }
    Ok(match user {
        User { token_file: Some(file), .. } => bearer(SecretSource::File(folder.join(file))),
        User { token: Some(token), .. } if !token.is_empty() => bearer(inline(token)),
        User { username: Some(name), password, .. } => {
            Auth::Basic { username: Some(inline(name)), password: password.as_ref().map(inline) }
        }
        _ => Auth::None,
    })
}

fn pem(data: Option<&str>, file: Option<&Path>, folder: &Path) -> Result<Option<PemSource>, Error> {
    match data.filter(|data| !data.is_empty()) {
        Some(data) => decoded(data).map(|pem| Some(PemSource::Inline(pem))),
        None => Ok(file.map(|file| PemSource::File(folder.join(file)))),
    }
}

fn decoded(data: &str) -> Result<String, Error> {
    let bytes = BASE64_STANDARD.decode(data.trim()).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| Error::Access("data of a kubeconfig file is no base64 of a text".to_owned()))
}
