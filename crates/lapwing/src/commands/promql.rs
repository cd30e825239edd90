//! `promql`: expressions are laid out and rewritten.

use std::process::ExitCode;

use model::MatchOp;
use promql_syntax::Expr;
use promql_syntax::rewrite::{delete_label_matchers, set_label_matcher};

use super::group::{self, Entry, one_of, refuse, syntax_options};
use crate::cli::tool::{Tool, ToolArgument, ToolCall, value};
use crate::{answer, complain};

const QUERY: ToolArgument = ToolArgument { name: "query", required: true, help: "PromQL query." };

const FORMAT: Tool = Tool {
    name: "promql format",
    about: "Format PromQL query to pretty printed form.",
    flags: &[],
    arguments: &[QUERY],
};

const SET: Tool = Tool {
    name: "promql label-matchers set",
    about: "Set a label matcher in the query.",
    flags: &[value("type", "=", "Type of the label matcher to set.").or('t')],
    arguments: &[
        QUERY,
        ToolArgument { name: "name", required: true, help: "Name of the label matcher to set." },
        ToolArgument { name: "value", required: true, help: "Value of the label matcher to set." },
    ],
};

const DELETE: Tool = Tool {
    name: "promql label-matchers delete",
    about: "Delete a label from the query.",
    flags: &[],
    arguments: &[QUERY, ToolArgument { name: "name", required: true, help: "Name of the label to delete." }],
};

const ENTRIES: &[Entry] = &[(FORMAT, format), (SET, set), (DELETE, delete)];

/// Runs `promql <what> …`.
pub(super) fn run(program: &str, arguments: &[String]) -> ExitCode {
    group::run(program, "promql", ENTRIES, arguments)
}

fn format(program: &str, call: &ToolCall) -> ExitCode {
    rewrite(program, call, |expr| Ok(expr.pretty()))
}

fn set(program: &str, call: &ToolCall) -> ExitCode {
    let op = match one_of(call, "type", &["=", "!=", "=~", "!~"]) {
        Ok("!=") => MatchOp::NotEqual,
        Ok("=~") => MatchOp::Regex,
        Ok("!~") => MatchOp::NotRegex,
        Ok(_) => MatchOp::Equal,
        Err(error) => return refuse(program, error),
    };
    rewrite(program, call, |expr| {
        let (name, value) = (call.argument(1).unwrap_or(""), call.argument(2).unwrap_or(""));
        set_label_matcher(expr, name, op, value).map_err(|error| error.to_string())?;
        Ok(expr.to_string())
    })
}

fn delete(program: &str, call: &ToolCall) -> ExitCode {
    rewrite(program, call, |expr| {
        delete_label_matchers(expr, call.argument(1).unwrap_or(""));
        Ok(expr.to_string())
    })
}

/// Prints what `change` makes of the first argument.
fn rewrite(
    program: &str,
    call: &ToolCall,
    change: impl FnOnce(&mut Expr) -> Result<String, String>,
) -> ExitCode {
    // The original's gate; under our own name the commands are no experiment.
    if program == "promtool" && !call.is_on("experimental") {
        let text = "This command is experimental and requires the --experimental flag to be set.";
        return complain(text, 1);
    }
    let query = call.argument(0).unwrap_or("");
    let changed = promql_syntax::parse_expr(query, syntax_options(call))
        .map_err(|error| error.to_string())
        .and_then(|mut expr| change(&mut expr));
    match changed {
        Ok(text) => answer(&format!("{text}\n"), 0),
        Err(error) => complain(&error, 1),
    }
}
