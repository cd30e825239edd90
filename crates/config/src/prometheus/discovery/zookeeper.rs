//! ZooKeeper: the trees of Nerve and of serversets.

use std::time::Duration;

use crate::{
    decode::{Check, Decoder, Invalid, section},
    yaml::Node,
};

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

section! {
    /// Serversets in ZooKeeper.
    pub struct ServersetSdConfig as "zookeeper.plain" {
        /// The servers.
        servers: Vec<String> = Vec::new() => ["servers", always];
        /// Where the members stand.
        paths: Vec<String> = Vec::new() => ["paths", always];
        /// How long a server may take to answer.
        timeout: Duration = TIMEOUT => ["timeout"];
    }
}

section! {
    /// Nerve's services in ZooKeeper.
    pub struct NerveSdConfig as "zookeeper.plain" {
        /// The servers.
        servers: Vec<String> = Vec::new() => ["servers", always];
        /// Where the members stand.
        paths: Vec<String> = Vec::new() => ["paths", always];
        /// How long a server may take to answer.
        timeout: Duration = TIMEOUT => ["timeout"];
    }
}

impl Check for ServersetSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check("serverset", &self.servers, &self.paths, node, decoder)
    }
}

impl Check for NerveSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check("nerve", &self.servers, &self.paths, node, decoder)
    }
}

fn check(
    name: &str,
    servers: &[String],
    paths: &[String],
    node: &Node,
    decoder: &Decoder,
) -> Result<(), Invalid> {
    if servers.is_empty() {
        let message = format!("{name} SD config must contain at least one Zookeeper server");
        return Err(decoder.invalid_key(node, "servers", message));
    }
    if paths.is_empty() {
        return Err(decoder.invalid_key(
            node,
            "paths",
            format!("{name} SD config must contain at least one path"),
        ));
    }
    if let Some(path) = paths.iter().find(|path| !path.starts_with('/')) {
        let message = format!("{name} SD config paths must begin with '/': {path}");
        return Err(decoder.invalid_key(node, "paths", message));
    }
    Ok(())
}
