//! Command lines.

use super::*;

const FLAGS: &[Flag] =
    &[value("url", "", "Where."), value("series", "10", "How many."), switch("v2", "Which.")];
const MORE: &[Flag] = &[list("query", "What.")];

fn parse(arguments: &[&str]) -> Result<Given, String> {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Given::parse(&[FLAGS, MORE], &arguments).map_err(|error| error.to_string())
}

#[test]
fn both_forms_are_read_and_what_is_left_out_has_its_default() {
    let given = parse(&["--url=a=b", "--query", "x", "--query=--y", "--", "run", "--url=c"]).unwrap();
    assert_eq!(given.text("url"), "a=b");
    assert_eq!(given.number::<u64>("series").unwrap(), 10);
    assert_eq!(given.list("query"), ["x", "--y"]);
    assert!(!given.is_on("v2"));
    assert_eq!(given.rest(), ["run", "--url=c"]);
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_name() {
    let refused = |arguments: &[&str]| parse(arguments).unwrap_err();
    assert_eq!(refused(&["--usr=1"]), "--usr: not known");
    assert_eq!(refused(&["word"]), "word: no flag");
    assert_eq!(refused(&["--url"]), "--url: value missing");
    assert_eq!(refused(&["--v2=1"]), "--v2: takes no value");
    assert_eq!(refused(&["--url=a", "--url=b"]), "--url: given twice");
    let given = parse(&["--series=many"]).unwrap();
    assert_eq!(
        given.number::<u64>("series").unwrap_err().to_string(),
        "--series=many: not a number that fits"
    );
    assert_eq!(given.required("url").unwrap_err().to_string(), "--url is needed");
    assert_eq!(given.optional::<u32>("url").unwrap(), None);
}
