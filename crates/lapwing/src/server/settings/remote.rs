//! Stores that samples are sent to, and stores that are read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use config::prometheus::{HttpClientConfig, Loaded, QueueConfig, RemoteReadConfig, RemoteWriteConfig};
use http_client::{Header, Secret, SecretSource};
use model::Labels;
use model::name::ValidationScheme;
use remote::{MetadataSettings, QueueSettings, ReadSettings, Rules, Version, WriteSettings};

/// Settings of all queues; stores that ask for a signature that cannot be made yet have none.
///
/// # Errors
/// What cannot be used, with the URL.
pub(crate) fn settings(loaded: &Loaded) -> Result<Vec<WriteSettings>, String> {
    let config = &loaded.config;
    let external_labels = Labels::from_pairs(&config.global.external_labels);
    let names = config.global.names();
    let mut keys = BTreeSet::new();
    let mut all = Vec::new();
    for entry in config.remote_write.iter().filter(|entry| unsupported(entry).is_none()) {
        let mut key = if entry.name.is_empty() { entry.url.to_string() } else { entry.name.clone() };
        while !keys.insert(key.clone()) {
            key.push('+');
        }
        let made = queue(entry, key, &external_labels, names);
        all.push(made.map_err(|error| format!("remote_write: {}: {error}", entry.url))?);
    }
    Ok(all)
}

/// The key with which a store asks for a signature that cannot be made yet.
pub(super) fn unsupported(entry: &RemoteWriteConfig) -> Option<&'static str> {
    let given = [
        ("sigv4", entry.sigv4.is_some()),
        ("azuread", entry.azuread.is_some()),
        ("google_iam", entry.google_iam.is_some()),
    ];
    given.into_iter().find(|(_, given)| *given).map(|(key, _)| key)
}

fn queue(
    entry: &RemoteWriteConfig,
    key: String,
    external_labels: &Labels,
    names: ValidationScheme,
) -> Result<WriteSettings, String> {
    let client = client(&entry.http, &entry.headers)?;
    Ok(WriteSettings {
        name: if entry.name.is_empty() { remote::unnamed(&key) } else { entry.name.clone() },
        key,
        url: entry.url.to_string().parse().map_err(|error| format!("url: {error}"))?,
        version: if entry.protobuf_message == "io.prometheus.write.v2.Request" {
            Version::V2
        } else {
            Version::V1
        },
        timeout: entry.remote_timeout,
        external_labels: external_labels.clone(),
        relabel: Rules(entry.write_relabel_configs.iter().filter_map(|config| config.rule(names)).collect()),
        send_exemplars: entry.send_exemplars,
        send_histograms: entry.send_native_histograms,
        queue: shards(&entry.queue_config),
        metadata: entry.metadata_config.send.then(|| MetadataSettings {
            interval: entry.metadata_config.send_interval.max(Duration::from_millis(1)),
            batch_max: at_least_one(entry.metadata_config.max_samples_per_send),
        }),
        client,
    })
}

/// How requests are made, with the headers that go with each.
fn client(
    block: &HttpClientConfig,
    headers: &BTreeMap<String, String>,
) -> Result<http_client::Settings, String> {
    let mut client = super::http::settings(block)?;
    client.headers.extend(headers.iter().map(|(name, value)| Header {
        name: name.clone(),
        values: vec![SecretSource::Inline(Secret::new(value.as_str()))],
    }));
    Ok(client)
}

/// Settings of all stores that are read.
///
/// # Errors
/// What cannot be used, with the URL.
pub(crate) fn read_settings(loaded: &Loaded) -> Result<Vec<ReadSettings>, String> {
    let external_labels = Labels::from_pairs(&loaded.config.global.external_labels);
    let all = loaded.config.remote_read.iter().map(|entry| {
        read(entry, &external_labels).map_err(|error| format!("remote_read: {}: {error}", entry.url))
    });
    all.collect()
}

fn read(entry: &RemoteReadConfig, external_labels: &Labels) -> Result<ReadSettings, String> {
    let url = entry.url.to_string();
    Ok(ReadSettings {
        name: if entry.name.is_empty() { remote::unnamed(&url) } else { entry.name.clone() },
        url: url.parse().map_err(|error| format!("url: {error}"))?,
        timeout: entry.remote_timeout,
        frame_bytes_max: entry.chunked_read_limit,
        read_recent: entry.read_recent,
        required_matchers: Labels::from_pairs(&entry.required_matchers.0),
        external_labels: if entry.filter_external_labels { external_labels.clone() } else { Labels::empty() },
        client: client(&entry.http, &entry.headers)?,
    })
}

fn shards(queue: &QueueConfig) -> QueueSettings {
    let shards_min = at_least_one(queue.min_shards);
    QueueSettings {
        capacity: at_least_one(queue.capacity),
        shards_max: at_least_one(queue.max_shards).max(shards_min),
        shards_min,
        batch_samples_max: at_least_one(queue.max_samples_per_send),
        batch_deadline: queue.batch_send_deadline,
        backoff_min: queue.min_backoff,
        backoff_max: queue.max_backoff,
        retry_on_429: queue.retry_on_http_429,
        sample_age_max: Some(queue.sample_age_limit).filter(|age| !age.is_zero()),
    }
}

fn at_least_one(number: isize) -> usize {
    usize::try_from(number).unwrap_or(0).max(1)
}
