//! The grammar of actions: pipelines, commands, operands.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    lex::lex,
    literal,
    token::{Keyword, Kind, Token},
    tree::{Command, Operand, OperandKind, Pipe, Statement},
};
use crate::error::Error;

/// Parentheses and blocks nest no deeper: the tree is walked by calls.
const DEPTH_MAX: usize = 100;

/// Whether a function of a name exists.
pub(crate) type Names<'a> = &'a dyn Fn(&str) -> bool;

/// Reads a template: its own statements, and those of the templates it defines.
pub(crate) fn parse(
    name: &str,
    text: &str,
    functions: Names<'_>,
) -> Result<BTreeMap<String, Vec<Statement>>, Error> {
    let mut parser = Parser {
        name,
        functions,
        tokens: lex(text),
        next: 0,
        furthest: 0,
        variables: vec!["$".into()],
        range_depth: 0,
        depth: 0,
        action_line: None,
        defined: BTreeMap::new(),
    };
    parser.whole().map_err(|message| {
        let line = parser.tokens.get(parser.furthest).map_or(1, |token| token.line);
        Error::Parse { name: name.to_owned(), line, message }
    })?;
    Ok(parser.defined)
}

pub(super) struct Parser<'a> {
    pub(super) name: &'a str,
    functions: Names<'a>,
    tokens: Vec<Token>,
    next: usize,
    furthest: usize,
    pub(super) variables: Vec<Arc<str>>,
    pub(super) range_depth: usize,
    depth: usize,
    /// The line of the action that is open.
    action_line: Option<usize>,
    pub(super) defined: BTreeMap<String, Vec<Statement>>,
}

/// What is read, or the complaint.
pub(super) type Parsed<T> = Result<T, String>;

impl Parser<'_> {
    /// The next word, which stays the next.
    pub(super) fn peek(&mut self) -> Token {
        let last = self.tokens.len().saturating_sub(1);
        let index = self.next.min(last);
        self.furthest = self.furthest.max(index);
        let end = Token { kind: Kind::End, text: String::new(), at: 0, line: 1 };
        self.tokens.get(index).cloned().unwrap_or(end)
    }

    pub(super) fn take(&mut self) -> Token {
        let token = self.peek();
        self.next += 1;
        match token.kind {
            Kind::LeftDelimiter => self.action_line = Some(token.line),
            Kind::RightDelimiter => self.action_line = None,
            _ => {}
        }
        token
    }

    pub(super) fn peek_word(&mut self) -> Token {
        while self.peek().kind == Kind::Space {
            self.next += 1;
        }
        self.peek()
    }

    pub(super) fn take_word(&mut self) -> Token {
        self.peek_word();
        self.take()
    }

    pub(super) fn unexpected<T>(&self, token: &Token, place: &str) -> Parsed<T> {
        if token.kind != Kind::Error {
            return Err(format!("unexpected {} in {place}", token.described()));
        }
        match self.action_line {
            Some(line) if line != token.line => {
                let action = if token.text.ends_with(" action") { "" } else { " in action" };
                Err(format!("{}{action} started at {}:{line}", token.text, self.name))
            }
            _ => Err(token.text.clone()),
        }
    }

    pub(super) fn expect(&mut self, kinds: &[Kind], place: &str) -> Parsed<Token> {
        let token = self.take_word();
        if kinds.contains(&token.kind) { Ok(token) } else { self.unexpected(&token, place) }
    }

    /// Runs `read` one level deeper.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("nested more than {DEPTH_MAX} deep"));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// A pipeline up to `end`, which is taken.
    pub(super) fn pipeline(&mut self, place: &str, end: Kind) -> Parsed<Pipe> {
        let at = self.peek_word().at;
        let mut pipe = Pipe { at, assigns: false, variables: Vec::new(), commands: Vec::new() };
        self.declarations(place, &mut pipe)?;
        loop {
            let token = self.take_word();
            match token.kind {
                _ if token.kind == end => {
                    check_pipeline(&pipe, place)?;
                    return Ok(pipe);
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Keyword(Keyword::Nil)
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.next -= 1;
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => return self.unexpected(&token, place),
            }
        }
    }

    /// The variables before `:=` or `=`.
    fn declarations(&mut self, place: &str, pipe: &mut Pipe) -> Parsed<()> {
        loop {
            let variable = self.peek_word();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            let back = self.next;
            self.take();
            let next = self.peek_word();
            let name: Arc<str> = variable.text.as_str().into();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    pipe.assigns = next.kind == Kind::Assign;
                    self.take();
                    pipe.variables.push(name.clone());
                    self.variables.push(name);
                    return Ok(());
                }
                Kind::Character if next.text == "," => {
                    self.take();
                    pipe.variables.push(name.clone());
                    self.variables.push(name);
                    if place != "range" || pipe.variables.len() >= 2 {
                        return Err(format!("too many declarations in {place}"));
                    }
                    let after = self.peek_word().kind;
                    if !matches!(after, Kind::Variable | Kind::RightDelimiter | Kind::RightParen) {
                        return Err("range can only initialize variables".into());
                    }
                }
                _ => {
                    self.next = back;
                    return Ok(());
                }
            }
        }
    }

    fn command(&mut self) -> Parsed<Command> {
        let at = self.peek_word().at;
        let mut operands = Vec::new();
        loop {
            self.peek_word();
            if let Some(operand) = self.operand()? {
                operands.push(operand);
            }
            let token = self.take();
            match token.kind {
                Kind::Space => {}
                Kind::RightDelimiter | Kind::RightParen => {
                    self.next -= 1;
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(&token, "operand"),
            }
        }
        if operands.is_empty() {
            return Err("empty command".into());
        }
        Ok(Command { at, operands })
    }

    /// A term and the fields behind it.
    fn operand(&mut self) -> Parsed<Option<Operand>> {
        let Some(term) = self.term()? else { return Ok(None) };
        let first = self.peek();
        if first.kind != Kind::Field {
            return Ok(Some(term));
        }
        let mut names: Vec<Arc<str>> = Vec::new();
        while self.peek().kind == Kind::Field {
            names.push(self.take().text.get(1..).unwrap_or_default().into());
        }
        let kind = match term.kind {
            OperandKind::Field(mut path) => {
                path.extend(names);
                OperandKind::Field(path)
            }
            OperandKind::Variable(name, mut path) => {
                path.extend(names);
                OperandKind::Variable(name, path)
            }
            OperandKind::Bool(_)
            | OperandKind::String { .. }
            | OperandKind::Number(_)
            | OperandKind::Nil
            | OperandKind::Dot => {
                return Err(format!("unexpected . after term {}", model::quote::quote(&term.to_string())));
            }
            _ => OperandKind::Chain(Box::new(term), names),
        };
        Ok(Some(Operand { at: first.at, kind }))
    }

    fn term(&mut self) -> Parsed<Option<Operand>> {
        let token = self.take_word();
        let kind = match token.kind {
            Kind::Identifier => {
                if !(self.functions)(&token.text) {
                    return Err(format!("function {} not defined", model::quote::quote(&token.text)));
                }
                OperandKind::Function(token.text.as_str().into())
            }
            Kind::Dot => OperandKind::Dot,
            Kind::Keyword(Keyword::Nil) => OperandKind::Nil,
            Kind::Variable => {
                if !self.variables.iter().any(|name| **name == *token.text) {
                    return Err(format!("undefined variable {}", model::quote::quote(&token.text)));
                }
                OperandKind::Variable(token.text.as_str().into(), Vec::new())
            }
            Kind::Field => OperandKind::Field(vec![token.text.get(1..).unwrap_or_default().into()]),
            Kind::Bool => OperandKind::Bool(token.text == "true"),
            Kind::CharConstant => OperandKind::Number(literal::number(&token.text, true)?),
            Kind::Number => OperandKind::Number(literal::number(&token.text, false)?),
            Kind::LeftParen => {
                let pipe =
                    self.nested(|parser| parser.pipeline("parenthesized pipeline", Kind::RightParen))?;
                return Ok(Some(Operand { at: pipe.at, kind: OperandKind::Pipe(Box::new(pipe)) }));
            }
            Kind::String | Kind::RawString => {
                let text = literal::unquote(&token.text).ok_or("invalid syntax")?;
                OperandKind::String { written: token.text, text: text.into() }
            }
            _ => {
                self.next -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Operand { at: token.at, kind }))
    }
}

/// A pipeline has commands, and all but the first can be given a value.
fn check_pipeline(pipe: &Pipe, place: &str) -> Parsed<()> {
    if pipe.commands.is_empty() {
        return Err(format!("missing value for {place}"));
    }
    for (index, command) in pipe.commands.iter().enumerate().skip(1) {
        let first = command.operands.first().map(|operand| &operand.kind);
        if matches!(
            first,
            Some(
                OperandKind::Bool(_)
                    | OperandKind::Dot
                    | OperandKind::Nil
                    | OperandKind::Number(_)
                    | OperandKind::String { .. }
            )
        ) {
            return Err(format!("non executable command in pipeline stage {}", index + 1));
        }
    }
    Ok(())
}
