//! Finds out what there is to scrape (or to send to), and tells when it changes.
//!
//! A [`Discoverer`] runs the discoveries of any number of named sets (scrape jobs, mostly) and publishes the
//! groups of targets of all sets as one [`Snapshot`], at once for the first news and then at most once in an
//! interval. Each discovery is one file and is entered in one table, [`Settings`]. A discovery that fails keeps
//! what it found last.
//!
//! Reading order: [`TargetGroup`], [`Settings`], [`Discoverer`].

#![deny(clippy::indexing_slicing)]

mod ask;
mod consul;
mod discoverer;
mod dns;
mod docker;
mod error;
mod file;
mod group;
mod http;
mod kubernetes;
mod meta;
mod metrics;
mod refresh;
mod settings;
mod table;
#[cfg(test)]
mod tests;

pub use consul::ConsulSettings;
pub use discoverer::{Discoverer, Parts, Snapshot};
pub use dns::{DnsRecord, DnsSettings};
pub use docker::{DockerEngine, DockerSettings, DockerSwarmSettings, SwarmRole};
pub use error::Error;
pub use group::{ADDRESS, TargetGroup};
pub use kubernetes::{
    KubernetesAccess, KubernetesAttach, KubernetesRole, KubernetesSelector, KubernetesSettings,
};
pub use settings::{FileSettings, HttpSettings, Settings};
