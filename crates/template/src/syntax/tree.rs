//! What a template is made of, as plain data; it prints as it was written, but for blanks.

use std::{fmt, sync::Arc};

/// A piece of a template.
#[derive(Clone, Debug)]
pub(crate) enum Statement {
    Text { text: Arc<str> },
    Action { at: usize, pipe: Pipe },
    Branch(Box<Branch>),
    Call { at: usize, name: String, pipe: Option<Pipe> },
    Break,
    Continue,
}

/// `if`, `with` or `range`.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) kind: BranchKind,
    pub(crate) at: usize,
    pub(crate) pipe: Pipe,
    pub(crate) body: Vec<Statement>,
    pub(crate) otherwise: Option<Vec<Statement>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BranchKind {
    If,
    With,
    Range,
}

impl BranchKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            BranchKind::If => "if",
            BranchKind::With => "with",
            BranchKind::Range => "range",
        }
    }
}

/// Commands, each given the value of the one before; maybe kept in variables.
#[derive(Clone, Debug)]
pub(crate) struct Pipe {
    pub(crate) at: usize,
    /// The variables are there already (`=`, not `:=`).
    pub(crate) assigns: bool,
    pub(crate) variables: Vec<Arc<str>>,
    pub(crate) commands: Vec<Command>,
}

/// A function or value with arguments.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) at: usize,
    pub(crate) operands: Vec<Operand>,
}

/// A value of a command.
#[derive(Clone, Debug)]
pub(crate) struct Operand {
    pub(crate) at: usize,
    pub(crate) kind: OperandKind,
}

#[derive(Clone, Debug)]
pub(crate) enum OperandKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    String { written: String, text: Arc<str> },
    Field(Vec<Arc<str>>),
    Variable(Arc<str>, Vec<Arc<str>>),
    Function(Arc<str>),
    Chain(Box<Operand>, Vec<Arc<str>>),
    Pipe(Box<Pipe>),
}

/// A number and what it can be.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) written: String,
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) imaginary: bool,
}

impl Number {
    /// Whether it is a float when nothing else is asked for.
    pub(crate) fn is_float(&self) -> bool {
        let hex = self.written.starts_with("0x") || self.written.starts_with("0X");
        let hexadecimal_integer = hex && !self.written.contains(['p', 'P']);
        self.float.is_some()
            && !hexadecimal_integer
            && !self.written.starts_with('\'')
            && self.written.contains(['.', 'e', 'E', 'p', 'P'])
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Statement::Text { text } => f.write_str(text),
            Statement::Action { pipe, .. } => write!(f, "{{{{{pipe}}}}}"),
            Statement::Branch(branch) => {
                write!(f, "{{{{{} {}}}}}", branch.kind.word(), branch.pipe)?;
                branch.body.iter().try_for_each(|statement| statement.fmt(f))?;
                if let Some(otherwise) = &branch.otherwise {
                    f.write_str("{{else}}")?;
                    otherwise.iter().try_for_each(|statement| statement.fmt(f))?;
                }
                f.write_str("{{end}}")
            }
            Statement::Call { name, pipe, .. } => {
                write!(f, "{{{{template {}", model::quote::quote(name))?;
                if let Some(pipe) = pipe {
                    write!(f, " {pipe}")?;
                }
                f.write_str("}}")
            }
            Statement::Break => f.write_str("{{break}}"),
            Statement::Continue => f.write_str("{{continue}}"),
        }
    }
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            write!(f, "{} {} ", self.variables.join(", "), if self.assigns { "=" } else { ":=" })?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            if index > 0 {
                f.write_str(" | ")?;
            }
            command.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, operand) in self.operands.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            match &operand.kind {
                OperandKind::Pipe(pipe) => write!(f, "({pipe})")?,
                _ => operand.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |f: &mut fmt::Formatter<'_>, names: &[Arc<str>]| {
            names.iter().try_for_each(|name| write!(f, ".{name}"))
        };
        match &self.kind {
            OperandKind::Dot => f.write_str("."),
            OperandKind::Nil => f.write_str("nil"),
            OperandKind::Bool(value) => write!(f, "{value}"),
            OperandKind::Number(number) => f.write_str(&number.written),
            OperandKind::String { written, .. } => f.write_str(written),
            OperandKind::Field(path) => names(f, path),
            OperandKind::Variable(name, path) => {
                f.write_str(name)?;
                names(f, path)
            }
            OperandKind::Function(name) => f.write_str(name),
            OperandKind::Chain(operand, path) => {
                match &operand.kind {
                    OperandKind::Pipe(pipe) => write!(f, "({pipe})")?,
                    _ => operand.fmt(f)?,
                }
                names(f, path)
            }
            OperandKind::Pipe(pipe) => pipe.fmt(f),
        }
    }
}
