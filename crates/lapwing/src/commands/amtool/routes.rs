//! `config routes show|test`: the tree of routes, and who gets alerts of which labels.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use alerting::MatchOp;
use alerting::matchers::{Syntax, parse_matcher};
use alerting::print_matchers;
use alerting::route::{RouteIndex, RouteTree};
use config::alertmanager::{Config, Loaded};
use model::Labels;
use platform::real::RealFileSystem;

use super::failed;
use super::flags::{CONFIG_FILE, flags};
use crate::cli::tool::{Tool, ToolArgument, ToolCall, ToolFlag, switch, value};
use crate::{answer, complain};

const VERIFY: ToolFlag = value(
    "verify.receivers",
    "",
    "Checks if specified receivers matches resolved receivers. The command fails if the labelset does not route to the specified receivers.",
);
const TREE: ToolFlag = switch("tree", "Prints out matching routes tree.");

pub(super) const SHOW: Tool = Tool {
    name: "config routes show",
    about: "Opens visualization of the routing tree.",
    flags: flags!(CONFIG_FILE),
    arguments: &[],
};

pub(super) const TEST: Tool = Tool {
    name: "config routes test",
    about: "Test alert routing.",
    flags: flags!(CONFIG_FILE, VERIFY, TREE),
    arguments: &[ToolArgument {
        name: "labels...",
        required: false,
        help: "List of labels to be tested against the configured routes.",
    }],
};

/// The configuration of a file, or of the Alertmanager that the flags name.
fn load(call: &ToolCall) -> Result<Loaded, String> {
    let loaded = match call.get(CONFIG_FILE.name) {
        "" => super::server::running_config(call)?,
        file => Config::load(Path::new(file), &RealFileSystem).map_err(|error| error.to_string())?,
    };
    for warning in &loaded.warnings {
        complain(&format!("warning: {warning}"), 0);
    }
    Ok(loaded)
}

pub(super) fn show(program: &str, call: &ToolCall) -> ExitCode {
    match load(call) {
        Ok(loaded) => {
            let tree = loaded.config.routes();
            answer(&format!("Routing tree:\n{}\n", draw(&tree, &|_| true, true)), 0)
        }
        Err(error) => failed(program, error),
    }
}

pub(super) fn test(program: &str, call: &ToolCall) -> ExitCode {
    let tree = match load(call) {
        Ok(loaded) => loaded.config.routes(),
        Err(error) => return failed(program, error),
    };
    let labels = match parse_labels(call.arguments()) {
        Ok(labels) => labels,
        Err(error) => return failed(program, format!("Failed to parse labels: {error}")),
    };
    let taken = tree.matching(&labels);
    let mut out = String::new();
    if call.is_on(TREE.name) {
        let leads = |index: RouteIndex| leads_to(&tree, index, &taken);
        let _ = write!(out, "Matching routes:\n{}\n\n", draw_taken(&tree, &leads, &taken));
    }
    let receivers: Vec<&str> =
        taken.iter().filter_map(|index| Some(tree.get(*index)?.route.receiver.as_str())).collect();
    let receivers = receivers.join(",");
    let _ = writeln!(out, "{receivers}");
    let expected = call.get(VERIFY.name);
    if !expected.is_empty() && expected != receivers {
        out.push_str("WARNING: Expected receivers did not match resolved receivers.\n");
        return answer(&out, 1);
    }
    answer(&out, 0)
}

/// Labels as they are written among arguments.
pub(super) fn parse_labels(arguments: &[String]) -> Result<Labels, String> {
    let mut pairs = Vec::new();
    for argument in arguments {
        let matcher = parse_matcher(argument, Syntax::Both).map_err(|error| error.to_string())?.value;
        if matcher.op() != MatchOp::Equal {
            return Err(format!("{argument} is no label"));
        }
        pairs.push((matcher.name().to_owned(), matcher.value().to_owned()));
    }
    Ok(Labels::from_pairs(pairs))
}

fn leads_to(tree: &RouteTree, index: RouteIndex, taken: &[RouteIndex]) -> bool {
    taken.contains(&index) || tree.children(index).iter().any(|child| leads_to(tree, *child, taken))
}

fn draw(tree: &RouteTree, shows: &dyn Fn(RouteIndex) -> bool, with_receivers: bool) -> String {
    let mut out = String::from(".\n");
    branch(tree, &[0], "", &mut out, shows, &|index| with_receivers.then_some(index).is_some(), true);
    out
}

/// Only the ways to routes that are taken; only these show their receivers.
fn draw_taken(tree: &RouteTree, shows: &dyn Fn(RouteIndex) -> bool, taken: &[RouteIndex]) -> String {
    let mut out = String::from(".\n");
    branch(tree, &[0], "", &mut out, shows, &|index| taken.contains(&index), false);
    out
}

fn branch(
    tree: &RouteTree,
    indices: &[RouteIndex],
    indent: &str,
    out: &mut String,
    shows: &dyn Fn(RouteIndex) -> bool,
    names: &dyn Fn(RouteIndex) -> bool,
    shows_continue: bool,
) {
    let shown: Vec<RouteIndex> = indices.iter().copied().filter(|index| shows(*index)).collect();
    for (at, index) in shown.iter().enumerate() {
        let Some(placed) = tree.get(*index) else { continue };
        let is_last = at + 1 == shown.len();
        let route = &placed.route;
        let matchers = if route.matchers.is_empty() {
            "default-route".to_owned()
        } else {
            print_matchers(&route.matchers)
        };
        let _ = write!(out, "{indent}{}{matchers}", if is_last { "└── " } else { "├── " });
        if route.goes_on && shows_continue {
            out.push_str("  continue: true");
        }
        if names(*index) {
            let _ = write!(out, "  receiver: {}", route.receiver);
        }
        out.push('\n');
        let below = format!("{indent}{}", if is_last { "    " } else { "│   " });
        branch(tree, tree.children(*index), &below, out, shows, names, shows_continue);
    }
}
