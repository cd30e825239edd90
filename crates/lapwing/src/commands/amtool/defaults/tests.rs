//! Values of flags from files.

use std::path::Path;

use platform::simulated::SimulatedFileSystem;

use super::*;
use crate::cli::tool::{Tool, list, switch, value};

const TOOL: Tool = Tool {
    name: "silence add",
    about: "",
    flags: &[
        value("alertmanager.url", "", ""),
        value("author", "", "").or('a'),
        value("require-comment", "true", ""),
        value("output", "simple", "").or('o'),
        switch("verbose", "").or('v'),
        list("annotation", "", ""),
    ],
    arguments: &[],
};

fn loaded(texts: &[(&str, &str)]) -> Result<ToolDefaults, String> {
    let files = SimulatedFileSystem::new();
    for (path, text) in texts {
        files.create_dir_all(Path::new(path).parent().unwrap()).unwrap();
        files.write_atomic(Path::new(path), text.as_bytes()).unwrap();
    }
    load(&files, &[PathBuf::from("/own/.config/amtool/config.yml"), PathBuf::from("/etc/amtool/config.yml")])
}

#[test]
fn files_say_what_flags_do_not() {
    let own = "author: me@example.com\ncomment_required: false\nverbose: true\nannotation: [a=b, c=d]\nreceiver: team\n";
    let everybody = "alertmanager.url: \"http://am:9093\"\nauthor: somebody\noutput: extended\n";
    let defaults =
        loaded(&[("/own/.config/amtool/config.yml", own), ("/etc/amtool/config.yml", everybody)]).unwrap();
    let call = |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        TOOL.parse_with("amtool", &arguments, &defaults).unwrap()
    };
    let from_files = call(&[]);
    let found = ["alertmanager.url", "author", "require-comment", "output"].map(|name| from_files.get(name));
    assert_eq!(found, ["http://am:9093", "me@example.com", "false", "extended"]);
    assert!(from_files.is_on("verbose"));
    assert_eq!(from_files.all("annotation"), ["a=b", "c=d"]);
    let given = call(&["-a", "you", "--output=json", "--no-verbose", "--annotation=x=y"]);
    assert_eq!(["author", "output"].map(|name| given.get(name)), ["you", "json"]);
    assert!(!given.is_on("verbose"));
    assert_eq!(given.all("annotation"), ["x=y"]);
}

#[test]
fn no_file_and_an_empty_one_say_nothing() {
    assert_eq!(loaded(&[]), Ok(ToolDefaults::new()));
    assert_eq!(loaded(&[("/etc/amtool/config.yml", "# nothing\n")]), Ok(ToolDefaults::new()));
    assert_eq!(loaded(&[("/etc/amtool/config.yml", "author:\n")]), Ok(ToolDefaults::new()));
}

#[test]
fn files_that_hold_something_else_are_refused_by_name() {
    for (text, complaint) in [
        ("- a\n", "/etc/amtool/config.yml: flags and their values are expected"),
        ("author: {name: me}\n", "/etc/amtool/config.yml: author: a value is expected"),
    ] {
        assert_eq!(loaded(&[("/etc/amtool/config.yml", text)]), Err(complaint.to_owned()));
    }
}
