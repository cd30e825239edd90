//! The table is what it must be.

use super::*;

#[test]
fn table_is_sorted_so_that_names_are_found() {
    assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
    for function in &FUNCTIONS {
        assert_eq!(Function::by_name(function.name), Some(function));
    }
    assert_eq!(Function::by_name("holt_winters"), None);
}

#[test]
fn argument_counts_follow_the_repetition_of_the_last() {
    let counts = |name| Function::by_name(name).map(|function| (function.args_min(), function.args_max()));
    assert_eq!(counts("rate"), Some((1, Some(1))));
    assert_eq!(counts("round"), Some((1, Some(2))));
    assert_eq!(counts("label_join"), Some((3, None)));
    assert_eq!(counts("histogram_quantiles"), Some((3, Some(12))));
}
