//! Tables and lines of JSON.

use serde_json::json;

use super::*;

fn report() -> Report {
    let mut report = Report::new("metrics-push").about("url", "http://h/").about("series", 10);
    report.row(
        "first scrape",
        vec![
            figure("samples", Unit::Count, 10.0),
            figure("seconds", Unit::Seconds, 0.012_345_678_9),
            maybe("resident_bytes", Unit::Bytes, Some(3.0 * 1024.0 * 1024.0)),
            maybe("disk_bytes", Unit::Bytes, None),
        ],
    );
    report.row("all", vec![figure("samples_per_second", Unit::PerSecond, 1_234_000.0)]);
    report
}

#[test]
fn a_table_has_a_line_for_each_part_and_no_column_without_figures() {
    let wanted = "metrics-push: url http://h/, series 10\n\
                  \u{20}             samples   seconds  resident bytes  samples per second\n\
                  first scrape       10  12.35 ms           3 MiB                   -\n\
                  all                 -         -               -             1.2 M/s\n";
    assert_eq!(report().table(), wanted);
}

#[test]
fn json_has_all_figures_with_six_digits() {
    let mut report = report();
    report.failure = Some("no".to_owned());
    let wanted = json!({
        "bench": "metrics-push", "url": "http://h/", "series": 10, "failure": "no",
        "rows": [
            {"name": "first scrape", "samples": 10.0, "seconds": 0.012_345_7, "resident_bytes": 3_145_728.0, "disk_bytes": null},
            {"name": "all", "samples_per_second": 1_234_000.0},
        ],
    });
    assert_eq!(report.to_json(), wanted);
}
