//! Scores are those that the original gave (recorded answers, group `search`), and Winkler's own examples.

use super::{Algorithm, Scoring, jaro_winkler};

fn score(term: &str, text: &str) -> Option<f64> {
    Scoring::new(&[term], Algorithm::Subsequence, 0, true).score(text)
}

#[test]
fn subsequences_score_as_recorded() {
    for (term, text, expected) in [
        ("rqst", "http_request_duration_seconds_bucket", 0.3399375),
        ("rqst", "http_request_duration_seconds_count", 0.33983839285714285),
        ("rqst", "http_request_duration_seconds_sum", 0.3396221590909091),
        ("rqst", "http_requests_total", 0.3368338815789474),
        ("rqst", "job:http_requests:rate5m", 0.33299999999999996),
        ("in", "instance", 1.0),
        ("in", "kind", 0.90534375),
        ("in", "plain", 0.84915),
        ("in", "version", 0.32110714285714287),
        ("900", "api-0:9000", 0.92685),
        ("900", "node-a:9100", 0.47427272727272723),
    ] {
        assert_eq!(score(term, text), Some(expected), "{term} in {text}");
    }
    assert_eq!(score("queue_dpht", "queue_depth"), None);
}

#[test]
fn best_of_several_ways_counts() {
    // From the first `a` the run is broken, from the second it is whole.
    assert!(score("ab", "xa_ab") > score("ab", "xa_xb"));
}

#[test]
fn threshold_of_a_hundred_wants_the_term_as_it_is() {
    let exact = Scoring::new(&["depth"], Algorithm::Subsequence, 100, true);
    assert!(exact.score("queue_depth").is_some());
    assert_eq!(exact.score("queue_dxepth"), None);
}

#[test]
fn any_term_may_fit_and_case_may_count() {
    let scoring = Scoring::new(&["zz", "UP"], Algorithm::Subsequence, 0, false);
    assert_eq!(scoring.score("up"), Some(1.0));
    assert_eq!(Scoring::new(&["UP"], Algorithm::Subsequence, 0, true).score("up"), None);
}

#[test]
fn jaro_winkler_gives_the_published_values() {
    for (left, right, expected) in [
        ("MARTHA", "MARHTA", 0.9611),
        ("DIXON", "DICKSONX", 0.8133),
        ("DWAYNE", "DUANE", 0.84),
        ("ab", "xy", 0.0),
    ] {
        let characters = |text: &str| text.chars().collect::<Vec<_>>();
        let got = jaro_winkler(&characters(left), &characters(right));
        assert!((got - expected).abs() < 1e-4, "{left} {right}: {got}");
    }
}
