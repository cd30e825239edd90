//! `alertmanager.yml`: its sections, and how a file becomes a checked [`Config`].
//!
//! The settings of the integrations are those of the crate that sends; here stand their keys (`kinds`), what they must
//! fulfil, and what they take from `global`.

mod global;
mod inhibit;
mod interval;
mod kinds;
mod matchers;
mod receiver;
mod route;
#[cfg(test)]
mod tests;
mod values;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use alerting::interval::TimeInterval;
use alerting::route::{Route, RouteTree};
use notify::values::Tree;
use platform::FileSystem;

pub use global::GlobalConfig;
pub use inhibit::InhibitRuleConfig;
pub use interval::{IntervalConfig, NamedInterval};
pub use matchers::{MatchExpressions, MatcherList};
pub use receiver::{Integration, ReceiverConfig};
pub use route::RouteConfig;
pub use values::parse_tree;

use crate::{
    decode::{Check, Decoder, Field, Invalid, List, decode_document, section},
    error::{Error, Fault, Problem},
    files::{describe, glob, read_text},
    prometheus::{TracingConfig, item},
    values::FilePath,
    yaml::Node,
};

section! {
    /// A whole `alertmanager.yml`.
    pub struct Config as "config.plain" {
        /// What holds for all.
        global: Option<GlobalConfig> = Some(GlobalConfig::default()) => ["global"];
        /// The tree of routes.
        route: Option<RouteConfig> = None => ["route"];
        /// Rules by which alerts silence others.
        inhibit_rules: Vec<InhibitRuleConfig> = Vec::new() => ["inhibit_rules"];
        /// Who is notified.
        receivers: Vec<ReceiverConfig> = Vec::new() => ["receivers"];
        /// Files of templates; names may be patterns.
        templates: Vec<FilePath> = Vec::new() => ["templates"];
        /// Named intervals, under their old key.
        mute_time_intervals: List<NamedInterval> = List::default() => ["mute_time_intervals"];
        /// Named intervals.
        time_intervals: List<NamedInterval> = List::default() => ["time_intervals"];
        /// Where traces of the server itself go.
        tracing: TracingConfig = TracingConfig::zero() => ["tracing"];
        /// Where events of the server itself go; the history of alerts stands in for it.
        event_recorder: Tree = Tree::Null => ["event_recorder"];
    }
}

impl Check for Config {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.event_recorder != Tree::Null {
            let message = "event_recorder does nothing: the history of alerts tells what happened";
            decoder.warn(decoder.problem(node, message));
        }
        let global = self.global.get_or_insert_with(GlobalConfig::default);
        let mut names = HashSet::new();
        for (index, receiver) in self.receivers.iter_mut().enumerate() {
            let own = item(node, "receivers", index);
            if !names.insert(receiver.name.clone()) {
                let name = model::quote::quote(&receiver.name);
                let message = format!("notification config name {name} is not unique");
                return Err(decoder.invalid_key(own, "name", message));
            }
            receiver.complete(global, own, decoder)?;
        }
        let Some(root) = &self.route else {
            return Err(decoder.invalid_key(node, "route", "no routes provided"));
        };
        let root_node = node.get("route").map_or(node, |route| route);
        root.check_root(root_node, decoder)?;
        let intervals = self.interval_names(node, decoder)?;
        let receivers = self.receivers.iter().map(|receiver| receiver.name.as_str()).collect();
        root.check_names(&receivers, &intervals, root_node, decoder)
    }
}

/// A configuration as it was loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// What the file says, defaults filled in.
    pub config: Config,
    /// The text of the file.
    pub text: String,
    /// What was accepted but deserves a word.
    pub warnings: Vec<Problem>,
}

impl Config {
    fn interval_names(&self, node: &Node, decoder: &Decoder) -> Result<HashSet<&str>, Invalid> {
        let mut names = HashSet::new();
        for (key, word, list) in [
            ("mute_time_intervals", "mute time interval", &self.mute_time_intervals),
            ("time_intervals", "time interval", &self.time_intervals),
        ] {
            for (index, interval) in list.iter().enumerate() {
                if !names.insert(interval.name.as_str()) {
                    let name = model::quote::quote(&interval.name);
                    let message = format!("{word} {name} is not unique");
                    return Err(decoder.invalid_key(item(node, key, index), "name", message));
                }
            }
        }
        Ok(names)
    }

    /// Takes `text` for what the file at `path` holds.
    ///
    /// # Errors
    /// The text is refused.
    pub fn load_text(text: &str, path: &Path) -> Result<Loaded, Error> {
        let refuse = |fault| Error::AlertmanagerFile { path: path.into(), fault };
        let mut decoder = Decoder::new(false);
        let mut config = Config::default();
        let root = decode_document(&mut config, text, &mut decoder).map_err(refuse)?;
        let missing =
            |message: &str| refuse(Fault::Invalid(Box::new(Problem::new(root.at, "route", message))));
        match &config.route {
            None => return Err(missing("no route provided in config")),
            Some(route) if route.goes_on => return Err(missing("cannot have continue in root route")),
            Some(_) => {}
        }
        config.join_folder(path.parent().unwrap_or(Path::new("")));
        Ok(Loaded { config, text: text.to_owned(), warnings: decoder.warnings })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read or is refused.
    pub fn load(path: &Path, files: &dyn FileSystem) -> Result<Loaded, Error> {
        let text = read_text(files, path)
            .map_err(|error| Error::Read { path: path.into(), message: describe("open", path, &error) })?;
        Config::load_text(&text, path)
    }

    /// The settings that hold for all.
    pub fn global(&self) -> GlobalConfig {
        self.global.clone().unwrap_or_default()
    }

    /// The tree of routes as the dispatcher takes it.
    pub fn routes(&self) -> RouteTree {
        let above = Route::default();
        RouteTree::new(self.route.as_ref().map_or(above.clone(), |root| root.route(&above)))
    }

    /// All named intervals.
    pub fn intervals(&self) -> HashMap<String, Vec<TimeInterval>> {
        let both = self.mute_time_intervals.iter().chain(self.time_intervals.iter());
        both.map(|interval| (interval.name.clone(), interval.intervals())).collect()
    }

    /// The files of templates that the patterns name, in their order.
    ///
    /// # Errors
    /// A pattern is none.
    pub fn template_files(&self, files: &dyn FileSystem) -> Result<Vec<PathBuf>, Error> {
        let mut found = Vec::new();
        for pattern in &self.templates {
            found.extend(template_files(pattern.as_str(), files)?);
        }
        Ok(found)
    }

    /// The configuration as the original prints it: defaults filled in, secrets masked.
    pub fn to_yaml(&self) -> String {
        self.encode().print()
    }
}

/// The files that a pattern names.
///
/// # Errors
/// The pattern is none.
pub fn template_files(pattern: &str, files: &dyn FileSystem) -> Result<Vec<PathBuf>, Error> {
    glob(files, pattern).map_err(|_| Error::Pattern {
        path: pattern.into(),
        pattern: pattern.into(),
        what: "template files",
    })
}
