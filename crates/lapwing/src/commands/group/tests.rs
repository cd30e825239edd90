//! Words and flags in any order call the same command, as promtool takes them.

use std::process::ExitCode;

use super::{Entry, choose, leading_flags, require, unknown_flag};
use crate::cli::UsageError;
use crate::cli::tool::{Tool, ToolArgument, list, value};

const ENTRIES: &[Entry] = &[
    (
        Tool {
            name: "promql label-matchers set",
            about: "",
            flags: &[value("type", "=", "").or('t'), list("match", "", "")],
            arguments: &[ToolArgument { name: "query", required: true, help: "" }],
        },
        |_, _| ExitCode::SUCCESS,
    ),
    (Tool { name: "promql format", about: "", flags: &[], arguments: &[] }, |_, _| ExitCode::SUCCESS),
];

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn chosen(text: &str) -> Result<(&'static str, Vec<String>), UsageError> {
    choose("promtool", "promql", ENTRIES, &words(text)).map(|((tool, _), rest)| (tool.name, rest))
}

#[test]
fn flags_among_the_words_go_before_what_follows_them() {
    let set = "promql label-matchers set";
    assert_eq!(chosen("label-matchers set up"), Ok((set, words("up"))));
    assert_eq!(
        chosen("-t != label-matchers --experimental set up"),
        Ok((set, words("-t != --experimental up")))
    );
    assert_eq!(chosen("--type=!= label-matchers set up"), Ok((set, words("--type=!= up"))));
    assert_eq!(chosen("--enable-feature x format"), Ok(("promql format", words("--enable-feature x"))));
}

#[test]
fn what_is_no_command_is_refused_in_promtools_words() {
    let wrong = |text: &str| Err(UsageError::Wrong(text.to_owned()));
    assert_eq!(chosen("nope"), wrong("expected command but got \"nope\""));
    assert_eq!(chosen("label-matchers nope"), wrong("expected command but got \"nope\""));
    assert_eq!(chosen("label-matchers"), wrong("must select a subcommand of 'promql label-matchers'"));
    assert_eq!(chosen(""), wrong("must select a subcommand of 'promql'"));
}

#[test]
fn flags_before_the_first_word_are_parted_from_it() {
    let all = words("--experimental --enable-feature a promql format");
    assert_eq!(leading_flags(&all), (&all[..3], &all[3..]));
    assert_eq!(unknown_flag(&all[..3]), None);
    assert_eq!(unknown_flag(&words("--time=1")), Some("unknown long flag '--time'".to_owned()));
    let flags = words("--version");
    assert_eq!(leading_flags(&flags), (&flags[..], &[][..]));
}

#[test]
fn flags_that_must_be_given_are_asked_for() {
    let (tool, _) = &ENTRIES[0];
    let call = tool.parse("promtool", &words("up")).unwrap();
    let missing = require(&call, &["match"]).unwrap_err();
    assert_eq!(missing, UsageError::Wrong("required flag(s) '--match' not provided".to_owned()));
    let call = tool.parse("promtool", &words("up --match=a --match=b")).unwrap();
    assert_eq!(require(&call, &["match", "type"]), Ok(()));
}
