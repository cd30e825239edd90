//! Reads a command line against a table of flags, with the habits of the original's parser.

use std::collections::BTreeMap;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

use super::UsageError;
use super::flag::{Flag, Kind, State};

/// The most bytes that an `@file` argument may hold.
const ARGUMENT_FILE_BYTES_MAX: u64 = 1 << 20;

/// Flags as given and as defaulted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parsed {
    /// The values by name; lists joined by commas.
    pub(crate) values: BTreeMap<&'static str, String>,
    /// The names that were given.
    pub(crate) given: Vec<&'static str>,
    /// What the user should know.
    pub(crate) warnings: Vec<String>,
}

impl Parsed {
    /// The value of a flag of the table.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// Whether a switch is on.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.get(name) == "true"
    }
}

/// Reads `arguments` (without the program's name).
///
/// # Errors
/// A usage error in one line, or the text that the user asked for.
pub(crate) fn parse(
    command: Command,
    flags: &'static [Flag],
    arguments: &[String],
) -> Result<Parsed, UsageError> {
    let arguments = expand_files(arguments)?;
    let mut command = command.no_binary_name(true).args_override_self(true).disable_version_flag(true);
    for flag in flags {
        command = add(command, flag);
    }
    let matches = command.try_get_matches_from(&arguments).map_err(one_line)?;
    let mut parsed = Parsed::default();
    for flag in flags {
        let given = given_value(&matches, flag);
        if let Some(value) = &given {
            check_state(flag, value, &mut parsed)?;
            check_value(flag, value)?;
            parsed.given.push(flag.name);
        }
        parsed.values.insert(flag.name, given.unwrap_or_else(|| flag.default.to_owned()));
    }
    Ok(parsed)
}

/// Replaces each `@file` by the lines of the file.
fn expand_files(arguments: &[String]) -> Result<Vec<String>, UsageError> {
    use platform::FileSystem;
    let files = platform::real::RealFileSystem;
    let mut expanded = Vec::new();
    for argument in arguments {
        let Some(path) = argument.strip_prefix('@') else {
            expanded.push(argument.clone());
            continue;
        };
        let wrong = |error: String| UsageError::Wrong(format!("arguments from {path}: {error}"));
        let bytes = files
            .read(std::path::Path::new(path), ARGUMENT_FILE_BYTES_MAX)
            .map_err(|error| wrong(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
        expanded.extend(
            text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned),
        );
    }
    Ok(expanded)
}

fn add(command: Command, flag: &'static Flag) -> Command {
    let help = match flag.state {
        State::Works if flag.default.is_empty() || flag.kind == Kind::Switch => flag.help.to_owned(),
        State::Works => format!("{} [default: {}]", flag.help, flag.default),
        State::NotYet => format!("{} (not supported yet)", flag.help),
        State::Ignored(why) => format!("{} (ignored: {why})", flag.help),
    };
    let arg = Arg::new(flag.name).long(flag.name).help(help).hide(flag.hidden);
    match flag.kind {
        Kind::Switch => {
            let off = format!("no-{}", flag.name);
            let on = arg.action(ArgAction::SetTrue).overrides_with(off.clone());
            let off = Arg::new(off.clone())
                .long(off)
                .hide(true)
                .action(ArgAction::SetTrue)
                .overrides_with(flag.name);
            command.arg(on).arg(off)
        }
        Kind::List => command.arg(arg.action(ArgAction::Append).value_name("VALUE")),
        Kind::Text | Kind::Number | Kind::Duration | Kind::Size => {
            command.arg(arg.action(ArgAction::Set).value_name("VALUE"))
        }
    }
}

/// The value that was given, `None` where the default holds.
fn given_value(matches: &clap::ArgMatches, flag: &Flag) -> Option<String> {
    if flag.kind == Kind::Switch {
        if matches.get_flag(flag.name) {
            return Some("true".to_owned());
        }
        return matches.get_flag(&format!("no-{}", flag.name)).then(|| "false".to_owned());
    }
    let values: Vec<&str> = matches.get_many::<String>(flag.name)?.map(String::as_str).collect();
    Some(values.join(","))
}

fn check_state(flag: &Flag, value: &str, parsed: &mut Parsed) -> Result<(), UsageError> {
    match flag.state {
        State::Works => Ok(()),
        State::NotYet if value == flag.default => Ok(()),
        State::NotYet => Err(UsageError::Wrong(format!("flag --{} is not supported yet", flag.name))),
        State::Ignored(why) => {
            parsed.warnings.push(format!("flag --{} is ignored: {why}", flag.name));
            Ok(())
        }
    }
}

fn check_value(flag: &Flag, value: &str) -> Result<(), UsageError> {
    let wrong = |error: String| Err(UsageError::Wrong(format!("flag --{}: {error}", flag.name)));
    match flag.kind {
        Kind::Number if value.parse::<i64>().is_err() => {
            wrong(format!("expected a whole number, found {}", model::quote::quote(value)))
        }
        Kind::Duration => match model::duration::parse_duration(value) {
            Ok(_) => Ok(()),
            Err(_) if value.is_empty() && flag.default.is_empty() => Ok(()),
            Err(error) => wrong(error.to_string()),
        },
        Kind::Size if super::server_options::parse_size(value).is_none() => {
            wrong(format!("expected a size such as 512MB, found {}", model::quote::quote(value)))
        }
        _ => Ok(()),
    }
}

/// What clap says, in one line.
fn one_line(error: clap::Error) -> UsageError {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return UsageError::Asked(error.render().to_string());
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        Some(ContextValue::StyledStr(text)) => Some(StyledStr::to_string(text)),
        _ => None,
    };
    let argument = text(ContextKind::InvalidArg).unwrap_or_default();
    let mut line = match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with("--") => format!("unknown flag {argument}"),
        ErrorKind::UnknownArgument => format!("unexpected {argument}"),
        ErrorKind::InvalidValue | ErrorKind::NoEquals => format!("expected a value for flag {argument}"),
        ErrorKind::TooManyValues => format!("unexpected value for flag {argument}"),
        _ => error.render().to_string().lines().next().unwrap_or("").trim_start_matches("error: ").to_owned(),
    };
    if let Some(close) = text(ContextKind::SuggestedArg) {
        line.push_str(&format!(", did you mean {close}?"));
    }
    UsageError::Wrong(line)
}
