//! Errors are worded as the original's client words them (answers of a packaged promtool).

use super::{encode, read_answer};

fn error(status: u16, body: &str) -> String {
    read_answer(status, body.as_bytes()).unwrap_err().to_string()
}

#[test]
fn refusals_carry_the_apis_own_words() {
    let refusal = r#"{"status":"error","errorType":"timeout","error":"too slow"}"#;
    for status in [200, 400, 422] {
        assert_eq!(error(status, refusal), "timeout: too slow", "{status}");
    }
    assert_eq!(error(404, "nope\n"), "client_error: client error: 404 (detail: nope)");
    assert_eq!(error(503, "nope\n"), "server_error: server error: 503 (detail: nope)");
    assert_eq!(error(304, ""), "bad_response: bad response code 304");
    assert_eq!(
        error(400, r#"{"status":"success","data":[]}"#),
        "bad_response: inconsistent body for response code"
    );
}

#[test]
fn data_and_warnings_are_taken_out() {
    let answer = read_answer(200, br#"{"status":"success","data":["a"],"warnings":["w"]}"#).unwrap();
    assert_eq!((answer.data, answer.warnings), (serde_json::json!(["a"]), vec!["w".to_owned()]));
}

#[test]
fn parameters_are_sorted_and_escaped() {
    assert_eq!(encode(&[("query", "a b".to_owned()), ("end", "1".to_owned())]), "end=1&query=a+b");
}
