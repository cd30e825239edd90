//! Networks of an engine.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::engine::Engine;
use crate::Error;
use crate::meta::Meta;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Network {
    id: String,
    name: String,
    scope: String,
    internal: bool,
    ingress: bool,
    labels: Option<BTreeMap<String, String>>,
}

/// The labels of each network, by its id.
pub(super) async fn labels(engine: &Engine, prefix: &str) -> Result<HashMap<String, Meta>, Error> {
    let networks: Vec<Network> = engine.all("/networks").await?;
    Ok(networks.into_iter().map(|network| (network.id.clone(), meta(&network, prefix))).collect())
}

fn meta(network: &Network, prefix: &str) -> Meta {
    let mut meta = Meta::default();
    meta.set_each(&format!("{prefix}network_label_"), &network.labels.clone().unwrap_or_default());
    let mut set = |name: &str, value: &dyn ToString| {
        meta.set(&format!("{prefix}network_{name}"), value.to_string());
    };
    set("id", &network.id);
    set("name", &network.name);
    set("scope", &network.scope);
    set("internal", &network.internal);
    set("ingress", &network.ingress);
    meta
}
