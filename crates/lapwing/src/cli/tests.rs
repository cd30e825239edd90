//! The server's command line is read as the original reads its own.

use std::time::Duration;

use clap::Command;
use tsdb::DecodedLimit;

use super::server_flags::FLAGS;
use super::server_options::{MemoryLimit, ServerOptions, parse_size};
use super::{Parsed, Persona, UsageError, parse};

fn read(arguments: &[&str]) -> Result<Parsed, UsageError> {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    parse(Command::new("lapwing"), FLAGS, &arguments)
}

fn options(arguments: &[&str]) -> ServerOptions {
    ServerOptions::new(&read(arguments).unwrap()).unwrap()
}

#[test]
fn flags_have_the_original_s_defaults() {
    let options = options(&[]);
    assert_eq!(options.listen_addresses, ["0.0.0.0:9090"]);
    assert_eq!(options.query_timeout, Duration::from_secs(120));
    assert_eq!(options.lookback, Duration::from_secs(300));
    assert_eq!(options.query_samples_max, 50_000_000);
    assert!(!options.config_file_given);
    assert!(options.lock_data && options.adjust_timestamps);
}

#[test]
fn values_stand_behind_a_space_or_an_equals_sign_and_the_last_wins() {
    let parsed = read(&["--query.timeout=1m", "--query.timeout", "3m", "--web.enable-lifecycle"]).unwrap();
    assert_eq!(parsed.get("query.timeout"), "3m");
    assert!(parsed.is_on("web.enable-lifecycle"));
    let parsed = read(&["--web.enable-lifecycle", "--no-web.enable-lifecycle"]).unwrap();
    assert!(!parsed.is_on("web.enable-lifecycle"));
    let parsed = read(&["--web.listen-address=:1", "--web.listen-address=:2"]).unwrap();
    assert_eq!(ServerOptions::new(&parsed).unwrap().listen_addresses, [":1", ":2"]);
}

#[test]
fn what_is_not_built_is_refused_and_its_default_taken() {
    let refused = read(&["--agent"]).unwrap_err();
    assert_eq!(refused, UsageError::Wrong("flag --agent is not supported yet".to_owned()));
    assert!(read(&["--rules.max-concurrent-evals=4"]).is_ok());
    let parsed = read(&["--web.console.templates=x"]).unwrap();
    assert_eq!(parsed.warnings.len(), 1);
}

#[test]
fn mistakes_are_told_in_one_line() {
    for (arguments, expected) in [
        (&["--nope"][..], "unknown flag --nope"),
        (&["--query.timeout=x"], "flag --query.timeout: not a valid duration string: \"x\""),
        (&["--query.max-samples=many"], "flag --query.max-samples: expected a whole number, found \"many\""),
        (
            &["--storage.tsdb.retention.size=10XB"],
            "flag --storage.tsdb.retention.size: expected a size such as 512MB, found \"10XB\"",
        ),
        (&["extra"], "unexpected extra"),
    ] {
        let Err(UsageError::Wrong(line)) = read(arguments) else { panic!("{arguments:?} was taken") };
        assert!(line.starts_with(expected), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
    assert!(
        matches!(read(&["--help"]), Err(UsageError::Asked(text)) if text.contains("--storage.tsdb.path"))
    );
}

#[test]
fn prefix_comes_from_the_flag_or_the_external_url() {
    assert_eq!(options(&["--web.external-url=http://x.example/prom/"]).route_prefix, "/prom");
    assert_eq!(
        options(&["--web.external-url=http://x.example/prom/", "--web.route-prefix=/"]).route_prefix,
        ""
    );
    assert_eq!(options(&["--web.route-prefix=a/b/"]).route_prefix, "/a/b");
    assert_eq!(options(&["--web.external-url=x.example:80"]).external_url, "http://x.example:80");
}

#[test]
fn sizes_are_powers_of_1024() {
    assert_eq!(parse_size("512MB"), Some(512 << 20));
    assert_eq!(parse_size("1KiB"), Some(1024));
    assert_eq!(parse_size("10B"), Some(10));
    for text in ["10", "MB", "-1MB", "1.5GB", "99999999999EB"] {
        assert_eq!(parse_size(text), None, "{text}");
    }
}

#[test]
fn features_that_are_not_built_are_said_to_stay_off() {
    let options = options(&[
        "--enable-feature=promql-delayed-name-removal,old-ui",
        "--enable-feature=nope,native-histograms",
    ]);
    assert!(options.has_feature("promql-delayed-name-removal"));
    assert!(!options.has_feature("old-ui"));
    assert_eq!(options.features.len(), 1);
    assert_eq!(options.warnings.len(), 3);
}

#[test]
fn name_of_the_link_tells_the_program() {
    assert_eq!(Persona::of("/usr/bin/prometheus"), Persona::Prometheus);
    assert_eq!(Persona::of("./promtool"), Persona::Promtool);
    assert_eq!(Persona::of("amtool"), Persona::Amtool);
    assert_eq!(Persona::of("/x/lapwing"), Persona::Lapwing);
}

#[test]
fn the_memory_budget_is_a_size_or_a_percentage() {
    let budget = |text: &str| {
        let parsed = read(&[&*format!("--memory.budget={text}")]).unwrap();
        ServerOptions::new(&parsed).map(|options| options.memory_budget)
    };
    assert_eq!(options(&[]).memory_budget, MemoryLimit::Percent(75));
    assert_eq!(budget("50%"), Ok(MemoryLimit::Percent(50)));
    assert_eq!(budget("4GB"), Ok(MemoryLimit::Bytes(4 << 30)));
    assert_eq!(budget("123456"), Ok(MemoryLimit::Bytes(123_456)));
    assert_eq!((budget("0"), budget("0%")), (Ok(MemoryLimit::None), Ok(MemoryLimit::None)));
    for text in ["101%", "-1%", "much", "4XB", "%"] {
        let expected = format!(
            "flag --memory.budget: expected a size such as 4GB or a percentage such as 75%, found {text:?}"
        );
        assert_eq!(budget(text), Err(UsageError::Wrong(expected)));
    }
}

#[test]
fn decoded_chunks_take_a_part_of_the_memory_budget() {
    let limit = |text: &str| {
        let parsed = read(&[&*format!("--storage.tsdb.decoded-chunks={text}")]).unwrap();
        ServerOptions::new(&parsed).map(|options| options.decoded_chunks)
    };
    assert_eq!(options(&[]).decoded_chunks, DecodedLimit::default());
    assert_eq!(limit("10%"), Ok(DecodedLimit::Percent(10)));
    assert_eq!(limit("1GB"), Ok(DecodedLimit::Bytes(1 << 30)));
    assert_eq!(limit("0"), Ok(DecodedLimit::Off));
    assert!(limit("x").is_err());
}
