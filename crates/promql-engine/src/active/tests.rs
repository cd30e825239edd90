//! Queries are listed while they run, can be ended, and leave their places.

use std::sync::Arc;

use parking_lot::Mutex;
use platform::CancelFlag;

use super::{ActiveJournal, ActiveQueries, ActiveQuery, TEXT_BYTES_MAX};

fn query(text: &str) -> ActiveQuery {
    ActiveQuery { id: 0, text: text.to_owned(), began_ms: 7, start: 0, end: 0, step: 0 }
}

#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl ActiveJournal for Lines {
    fn write(&self, place: usize, query: Option<&ActiveQuery>) {
        self.0.lock().push(format!("{place} {}", query.map_or("-", |query| &query.text)));
    }
}

#[test]
fn queries_are_listed_while_they_run_and_written_down() {
    let lines = Lines::default();
    let queries = Arc::new(ActiveQueries::with_journal(Box::new(lines.clone())));
    let first = queries.enter(query("up"), CancelFlag::new());
    let second = queries.enter(query("down"), CancelFlag::new());
    drop(first);
    let third = queries.enter(query("left"), CancelFlag::new());
    let texts: Vec<(u64, String)> = queries.list().into_iter().map(|query| (query.id, query.text)).collect();
    assert_eq!(texts, [(2, "down".to_owned()), (3, "left".to_owned())]);
    drop((second, third));
    assert!(queries.list().is_empty());
    assert_eq!(*lines.0.lock(), ["0 up", "1 down", "0 -", "0 left", "1 -", "0 -"]);
}

#[test]
fn one_query_can_be_ended_and_no_other() {
    let queries = Arc::new(ActiveQueries::new());
    let flags = [CancelFlag::new(), CancelFlag::new()];
    let _entered = flags.clone().map(|flag| queries.enter(query("up"), flag));
    assert!(!queries.cancel(3));
    assert!(queries.cancel(2));
    assert_eq!(flags.map(|flag| flag.is_cancelled()), [false, true]);
}

#[test]
fn a_long_text_is_cut_between_characters() {
    let queries = Arc::new(ActiveQueries::new());
    let _entered = queries.enter(query(&format!("x{}", "ü".repeat(TEXT_BYTES_MAX))), CancelFlag::new());
    let text = queries.list().remove(0).text;
    assert_eq!(text.len(), TEXT_BYTES_MAX - 1);
    assert!(text.ends_with('ü'));
}
