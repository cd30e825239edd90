//! A configuration with everything made that could fail, so that taking it cannot.

use std::collections::HashMap;
use std::sync::Arc;

use http_client::Client;
use tokio::sync::Semaphore;

use super::metrics::Metrics;
use super::{Ready, RunnerParts, RunnerSettings};
use crate::send::{TokenPlace, Tools};
use crate::templates::TemplateSet;

/// How many notifications an integration sends at once; the others wait for their turn.
const TURNS: usize = 128;

/// A configuration that can be taken.
pub struct Prepared {
    pub(super) dispatch: alerting::Settings,
    pub(super) receivers: Arc<HashMap<String, Vec<Ready>>>,
    pub(super) templates: Arc<TemplateSet>,
    hash: u64,
}

impl Prepared {
    /// Makes clients, and tells the dispatcher of the integrations.
    pub(super) fn new(settings: RunnerSettings, parts: &RunnerParts) -> Result<Prepared, String> {
        let mut dispatch = settings.dispatch;
        let mut all = HashMap::new();
        for (name, integrations) in settings.receivers {
            let mut known: HashMap<&'static str, u32> = HashMap::new();
            let (mut described, mut receivers) = (Vec::new(), Vec::new());
            for one in integrations {
                let kind = one.integration.name();
                let wrong = |error: &dyn std::fmt::Display| format!("receiver {name:?}: {error}");
                let index = known.entry(kind).or_default();
                described.push(alerting::IntegrationSettings {
                    name: kind,
                    index: *index,
                    send_resolved: one.send_resolved,
                });
                *index += 1;
                let client =
                    Client::new(one.client, Arc::clone(&parts.files)).map_err(|error| wrong(&error))?;
                let tools = Tools {
                    client,
                    tls: one.tls,
                    files: Arc::clone(&parts.files),
                    templates: Arc::clone(&settings.templates),
                    parse_tree: parts.parse_tree,
                    user_agent: parts.user_agent.clone(),
                    token: TokenPlace::default(),
                };
                let turns = Arc::new(Semaphore::new(TURNS));
                receivers.push(Ready { integration: Arc::new(one.integration), tools, turns });
            }
            dispatch.receivers.insert(name.clone(), described);
            all.insert(name, receivers);
        }
        Ok(Prepared {
            dispatch,
            receivers: Arc::new(all),
            templates: settings.templates,
            hash: settings.hash,
        })
    }

    /// Shows what was taken.
    pub(super) fn show(&self, metrics: &Metrics, parts: &RunnerParts) {
        metrics.reload_successful.set(1.0);
        metrics.reloaded_at.set(parts.clock.now_ms() as f64 / 1000.0);
        metrics.config_hash.set(self.hash as f64);
        metrics.receivers.set(self.receivers.len() as f64);
        metrics.integrations.set(self.receivers.values().map(Vec::len).sum::<usize>() as f64);
        metrics.inhibition_rules.set(self.dispatch.inhibit_rules.len() as f64);
    }
}
