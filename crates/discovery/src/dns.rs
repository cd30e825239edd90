//! Targets that the DNS names (`dns_sd_configs`).

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::ResolverConfig;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::system_conf::read_system_conf;

use crate::discoverer::{Context, Updates};
use crate::meta::{Meta, address};
use crate::metrics::Metrics;
use crate::refresh::{self, Refresh};
use crate::{ADDRESS, Error, TargetGroup};

/// Names that are asked for in the DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsSettings {
    /// The names.
    pub names: Vec<String>,
    /// What is asked for.
    pub record: DnsRecord,
    /// The port of targets whose records name none.
    pub port: u16,
    /// How often.
    pub refresh_interval: Duration,
}

/// A type of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsRecord {
    /// Addresses of version 4.
    A,
    /// Addresses of version 6.
    Aaaa,
    /// Servers of mail.
    Mx,
    /// Servers of names.
    Ns,
    /// Servers with their ports.
    Srv,
}

impl DnsRecord {
    const fn kind(self) -> RecordType {
        match self {
            Self::A => RecordType::A,
            Self::Aaaa => RecordType::AAAA,
            Self::Mx => RecordType::MX,
            Self::Ns => RecordType::NS,
            Self::Srv => RecordType::SRV,
        }
    }
}

pub(crate) async fn run(settings: DnsSettings, context: Context, updates: Updates) {
    let period = settings.refresh_interval;
    let source = Names {
        settings,
        resolver: Box::new(system_resolver),
        found: BTreeMap::new(),
        metrics: context.metrics.clone(),
        set: context.set.clone(),
    };
    refresh::run("dns", period, context, updates, source).await;
}

/// The names and what was found for each of them last.
struct Names {
    settings: DnsSettings,
    /// Makes a resolver: the file that names the servers may change.
    resolver: Box<dyn Fn() -> Result<TokioResolver, NetError> + Send>,
    found: BTreeMap<String, TargetGroup>,
    metrics: Metrics,
    set: String,
}

fn system_resolver() -> Result<TokioResolver, NetError> {
    let (config, mut options) = read_system_conf()?;
    let (_, search, servers) = config.into_parts();
    // What changes is to be seen at the next look, and the file of hosts is no part of the DNS.
    options.cache_size = 0;
    options.use_hosts_file = hickory_resolver::config::ResolveHosts::Never;
    let config = ResolverConfig::from_parts(None, search, servers);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = options;
    builder.build()
}

impl Refresh for Names {
    async fn refresh(&mut self) -> Result<Vec<TargetGroup>, Error> {
        let resolver = (self.resolver)()
            .map_err(|error| Error::Lookup(format!("could not load resolv.conf: {error}")))?;
        for name in &self.settings.names {
            self.metrics.servers.dns_lookups.inc();
            match look_up(&resolver, name, self.settings.record).await {
                Ok(records) => {
                    self.found.insert(name.clone(), group(name, &records, self.settings.port));
                }
                Err(error) => {
                    self.metrics.servers.dns_lookup_failures.inc();
                    tracing::error!(discovery = "dns", config = self.set, name, err = %error,
                        "error refreshing DNS targets");
                }
            }
        }
        Ok(self.found.values().cloned().collect())
    }
}

/// The records of a name; none where there is no such name.
async fn look_up(resolver: &TokioResolver, name: &str, record: DnsRecord) -> Result<Vec<RData>, Error> {
    let failed =
        |error: &dyn std::fmt::Display| Error::Lookup(format!("could not resolve {name:?}: {error}"));
    // Names of services begin with underscores, which not every reader of names takes.
    let parsed = Name::from_str_relaxed(name).map_err(|error| failed(&error))?;
    match resolver.lookup(parsed, record.kind()).await {
        Ok(found) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
        Err(NetError::Dns(DnsError::NoRecordsFound(none)))
            if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(failed(&error)),
    }
}

fn group(name: &str, records: &[RData], port: u16) -> TargetGroup {
    let targets = records.iter().filter_map(|record| {
        let mut meta = Meta::default();
        let target = match record {
            RData::A(found) => address(&found.to_string(), port),
            RData::AAAA(found) => address(&found.to_string(), port),
            RData::SRV(found) => {
                meta.set("__meta_dns_srv_record_target", &found.target);
                meta.set("__meta_dns_srv_record_port", found.port);
                address(&host(&found.target), found.port)
            }
            RData::MX(found) => {
                meta.set("__meta_dns_mx_record_target", &found.exchange);
                address(&host(&found.exchange), port)
            }
            RData::NS(found) => {
                meta.set("__meta_dns_ns_record_target", &found.0);
                address(&host(&found.0), port)
            }
            // A name that stands for another one comes along.
            _ => return None,
        };
        meta.set("__meta_dns_name", name).set(ADDRESS, target);
        Some(meta.labels())
    });
    TargetGroup { source: name.to_owned(), labels: model::Labels::empty(), targets: targets.collect() }
}

/// A name without the dot at its end.
fn host(name: &Name) -> String {
    name.to_string().trim_end_matches('.').to_owned()
}
