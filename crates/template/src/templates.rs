//! Templates by name.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Error, Library, Value,
    html::HtmlSink,
    run::{self, PlainSink},
    syntax::{self, tree::Statement},
};

/// What a missing key of a map stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value.
    #[default]
    NoValue,
    /// The zero value of what the map holds.
    Zero,
    /// An error.
    Error,
}

/// How much a template may do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many statements and operands it may run.
    pub steps_max: usize,
    /// How deep templates may call each other.
    pub depth_max: usize,
    /// How many bytes it may write.
    pub output_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { steps_max: 2_000_000, depth_max: 100, output_bytes_max: 8 << 20 }
    }
}

/// A template: the text it was written in and its statements.
#[derive(Debug)]
pub(crate) struct Template {
    /// What the text is called.
    pub(crate) source: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) statements: Vec<Statement>,
}

/// Templates that can call each other.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    templates: BTreeMap<Arc<str>, Arc<Template>>,
    missing: MissingKey,
    limits: Limits,
}

impl Templates {
    /// No templates yet.
    pub fn new(missing: MissingKey, limits: Limits) -> Templates {
        Templates { templates: BTreeMap::new(), missing, limits }
    }

    /// Reads a text: it becomes the template `name`, and what it defines becomes templates too, in place of those that
    /// were there.
    ///
    /// # Errors
    /// The text is no template, or calls functions that neither the language nor `library` has.
    pub fn parse(&mut self, name: &str, text: &str, library: &dyn Library) -> Result<(), Error> {
        let known = |function: &str| run::is_builtin(function) || library.signature(function).is_some();
        let (source, text): (Arc<str>, Arc<str>) = (name.into(), text.into());
        for (name, statements) in syntax::parse(name, &text, &known)? {
            let is_empty = statements
                .iter()
                .all(|statement| matches!(statement, Statement::Text { text } if text.trim().is_empty()));
            if is_empty && self.templates.contains_key(name.as_str()) {
                // A text that holds definitions only does not take the place of a template that says something.
                continue;
            }
            let template = Template { source: source.clone(), text: text.clone(), statements };
            self.templates.insert(name.into(), Arc::new(template));
        }
        Ok(())
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(|name| &**name)
    }

    /// Runs the template `name` over `data` and returns what it writes.
    ///
    /// # Errors
    /// There is no such template, it fails, or it does more than it may.
    pub fn execute(&self, name: &str, data: &Value, library: &dyn Library) -> Result<String, Error> {
        let mut sink = PlainSink::default();
        run::run(self, name, data, library, &mut sink)?;
        Ok(sink.into_text())
    }

    /// As [`Templates::execute`], for a page: values are escaped by where they land.
    ///
    /// # Errors
    /// Those of [`Templates::execute`].
    pub fn execute_html(&self, name: &str, data: &Value, library: &dyn Library) -> Result<String, Error> {
        let mut sink = HtmlSink::default();
        run::run(self, name, data, library, &mut sink)?;
        if !sink.is_whole() {
            return Err(Error::Open { name: name.to_owned() });
        }
        Ok(sink.into_text())
    }

    pub(crate) fn get(&self, name: &str) -> Option<(&Arc<str>, &Arc<Template>)> {
        self.templates.get_key_value(name)
    }

    pub(crate) fn missing(&self) -> MissingKey {
        self.missing
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }
}
