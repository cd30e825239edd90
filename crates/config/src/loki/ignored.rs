//! Keys that Loki knows and that mean nothing here: rings, caches, object stores. Each is told once, with its place.
//!
//! Some of them are read all the same, so that a wrong value is refused and `/config` shows them: [`IDLE`].

use std::rc::Rc;

use crate::{decode::Decoder, yaml::Node};

/// Keys that are read and shown, and change nothing.
const IDLE: &[&str] = &[
    "server.http_server_write_timeout",
    "server.http_server_idle_timeout",
    "server.graceful_shutdown_timeout",
    "server.register_instrumentation",
    "server.log_request_at_info_level_enabled",
    "ingester.wal.dir",
    "ingester.wal.disk_full_threshold",
    "limits_config.max_query_parallelism",
    "limits_config.ruler_max_rules_per_rule_group",
    "limits_config.ruler_max_rule_groups_per_tenant",
    "limits_config.ruler_remote_write_disabled",
    "limits_config.ruler_remote_write_config",
    "compactor.working_directory",
    "compactor.compaction_interval",
    "compactor.delete_request_store",
    "pattern_ingester.max_chunk_age",
    "pattern_ingester.max_clusters",
    "pattern_ingester.max_eviction_ratio",
    "pattern_ingester.max_allowed_line_length",
    "pattern_ingester.retain_for",
    "pattern_ingester.pattern_sample_interval",
    "pattern_ingester.volume_threshold",
    "ruler.poll_interval",
    "ruler.rule_path",
    "ruler.alertmanager_client",
    "ruler.alert_relabel_configs",
    "ruler.notification_queue_capacity",
    "ruler.notification_timeout",
    "ruler.for_outage_tolerance",
    "ruler.for_grace_period",
    "ruler.resend_delay",
    "ruler.enable_api",
    "ruler.disable_rule_group_label",
];

/// The section of limits, which files of overrides have by tenant.
const LIMITS: &str = "limits_config.";

/// Tells the keys of a file that are read and change nothing.
pub(super) fn tell_idle(file: &Node, decoder: &mut Decoder) {
    for place in IDLE {
        if let Some(node) = at(file, place) {
            tell(place, node, decoder);
        }
    }
}

/// Tells the limits of a tenant that are read and change nothing.
pub(super) fn tell_idle_limits(limits: &Node, decoder: &mut Decoder) {
    for place in IDLE.iter().filter_map(|place| place.strip_prefix(LIMITS)) {
        if let Some(node) = at(limits, place) {
            tell(place, node, decoder);
        }
    }
}

/// Places that name where something lies, and what they may name: all lies in files here.
const STORES: &[&str] =
    &["ruler.storage.type", "ruler.storage.backend", "ruler_storage.type", "ruler_storage.backend"];
const FILES: [&str; 3] = ["", "filesystem", "local"];

/// Tells values that ask for what is not there: parts that run alone, and stores of objects.
pub(super) fn tell_unmet(file: &Node, decoder: &mut Decoder) {
    let text = |node: &Node| node.scalar().map(|scalar| scalar.text.clone()).unwrap_or_default();
    if let Some(node) = file.get("target").filter(|node| !text(node).is_empty() && text(node) != "all") {
        let problem = decoder
            .problem(node, format!("target {} has no effect: one process does everything here", text(node)));
        decoder.warn(problem);
    }
    let mut stores: Vec<(&str, &Node)> =
        STORES.iter().filter_map(|place| Some((*place, at(file, place)?))).collect();
    let periods =
        at(file, "schema_config.configs").and_then(|configs| configs.sequence()).unwrap_or_default();
    stores.extend(
        periods.iter().filter_map(|period| Some(("object_store", period.get("object_store")?.as_ref()))),
    );
    for (place, node) in stores {
        if !FILES.contains(&text(node).as_str()) {
            let message = format!("{place} {} has no effect: everything lies in files here", text(node));
            let problem = decoder.problem(node, message);
            decoder.warn(problem);
        }
    }
}

/// What stands at a place.
fn at<'n>(file: &'n Node, place: &str) -> Option<&'n Node> {
    place.split('.').try_fold(file, |node, key| node.get(key).map(Rc::as_ref))
}

fn tell(place: &str, node: &Node, decoder: &mut Decoder) {
    let problem = decoder.problem(node, format!("{place} has no effect here and is passed over"));
    decoder.warn(problem);
}

/// Takes a key that is known and not used; `false` where no release of Loki knows it.
pub(super) fn take(section: &str, keys: &[&str], key: &str, node: &Node, decoder: &mut Decoder) -> bool {
    let known = keys.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => key.starts_with(start),
        None => *known == key,
    });
    if known {
        let place = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
        tell(&place, node, decoder);
    }
    known
}

/// Says which keys of a section are known and not used.
macro_rules! unused {
    ($type:ty as $section:literal: $keys:expr) => {
        impl $crate::decode::Check for $type {
            fn take_unknown(
                &mut self,
                key: &str,
                node: &$crate::yaml::Node,
                decoder: &mut $crate::decode::Decoder,
            ) -> Result<bool, $crate::decode::Invalid> {
                Ok($crate::loki::ignored::take($section, $keys, key, node, decoder))
            }
        }
    };
}

pub(super) use unused;
