//! The templates that notifications are written with: our own, and the files of the user, which may replace them.

use template::notifications::NotificationFunctions;
use template::{Error, Limits, MissingKey, Templates, Value};

/// What notifications say unless a configuration says otherwise.
const DEFAULTS: [(&str, &str); 2] = [
    ("default.tmpl", include_str!("../templates/default.tmpl")),
    ("email.tmpl", include_str!("../templates/email.tmpl")),
];

/// Templates that texts of a configuration can call.
#[derive(Clone, Debug)]
pub struct TemplateSet {
    templates: Templates,
}

/// Says whether a text is a template; which others it calls is not looked at.
///
/// # Errors
/// It is none.
pub fn check(text: &str) -> Result<(), Error> {
    let mut templates = Templates::new(MissingKey::Zero, Limits::default());
    templates.parse("", text, &NotificationFunctions { now_ns: 0 })
}

impl TemplateSet {
    /// Our own templates, and then those of `files` (names and texts), which take the place of ours.
    ///
    /// # Errors
    /// A text is no template.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut templates = Templates::new(MissingKey::Zero, Limits::default());
        let functions = NotificationFunctions { now_ns: 0 };
        for (name, text) in DEFAULTS.into_iter().chain(files) {
            templates.parse(name, text, &functions)?;
        }
        Ok(Self { templates })
    }

    /// What a text says of a notification.
    ///
    /// # Errors
    /// The text is no template, or fails.
    pub fn expand(&self, text: &str, data: &Value, now_ns: i64) -> Result<String, Error> {
        if text.is_empty() {
            return Ok(String::new());
        }
        let (templates, functions) = self.with(text, now_ns)?;
        templates.execute("", data, &functions)
    }

    /// As [`TemplateSet::expand`], for a page.
    ///
    /// # Errors
    /// Those of [`TemplateSet::expand`].
    pub fn expand_html(&self, text: &str, data: &Value, now_ns: i64) -> Result<String, Error> {
        if text.is_empty() {
            return Ok(String::new());
        }
        let (templates, functions) = self.with(text, now_ns)?;
        templates.execute_html("", data, &functions)
    }

    fn with(&self, text: &str, now_ns: i64) -> Result<(Templates, NotificationFunctions), Error> {
        let functions = NotificationFunctions { now_ns };
        let mut templates = self.templates.clone();
        templates.parse("", text, &functions)?;
        Ok((templates, functions))
    }
}
