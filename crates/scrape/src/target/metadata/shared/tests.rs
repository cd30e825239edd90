//! What is said alike is kept once, and not for longer than somebody needs it.

use std::sync::Arc;

use super::super::MetadataCache;
use super::{Declarations, PURGED_FROM};
use model::MetricType;

fn scrape(cache: &mut MetadataCache, all: &Declarations, help: &str) {
    cache.set_type("requests_total", MetricType::Counter).unwrap();
    cache.set_help("requests_total", help).unwrap();
    cache.end_scrape(all);
}

#[test]
fn targets_that_say_the_same_share_it() {
    let (all, mut first, mut second) =
        (Declarations::default(), MetadataCache::default(), MetadataCache::default());
    scrape(&mut first, &all, "Requests.");
    scrape(&mut second, &all, "Requests.");
    assert!(Arc::ptr_eq(&first.entries[0].declaration, &second.entries[0].declaration));
    assert_eq!(all.count(), 1);

    // What one of them says later is its own.
    scrape(&mut second, &all, "All requests.");
    assert_eq!(first.get("requests_total").unwrap().help, "Requests.");
    assert_eq!(second.get("requests_total").unwrap().help, "All requests.");
    assert_eq!(second.get("requests_total").unwrap().metric_type, MetricType::Counter);
    assert_eq!(second.size(), (1, "requests_totalAll requests.".len()));
    assert_eq!(all.count(), 2);
}

#[test]
fn what_nobody_says_any_more_goes() {
    let (all, mut cache) = (Declarations::default(), MetadataCache::default());
    for number in 0..3 * PURGED_FROM {
        scrape(&mut cache, &all, &format!("Version {number}."));
    }
    assert!(all.count() <= PURGED_FROM, "{}", all.count());
}
