//! From discovered labels to the address of an Alertmanager.

use std::collections::BTreeSet;
use std::sync::Arc;

use discovery::{ADDRESS, TargetGroup};
use model::relabel::relabel;
use model::{Labels, LabelsBuilder};

use crate::AlertmanagerSettings;

const SCHEME: &str = "__scheme__";
const PATH: &str = "__alerts_path__";
/// What stands behind the prefix.
const ALERTS: &str = "/api/v2/alerts";

/// Addresses that alerts are sent to, and those that relabelling dropped; each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) active: BTreeSet<String>,
    pub(crate) dropped: BTreeSet<String>,
}

/// Who is found in groups of targets.
pub(crate) fn find(settings: &AlertmanagerSettings, groups: &[Arc<TargetGroup>]) -> Found {
    let mut found = Found::default();
    for group in groups {
        for target in &group.targets {
            let labels = discovered(settings, group, target);
            let mut builder = LabelsBuilder::new(labels.clone());
            if relabel(&settings.relabel, &mut builder) {
                let labels = builder.build();
                if !labels.value(ADDRESS).is_empty() {
                    found.active.insert(url(&labels));
                }
            } else {
                found.dropped.insert(url(&labels));
            }
        }
    }
    found
}

/// All labels before relabelling.
fn discovered(settings: &AlertmanagerSettings, group: &TargetGroup, target: &Labels) -> Labels {
    let mut builder = LabelsBuilder::new(target.clone());
    builder.set(SCHEME, &settings.scheme);
    builder.set(PATH, &format!("/{}{ALERTS}", settings.path_prefix.trim_matches('/')).replace("//", "/"));
    for (name, value) in &group.labels {
        if target.get(name).is_none() {
            builder.set(name, value);
        }
    }
    builder.build()
}

fn url(labels: &Labels) -> String {
    let (scheme, address) = (labels.value(SCHEME), labels.value(ADDRESS));
    // Behind the bracket of an IPv6 address a colon begins a port; anywhere else too.
    let host_end = address.rfind(']').map_or(0, |end| end + 1);
    let has_port = address.get(host_end..).is_some_and(|rest| rest.contains(':'));
    let port = match scheme {
        _ if has_port => "",
        "https" => ":443",
        _ => ":80",
    };
    format!("{scheme}://{address}{port}{}", labels.value(PATH))
}
