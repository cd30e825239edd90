//! Names and values of labels.

use model::{MatchOp, Matcher};
use storage::TimeRange;

use super::{Store, commit_floats, named};

/// Names and values are sorted, each once, of the series that match, cut at the limit.
pub fn names_and_values_are_listed(store: &dyn Store) {
    commit_floats(store, &named("up", &[("job", "b"), ("zone", "1")]), &[(1000, 1.0)]);
    commit_floats(store, &named("up", &[("job", "a")]), &[(1000, 1.0)]);
    commit_floats(store, &named("down", &[("job", "a"), ("code", "5")]), &[(1000, 1.0)]);
    let querier = store.querier(TimeRange::ALL).unwrap();
    let up = [Matcher::equal("__name__", "up")];
    let names = |matchers: &[Matcher], limit| {
        let listing = querier.label_names(matchers, limit).unwrap();
        (listing.items.join(" "), listing.truncated)
    };
    let values = |name, matchers: &[Matcher], limit| {
        let listing = querier.label_values(name, matchers, limit).unwrap();
        (listing.items.join(" "), listing.truncated)
    };
    let whole = |text: &str| (text.to_owned(), false);
    assert_eq!(names(&[], None), whole("__name__ code job zone"));
    assert_eq!(names(&up, None), whole("__name__ job zone"));
    assert_eq!(names(&up, Some(3)), whole("__name__ job zone"));
    assert_eq!(names(&[], Some(2)), ("__name__ code".to_owned(), true));
    assert_eq!(values("job", &[], None), whole("a b"));
    assert_eq!(values("job", &[], Some(1)), ("a".to_owned(), true));
    assert_eq!(values("job", &[Matcher::equal("zone", "1")], None), whole("b"));
    assert_eq!(values("job", &[Matcher::new("zone", MatchOp::NotEqual, "1").unwrap()], None), whole("a"));
    assert_eq!(values("nothing", &[], None), whole(""));
    assert_eq!(values("code", &up, None), whole(""));
}
