//! What a profile is asked for, and when it ends.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Method, Request, StatusCode};
use tokio::sync::Mutex;
use tower::Service;

use super::{Profiles, asked_time, with_profiles};
use crate::params::Params;

/// One profile at a time is taken of a process, and all tests of this crate are in one.
static TURN: Mutex<()> = Mutex::const_new(());

fn asked(query: &str) -> Result<u64, String> {
    let time = asked_time(&Params::new(query, b""))?;
    Ok(time.as_secs())
}

#[test]
fn a_profile_takes_half_a_minute_where_nothing_is_said() {
    assert_eq!(asked(""), Ok(30));
    assert_eq!(asked("seconds=7&debug=0"), Ok(7));
}

#[test]
fn other_seconds_than_those_within_the_bound_are_refused_with_it() {
    assert_eq!(asked("seconds=300"), Ok(300));
    let refused = |seconds: &str| Err(format!("seconds: {seconds:?} is no number of seconds from 1 to 300"));
    for seconds in ["301", "0", "-1", "1.5", "x"] {
        assert_eq!(asked(&format!("seconds={seconds}")), refused(seconds));
    }
}

#[test]
fn a_profile_as_text_is_refused() {
    assert_eq!(asked("debug=1"), Err("debug: there is no form \"1\", leave it out or say 0".to_owned()));
}

#[test]
fn the_end_of_the_server_ends_the_profile_that_is_being_taken() {
    let profiles = Profiles::new(true);
    let first = profiles.begin();
    // One that will be refused, and whose client is gone at once.
    drop(profiles.begin());
    assert!(!first.0.is_asked());
    profiles.end();
    assert!(first.0.is_asked());
    assert!(profiles.begin().0.is_asked());
}

/// What a surface below `/x` that knows no path answers.
async fn answer(is_on: bool, method: Method, path: &str) -> (StatusCode, String) {
    let inner = Router::new().fallback(|| async { (StatusCode::IM_A_TEAPOT, "inner") });
    let mut router = with_profiles(inner, "/x", &Arc::new(Profiles::new(is_on)));
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let response = router.call(request).await.unwrap();
    let status = response.status();
    let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, location.unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned()))
}

async fn got(path: &str) -> (StatusCode, String) {
    answer(true, Method::GET, path).await
}

#[tokio::test]
async fn profiles_stand_behind_the_prefix_alone() {
    assert_eq!(got("/x/debug/pprof").await, (StatusCode::MOVED_PERMANENTLY, "/x/debug/pprof/".to_owned()));
    let (status, list) = got("/x/debug/pprof/").await;
    assert_eq!(status, StatusCode::OK);
    for name in ["heap", "allocs", "profile"] {
        assert!(list.contains(&format!("href=\"{name}\"")), "{list}");
    }
    let inner = (StatusCode::IM_A_TEAPOT, "inner".to_owned());
    for path in ["/debug/pprof/", "/x/debug/pprof/heap/more", "/x/debug"] {
        assert_eq!(got(path).await, inner, "{path}");
    }
}

#[tokio::test]
async fn what_is_switched_off_says_how_it_is_switched_on() {
    for name in ["", "heap", "profile", "goroutine", "nothing"] {
        let (status, text) = answer(false, Method::GET, &format!("/x/debug/pprof/{name}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(text.contains("--enable-feature=profiling"), "{text}");
    }
}

#[tokio::test]
async fn profiles_that_cannot_be_had_are_told_from_those_that_nobody_knows() {
    let no_goroutines = "goroutine: there are no goroutines; ask for profile\n".to_owned();
    assert_eq!(got("/x/debug/pprof/goroutine?debug=2").await, (StatusCode::NOT_IMPLEMENTED, no_goroutines));
    assert_eq!(got("/x/debug/pprof/mutex").await.0, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(got("/x/debug/pprof/x").await, (StatusCode::NOT_FOUND, "Unknown profile\n".to_owned()));
    let refused = answer(true, Method::DELETE, "/x/debug/pprof/heap").await;
    assert_eq!(refused.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn memory_is_not_profiled_over_a_time_nor_where_it_is_not_sampled() {
    let (status, text) = got("/x/debug/pprof/heap?seconds=5").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("-base"), "{text}");
    let _turn = TURN.lock().await;
    // Tests have the system's allocator.
    let (status, text) = got("/x/debug/pprof/heap").await;
    assert_eq!(status, StatusCode::NOT_IMPLEMENTED);
    assert!(text.contains("not sampled"), "{text}");
}

#[tokio::test]
async fn a_profile_of_the_processor_is_compressed_and_one_that_is_ended_is_told_so() {
    let _turn = TURN.lock().await;
    let profiles = Arc::new(Profiles::new(true));
    let asked = |profiles: &Arc<Profiles>| {
        let mut router = with_profiles(Router::new(), "", profiles);
        router.call(Request::get("/debug/pprof/profile?seconds=1").body(Body::empty()).unwrap())
    };
    let response = asked(&profiles).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"profile\"");
    let body = to_bytes(response.into_body(), 16 << 20).await.unwrap();
    assert_eq!(body[..2], [0x1f, 0x8b]);
    profiles.end();
    assert_eq!(asked(&profiles).await.unwrap().status(), StatusCode::NOT_IMPLEMENTED);
}
