//! The command line of a benchmark: `--name=value` or `--name value`, and what stands behind `--`.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::Error;

/// A flag.
#[derive(Debug, Clone, Copy)]
pub struct Flag {
    /// The name behind `--`.
    pub name: &'static str,
    /// The value where it is not given.
    pub default: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// One sentence.
    pub help: &'static str,
}

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One value.
    Value,
    /// Nothing.
    Switch,
    /// A value, any number of times.
    List,
}

/// A flag with a value.
pub const fn value(name: &'static str, default: &'static str, help: &'static str) -> Flag {
    Flag { name, default, kind: Kind::Value, help }
}

/// A flag without one.
pub const fn switch(name: &'static str, help: &'static str) -> Flag {
    Flag { name, default: "", kind: Kind::Switch, help }
}

/// A flag that may be repeated.
pub const fn list(name: &'static str, help: &'static str) -> Flag {
    Flag { name, default: "", kind: Kind::List, help }
}

/// A command line that was read.
#[derive(Debug, Clone)]
pub struct Given {
    flags: Vec<Flag>,
    values: BTreeMap<&'static str, Vec<String>>,
    rest: Vec<String>,
}

impl Given {
    /// Reads the arguments of a command that has these flags.
    ///
    /// # Errors
    /// [`Error::Usage`] for a flag that is not known, is given twice or lacks its value, and for a word that is no flag.
    pub fn parse(groups: &[&[Flag]], arguments: &[String]) -> Result<Self, Error> {
        let flags: Vec<Flag> = groups.iter().flat_map(|group| group.iter().copied()).collect();
        let mut given = Self { flags, values: BTreeMap::new(), rest: Vec::new() };
        let mut left = arguments.iter();
        while let Some(argument) = left.next() {
            if argument == "--" {
                given.rest = left.cloned().collect();
                break;
            }
            let Some(text) = argument.strip_prefix("--") else {
                return Err(Error::Usage(format!("{argument}: no flag")));
            };
            let (name, with) =
                text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value.to_owned())));
            let Some(flag) = given.flags.iter().find(|flag| flag.name == name).copied() else {
                return Err(Error::Usage(format!("--{name}: not known")));
            };
            let value = match (flag.kind, with) {
                (Kind::Switch, None) => "true".to_owned(),
                (Kind::Switch, Some(_)) => {
                    return Err(Error::Usage(format!("--{name}: takes no value")));
                }
                (_, Some(value)) => value,
                (_, None) => {
                    left.next().cloned().ok_or_else(|| Error::Usage(format!("--{name}: value missing")))?
                }
            };
            let values = given.values.entry(flag.name).or_default();
            if !values.is_empty() && flag.kind != Kind::List {
                return Err(Error::Usage(format!("--{name}: given twice")));
            }
            values.push(value);
        }
        Ok(given)
    }

    /// The value of a flag.
    pub fn text(&self, name: &str) -> &str {
        let default = || self.flags.iter().find(|flag| flag.name == name).map_or("", |flag| flag.default);
        self.values.get(name).and_then(|values| values.first()).map_or_else(default, String::as_str)
    }

    /// The value of a flag that must not be empty.
    ///
    /// # Errors
    /// [`Error::Usage`] where it is.
    pub fn required(&self, name: &str) -> Result<&str, Error> {
        match self.text(name) {
            "" => Err(Error::Usage(format!("--{name} is needed"))),
            text => Ok(text),
        }
    }

    /// The number of a flag.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is none.
    pub fn number<N: FromStr>(&self, name: &str) -> Result<N, Error> {
        let text = self.text(name);
        text.parse().map_err(|_| Error::Usage(format!("--{name}={text}: not a number that fits")))
    }

    /// The number of a flag that may be left out.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is none.
    pub fn optional<N: FromStr>(&self, name: &str) -> Result<Option<N>, Error> {
        if self.text(name).is_empty() { Ok(None) } else { self.number(name).map(Some) }
    }

    /// Whether a switch is given.
    pub fn is_on(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// All values of a flag that may be repeated.
    pub fn list(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// What stands behind `--`.
    pub fn rest(&self) -> &[String] {
        &self.rest
    }
}

/// The flags as `--help` tells them.
pub fn help(groups: &[&[Flag]]) -> String {
    let mut text = String::new();
    for flag in groups.iter().flat_map(|group| group.iter()) {
        let shown = match flag.kind {
            Kind::Switch => format!("--{}", flag.name),
            Kind::Value => format!("--{}={}", flag.name, flag.default),
            Kind::List => format!("--{}= …", flag.name),
        };
        text.push_str(&format!("  {shown:<30} {}\n", flag.help));
    }
    text
}

#[cfg(test)]
mod tests;
