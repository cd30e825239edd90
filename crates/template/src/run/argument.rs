//! Calls: arguments are evaluated to what a function takes.

use super::{LookedAt, Ran, Run, builtins, expression::Arguments};
use crate::{
    Signature, Value,
    syntax::tree::{Operand, OperandKind},
    value::{Method, Type},
};

/// Where a call stands, for its complaints.
type Node<'a> = (usize, LookedAt<'a>);

/// What is said of a function whose text would not stay within the limits.
const TOO_LONG: &str = "the text would be too long";
/// All texts that functions make may take so many times what a template may write.
const MADE_PER_OUTPUT: usize = 8;

impl<'a> Run<'a> {
    pub(super) fn function(
        &mut self,
        dot: &Value,
        name: &str,
        node: Node<'a>,
        arguments: Arguments<'a>,
    ) -> Ran<Value> {
        let own = self.library.signature(name);
        let Some(signature) = own.or_else(|| builtins::signature(name)) else {
            return self.fail(format!("{} is not a defined function", model::quote::quote(name)));
        };
        self.check_count(name, signature.takes.len(), signature.rest.is_some(), arguments.count())?;
        if own.is_none() && matches!(name, "and" | "or") {
            return self.shortcut(dot, name == "or", arguments);
        }
        let written = arguments.written;
        let given = self.arguments(dot, signature, arguments)?;
        let result = match own {
            _ if self.is_too_much(name, &given) => Err(TOO_LONG.to_owned()),
            Some(_) => self.library.call(name, &given),
            None if name == "call" => Err(builtins::no_function(written.first(), given.first())),
            None => builtins::call(name, &given),
        };
        let result = self.counted(result);
        self.finish(name, node, result)
    }

    /// Whether a function would make a text too long of what it is given.
    fn is_too_much(&self, name: &str, given: &[Value]) -> bool {
        let lengths = || given.iter().filter_map(Value::as_text).map(str::len);
        let expected = match (name, given) {
            ("printf", [layout, ..]) => {
                let layout = layout.as_text().unwrap_or_default();
                // Only by its number an argument is written more than once.
                match layout.contains('[') {
                    true => lengths().max().unwrap_or(0).saturating_mul(layout.matches('%').count()),
                    false => lengths().fold(0, usize::saturating_add),
                }
            }
            ("print" | "println" | "html" | "js" | "urlquery", _) => lengths().fold(0, usize::saturating_add),
            _ => 0,
        };
        expected > self.limits.output_bytes_max
    }

    /// What a function made, unless it is too long, or what all of them made is too much.
    fn counted(&mut self, result: Result<Value, String>) -> Result<Value, String> {
        let Ok(value) = result else { return result };
        let len = value.as_text().map_or(0, str::len);
        self.made = self.made.saturating_add(len);
        let most = self.limits.output_bytes_max;
        match len > most || self.made > most.saturating_mul(MADE_PER_OUTPUT) {
            true => Err(TOO_LONG.to_owned()),
            false => Ok(value),
        }
    }

    pub(super) fn method(
        &mut self,
        dot: &Value,
        name: &str,
        method: Method,
        node: Node<'a>,
        arguments: Arguments<'a>,
    ) -> Ran<Value> {
        self.check_count(name, method.takes.len(), false, arguments.count())?;
        let mut given = Vec::with_capacity(arguments.count());
        let mut takes = method.takes.iter().copied();
        for operand in arguments.written {
            given.push(self.argument(dot, takes.next().unwrap_or(Type::Any), operand)?);
        }
        if let Some(piped) = arguments.piped {
            given.push(self.checked(piped, takes.next().unwrap_or(Type::Any))?);
        }
        let result = (method.run)(&given);
        self.finish(name, node, result)
    }

    fn check_count(&self, name: &str, takes: usize, any_more: bool, given: usize) -> Ran<()> {
        if any_more && given < takes {
            return self.fail(format!("wrong number of args for {name}: want at least {takes} got {given}"));
        }
        if !any_more && given != takes {
            return self.fail(format!("wrong number of args for {name}: want {takes} got {given}"));
        }
        Ok(())
    }

    fn finish(&mut self, name: &str, node: Node<'a>, result: Result<Value, String>) -> Ran<Value> {
        match result {
            Ok(value) => Ok(value),
            Err(message) => {
                self.look_at(node.0, node.1);
                self.fail(format!("error calling {name}: {message}"))
            }
        }
    }

    fn arguments(&mut self, dot: &Value, signature: Signature, arguments: Arguments<'a>) -> Ran<Vec<Value>> {
        let mut given = Vec::with_capacity(arguments.count());
        for operand in arguments.written {
            given.push(self.argument(dot, signature.at(given.len()), operand)?);
        }
        if let Some(piped) = arguments.piped {
            given.push(self.checked(piped, signature.at(given.len()))?);
        }
        Ok(given)
    }

    /// `and` and `or` look no further than they must.
    fn shortcut(&mut self, dot: &Value, ends_on: bool, arguments: Arguments<'a>) -> Ran<Value> {
        let mut value = Value::Nil;
        for operand in arguments.written {
            value = self.argument(dot, Type::Any, operand)?;
            if value.is_true() == ends_on {
                return Ok(value);
            }
        }
        Ok(arguments.piped.unwrap_or(value))
    }

    /// What an operand is, as an argument of a type.
    pub(super) fn argument(&mut self, dot: &Value, wanted: Type, operand: &'a Operand) -> Ran<Value> {
        self.step()?;
        self.look_at(operand.at, LookedAt::Operand(operand));
        let value = match &operand.kind {
            OperandKind::Dot => dot.clone(),
            OperandKind::Nil if wanted.can_be_nil() => return Ok(Value::Nil),
            OperandKind::Nil => return self.fail(format!("cannot assign nil to {}", wanted.name())),
            OperandKind::Field(path) => self.field(dot, operand, path, Arguments::NONE)?,
            OperandKind::Variable(name, path) => self.variable(dot, operand, name, path, Arguments::NONE)?,
            OperandKind::Pipe(pipe) => self.pipe(dot, pipe)?,
            OperandKind::Function(name) => {
                let node = (operand.at, LookedAt::Operand(operand));
                self.function(dot, name, node, Arguments::NONE)?
            }
            OperandKind::Chain(base, path) => self.chain(dot, operand, base, path, Arguments::NONE)?,
            OperandKind::Bool(_) | OperandKind::Number(_) | OperandKind::String { .. } => {
                return self.constant_argument(wanted, operand);
            }
        };
        self.checked(value, wanted)
    }

    fn constant_argument(&mut self, wanted: Type, operand: &'a Operand) -> Ran<Value> {
        let expected = match (wanted, &operand.kind) {
            (Type::Any | Type::Bool, OperandKind::Bool(value)) => return Ok(Value::Bool(*value)),
            (Type::Any | Type::Text, OperandKind::String { text, .. }) => {
                return Ok(Value::Text(text.clone()));
            }
            (Type::Any, OperandKind::Number(number)) => return self.number(operand, number),
            (Type::Int, OperandKind::Number(number)) if number.int.is_some() => {
                return Ok(Value::Int(number.int.unwrap_or(0)));
            }
            (Type::Duration, OperandKind::Number(number)) if number.int.is_some() => {
                return Ok(Value::Duration(crate::Duration::from_nanos(number.int.unwrap_or(0))));
            }
            (Type::Float, OperandKind::Number(number)) if number.float.is_some() => {
                return Ok(Value::Float(number.float.unwrap_or(0.0)));
            }
            (Type::Bool, _) => "bool",
            (Type::Int | Type::Duration, _) => "integer",
            (Type::Float, _) => "float",
            (Type::Text, _) => "string",
            (Type::Any | Type::Named(..), _) => {
                return self.fail(format!("can't handle {operand} for arg of type {}", wanted.name()));
            }
        };
        self.fail(format!("expected {expected}; found {operand}"))
    }

    /// A value that is of the type that is wanted.
    fn checked(&self, value: Value, wanted: Type) -> Ran<Value> {
        let fits = match (wanted, &value) {
            (_, Value::Nil) if wanted.can_be_nil() => true,
            (_, Value::Nil) => return self.fail(format!("invalid value; expected {}", wanted.name())),
            (Type::Any, _)
            | (Type::Bool, Value::Bool(_))
            | (Type::Int, Value::Int(_))
            | (Type::Float, Value::Float(_))
            | (Type::Text, Value::Text(_) | Value::Trusted(..))
            | (Type::Duration, Value::Duration(_)) => true,
            (Type::Named(name, _), _) => {
                let own = value.type_name();
                // What a pointer points to is taken too, and a plain list for one whose type has a name.
                own == name || own.strip_prefix('*') == Some(name) || value.base().type_name() == name
            }
            _ => false,
        };
        if fits {
            return Ok(value);
        }
        let (wanted, own) = (wanted.name(), value.type_name());
        self.fail(format!("wrong type for value; expected {wanted}; got {own}"))
    }
}
