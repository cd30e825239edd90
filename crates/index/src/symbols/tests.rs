//! Texts live as long as their references.

use super::SymbolTable;

#[test]
fn equal_texts_are_one_symbol() {
    let mut table = SymbolTable::new();
    let job = table.intern("job");
    let node = table.intern("node");
    assert_ne!(job, node);
    assert_eq!(table.intern("job"), job);
    assert_eq!((table.text(job), table.text(node), table.len()), ("job", "node", 2));
    assert_eq!(table.find("node"), Some(node));
    assert_eq!(table.find("nod"), None);
}

#[test]
fn a_text_is_freed_with_its_last_reference_and_its_number_used_again() {
    let mut table = SymbolTable::new();
    let job = table.intern("job");
    table.intern("job");
    table.retain(job);
    table.release(job);
    table.release(job);
    assert_eq!(table.find("job"), Some(job));
    table.release(job);
    assert_eq!(table.find("job"), None);
    assert!(table.is_empty());
    assert_eq!(table.intern("other"), job);
    assert_eq!(table.text(job), "other");
}

#[test]
fn churn_leaves_the_table_as_large_as_what_lives() {
    let mut table = SymbolTable::new();
    let mut living = Vec::new();
    for round in 0..1000 {
        for pod in 0..10 {
            living.push(table.intern(&format!("pod-{round}-{pod}")));
        }
        if round >= 10 {
            for symbol in living.drain(..10) {
                table.release(symbol);
            }
        }
    }
    assert_eq!(table.len(), 100);
    assert!(table.heap_bytes() < 20_000, "{}", table.heap_bytes());
}
