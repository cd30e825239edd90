//! The file of overrides by tenant (`runtime_config`), which is read again while the process runs.

use std::collections::BTreeMap;
use std::path::Path;

use super::LimitsConfig;
use super::ignored::tell_idle_limits;
use crate::{
    decode::{Decoder, decode_onto},
    error::{Error, Fault, Problem},
    yaml::{Node, parse},
};

/// Overrides by tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuntimeConfig {
    /// The limits of tenants that have limits of their own: what their block leaves out is as it is for all.
    pub overrides: BTreeMap<String, LimitsConfig>,
    /// What was accepted but deserves a word.
    pub warnings: Vec<Problem>,
}

impl RuntimeConfig {
    /// Takes `text` for what the file at `path` holds, over the limits that hold for all.
    ///
    /// # Errors
    /// The text is refused; who has an older one keeps it.
    pub fn load_text(text: &str, path: &Path, base: &LimitsConfig) -> Result<Self, Error> {
        let refuse = |fault| Error::LokiFile { path: path.into(), fault };
        let root = parse(text)
            .map_err(|error| refuse(Fault::Syntax(Box::new(Problem::new(error.at, "", error.message)))))?;
        let mut decoder = Decoder::new(false);
        let mut found = Self::default();
        if !root.is_null() {
            found.read(&root, base, &mut decoder).map_err(|problem| refuse(Fault::Invalid(problem)))?;
        }
        decoder.finish().map_err(refuse)?;
        found.warnings = decoder.warnings;
        Ok(found)
    }

    fn read(&mut self, root: &Node, base: &LimitsConfig, decoder: &mut Decoder) -> Result<(), Box<Problem>> {
        let Some(blocks) = root.mapping() else {
            decoder.wrong_type(root, "loki.runtimeConfigValues");
            return Ok(());
        };
        for (key, node) in blocks {
            let name = key.scalar().map(|scalar| scalar.text.as_str()).unwrap_or_default();
            match name {
                "overrides" => {
                    decoder.under("overrides".into(), |decoder| self.read_overrides(node, base, decoder))?;
                }
                "configs" => decoder.under("configs".into(), |decoder| Self::read_configs(node, decoder)),
                "multi_kv_config" => decoder.pass_over(key, "a runtime configuration"),
                name => {
                    let message = format!("field {name} not found in type loki.runtimeConfigValues");
                    let problem = decoder.problem(key, message);
                    decoder.collect(problem.expected("overrides or configs"));
                }
            }
        }
        Ok(())
    }

    fn read_overrides(
        &mut self,
        node: &Node,
        base: &LimitsConfig,
        decoder: &mut Decoder,
    ) -> Result<(), Box<Problem>> {
        for (key, node) in node.mapping().unwrap_or_default() {
            let Some(tenant) = key.scalar().map(|scalar| scalar.text.clone()) else { continue };
            if node.is_null() {
                let message = format!("overrides of tenant {tenant} are empty and passed over");
                let problem = decoder.problem(key, message);
                decoder.warn(problem);
                continue;
            }
            let mut limits = base.clone();
            decoder.under(tenant.clone(), |decoder| {
                tell_idle_limits(node, decoder);
                decode_onto(&mut limits, node, decoder)
            })?;
            self.overrides.insert(tenant, limits);
        }
        Ok(())
    }

    /// Configurations of tenants: what they switch on is logged by nobody here.
    fn read_configs(node: &Node, decoder: &mut Decoder) {
        for (_, node) in node.mapping().unwrap_or_default() {
            for (key, _) in node.mapping().unwrap_or_default() {
                decoder.pass_over(key, "a tenant's configuration");
            }
        }
    }
}
