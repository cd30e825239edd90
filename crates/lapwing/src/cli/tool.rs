//! Reads the command lines of the original's tools: flags and arguments in any order, with its parser's errors.

use std::collections::BTreeMap;

use super::UsageError;

/// A tool's command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    /// The words that call it, as in `tsdb list`.
    pub(crate) name: &'static str,
    /// One sentence.
    pub(crate) about: &'static str,
    pub(crate) flags: &'static [ToolFlag],
    /// Arguments in their order; those that must be given come first. The name of one that may be given again and
    /// again, the last, ends with dots.
    pub(crate) arguments: &'static [ToolArgument],
}

/// A flag of a tool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ToolFlag {
    pub(crate) name: &'static str,
    pub(crate) short: Option<char>,
    pub(crate) kind: ToolFlagKind,
    /// Where it is not given.
    pub(crate) default: &'static str,
    /// One sentence; empty for a flag that help does not show.
    pub(crate) help: &'static str,
}

/// What a flag of a tool takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToolFlagKind {
    /// Nothing; `--no-…` turns it off.
    Switch,
    /// A value, once.
    Value,
    /// A value, any number of times.
    List,
}

/// An argument of a tool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ToolArgument {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) help: &'static str,
}

/// Values of flags by their names, from a file of the user.
pub(crate) type ToolDefaults = BTreeMap<String, Vec<String>>;

/// What a tool was called with.
#[derive(Debug, Default)]
pub(crate) struct ToolCall {
    flags: BTreeMap<&'static str, Vec<String>>,
    arguments: Vec<String>,
}

/// What the name of an argument ends with that may be given again and again.
const REPEATED: &str = "...";

/// Flags that every command of promtool takes.
const COMMON: [ToolFlag; 2] = [
    switch("experimental", "Enable experimental commands."),
    ToolFlag {
        kind: ToolFlagKind::List,
        ..value("enable-feature", "", "Comma separated feature names to enable.")
    },
];

/// A switch that is off by itself.
pub(crate) const fn switch(name: &'static str, help: &'static str) -> ToolFlag {
    ToolFlag { name, short: None, kind: ToolFlagKind::Switch, default: "false", help }
}

/// A flag with a value.
pub(crate) const fn value(name: &'static str, default: &'static str, help: &'static str) -> ToolFlag {
    ToolFlag { name, short: None, kind: ToolFlagKind::Value, default, help }
}

/// A flag that may be given again and again.
pub(crate) const fn list(name: &'static str, default: &'static str, help: &'static str) -> ToolFlag {
    ToolFlag { name, short: None, kind: ToolFlagKind::List, default, help }
}

impl ToolFlag {
    /// The flag with a letter of its own.
    pub(crate) const fn or(self, short: char) -> Self {
        Self { short: Some(short), ..self }
    }
}

impl ToolCall {
    /// The value of a flag, its default where it was not given.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.all(name).last().map_or("", String::as_str)
    }

    /// All values of a flag.
    pub(crate) fn all(&self, name: &str) -> &[String] {
        self.flags.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a switch is on.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.get(name) == "true"
    }

    /// All arguments.
    pub(crate) fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// An argument by its place.
    pub(crate) fn argument(&self, place: usize) -> Option<&str> {
        self.arguments.get(place).map(String::as_str)
    }
}

impl Tool {
    /// Reads what stands behind the tool's name.
    ///
    /// # Errors
    /// The original's text, or the help that was asked for.
    pub(crate) fn parse(&self, program: &str, arguments: &[String]) -> Result<ToolCall, UsageError> {
        self.parse_with(program, arguments, &ToolDefaults::new())
    }

    /// The same, with values of flags that are not given; those of flags that the tool does not have do not count.
    ///
    /// # Errors
    /// As [`Tool::parse`].
    pub(crate) fn parse_with(
        &self,
        program: &str,
        arguments: &[String],
        defaults: &ToolDefaults,
    ) -> Result<ToolCall, UsageError> {
        let mut call = ToolCall::default();
        let mut rest = arguments.iter();
        let mut only_arguments = false;
        while let Some(argument) = rest.next() {
            if only_arguments || !argument.starts_with('-') || argument == "-" {
                call.arguments.push(argument.clone());
            } else if argument == "--" {
                only_arguments = true;
            } else if let Some(long) = argument.strip_prefix("--") {
                self.take_long(program, long, &mut rest, &mut call)?;
            } else {
                self.take_short(program, argument, &mut rest, &mut call)?;
            }
        }
        let repeats = self.arguments.last().is_some_and(|last| last.name.ends_with(REPEATED));
        if let (false, Some(unexpected)) = (repeats, call.arguments.get(self.arguments.len())) {
            return Err(UsageError::Wrong(format!("unexpected {unexpected}")));
        }
        let missing = self.arguments.iter().skip(call.arguments.len()).find(|argument| argument.required);
        if let Some(missing) = missing {
            return Err(UsageError::Wrong(format!("required argument '{}' not provided", missing.name)));
        }
        for flag in self.flags.iter().chain(&COMMON) {
            if let Some(values) = defaults.get(flag.name) {
                call.flags.entry(flag.name).or_insert_with(|| values.clone());
            }
        }
        for flag in self.flags.iter().chain(&COMMON).filter(|flag| !flag.default.is_empty()) {
            call.flags.entry(flag.name).or_insert_with(|| vec![flag.default.to_owned()]);
        }
        Ok(call)
    }

    fn find(&self, is_it: impl Fn(&ToolFlag) -> bool) -> Option<ToolFlag> {
        self.flags.iter().chain(&COMMON).find(|flag| is_it(flag)).copied()
    }

    fn take_long<'a>(
        &self,
        program: &str,
        long: &str,
        rest: &mut impl Iterator<Item = &'a String>,
        call: &mut ToolCall,
    ) -> Result<(), UsageError> {
        let (name, given) = long.split_once('=').map_or((long, None), |(name, given)| (name, Some(given)));
        self.answer(program, name)?;
        let (flag, on) = match self.find(|flag| flag.name == name) {
            Some(flag) => (flag, true),
            None => {
                let off = name.strip_prefix("no-");
                let flag = off
                    .and_then(|off| self.find(|flag| flag.name == off && flag.kind == ToolFlagKind::Switch));
                (flag.ok_or_else(|| UsageError::Wrong(format!("unknown long flag '--{name}'")))?, false)
            }
        };
        match (flag.kind, given) {
            (ToolFlagKind::Switch, Some(given)) => Err(UsageError::Wrong(format!("unexpected {given}"))),
            (ToolFlagKind::Switch, None) => keep(call, flag, on.to_string()),
            (_, Some(given)) => keep(call, flag, given.to_owned()),
            (_, None) => keep(call, flag, next_value(&format!("--{name}"), rest)?),
        }
    }

    /// Takes a run of one-letter flags; the rest behind one with a value is its value.
    fn take_short<'a>(
        &self,
        program: &str,
        argument: &str,
        rest: &mut impl Iterator<Item = &'a String>,
        call: &mut ToolCall,
    ) -> Result<(), UsageError> {
        let mut letters = argument.chars().skip(1);
        while let Some(letter) = letters.next() {
            if letter == 'h' {
                self.answer(program, "help")?;
            }
            let flag = self.find(|flag| flag.short == Some(letter));
            let flag = flag.ok_or_else(|| UsageError::Wrong(format!("unknown short flag '-{letter}'")))?;
            if flag.kind == ToolFlagKind::Switch {
                keep(call, flag, "true".to_owned())?;
                continue;
            }
            let behind: String = letters.by_ref().collect();
            let given = if behind.is_empty() { next_value(&format!("-{letter}"), rest)? } else { behind };
            keep(call, flag, given)?;
        }
        Ok(())
    }

    fn answer(&self, program: &str, name: &str) -> Result<(), UsageError> {
        match name {
            "help" | "help-long" => Err(UsageError::Asked(self.help(program))),
            "version" => Err(UsageError::Asked(crate::version::text(program))),
            _ => Ok(()),
        }
    }

    fn help(&self, program: &str) -> String {
        let mut text = format!("usage: {program} {}", self.name);
        text.push_str(" [<flags>]");
        for argument in self.arguments {
            let name = argument.name;
            text.push_str(&if argument.required { format!(" <{name}>") } else { format!(" [<{name}>]") });
        }
        text.push_str(&format!("\n\n{}\n\nFlags:\n", self.about));
        for flag in self.flags.iter().chain(&COMMON).filter(|flag| !flag.help.is_empty()) {
            let short = flag.short.map_or("    ".to_owned(), |short| format!("-{short}, "));
            let shown = match flag.kind {
                ToolFlagKind::Switch => format!("--[no-]{}", flag.name),
                ToolFlagKind::Value => format!("--{}={}", flag.name, flag.default),
                ToolFlagKind::List => format!("--{}={} ...", flag.name, flag.default),
            };
            text.push_str(&format!("  {short}{shown:<30} {}\n", flag.help));
        }
        if !self.arguments.is_empty() {
            text.push_str("\nArgs:\n");
        }
        for argument in self.arguments {
            text.push_str(&format!("  {:<24} {}\n", format!("<{}>", argument.name), argument.help));
        }
        text
    }
}

fn keep(call: &mut ToolCall, flag: ToolFlag, given: String) -> Result<(), UsageError> {
    let values = call.flags.entry(flag.name).or_default();
    if !values.is_empty() && flag.kind != ToolFlagKind::List {
        return Err(UsageError::Wrong(format!("flag '{}' cannot be repeated", flag.name)));
    }
    values.push(given);
    Ok(())
}

fn next_value<'a>(flag: &str, rest: &mut impl Iterator<Item = &'a String>) -> Result<String, UsageError> {
    match rest.next() {
        Some(given) if !given.starts_with('-') || given == "-" => Ok(given.clone()),
        _ => Err(UsageError::Wrong(format!("expected argument for flag '{flag}'"))),
    }
}
