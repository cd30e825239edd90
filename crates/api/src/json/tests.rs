//! Numbers, times and labels look as the API's do.

use model::Labels;

use super::JsonWriter;

fn written(write: impl FnOnce(&mut JsonWriter<Vec<u8>>) -> std::io::Result<()>) -> String {
    let mut json = JsonWriter::new(Vec::new());
    write(&mut json).unwrap();
    String::from_utf8(json.into_inner().unwrap()).unwrap()
}

#[test]
fn times_have_as_many_decimals_as_they_need() {
    for (ms, text) in [
        (1_700_011_800_000, "1700011800"),
        (1_500, "1.5"),
        (1_001, "1.001"),
        (-500, "-0.5"),
        (-1_250, "-1.25"),
        (0, "0"),
    ] {
        assert_eq!(written(|json| json.timestamp(ms)), text);
    }
}

#[test]
fn values_are_texts() {
    assert_eq!(written(|json| json.number(0.1)), "\"0.1\"");
    assert_eq!(written(|json| json.number(f64::NEG_INFINITY)), "\"-Inf\"");
}

#[test]
fn labels_are_an_object() {
    let labels = Labels::from_pairs([("a", "x\"y\n"), ("b", "ü")]);
    assert_eq!(written(|json| json.labels(&labels)), r#"{"a":"x\"y\n","b":"ü"}"#);
}
