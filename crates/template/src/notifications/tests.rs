//! Functions and data of notifications; the texts are those that a real amtool gave.

use std::sync::Arc;

use super::*;
use crate::{Limits, MissingKey, Templates, Time};

fn expand(text: &str) -> Result<String, String> {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().copied().collect();
    let alert = |is_resolved, instance: &str| AlertData {
        is_resolved,
        labels: pairs(&[("alertname", "HighCPU"), ("instance", instance), ("job", "node")]),
        annotations: pairs(&[("description", "cpu <95%> & \"fast\"")]),
        starts_at: Time::parse("2024-06-10T08:00:00+02:00").unwrap(),
        ends_at: Time::parse("0001-01-01T00:00:00Z").unwrap(),
        generator_url: Arc::from(""),
        fingerprint: "aaaa1111bbbb2222".to_owned(),
    };
    let mut data = NotificationData {
        alerts: vec![Arc::new(alert(false, "web-1")), Arc::new(alert(true, "web-2"))],
        group_labels: pairs(&[("alertname", "HighCPU")]),
        ..NotificationData::default()
    };
    data.find_common();
    let functions = NotificationFunctions { now_ns: 0 };
    let mut templates = Templates::new(MissingKey::Zero, Limits::default());
    templates.parse("", text, &functions).map_err(|error| error.to_string())?;
    templates.execute("", &Arc::new(data).to_value(), &functions).map_err(|error| error.to_string())
}

#[test]
fn labels_have_methods_and_write_themselves() {
    for (text, expected) in [
        ("{{ .CommonLabels }}", "alertname=HighCPU, job=node"),
        ("{{ .CommonLabels.nope }}|{{ .CommonLabels.job }}", "|node"),
        ("{{ .CommonLabels.Remove .GroupLabels.Names }}", "job=node"),
        ("{{ .CommonLabels.SortedPairs.Values | join \" \" }}", "HighCPU node"),
        ("{{ .CommonLabels.Values }}", "[HighCPU node]"),
        ("{{ .CommonLabels.Values.Join \"+\" }}", "HighCPU+node"),
        ("{{ len .Alerts }} {{ len .Alerts.Firing }} {{ .Status }}", "2 1 firing"),
        ("{{ range .Alerts.Resolved }}{{ .Labels.instance }}{{ end }}", "web-2"),
        ("{{ (index .Alerts 0).EndsAt.IsZero }}", "true"),
    ] {
        assert_eq!(expand(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn functions_are_those_of_notifications() {
    for (text, expected) in [
        ("{{ \"hello wORLD o'neil\" | title }}", "Hello World O'neil"),
        ("{{ urlUnescape \"a%20b%2Bc+d\" }}", "a b+c d"),
        ("{{ humanizeDuration 90061 }}", "1d 1h 1m 1s"),
        ("{{ toJson (list 1 \"a\" 2.5 true nil) }}", "[1,\"a\",2.5,true,null]"),
        ("{{ toJson (dict \"b\" 1 \"a\" (list)) }}", "{\"a\":[],\"b\":1}"),
        (
            "{{ toJson (index .Alerts 0).Annotations }}",
            r#"{"description":"cpu \u003c95%\u003e \u0026 \"fast\""}"#,
        ),
        ("{{ (index .Alerts 0).StartsAt | tz \"Europe/Paris\" | date \"15:04 MST\" }}", "08:00 CEST"),
        ("{{ toJson (index .Alerts 0).StartsAt }}", "\"2024-06-10T08:00:00+02:00\""),
        ("{{ (index .Alerts 0).StartsAt }}", "2024-06-10 08:00:00 +0200 +0200"),
        ("{{ (index .Alerts 0).StartsAt.Location }}|{{ (index .Alerts 0).StartsAt.UTC.Location }}", "|UTC"),
        ("{{ (index .Alerts 0).StartsAt.Compare (index .Alerts 0).EndsAt }}", "1"),
        ("{{ title \"3abc 4-5d x2Y ñ\" }} {{ title \"1st 2ND\" }}", "3Abc 4-5D X2y Ñ 1St 2Nd"),
        ("{{ toUpper \"straße ᾀ ᾳ\" }} {{ toLower \"ÀÉ İ ΑΣ\" }}", "STRAßE ᾈ ᾼ àé i ασ"),
        (
            "{{ html nil }} {{ js nil }} {{ urlquery nil }} {{ html \"a\" nil 1 }}",
            "&lt;no value&gt; \\u003Cno value\\u003E %3Cno+value%3E a&lt;no value&gt;1",
        ),
        ("{{ printf \"%+q %#+q\" \"ü\\n\" \"ü\" }}", "\"\\u00fc\\n\" `ü`"),
    ] {
        assert_eq!(expand(text).as_deref(), Ok(expected), "{text}");
    }
    assert!(expand("{{ dict 1 2 }}").unwrap_err().ends_with("dict keys must be strings"));
    assert!(expand("{{ humanize 1 }}").is_err(), "that one is for rules");
}
