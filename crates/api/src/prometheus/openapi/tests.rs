//! The description holds every route, and is YAML.

use super::document;
use super::yaml::to_text;
use crate::router::paths;

#[test]
fn every_route_of_the_api_is_described() {
    let document = document("3.2.0", "3.14.0", "");
    for path in paths().filter_map(|path| path.strip_prefix("/api/v1")) {
        let path = path.replace("{segment}", "{name}");
        assert!(document["paths"].get(&path).is_some(), "{path} is not described");
    }
}

#[test]
fn streams_of_events_are_left_to_the_version_that_knows_them() {
    assert!(document("3.1.0", "", "")["paths"].get("/notifications/live").is_none());
    assert!(document("3.2.0", "", "")["paths"].get("/notifications/live").is_some());
}

#[test]
fn yaml_keeps_words_plain_and_quotes_the_rest() {
    let value = serde_json::json!({ "a": [{ "b": true, "$ref": "#/x" }, "no"], "c": {}, "200": "x y" });
    assert_eq!(
        to_text(&value),
        "\"200\": \"x y\"\na:\n  -\n    \"$ref\": \"#/x\"\n    b: true\n  - \"no\"\nc: {}\n"
    );
}
