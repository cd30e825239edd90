//! `| line_format` and `| label_format`

use logql_syntax::ast::{LabelFormat, LabelValue};
use template::logs::{LogFunctionNames, LogFunctions};
use template::{Limits, MissingKey, Templates, Value};

use super::labels::{ERROR, ERROR_DETAILS};
use super::parser::text::text_of;
use super::step::State;

/// What the error label says.
const FORMAT_ERROR: &str = "TemplateFormatErr";

/// How much the template of one line may do.
const LIMITS: Limits = Limits { steps_max: 100_000, depth_max: 100, output_bytes_max: 1 << 20 };

/// The most pieces of a plain template.
const PIECES_MAX: usize = 64;

/// A template of log queries.
#[derive(Debug)]
pub(crate) enum Template {
    /// Texts and labels, one after the other.
    Plain(Vec<Piece>),
    /// Anything else, under a name.
    Full(&'static str, Templates),
}

/// A piece of a plain template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Label(String),
}

impl Template {
    /// Reads a template; complaints call it `name`.
    ///
    /// # Errors
    /// What the template language says of it.
    pub(crate) fn parse(name: &'static str, text: &str) -> std::result::Result<Self, template::Error> {
        if let Some(pieces) = plain(text) {
            return Ok(Self::Plain(pieces));
        }
        let mut templates = Templates::new(MissingKey::Zero, LIMITS);
        templates.parse(name, text, &LogFunctionNames)?;
        Ok(Self::Full(name, templates))
    }

    /// Adds the labels that it looks at; `false` where it may look at any.
    fn names(&self, names: &mut Vec<String>) -> bool {
        let Self::Plain(pieces) = self else { return false };
        names.extend(pieces.iter().filter_map(|piece| match piece {
            Piece::Label(name) => Some(name.clone()),
            Piece::Text(_) => None,
        }));
        true
    }

    /// Whether it looks at nothing but labels.
    fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    /// What it writes for a row; `data` is made for the first template that needs it.
    fn run<'r>(
        &self,
        state: &State<'r>,
        data: &mut Option<Value>,
    ) -> std::result::Result<&'r str, template::Error> {
        match self {
            Self::Plain(pieces) => {
                let mut out = bumpalo::collections::String::new_in(state.arena);
                let length = |piece: &Piece| match piece {
                    Piece::Text(text) => text.len(),
                    Piece::Label(name) => state.labels.get(name).len(),
                };
                // A label may be made of itself, again and again.
                if pieces.iter().map(length).sum::<usize>() > LIMITS.output_bytes_max {
                    return Err(too_long());
                }
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => out.push_str(text),
                        Piece::Label(name) => out.push_str(state.labels.get(name)),
                    }
                }
                Ok(out.into_bump_str())
            }
            Self::Full(name, templates) => {
                let data = data.get_or_insert_with(|| data_of(state));
                let functions = LogFunctions {
                    line: text_of(state.line, state.arena),
                    timestamp_ns: state.timestamp,
                    now_ns: state.now,
                };
                templates.execute(name, data, &functions).map(|text| &*state.arena.alloc_str(&text))
            }
        }
    }
}

/// The complaint of a plain template, as that of any other one.
fn too_long() -> template::Error {
    let (name, max) = ("line".to_owned(), LIMITS.output_bytes_max);
    let message = format!("output is longer than {max} bytes");
    template::Error::Run { template: name.clone(), name, line: 1, column: 0, context: String::new(), message }
}

/// The labels of a row for templates.
fn data_of(state: &State<'_>) -> Value {
    let errors = [(ERROR, state.labels.error()), (ERROR_DETAILS, state.labels.error_details())];
    let errors = errors.into_iter().filter(|(_, value)| !value.is_empty());
    Value::text_map(state.labels.iter().map(|label| (label.name, label.value)).chain(errors))
}

/// The pieces of a template that has nothing but texts and `{{.label}}`.
fn plain(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let (inside, after) = behind.split_once("}}")?;
        let name = inside.trim_matches(' ').strip_prefix('.')?;
        let first = name.chars().next()?;
        let is_name = name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
        if !is_name || first.is_ascii_digit() || pieces.len() >= PIECES_MAX {
            return None;
        }
        pieces.push(Piece::Label(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Some(pieces)
}

/// `| line_format`
#[derive(Debug)]
pub(crate) struct LineFormat(Template);

impl LineFormat {
    pub(crate) fn new(template: Template) -> Self {
        Self(template)
    }

    pub(crate) fn names(&self, names: &mut Vec<String>) -> bool {
        self.0.names(names)
    }

    /// Makes the line what the template says.
    pub(crate) fn run(&self, state: &mut State<'_>) {
        match self.0.run(state, &mut None) {
            Ok(line) => state.line = line.as_bytes(),
            Err(error) => fail(state, &error),
        }
    }
}

fn fail(state: &mut State<'_>, error: &template::Error) {
    let details = state.arena.alloc_str(&error.to_string());
    state.labels.set_error(FORMAT_ERROR, details);
}

/// `| label_format`
#[derive(Debug)]
pub(crate) struct LabelFormats(Vec<(String, Format)>);

/// What a label is set to.
#[derive(Debug)]
pub(crate) enum Format {
    Rename(String),
    Template(Template),
}

impl LabelFormats {
    pub(crate) fn new(formats: &[LabelFormat]) -> std::result::Result<Self, (String, String)> {
        let formats = formats.iter().map(|format| {
            let value = match &format.value {
                LabelValue::Rename(label) => Format::Rename(label.clone()),
                LabelValue::Template(text) => Format::Template(
                    Template::parse("label", text)
                        .map_err(|error| (format.label.clone(), error.to_string()))?,
                ),
            };
            Ok::<_, (String, String)>((format.label.clone(), value))
        });
        Ok(Self(formats.collect::<std::result::Result<_, _>>()?))
    }

    /// Whether the line or its time may be looked at.
    pub(crate) fn has_template(&self) -> bool {
        self.0.iter().any(|(_, format)| matches!(format, Format::Template(template) if !template.is_plain()))
    }

    pub(crate) fn names(&self, names: &mut Vec<String>) -> bool {
        self.0.iter().all(|(_, format)| match format {
            Format::Rename(label) => {
                names.push(label.clone());
                true
            }
            Format::Template(template) => template.names(names),
        })
    }

    /// Sets labels, one after the other; templates see the labels as they were before the first of them.
    pub(crate) fn run<'r>(&'r self, state: &mut State<'r>) {
        let mut written: Option<Vec<Written<'r>>> = None;
        for (position, (label, format)) in self.0.iter().enumerate() {
            match format {
                Format::Rename(from) => {
                    if let Some(value) = state.labels.find(from) {
                        state.labels.set(label, value);
                        if from != label {
                            state.labels.remove(from);
                        }
                    }
                }
                Format::Template(_) => {
                    let written = written.get_or_insert_with(|| self.write(state));
                    match written.get_mut(position).and_then(Option::take) {
                        Some(Ok(value)) => state.labels.set(label, value),
                        Some(Err(error)) => fail(state, &error),
                        None => {}
                    }
                }
            }
        }
    }

    /// What all templates write, by position.
    fn write<'r>(&self, state: &State<'r>) -> Vec<Written<'r>> {
        let mut data = None;
        let formats = self.0.iter().map(|(_, format)| match format {
            Format::Rename(_) => None,
            Format::Template(template) => Some(template.run(state, &mut data)),
        });
        formats.collect()
    }
}

/// What a template writes, if it is one.
type Written<'r> = Option<std::result::Result<&'r str, template::Error>>;

/// The checks of templates for [`logql_syntax::check_stages`].
#[derive(Debug, Clone, Copy, Default)]
pub struct TemplateChecks;

impl logql_syntax::Checks for TemplateChecks {
    fn line_template(&self, text: &str) -> std::result::Result<(), String> {
        Template::parse("line", text).map(drop).map_err(|error| error.to_string())
    }

    fn label_template(&self, text: &str) -> std::result::Result<(), String> {
        Template::parse("label", text).map(drop).map_err(|error| error.to_string())
    }
}
