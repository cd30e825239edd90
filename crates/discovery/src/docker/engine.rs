//! How a Docker engine is reached.

use std::path::PathBuf;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::DockerEngine;
use crate::Error;
use crate::ask::Server;
use crate::discoverer::Context;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);

pub(super) struct Engine {
    server: Server,
    /// What is asked for, as the engine reads it.
    filters: String,
}

impl Engine {
    /// The engine that the settings name; `None`, told in the log, where it cannot be asked at all.
    pub(super) fn reach(settings: &DockerEngine, mechanism: &str, context: &Context) -> Option<Self> {
        let made = Self::new(settings, context);
        let failed = |error: &Error| {
            tracing::error!(discovery = mechanism, config = context.set, err = %error, "cannot reach the engine");
        };
        made.inspect_err(failed).ok()
    }

    fn new(settings: &DockerEngine, context: &Context) -> Result<Self, Error> {
        let host = settings.host.trim_end_matches('/');
        let (client, base) = match host.split_once("://") {
            // Other addresses than those of HTTP are asked as the engine's own tools do it.
            Some(("unix", path)) => {
                let unix_socket = Some(PathBuf::from(path));
                (http_client::Settings { unix_socket, ..Default::default() }, "http://localhost".to_owned())
            }
            Some(("tcp", address)) => (http_client::Settings::default(), format!("http://{address}")),
            Some(("http" | "https", _)) => (settings.client.clone(), host.to_owned()),
            _ => return Err(Error::Access(format!("unable to parse docker host `{host}`"))),
        };
        let filters: Map<String, Value> =
            settings.filters.iter().map(|(name, values)| (name.clone(), values.clone().into())).collect();
        let filters = if filters.is_empty() { String::new() } else { Value::from(filters).to_string() };
        Ok(Self { server: Server::new(client, base, context)?, filters })
    }

    /// Asks for what the filters let through.
    pub(super) async fn filtered<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let query =
            if self.filters.is_empty() { Vec::new() } else { vec![("filters", self.filters.clone())] };
        self.server.get(path, &query, TIMEOUT).await
    }

    /// Asks for everything.
    pub(super) async fn all<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.server.get(path, &[], TIMEOUT).await
    }
}
