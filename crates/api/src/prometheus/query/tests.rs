//! How long a client waits.

use std::future::{pending, ready};

use http::StatusCode;
use platform::CancelFlag;

use super::*;

#[tokio::test]
async fn a_query_that_does_not_end_itself_is_answered_and_ended() {
    let cancel = CancelFlag::new();
    let response = answered(Duration::ZERO, CancelGuard::of(cancel.clone()), pending()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(cancel.is_cancelled());
}

#[tokio::test]
async fn an_answer_that_has_begun_goes_on() {
    let cancel = CancelFlag::new();
    let begun = ready(Ok(Response::default()));
    let response = answered(Duration::ZERO, CancelGuard::of(cancel.clone()), begun).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!cancel.is_cancelled());
}
