//! Targets that the file names itself.

use crate::{
    decode::{Check, Decoder, Invalid, section},
    values::LabelSet,
    yaml::Node,
};

section! {
    /// Targets with labels that they share.
    pub struct TargetGroup as "struct { Targets []string \"yaml:\\\"targets\\\"\"; Labels model.LabelSet \"yaml:\\\"labels\\\"\" }" {
        /// Addresses, `host:port`.
        targets: Vec<String> = Vec::new() => ["targets", always];
        /// Labels that each of the targets gets.
        labels: LabelSet = LabelSet::default() => ["labels"];
    }
}

impl Check for TargetGroup {}

/// Checks that targets under `static_configs` of the section at `node` are addresses, without scheme and path.
pub(crate) fn check_addresses(groups: &[TargetGroup], node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
    for (group, settings) in groups.iter().enumerate() {
        for (target, address) in settings.targets.iter().enumerate() {
            if !address.contains('/') {
                continue;
            }
            let message = format!("{} is not a valid hostname", model::quote::quote(address));
            let groups = node.get("static_configs").and_then(|groups| groups.sequence());
            let targets = groups.and_then(|groups| groups.get(group)?.get("targets"));
            let place = targets.and_then(|targets| targets.sequence()?.get(target).cloned());
            let mut problem = match &place {
                Some(place) => *decoder.invalid(place, message),
                None => decoder.problem(node, message),
            };
            problem.key = format!("{}.static_configs[{group}].targets[{target}]", decoder.key());
            return Err(Box::new(problem.expected("an address such as host:9090")));
        }
    }
    Ok(())
}
