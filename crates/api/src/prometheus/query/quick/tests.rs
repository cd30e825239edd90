//! Queries are known by what makes them long, not by when they are asked.

use axum::body::Body;
use http::Request;

use super::*;

fn call(query: &str) -> Call {
    let request = Request::builder().uri(format!("/api/v1/query_range?{query}")).body(Body::empty()).unwrap();
    futures_util::FutureExt::now_or_never(Call::read(request, String::new(), None)).unwrap().unwrap()
}

#[test]
fn a_query_is_quick_until_it_takes_long() {
    let quick = QuickQueries::new();
    let key = |text| quick.key(&call(text)).unwrap();
    let asked = key("query=up&start=10&end=70&step=5");
    assert!(!quick.is_quick(asked));
    quick.note(asked, Duration::from_micros(100));
    assert!(quick.is_quick(asked));
    assert!(quick.is_quick(key("query=up&start=1010&end=1070&step=5")));
    for other in [
        "query=up&start=10&end=7000&step=5",
        "query=up&start=10&end=70&step=1",
        "query=upp&start=10&end=70&step=5",
    ] {
        assert!(!quick.is_quick(key(other)), "{other}");
    }
    quick.note(asked, Duration::from_millis(20));
    assert!(!quick.is_quick(asked));
}

#[test]
fn long_texts_are_not_known() {
    let long = format!("query={}", "x".repeat(TEXT_BYTES_MAX + 1));
    assert!(QuickQueries::new().key(&call(&long)).is_none());
}
