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
    add(!config.tracing.endpoint.is_empty(), "tracing");
    sections.into_iter().map(|key| format!("section {key} is not supported yet and does nothing")).collect()
}

#[cfg(test)]
mod tests;
