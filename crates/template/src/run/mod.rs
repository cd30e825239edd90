//! A template at work.

mod argument;
mod builtins;
mod elements;
mod escape;
mod expression;
mod sink;
mod walk;

use std::sync::Arc;

pub(crate) use builtins::is_builtin;
pub(crate) use escape::{html_escape, query_escape};
pub(crate) use sink::{PlainSink, Sink};

use crate::{
    Error, Library, Limits, Templates, Value,
    syntax::tree::{Command, Operand, Pipe, Statement},
    templates::{MissingKey, Template},
};

/// Runs the template `name` over `data` into `sink`.
pub(crate) fn run(
    templates: &Templates,
    name: &str,
    data: &Value,
    library: &dyn Library,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let Some((name, template)) = templates.get(name) else {
        return Err(Error::Unknown { name: name.to_owned() });
    };
    let mut run = Run {
        templates,
        library,
        sink,
        missing: templates.missing(),
        limits: templates.limits(),
        name,
        template,
        at: 0,
        looked_at: LookedAt::Nothing,
        variables: vec![("$".into(), data.clone())],
        steps: 0,
        depth: 0,
        made: 0,
    };
    run.statements(data, &template.statements).map(|_| ())
}

/// What was looked at last: complaints name it.
#[derive(Clone, Copy)]
enum LookedAt<'a> {
    Nothing,
    Statement(&'a Statement),
    Pipe(&'a Pipe),
    Command(&'a Command),
    Operand(&'a Operand),
}

/// A run of a template and of those it calls.
struct Run<'a> {
    templates: &'a Templates,
    library: &'a dyn Library,
    sink: &'a mut dyn Sink,
    missing: MissingKey,
    limits: Limits,
    name: &'a Arc<str>,
    template: &'a Template,
    at: usize,
    looked_at: LookedAt<'a>,
    variables: Vec<(Arc<str>, Value)>,
    steps: usize,
    depth: usize,
    /// Bytes of the texts that functions made.
    made: usize,
}

/// What comes out, or the complaint with its place.
type Ran<T> = Result<T, Error>;

impl<'a> Run<'a> {
    fn look_at(&mut self, at: usize, looked_at: LookedAt<'a>) {
        self.at = at;
        self.looked_at = looked_at;
    }

    fn step(&mut self) -> Ran<()> {
        self.steps += 1;
        if self.steps > self.limits.steps_max {
            return self.fail(format!("exceeded maximum number of steps ({})", self.limits.steps_max));
        }
        Ok(())
    }

    /// Ends the run.
    fn fail<T>(&self, message: impl Into<String>) -> Ran<T> {
        let before = self.template.text.get(..self.at).unwrap_or_default();
        let context = match self.looked_at {
            LookedAt::Nothing => String::new(),
            LookedAt::Statement(statement) => statement.to_string(),
            LookedAt::Pipe(pipe) => pipe.to_string(),
            LookedAt::Command(command) => command.to_string(),
            LookedAt::Operand(operand) => operand.to_string(),
        };
        Err(Error::Run {
            name: self.template.source.to_string(),
            line: before.matches('\n').count() + 1,
            column: before.len() - before.rfind('\n').map_or(0, |end| end + 1),
            template: self.name.to_string(),
            context,
            message: message.into(),
        })
    }
}
