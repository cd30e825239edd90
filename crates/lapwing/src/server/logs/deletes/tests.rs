//! Tests of what the query of a delete request names.

use logstore::DeletedRow;
use model::Labels;

use super::read_query;

#[test]
fn stages_of_a_query_say_which_rows_are_deleted() {
    let labels = Labels::from_pairs([("job", "api")]);
    let row = |line: &'static str| DeletedRow {
        labels: &labels,
        timestamp: 1,
        line: line.as_bytes(),
        metadata: &[("user", "7")],
    };
    for (query, deleted) in [
        (r#"{job="api"} |= "secret""#, [true, false]),
        (r#"{job="api"} != "secret""#, [false, true]),
        (r#"{job="api"} | user="7" | logfmt | n > 1"#, [false, true]),
        (r#"{job="api"} | user="8""#, [false, false]),
    ] {
        let rows = read_query(query).unwrap().rows.unwrap();
        assert_eq!([rows(&row("secret n=1")), rows(&row("plain n=2"))], deleted, "{query}");
    }
    assert!(read_query(r#"{job="api"}"#).unwrap().rows.is_none());
    assert!(read_query("rate({job=\"api\"}[1m])").is_err());
}
