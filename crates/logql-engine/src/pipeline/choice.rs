//! `| drop` and `| keep`

use logql_syntax::ast::LabelChoice;
use model::Matcher;

use super::RowLabels;
use super::labels::{ERROR, ERROR_DETAILS};

/// A label that is named, perhaps with a condition on its value.
#[derive(Debug)]
struct Choice {
    name: String,
    matcher: Option<Matcher>,
}

impl Choice {
    fn new(choice: &LabelChoice) -> Self {
        match choice {
            LabelChoice::Name(name) => Self { name: name.clone(), matcher: None },
            LabelChoice::Matching(matcher) => {
                Self { name: matcher.name().to_owned(), matcher: Some(matcher.clone()) }
            }
        }
    }

    fn takes(&self, name: &str, value: &str) -> bool {
        self.name == name && self.matcher.as_ref().is_none_or(|matcher| matcher.matches(value))
    }
}

fn conditional_names(choices: &[Choice], names: &mut Vec<String>) {
    names.extend(choices.iter().filter(|choice| choice.matcher.is_some()).map(|choice| choice.name.clone()));
}

/// `| drop`
#[derive(Debug)]
pub(crate) struct Drop(Vec<Choice>);

impl Drop {
    pub(crate) fn new(choices: &[LabelChoice]) -> Self {
        Self(choices.iter().map(Choice::new).collect())
    }

    /// Adds the labels whose values it looks at.
    pub(crate) fn names(&self, names: &mut Vec<String>) {
        conditional_names(&self.0, names);
    }

    /// Removes labels.
    pub(crate) fn run(&self, labels: &mut RowLabels<'_>) {
        for choice in &self.0 {
            if matches!(choice.name.as_str(), ERROR | ERROR_DETAILS) {
                let of_it = labels.errors().into_iter().find(|(name, _)| *name == choice.name);
                if of_it.is_some_and(|(name, value)| choice.takes(name, value)) {
                    labels.clear_error(&choice.name);
                }
            } else if labels.find(&choice.name).is_some_and(|value| choice.takes(&choice.name, value)) {
                labels.remove(&choice.name);
            }
        }
    }
}

/// `| keep`
#[derive(Debug)]
pub(crate) struct Keep(Vec<Choice>);

impl Keep {
    pub(crate) fn new(choices: &[LabelChoice]) -> Self {
        Self(choices.iter().map(Choice::new).collect())
    }

    /// Adds the labels whose values it looks at.
    pub(crate) fn names(&self, names: &mut Vec<String>) {
        conditional_names(&self.0, names);
    }

    /// Removes the other labels; an error stays.
    pub(crate) fn run(&self, labels: &mut RowLabels<'_>) {
        labels.retain(|label| self.0.iter().any(|choice| choice.takes(label.name, label.value)));
    }
}
