//! Files of users and of the recordings are taken or refused as the original does it, in its words.
#![expect(clippy::disallowed_methods, reason = "a test reads what was recorded")]

use std::path::{Path, PathBuf};

use platform::real::RealFileSystem;

use super::*;

fn shared(path: &str) -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    place.exists().then_some(place)
}

/// The text behind `FAILED: ` of a recorded check, the whole of it.
fn refusal(stdout: &str) -> Option<&str> {
    stdout.split_once("FAILED: ").map(|(_, text)| text.trim_end_matches('\n'))
}

#[test]
fn recorded_files_are_taken_or_refused_in_the_same_words() {
    let Some(folder) = shared("conformance/alertmanager/config") else { return };
    let mut failures = Vec::new();
    for line in std::fs::read_to_string(folder.join("check.jsonl")).unwrap().lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let path = folder.join(case["file"].as_str().unwrap());
        let found = Config::load(&path, &RealFileSystem).map_err(|error| error.to_string());
        let expected = refusal(case["stdout"].as_str().unwrap());
        let is_ours =
            case["file"].as_str().unwrap().contains("kvstore") || path.ends_with("email-subject-key.yml");
        match (&found, expected) {
            (Ok(loaded), Some(_)) if is_ours => assert_eq!(loaded.warnings.len(), 2),
            (Ok(_), None) => {}
            (Err(found), Some(expected)) if found == expected => {}
            _ => failures.push(format!("{}: expected {expected:?}, found {:?}", case["file"], found.err())),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_is_printed_loads_again_and_prints_the_same() {
    let Some(folder) = shared("conformance/alertmanager/config/check") else { return };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(loaded) = Config::load(&path, &RealFileSystem) else { continue };
        let printed = loaded.config.to_yaml();
        let again = Config::load_text(&printed, &path)
            .unwrap_or_else(|error| panic!("{}: {error}\n{printed}", path.display()));
        assert_eq!(again.config.to_yaml(), printed, "{}", path.display());
    }
}

#[test]
fn secrets_are_masked_and_defaults_printed() {
    let text = "global: {slack_api_url: 'http://hidden/1', smtp_smarthost: 'h:25', smtp_from: a@b}\n\
        route: {receiver: r, routes: [{match_re: {c: d.*}, group_wait: 0s}]}\n\
        receivers:\n- name: r\n  slack_configs: [{channel: c}]\n  email_configs: [{to: x@y, headers: {subject: q}}]\n";
    let printed = Config::load_text(text, Path::new("a.yml")).unwrap().config.to_yaml();
    for part in [
        "  slack_api_url: <secret>\n",
        "  - match_re:\n      c: d.*\n    continue: false\n    group_wait: 0s\n",
        "    headers:\n      From: a@b\n      Subject: q\n      To: x@y\n",
        "    api_url: <secret>\n    app_url: https://slack.com/api/chat.postMessage\n    channel: c\n",
        "    color: '{{ template \"slack.default.color\" . }}'\n",
    ] {
        assert!(printed.contains(part), "{part}\nis not in\n{printed}");
    }
    assert!(!printed.contains("hidden"));
}

#[test]
fn children_take_from_the_route_above_what_they_leave_open() {
    let text = "route:\n  receiver: r\n  group_by: [b, a]\n  group_wait: 1s\n  routes:\n\
        \x20 - matchers: [x=1]\n    group_by: []\n    group_interval: 9s\n    mute_time_intervals: [m]\n    routes: [{receiver: s, group_by: ['...']}]\n\
        receivers: [{name: r}, {name: s}]\ntime_intervals: [{name: m, time_intervals: [{years: ['1990']}]}]\n";
    let config = Config::load_text(text, Path::new("a.yml")).unwrap().config;
    let tree = config.routes();
    let routes: Vec<&Route> = tree.iter().map(|placed| &placed.route).collect();
    use alerting::route::GroupBy;
    assert_eq!(routes[0].group_by, GroupBy::Names(vec!["a".into(), "b".into()]));
    assert_eq!((&routes[1].group_by, &*routes[1].receiver), (&GroupBy::Nothing, "r"));
    assert_eq!((&routes[2].group_by, &*routes[2].receiver), (&GroupBy::All, "s"));
    assert_eq!(routes[2].group_wait.as_secs(), 1);
    assert_eq!(routes[2].group_interval.as_secs(), 9);
    assert!(routes[2].mute_time_intervals.is_empty());
    assert_eq!(config.intervals().len(), 1);
}

#[test]
fn the_fine_print_is_that_of_the_original() {
    let load = |settings: &str| {
        let text = format!("route: {{receiver: r}}\nreceivers:\n- name: r\n  {settings}\n");
        Config::load_text(&text, Path::new("a.yml")).map(drop).map_err(|error| error.to_string())
    };
    let pushover =
        |retry: &str| load(&format!("pushover_configs: [{{user_key: u, token: t, retry: {retry}}}]"));
    assert_eq!(pushover("0"), Ok(()));
    assert_eq!(pushover("90m"), Ok(()));
    assert_eq!(pushover("5").unwrap_err(), "time: missing unit in duration \"5\"");
    assert_eq!(load("incidentio_configs: [{url: 'http://x'}]"), Ok(()));
    assert!(load("incidentio_configs: [{url: 'http://x', http_config: {}}]").is_err());
    assert_eq!(load("mattermost_configs: [{webhook_url: 'http://x', priority: {}}]"), Ok(()));
    assert_eq!(load("webhook_configs: [{url: 'http://{{ .Status }}'}]"), Ok(()));
    assert_eq!(
        load("webhook_configs: [{url: 'http://{{ .Status'}]").unwrap_err(),
        "invalid template syntax: template: :1: unclosed action"
    );
    let old = "route: {receiver: r, routes: [{match_re: {a: }}]}\nreceivers: [{name: r}]\n";
    let refused = Config::load_text(old, Path::new("a.yml")).map(drop).map_err(|error| error.to_string());
    assert_eq!(refused.unwrap_err(), "invalid regexp value for \"a\"");
    let events =
        "event_recorder: {file_outputs: [{path: x}]}\nroute: {receiver: r}\nreceivers: [{name: r}]\n";
    assert_eq!(Config::load_text(events, Path::new("a.yml")).unwrap().warnings.len(), 1);
    let hours = |start: &str| {
        let times = format!("{{times: [{{start_time: '{start}', end_time: '17:00'}}]}}");
        load(&format!("webhook_configs: []\ntime_intervals: [{{name: x, time_intervals: [{times}]}}]"))
    };
    assert_eq!(hours("09:00"), Ok(()));
    assert_eq!(hours("9:00").unwrap_err(), "couldn't parse timestamp 9:00, invalid format");
}
