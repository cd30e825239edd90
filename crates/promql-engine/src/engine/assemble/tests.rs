//! Series are sorted as their labels are.

use super::*;

#[test]
fn series_come_in_the_order_of_their_labels() {
    let labels = |pairs: &[(&str, &str)]| Labels::from_pairs(pairs.iter().copied());
    let of_one_name: Vec<Labels> = ["10", "9", "", "123456789b", "123456789a", "ü", "12345678", "a"]
        .into_iter()
        .flat_map(|value| ["2", "1"].map(|other| labels(&[("v", value), ("x", other)])))
        .collect();
    let mut of_any = of_one_name.clone();
    of_any.extend([Labels::empty(), labels(&[("a", "z")]), labels(&[("v", "9")])]);
    for given in [of_one_name, of_any] {
        let mut expected = given.clone();
        expected.sort();
        let numbered = (0..).zip(given).map(|(number, labels)| (labels, Column::new(number))).collect();
        let sorted: Vec<Labels> = in_order(numbered).into_iter().map(|(labels, _)| labels).collect();
        assert_eq!(sorted, expected);
    }
    // Equal ones stay in their order.
    let equal = [1, 2, 3].map(|number| (labels(&[("v", "1")]), Column::new(number)));
    let lengths: Vec<usize> = in_order(equal.into()).iter().map(|(_, column)| column.len()).collect();
    assert_eq!(lengths, [1, 2, 3]);
}
