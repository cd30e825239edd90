//! What is kept as a difference is given back whole.

use super::*;

fn annotations(pairs: &[(&str, &str)]) -> Annotations {
    Annotations::from_pairs(pairs.iter().copied())
}

fn back(models: &mut Models, said: &Annotations) -> usize {
    let wording = models.word(&Arc::from("http://rule"), "A", said.clone());
    assert_eq!(wording.annotations(), *said);
    assert!(wording.says(said));
    wording.own.len()
}

#[test]
fn texts_that_differ_in_a_word_take_a_few_bytes() {
    let said = |instance: &str| {
        annotations(&[
            ("description", "The 99th percentile of request latency has been above 500 ms for ten minutes."),
            ("summary", &format!("latency of instance {instance} is high")),
        ])
    };
    let mut models = Models::new();
    assert_eq!(back(&mut models, &said("web-1")), 0, "the model itself");
    assert_eq!(back(&mut models, &said("web-1")), 0, "what is no other than the model");
    assert!(back(&mut models, &said("web-22")) <= 8);
    assert!(back(&mut models, &said("")) <= 8);
    assert!(back(&mut models, &said("ünï")) <= 16);
    assert!(back(&mut models, &said("web-1 is high")) <= 16, "front and back do not overlap");
}

#[test]
fn what_differs_in_names_or_nearly_everywhere_is_a_model_of_its_own() {
    let mut models = Models::new();
    assert_eq!(back(&mut models, &annotations(&[("a", "what is said of the first")])), 0);
    assert_eq!(back(&mut models, &annotations(&[("a", "something else altogether")])), 0);
    assert_eq!(back(&mut models, &annotations(&[("b", "something else altogether")])), 0);
    assert_eq!(
        back(&mut models, &annotations(&[("b", "something else altogether"), ("c", "and more of it")])),
        0
    );
    assert_eq!(back(&mut models, &annotations(&[])), 0);
    assert_eq!(back(&mut models, &annotations(&[("", "")])), 0);
}

#[test]
fn long_texts_are_given_back_whole() {
    let long = "x".repeat(70_000);
    let mut models = Models::new();
    back(&mut models, &annotations(&[("a", &format!("{long}1{long}")), ("e", "")]));
    let own = back(&mut models, &annotations(&[("a", &format!("{long}22{long}")), ("e", "")]));
    assert!(own <= 16, "{own}");
}

#[test]
fn says_tells_other_texts_apart() {
    let mut models = Models::new();
    let one = annotations(&[("a", "the same text for every alert, and a number: 1")]);
    let two = annotations(&[("a", "the same text for every alert, and a number: 2")]);
    let url = Arc::from("");
    let (first, second) = (models.word(&url, "A", one.clone()), models.word(&url, "A", two.clone()));
    assert!(first.says(&one) && !first.says(&two) && second.says(&two) && !second.says(&one));
    assert!(!second.says(&annotations(&[])));
    drop((first, second));
    models.collect_garbage();
    assert_eq!(models.len(), 0);
}
