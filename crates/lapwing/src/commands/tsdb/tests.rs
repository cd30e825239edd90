//! Command lines and answers as promtool 3.5 gives them.

use super::{Ended, execute};
use crate::cli::UsageError;

/// The output, or the error with the exit status that it leads to.
fn run(arguments: &[&str]) -> Result<String, (String, u8)> {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let mut out = Vec::new();
    match execute("promtool", &arguments, &mut out) {
        Ok(()) => Ok(String::from_utf8(out).unwrap()),
        Err(Ended::Usage(UsageError::Asked(text))) => Err((text, 0)),
        Err(Ended::Usage(UsageError::Wrong(line)) | Ended::Failed(line)) => Err((line, 1)),
        Err(Ended::NotBuilt(name)) => Err((name.to_owned(), 2)),
    }
}

fn error(arguments: &[&str]) -> String {
    match run(arguments) {
        Err((line, 1)) => line,
        other => panic!("{arguments:?}: {other:?}"),
    }
}

#[test]
fn wrong_command_lines_are_refused_in_the_originals_words() {
    let cases: &[(&[&str], &str)] = &[
        (&[], "must select a subcommand of 'tsdb'"),
        (&["nope"], "expected command but got \"nope\""),
        (&["bench"], "must select a subcommand of 'tsdb bench'"),
        (&["create-blocks-from"], "must select a subcommand of 'tsdb create-blocks-from'"),
        (&["create-blocks-from", "openmetrics"], "required argument 'input file' not provided"),
        (&["create-blocks-from", "openmetrics", "a", "b", "c"], "unexpected c"),
        (&["list", "a", "extra"], "unexpected extra"),
        (&["list", "-x", "a"], "unknown short flag '-x'"),
        (&["list", "-rz", "a"], "unknown short flag '-z'"),
        (&["list", "-r", "-r", "a"], "flag 'human-readable' cannot be repeated"),
        (&["list", "--nope", "a"], "unknown long flag '--nope'"),
        (&["analyze", "--limit"], "expected argument for flag '--limit'"),
        (&["analyze", "--limit", "-1", "a"], "expected argument for flag '--limit'"),
        (&["analyze", "--limit=1", "--limit=2", "a"], "flag 'limit' cannot be repeated"),
        (&["analyze", "a", "--match=a", "--match=b"], "flag 'match' cannot be repeated"),
        (&["analyze", "a", "--limit=x"], "strconv.ParseFloat: parsing \"x\": invalid syntax"),
        (&["dump", "--min-time=x"], "strconv.ParseInt: parsing \"x\": invalid syntax"),
        (&["dump", "--max-time=1.5"], "strconv.ParseInt: parsing \"1.5\": invalid syntax"),
        (&["dump", "--match=up{"], "1:4: parse error: unexpected end of input inside braces"),
        (&["analyze", "--match={"], "1:2: parse error: unexpected end of input inside braces"),
    ];
    for (arguments, expected) in cases {
        assert_eq!(error(arguments), *expected, "{arguments:?}");
    }
}

#[test]
fn what_is_not_there_is_told_in_the_originals_words() {
    let missing = "opening the db dir: stat /absent: no such file or directory";
    for command in ["list", "analyze", "dump", "dump-openmetrics"] {
        assert_eq!(error(&[command, "/absent"]), missing);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    assert_eq!(error(&["analyze", path]), "no blocks found");
    assert_eq!(error(&["analyze", path, "nope"]), "invalid block ID nope");
    let sandbox = "setting up sandbox dir: stat /absent: no such file or directory";
    assert_eq!(error(&["dump", path, "--sandbox-dir-root=/absent"]), sandbox);
    let input = "stat /absent: no such file or directory";
    assert_eq!(error(&["create-blocks-from", "openmetrics", "/absent", path]), input);
    let turned = ["create-blocks-from", "rules", "--start=5", "--end=5", "r.yml"];
    assert_eq!(error(&turned), "start time is not before end time");
}

#[test]
fn commands_that_are_not_built_say_so() {
    assert_eq!(run(&["bench", "write"]), Err(("tsdb bench write".to_owned(), 2)));
}

#[test]
fn help_is_given_for_each_command() {
    for arguments in [&["--help"][..], &["list", "-h"], &["create-blocks-from", "openmetrics", "--help"]] {
        let Err((text, 0)) = run(arguments) else { panic!("{arguments:?}") };
        assert!(text.starts_with("usage: promtool tsdb"), "{text}");
    }
}

#[test]
fn blocks_are_made_listed_analyzed_and_dumped() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    let text = "# TYPE a gauge\na{x=\"1\"} 1 1700000000\na 2 1700009000\n# EOF\n";
    platform::FileSystem::write_atomic(&platform::real::RealFileSystem, &input, text.as_bytes()).unwrap();
    let (input, data) = (input.to_str().unwrap(), folder.path().join("data"));
    let data = data.to_str().unwrap();
    let made = run(&["create-blocks-from", "-r", "openmetrics", "--label=b=c=d", input, data]).unwrap();
    assert!(made.contains("2023-11-14 22:13:20 +0000 UTC  2023-11-14 22:13:20 +0000 UTC  1ms"), "{made}");
    assert_eq!(run(&["create-blocks-from", "openmetrics", "-q", input, data]).unwrap(), "");
    let listed = run(&["list", data, "--format=json"]).unwrap();
    assert_eq!(listed.lines().count(), 4);
    assert!(listed.contains("\"minTime\":1700009000000"), "{listed}");
    assert_eq!(run(&["list", "--no-human-readable", data, "--experimental"]).unwrap().lines().count(), 5);
    assert!(run(&["analyze", data, "--limit=1.7"]).unwrap().contains("Most common label pairs:\n1 "));
    let dumped = run(&["dump", data]).unwrap();
    let expected = "{__name__=\"a\"} 2 1700009000000\n{__name__=\"a\", b=\"c=d\"} 2 1700009000000\n\
        {__name__=\"a\", b=\"c=d\", x=\"1\"} 1 1700000000000\n{__name__=\"a\", x=\"1\"} 1 1700000000000\n";
    assert_eq!(dumped, expected);
    let series =
        run(&["dump", data, "--format=seriesjson", "--match={b=\"c=d\"}", "--min-time=1700009000000"]);
    assert_eq!(series.unwrap(), "{\"__name__\":\"a\",\"b\":\"c=d\"}\n");
    let text = run(&["dump-openmetrics", data, "--match=a{x=\"1\",b=\"\"}"]).unwrap();
    assert_eq!(text, "a{x=\"1\"} 1 1700000000.000\n# EOF\n");
    let left =
        platform::FileSystem::list(&platform::real::RealFileSystem, std::path::Path::new(data)).unwrap();
    assert_eq!(left.len(), 4, "nothing but the blocks: {left:?}");
}
