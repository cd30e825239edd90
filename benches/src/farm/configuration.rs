//! The configuration with which a server scrapes the farm.

use crate::fleet::Series;

/// A target for each machine, with the labels that a fleet's series have beside those that are scraped.
pub(super) fn text(machines: &[Vec<Series>], address: &str, interval: u64, server: &str) -> String {
    let label = |machine: &[Series], label: &str| {
        let labels = machine.first().map(|series| series.labels.as_slice()).unwrap_or_default();
        labels.iter().find(|(name, _)| *name == label).map_or_else(String::new, |(_, value)| value.clone())
    };
    let job = machines.first().map_or_else(String::new, |machine| label(machine, "job"));
    let mut text = format!(
        "global: {{scrape_interval: {interval}s, scrape_timeout: {interval}s}}\nscrape_configs:\n- job_name: {job}\n  params: \
         {{server: ['{server}']}}\n  static_configs:\n"
    );
    for (place, machine) in machines.iter().enumerate() {
        let (instance, cluster) = (label(machine, "instance"), label(machine, "cluster"));
        text.push_str(&format!(
            "  - {{targets: ['{address}'], labels: {{__metrics_path__: '/{place}', instance: '{instance}', cluster: '{cluster}'}}}}\n"
        ));
    }
    text
}
