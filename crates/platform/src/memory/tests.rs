//! What counts as taken, and what each level asks for.

use super::*;

fn share(budget: &Arc<MemoryBudget>, part: MemoryPart) -> MemoryShare {
    MemoryShare::new(Arc::clone(budget), part)
}

#[test]
fn caches_go_before_queries_and_queries_before_series() {
    let budget = Arc::new(MemoryBudget::new(10_000));
    let head = share(&budget, MemoryPart::Head);
    head.take(8_999);
    assert_eq!((budget.level(), budget.cache_bytes_max(800)), (MemoryLevel::Free, 800));
    head.take(1);
    assert_eq!((budget.level(), budget.cache_bytes_max(800)), (MemoryLevel::Near, 100));
    assert!(budget.takes_queries());
    head.take(500);
    assert_eq!((budget.level(), budget.cache_bytes_max(800)), (MemoryLevel::Tight, 0));
    assert!(!budget.takes_queries() && budget.takes_series() && !budget.ends_query_of(5_000));
    head.take(500);
    assert_eq!(budget.level(), MemoryLevel::Full);
    assert!(!budget.takes_series() && budget.ends_query_of(5_000) && !budget.ends_query_of(9));
    assert_eq!(budget.to_string(), "10000 of the 10000 bytes of the memory budget are taken");
    drop(head);
    assert_eq!((budget.level(), budget.used()), (MemoryLevel::Free, 0));
}

#[test]
fn the_larger_of_what_is_counted_and_what_is_measured_counts() {
    let budget = Arc::new(MemoryBudget::new(1_000));
    let (head, queries) = (share(&budget, MemoryPart::Head), share(&budget, MemoryPart::Queries));
    head.take(300);
    budget.note_measured(200);
    assert_eq!(budget.used(), 300);
    budget.note_measured(700);
    assert_eq!(budget.used(), 700);
    // Taken since, and not measured yet.
    queries.take(250);
    assert_eq!((budget.used(), budget.level()), (950, MemoryLevel::Tight));
    queries.give_back(250);
    assert_eq!((budget.used(), budget.level()), (700, MemoryLevel::Free));
}

#[test]
fn a_share_gives_back_what_it_took_and_no_more() {
    let budget = Arc::new(MemoryBudget::new(1_000));
    let (one, other) = (share(&budget, MemoryPart::Caches), share(&budget, MemoryPart::Caches));
    assert_eq!((one.take(40), one.take(2), other.take(8)), (40, 42, 8));
    one.give_back(100);
    assert_eq!((one.bytes(), budget.held_by(MemoryPart::Caches)), (0, 8));
    drop((one, other));
    assert_eq!(budget.held(), 0);
}

#[test]
fn without_a_budget_there_is_always_room() {
    let budget = Arc::new(MemoryBudget::default());
    share(&budget, MemoryPart::Head).take(u64::MAX / 2);
    budget.note_measured(u64::MAX);
    assert_eq!((budget.level(), budget.bytes_max()), (MemoryLevel::Free, None));
    assert!(!budget.ends_query_of(u64::MAX));
}
