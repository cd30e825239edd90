//! Flags of Loki are read as Go reads them, as far as they are known.

use super::*;

fn read(line: &str) -> Result<LokiOptions, String> {
    let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    LokiOptions::new(&arguments).map_err(|error| match error {
        UsageError::Wrong(text) | UsageError::Asked(text) => text,
    })
}

#[test]
fn flags_that_mean_nothing_take_a_value_unless_another_flag_follows() {
    let options =
        read("-ruler.enable-api -config.file=a.yaml -frontend.address x:1 -ring.wait -1ns -ui.on").unwrap();
    assert_eq!(options.config_files, [PathBuf::from("a.yaml")]);
    let warned: Vec<&str> = options.warnings.iter().filter_map(|text| text.split(' ').nth(1)).collect();
    assert_eq!(warned, ["-ruler.enable-api", "-frontend.address", "-ring.wait", "-ui.on"]);
    assert_eq!(read("-config.file"), Err("flag needs an argument: -config.file".to_owned()));
    assert_eq!(read("-nope"), Err("flag needs an argument: -nope".to_owned()));
    assert_eq!(read("-nope=1"), Err("flag provided but not defined: -nope".to_owned()));
}

#[test]
fn values_that_a_key_does_not_take_are_refused() {
    for (flag, good, bad) in [
        ("server.http-listen-port", "3100", "x"),
        ("server.http-listen-port", "0", "70000"),
        ("server.http-read-timeout", "1m", "1"),
        ("shutdown-delay", "15s", "-15s"),
        ("log.level", "warn", "loud"),
        ("log.format", "json", "xml"),
    ] {
        assert_eq!(read(&format!("-{flag}={good}")).unwrap().keys.get(flag).map(String::as_str), Some(good));
        let refused = format!("invalid value {bad:?} for flag -{flag}: parse error");
        assert_eq!(read(&format!("-{flag}={bad}")), Err(refused));
    }
    assert!(read("-auth.enabled=maybe").unwrap_err().contains("invalid boolean value"));
}

#[test]
fn what_a_flag_cannot_do_is_told() {
    for flag in ["ingester.wal-dir", "server.graceful-shutdown-timeout"] {
        let options = read(&format!("-{flag}=x")).unwrap();
        assert_eq!(options.warnings, [format!("flag -{flag} does nothing here")]);
    }
    assert!(read("-target=overrides-exporter,all").is_ok());
    assert_eq!(read("-target=nope"), Err("unrecognised module name: nope".to_owned()));
}
