//! The command line of Loki: flags with one dash or two, most of which stand for keys of its configuration file.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::slice::Iter;
use std::time::Duration;

use super::{PROFILING, UsageError};

/// What Loki is told by flags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LokiOptions {
    /// Files of configuration; the first one that exists counts.
    pub(crate) config_files: Vec<PathBuf>,
    /// Whether `${NAME}` in them stands for a variable of the environment.
    pub(crate) expand_env: bool,
    /// Check the configuration and end.
    pub(crate) verify: bool,
    /// Print the configuration when it starts.
    pub(crate) print_config: bool,
    /// Print the version and end.
    pub(crate) version: bool,
    /// List what `-target` takes, and end.
    pub(crate) list_targets: bool,
    /// Whether `/debug/pprof` gives profiles.
    pub(crate) enable_profiles: bool,
    /// Flags that stand for keys of the file and come before them, by name.
    pub(crate) keys: BTreeMap<String, String>,
    /// What the user should know.
    pub(crate) warnings: Vec<String>,
}

/// Flags for keys that are taken from the command line.
const KEYS: [&str; 9] = [
    "auth.enabled",
    "common.path-prefix",
    "log.format",
    "log.level",
    "server.http-listen-address",
    "server.http-listen-port",
    "server.http-path-prefix",
    "server.http-read-timeout",
    "shutdown-delay",
];

/// Names of parts that exist in the original; all of them are in this one process.
const TARGETS: [&str; 18] = [
    "all",
    "read",
    "write",
    "backend",
    "distributor",
    "ingester",
    "querier",
    "query-frontend",
    "query-scheduler",
    "compactor",
    "index-gateway",
    "ruler",
    "bloom-planner",
    "bloom-builder",
    "bloom-gateway",
    "overrides-exporter",
    "pattern-ingester",
    "table-manager",
];

/// Flags that take no value unless it stands behind `=`.
const SWITCHES: [&str; 8] = [
    "auth.enabled",
    "config.expand-env",
    "help",
    "list-targets",
    "log-config-reverse-order",
    "print-config-stderr",
    "verify-config",
    "version",
];

const HELP: &str = "usage: loki [flags]

  -config.file FILE[,FILE]       configuration, the first file that exists [default: config.yaml,config/config.yaml]
  -config.expand-env             replace ${NAME} in it by variables of the environment
  -verify-config                 check the configuration and end
  -print-config-stderr           print the configuration when starting
  -target LIST                   which parts are to run: all of them always do
  -list-targets                  list the names that -target takes, and end
  -version                       print the version and end
  -enable-feature=profiling      answer at /debug/pprof
  -auth.enabled, -common.path-prefix, -log.level, -log.format, -server.http-listen-address,
  -server.http-listen-port, -server.http-path-prefix, -server.http-read-timeout, -shutdown-delay:
  in place of the keys of the file
";

impl LokiOptions {
    /// Reads `arguments` (without the program's name).
    ///
    /// # Errors
    /// A usage error in one line, or the text that the user asked for.
    pub(crate) fn new(arguments: &[String]) -> Result<Self, UsageError> {
        let mut options = Self::default();
        let mut files = String::new();
        let mut left = arguments.iter();
        while let Some(argument) = left.next() {
            let flag = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-'));
            let Some(flag) = flag.filter(|flag| !flag.is_empty()) else {
                return Err(UsageError::Wrong(format!("unexpected argument {argument}")));
            };
            let (name, given) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (flag, None),
            };
            let value = match given {
                Some(value) => value,
                None if stands_alone(name, &left) => "true".to_owned(),
                None => left
                    .next()
                    .cloned()
                    .ok_or_else(|| UsageError::Wrong(format!("flag needs an argument: -{name}")))?,
            };
            options.set(name, &value, &mut files)?;
        }
        if files.is_empty() {
            "config.yaml,config/config.yaml".clone_into(&mut files);
        }
        options.config_files = files.split(',').map(PathBuf::from).collect();
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str, files: &mut String) -> Result<(), UsageError> {
        match name {
            "config.file" => value.clone_into(files),
            "config.expand-env" => self.expand_env = switch(name, value)?,
            "verify-config" => self.verify = switch(name, value)?,
            "print-config-stderr" => self.print_config = switch(name, value)?,
            "version" => self.version = switch(name, value)?,
            "list-targets" => self.list_targets = switch(name, value)?,
            "log-config-reverse-order" => {}
            "enable-feature" => self.set_features(value),
            "help" | "h" => return Err(UsageError::Asked(HELP.to_owned())),
            "target" => self.set_targets(value)?,
            _ if KEYS.contains(&name) => {
                check(name, value)?;
                self.keys.insert(name.to_owned(), value.to_owned());
            }
            // Every key of the file is a flag in the original.
            _ if name.contains('.') => self.warnings.push(format!("flag -{name} does nothing here")),
            _ => {
                return Err(UsageError::Wrong(format!("flag provided but not defined: -{name}")));
            }
        }
        Ok(())
    }

    fn set_features(&mut self, value: &str) {
        for feature in value.split(',').map(str::trim).filter(|feature| !feature.is_empty()) {
            if feature == PROFILING {
                self.enable_profiles = true;
            } else {
                self.warnings.push(format!("feature {feature} is not known and stays off"));
            }
        }
    }

    fn set_targets(&mut self, value: &str) -> Result<(), UsageError> {
        for target in value.split(',').filter(|target| !target.is_empty()) {
            if !TARGETS.contains(&target) {
                let line = format!("unrecognised module name: {target}");
                return Err(UsageError::Wrong(line));
            }
            if target != "all" {
                self.warnings.push(format!("-target={target}: one process does everything here"));
            }
        }
        Ok(())
    }

    /// The names that `-target` takes, a line each.
    pub(crate) fn target_names() -> String {
        TARGETS.map(|name| format!("{name}\n")).concat()
    }
}

/// Whether a flag takes nothing of what follows it. Of flags that mean nothing here it is not known which are switches: one
/// before another flag or at the end is.
fn stands_alone(name: &str, left: &Iter<'_, String>) -> bool {
    let is_flag = |next: &String| {
        next.strip_prefix('-')
            .is_some_and(|flag| flag.starts_with(|c: char| c == '-' || c.is_ascii_alphabetic()))
    };
    let is_known = KEYS.contains(&name) || name == "config.file";
    let alone = left.as_slice().first().is_none_or(is_flag);
    SWITCHES.contains(&name) || name == "h" || (name.contains('.') && !is_known && alone)
}

/// Refuses a value that the key of the file does not take.
fn check(name: &str, value: &str) -> Result<(), UsageError> {
    let fits = match name {
        "auth.enabled" => return switch(name, value).map(drop),
        "log.format" => value.parse::<telemetry::log::Format>().is_ok(),
        "log.level" => value.parse::<telemetry::log::Level>().is_ok(),
        "server.http-listen-port" => value.parse::<u16>().is_ok(),
        "server.http-read-timeout" | "shutdown-delay" => duration(value).is_some(),
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(UsageError::Wrong(format!("invalid value {value:?} for flag -{name}: parse error")))
    }
}

/// Reads the value of a flag that is a duration.
pub(crate) fn duration(value: &str) -> Option<Duration> {
    let nanos = logql_syntax::quantity::parse_duration(value)?;
    u64::try_from(nanos).ok().map(Duration::from_nanos)
}

fn switch(name: &str, value: &str) -> Result<bool, UsageError> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(UsageError::Wrong(format!("invalid boolean value {value:?} for -{name}: parse error"))),
    }
}
