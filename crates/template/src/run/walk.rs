//! Statements: texts, actions, branches, calls.

use super::{LookedAt, Ran, Run};
use crate::{
    Trust, Value,
    syntax::tree::{Branch, BranchKind, Command, OperandKind, Pipe, Statement},
};

/// How a list of statements ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Through,
    Break,
    Continue,
}

impl<'a> Run<'a> {
    pub(super) fn statements(&mut self, dot: &Value, statements: &'a [Statement]) -> Ran<Flow> {
        for statement in statements {
            let flow = self.statement(dot, statement)?;
            if flow != Flow::Through {
                return Ok(flow);
            }
        }
        Ok(Flow::Through)
    }

    fn statement(&mut self, dot: &Value, statement: &'a Statement) -> Ran<Flow> {
        self.step()?;
        match statement {
            Statement::Text { text } => {
                self.sink.text(text);
                self.check_output()?;
            }
            Statement::Action { at, pipe } => {
                self.look_at(*at, LookedAt::Statement(statement));
                let value = self.pipe(dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.look_at(*at, LookedAt::Statement(statement));
                    let value = if self.sink.escapes() { self.escaped_by_hand(pipe, value)? } else { value };
                    self.sink.value(&value);
                    self.check_output()?;
                }
            }
            Statement::Branch(branch) => {
                self.look_at(branch.at, LookedAt::Statement(statement));
                let scope = self.variables.len();
                let flow = match branch.kind {
                    BranchKind::Range => self.range(dot, branch),
                    _ => self.condition(dot, branch),
                };
                self.variables.truncate(scope);
                return flow;
            }
            Statement::Call { at, name, pipe } => {
                self.look_at(*at, LookedAt::Statement(statement));
                self.call_template(dot, name, pipe.as_ref())?;
            }
            Statement::Break => return Ok(Flow::Break),
            Statement::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Through)
    }

    /// What the template itself escaped is not escaped again; it must do so last.
    fn escaped_by_hand(&self, pipe: &'a Pipe, value: Value) -> Ran<Value> {
        let trust_of = |command: &Command| match command.operands.first().map(|first| &first.kind) {
            Some(OperandKind::Function(name)) if self.library.signature(name).is_none() => match &**name {
                "html" => Some((Trust::Html, "html")),
                "urlquery" => Some((Trust::Query, "urlquery")),
                _ => None,
            },
            _ => None,
        };
        let Some((last, before)) = pipe.commands.split_last() else { return Ok(value) };
        if let Some((_, name)) = before.iter().find_map(trust_of) {
            return self.fail(format!("predefined escaper \"{name}\" disallowed in template"));
        }
        Ok(match (trust_of(last), value) {
            (Some((trust, _)), Value::Text(text)) => Value::Trusted(trust, text),
            (_, value) => value,
        })
    }

    fn check_output(&self) -> Ran<()> {
        if self.sink.len() > self.limits.output_bytes_max {
            return self.fail(format!("wrote more than {} bytes", self.limits.output_bytes_max));
        }
        Ok(())
    }

    fn condition(&mut self, dot: &Value, branch: &'a Branch) -> Ran<Flow> {
        let value = self.pipe(dot, &branch.pipe)?;
        match (&branch.otherwise, value.is_true()) {
            (_, true) if branch.kind == BranchKind::With => self.statements(&value, &branch.body),
            (_, true) => self.statements(dot, &branch.body),
            (Some(otherwise), false) => self.statements(dot, otherwise),
            (None, false) => Ok(Flow::Through),
        }
    }

    fn range(&mut self, dot: &Value, branch: &'a Branch) -> Ran<Flow> {
        let value = self.pipe(dot, &branch.pipe)?;
        let mut empty = true;
        match value.base() {
            Value::Int(count) => {
                if branch.pipe.variables.len() > 1 {
                    return self.fail(format!("can't use {count} to iterate over more than one variable"));
                }
                for number in 0..count.max(0) {
                    empty = false;
                    if self.round(branch, Value::Int(number), Value::Int(number))? == Flow::Break {
                        break;
                    }
                }
            }
            Value::List(list) => {
                for (index, item) in list.items.iter().enumerate() {
                    empty = false;
                    if self.round(branch, Value::Int(index as i64), item.clone())? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Map(map) => {
                for (name, item) in &map.entries {
                    empty = false;
                    if self.round(branch, Value::Text(name.clone()), item.clone())? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Nil => {}
            _ => return self.fail(format!("range can't iterate over {}", crate::format::shown(&value))),
        }
        match &branch.otherwise {
            Some(otherwise) if empty => self.statements(dot, otherwise),
            _ => Ok(Flow::Through),
        }
    }

    /// One time through the body, with the variables of the range set.
    fn round(&mut self, branch: &'a Branch, index: Value, item: Value) -> Ran<Flow> {
        self.step()?;
        let scope = self.variables.len();
        match branch.pipe.variables.as_slice() {
            [] => {}
            [only] => self.set(only, item.clone(), branch.pipe.assigns, 1)?,
            [first, second, ..] => {
                self.set(first, index, branch.pipe.assigns, 2)?;
                self.set(second, item.clone(), branch.pipe.assigns, 1)?;
            }
        }
        let flow = self.statements(&item, &branch.body)?;
        self.variables.truncate(scope);
        Ok(flow)
    }

    /// Sets a variable: the innermost of its name, or the one at a place from the end.
    fn set(&mut self, name: &str, value: Value, assigns: bool, from_end: usize) -> Ran<()> {
        if assigns {
            return self.assign(name, value);
        }
        let place = self.variables.len().checked_sub(from_end);
        if let Some(variable) = place.and_then(|place| self.variables.get_mut(place)) {
            variable.1 = value;
        }
        Ok(())
    }

    fn call_template(
        &mut self,
        dot: &Value,
        name: &str,
        pipe: Option<&'a crate::syntax::tree::Pipe>,
    ) -> Ran<()> {
        let Some((name, template)) = self.templates.get(name) else {
            return self.fail(format!("template {} not defined", model::quote::quote(name)));
        };
        if self.depth >= self.limits.depth_max {
            return self.fail(format!("exceeded maximum template depth ({})", self.limits.depth_max));
        }
        let data = match pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Value::Nil,
        };
        let variables = std::mem::replace(&mut self.variables, vec![("$".into(), data.clone())]);
        let outer = (self.name, self.template, self.at, self.looked_at);
        (self.name, self.template) = (name, template);
        self.depth += 1;
        self.statements(&data, &template.statements)?;
        self.depth -= 1;
        (self.name, self.template, self.at, self.looked_at) = outer;
        self.variables = variables;
        Ok(())
    }
}
