//! How a cluster is reached: by its address, by a file of Kubernetes's own tools, or from the inside.

use std::path::{Path, PathBuf};

use http_client::{Auth, PemSource, SecretSource, TlsSettings};

use super::{KubernetesSettings, kubeconfig};
use crate::Error;
use crate::ask::Server;
use crate::discoverer::Context;

/// Where a pod finds what it needs to ask its cluster.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// The longest file that is read.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// How a cluster is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KubernetesAccess {
    /// It is the one that the program runs in.
    InCluster,
    /// By its address.
    Url {
        /// The address.
        url: String,
        /// How requests are sent.
        client: Box<http_client::Settings>,
    },
    /// As a file of Kubernetes's own tools says.
    Kubeconfig(PathBuf),
}

/// The server to be asked, and the namespaces that are looked at.
///
/// # Errors
/// Why the cluster cannot be asked.
pub(super) fn reach(
    settings: &KubernetesSettings,
    context: &Context,
) -> Result<(Server, Vec<String>), Error> {
    let (url, client) = match &settings.access {
        KubernetesAccess::InCluster => in_cluster(&|name| std::env::var(name).ok())?,
        KubernetesAccess::Url { url, client } => (url.clone(), (**client).clone()),
        KubernetesAccess::Kubeconfig(path) => kubeconfig::read(&file(path, context)?, path)?,
    };
    let mut namespaces = settings.namespaces.clone();
    if settings.own_namespace {
        let own = file(&Path::new(ACCOUNT).join("namespace"), context)?.trim().to_owned();
        if !own.is_empty() && !namespaces.contains(&own) {
            namespaces.push(own);
        }
    }
    let server = Server::new(client, url.trim_end_matches('/'), context)?;
    Ok((server, namespaces))
}

fn file(path: &Path, context: &Context) -> Result<String, Error> {
    let failed = |reason: String| Error::File { path: path.display().to_string(), reason };
    let bytes = context.files.read(path, FILE_BYTES_MAX).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| failed("the file is no UTF-8".to_owned()))
}

/// The cluster that the program runs in, by what it tells its pods.
pub(super) fn in_cluster(
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(String, http_client::Settings), Error> {
    let given = |name: &str| variable(name).filter(|value| !value.is_empty());
    let (Some(host), Some(port)) = (given("KUBERNETES_SERVICE_HOST"), given("KUBERNETES_SERVICE_PORT"))
    else {
        let text = "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined";
        return Err(Error::Access(text.to_owned()));
    };
    let account = Path::new(ACCOUNT);
    let client = http_client::Settings {
        // Read for each request, as the cluster changes it from time to time.
        auth: Auth::Header {
            scheme: "Bearer".to_owned(),
            credentials: Some(SecretSource::File(account.join("token"))),
        },
        tls: TlsSettings { ca: Some(PemSource::File(account.join("ca.crt"))), ..TlsSettings::default() },
        ..http_client::Settings::default()
    };
    Ok((format!("https://{}", crate::meta::address(&host, port)), client))
}
