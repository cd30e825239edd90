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

#[test]
fn points_of_one_series_after_the_other_have_their_own_times() {
    fn points(json: &mut JsonWriter<Vec<u8>>, points: &[(i64, f64)]) -> std::io::Result<()> {
        json.raw("[")?;
        for (place, (ms, value)) in points.iter().enumerate() {
            json.point(*ms, *value, place == 0)?;
        }
        json.raw("]")
    }
    let text = written(|json| {
        points(json, &[(1_000, 1.0), (2_500, 2.5)])?;
        points(json, &[(1_000, 3.0), (1_500, f64::NAN), (2_500, 4.0), (3_000, 5.0)])?;
        points(json, &[(2_500, 6.0), (3_000, 7.0)])?;
        points(json, &[])
    });
    assert_eq!(
        text,
        concat!(
            r#"[[1,"1"],[2.5,"2.5"]]"#,
            r#"[[1,"3"],[1.5,"NaN"],[2.5,"4"],[3,"5"]]"#,
            r#"[[2.5,"6"],[3,"7"]][]"#
        )
    );
}

#[test]
fn values_that_stay_are_written_again_and_again() {
    let values = |place: i64| if place % 1_000 < 990 { 0.1 } else { place as f64 };
    let text = written(|json| {
        (0..20_000).try_for_each(|place| json.point(place * 1_000, values(place), place == 0))
    });
    let expected: Vec<String> = (0..20_000).map(|place| format!("[{place},\"{}\"]", values(place))).collect();
    assert_eq!(text, expected.join(","));
    assert_eq!(
        written(|json| [0.0, -0.0].iter().try_for_each(|value| json.point(0, *value, true))),
        r#"[0,"0"][0,"-0"]"#
    );
}
