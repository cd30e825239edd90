//! What a configuration says that nothing acts on yet.

use config::prometheus::Loaded;

/// One line for each section that loads and does nothing yet.
pub(crate) fn notices(loaded: &Loaded) -> Vec<String> {
    let config = &loaded.config;
    let mut sections = Vec::new();
    let mut add = |present: bool, key: &'static str| {
        if present {
            sections.push(key);
        }
    };
    let mut alertmanagers = config.alerting.alertmanagers.iter();
    add(alertmanagers.any(|entry| entry.sigv4.is_some()), "alerting.alertmanagers.sigv4");
    for entry in config.remote_write.iter() {
        if let Some(key) = super::remote::unsupported(entry) {
            add(true, key);
        }
        add(entry.round_robin_dns, "remote_write.round_robin_dns");
    }
    add(!config.remote_read.is_empty(), "remote_read");
    add(!config.tracing.endpoint.is_empty(), "tracing");
    if let Some(tsdb) = &config.storage.tsdb {
        add(tsdb.stale_series_compaction_threshold > 0.0, "storage.tsdb.stale_series_compaction_threshold");
        add(
            tsdb.chunk_encoding.as_ref().is_some_and(|chunks| chunks.floats == "xor2"),
            "storage.tsdb.chunk_encoding",
        );
    }
    sections.into_iter().map(|key| format!("section {key} is not supported yet and does nothing")).collect()
}

#[cfg(test)]
mod tests;
