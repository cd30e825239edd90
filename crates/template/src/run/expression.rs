//! Pipelines, commands, fields and variables.

use std::sync::Arc;

use super::{LookedAt, Ran, Run};
use crate::{
    MissingKey, Value,
    syntax::tree::{Command, Number, Operand, OperandKind, Pipe},
    value::{Method, Type},
};

/// A value, and whether it stands where any type may stand: complaints call its type so.
struct Found {
    value: Value,
    holds_any: bool,
}

/// Arguments of a call: what is written, and what the pipeline brings.
pub(super) struct Arguments<'a> {
    pub(super) written: &'a [Operand],
    pub(super) piped: Option<Value>,
}

impl Arguments<'_> {
    pub(super) const NONE: Arguments<'static> = Arguments { written: &[], piped: None };

    fn are_given(&self) -> bool {
        !self.written.is_empty() || self.piped.is_some()
    }

    pub(super) fn count(&self) -> usize {
        self.written.len() + usize::from(self.piped.is_some())
    }
}

impl<'a> Run<'a> {
    pub(super) fn pipe(&mut self, dot: &Value, pipe: &'a Pipe) -> Ran<Value> {
        self.look_at(pipe.at, LookedAt::Pipe(pipe));
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(dot, command, value)?);
        }
        let value = value.unwrap_or(Value::Nil);
        for variable in &pipe.variables {
            if pipe.assigns {
                self.assign(variable, value.clone())?;
            } else {
                self.variables.push((variable.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    pub(super) fn assign(&mut self, name: &str, value: Value) -> Ran<()> {
        match self.variables.iter_mut().rev().find(|(variable, _)| **variable == *name) {
            Some((_, place)) => {
                *place = value;
                Ok(())
            }
            None => self.fail(format!("undefined variable: {name}")),
        }
    }

    fn command(&mut self, dot: &Value, command: &'a Command, piped: Option<Value>) -> Ran<Value> {
        self.step()?;
        let Some((first, written)) = command.operands.split_first() else { return Ok(Value::Nil) };
        let arguments = Arguments { written, piped };
        match &first.kind {
            OperandKind::Field(path) => self.field(dot, first, path, arguments),
            OperandKind::Chain(base, path) => self.chain(dot, first, base, path, arguments),
            OperandKind::Function(name) => {
                self.look_at(first.at, LookedAt::Operand(first));
                let node = LookedAt::Command(command);
                self.function(dot, name, (command.at, node), arguments)
            }
            OperandKind::Variable(name, path) => self.variable(dot, first, name, path, arguments),
            OperandKind::Pipe(pipe) => {
                self.refuse_arguments(first, &arguments)?;
                self.pipe(dot, pipe)
            }
            _ => {
                self.look_at(first.at, LookedAt::Operand(first));
                self.refuse_arguments(first, &arguments)?;
                self.constant(dot, first)
            }
        }
    }

    fn refuse_arguments(&self, operand: &Operand, arguments: &Arguments<'_>) -> Ran<()> {
        if arguments.are_given() {
            return self.fail(format!("can't give argument to non-function {operand}"));
        }
        Ok(())
    }

    /// A value that is written down.
    fn constant(&mut self, dot: &Value, operand: &'a Operand) -> Ran<Value> {
        match &operand.kind {
            OperandKind::Dot => Ok(dot.clone()),
            OperandKind::Bool(value) => Ok(Value::Bool(*value)),
            OperandKind::String { text, .. } => Ok(Value::Text(text.clone())),
            OperandKind::Number(number) => self.number(operand, number),
            OperandKind::Nil => self.fail("nil is not a command"),
            _ => self.fail(format!("can't evaluate command {}", model::quote::quote(&operand.to_string()))),
        }
    }

    /// A number of which nothing says what it should be.
    pub(super) fn number(&mut self, operand: &'a Operand, number: &Number) -> Ran<Value> {
        self.look_at(operand.at, LookedAt::Operand(operand));
        if number.imaginary {
            return self.fail(format!("complex number {number} is not supported", number = number.written));
        }
        match (number.is_float(), number.float, number.int) {
            (true, Some(value), _) => Ok(Value::Float(value)),
            (_, _, Some(value)) => Ok(Value::Int(value)),
            _ => self.fail(format!("{} overflows int", number.written)),
        }
    }

    pub(super) fn field(
        &mut self,
        dot: &Value,
        operand: &'a Operand,
        path: &'a [Arc<str>],
        arguments: Arguments<'a>,
    ) -> Ran<Value> {
        self.look_at(operand.at, LookedAt::Operand(operand));
        self.fields(dot, dot.clone(), operand, path, arguments)
    }

    pub(super) fn chain(
        &mut self,
        dot: &Value,
        operand: &'a Operand,
        base: &'a Operand,
        path: &'a [Arc<str>],
        arguments: Arguments<'a>,
    ) -> Ran<Value> {
        self.look_at(operand.at, LookedAt::Operand(operand));
        let receiver = self.argument(dot, Type::Any, base)?;
        self.fields(dot, receiver, operand, path, arguments)
    }

    pub(super) fn variable(
        &mut self,
        dot: &Value,
        operand: &'a Operand,
        name: &str,
        path: &'a [Arc<str>],
        arguments: Arguments<'a>,
    ) -> Ran<Value> {
        self.look_at(operand.at, LookedAt::Operand(operand));
        let found = self.variables.iter().rev().find(|(variable, _)| **variable == *name);
        let Some(value) = found.map(|(_, value)| value.clone()) else {
            return self.fail(format!("undefined variable: {name}"));
        };
        if path.is_empty() {
            self.refuse_arguments(operand, &arguments)?;
            return Ok(value);
        }
        self.fields(dot, value, operand, path, arguments)
    }

    /// Fields of fields; the last may be a method that takes arguments.
    fn fields(
        &mut self,
        dot: &Value,
        receiver: Value,
        operand: &'a Operand,
        path: &'a [Arc<str>],
        arguments: Arguments<'a>,
    ) -> Ran<Value> {
        let mut found = Found { value: receiver, holds_any: false };
        let Some((last, path)) = path.split_last() else { return Ok(found.value) };
        for name in path {
            found = self.one_field(dot, found, operand, name, Arguments::NONE)?;
        }
        self.one_field(dot, found, operand, last, arguments).map(|found| found.value)
    }

    fn one_field(
        &mut self,
        dot: &Value,
        receiver: Found,
        operand: &'a Operand,
        name: &str,
        arguments: Arguments<'a>,
    ) -> Ran<Found> {
        self.step()?;
        let Found { value, holds_any } = receiver;
        let type_name = || if holds_any { "interface {}".to_owned() } else { value.type_name() };
        if matches!(value, Value::Nil) {
            if holds_any {
                return self.fail(format!("nil pointer evaluating interface {{}}.{name}"));
            }
            if self.missing == MissingKey::Error {
                return self.fail(format!("nil data; no entry for key {}", model::quote::quote(name)));
            }
            return Ok(Found { value: Value::Nil, holds_any: false });
        }
        if let Some(method) = method_of(&value, name) {
            let node = (operand.at, LookedAt::Operand(operand));
            let value = self.method(dot, name, method, node, arguments)?;
            return Ok(Found { value, holds_any: false });
        }
        if let Value::Object(object) = &value
            && let Some(field) = object.field(name)
        {
            if arguments.are_given() {
                return self.fail(format!("{name} has arguments but cannot be invoked as function"));
            }
            return Ok(Found { value: field, holds_any: object.holds_any(name) });
        }
        if let Value::Map(map) = value.base() {
            if arguments.are_given() {
                return self.fail(format!("{name} is not a method but has arguments"));
            }
            let entry = map.entries.get(name).cloned();
            let value = match (entry, self.missing) {
                (Some(entry), _) => entry,
                (None, MissingKey::NoValue) => Value::Nil,
                (None, MissingKey::Zero) => map.element.zero(),
                (None, MissingKey::Error) => {
                    return self.fail(format!("map has no entry for key {}", model::quote::quote(name)));
                }
            };
            return Ok(Found { value, holds_any: map.element == Type::Any });
        }
        self.fail(format!("can't evaluate field {name} in type {}", type_name()))
    }
}

fn method_of(value: &Value, name: &str) -> Option<Method> {
    match value {
        Value::Time(time) => time.method(name),
        Value::Duration(span) => span.method(name),
        Value::Object(object) => object.method(name),
        _ => None,
    }
}
