//! Queries come in when there is memory for them, and hear of it when there is none.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::body::to_bytes;
use http::StatusCode;
use platform::{MemoryPart, MemoryShare};

use super::*;

fn full() -> (Arc<MemoryBudget>, MemoryShare) {
    let budget = Arc::new(MemoryBudget::new(1000));
    let held = MemoryShare::new(Arc::clone(&budget), MemoryPart::Head);
    held.take(950);
    (budget, held)
}

#[tokio::test]
async fn a_query_without_memory_is_refused_as_unavailable() {
    let (budget, held) = full();
    let error = admit(&budget, Duration::ZERO).await.unwrap_err();
    assert_eq!(budget.refused_queries(), 1);
    let response = error.into_response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = to_bytes(response.into_body(), 1000).await.unwrap();
    let expected = r#"{"status":"error","errorType":"unavailable","error":"query refused for want of memory: 950 of the 1000 bytes of the memory budget are taken"}"#;
    assert_eq!(String::from_utf8_lossy(&body).trim_end(), expected);
    held.give_back(1);
    assert_eq!(admit(&budget, Duration::ZERO).await, Ok(()));
}

#[tokio::test]
async fn a_query_waits_for_memory_that_is_given_back() {
    let (budget, held) = full();
    let mut waiting = pin!(admit(&budget, Duration::from_secs(3600)));
    let looked = waiting.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(looked, Poll::Pending);
    drop(held);
    assert_eq!(waiting.await, Ok(()));
    assert_eq!(budget.refused_queries(), 0);
}
