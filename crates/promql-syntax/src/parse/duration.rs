//! Duration expressions: between brackets whole ones, behind `offset` a literal, a call, or anything in
//! parentheses.

use super::{Context, Parser};
use crate::ast::{self, BinaryOp, DurationExpr, DurationNode, DurationOp, DurationValue};
use crate::error::{ErrorKind, Located, Parsed};
use crate::lex::{Token, TokenKind, Word};
use crate::span::Span;

/// How deep a duration expression may be, chains of operators included.
const DURATION_DEPTH_MAX: usize = 250;

/// How tightly a sign binds: like `*`.
const SIGN_PRECEDENCE: u8 = BinaryOp::Mul.precedence();

/// The longest duration in seconds, that of 2^63 nanoseconds.
const SECONDS_MAX: f64 = (1u64 << 63) as f64 / 1e9;

/// A part of a duration expression and how deep it is.
struct Part {
    expr: DurationExpr,
    depth: usize,
}

impl<'t> Parser<'t> {
    /// Takes a duration expression as it stands between brackets.
    pub(super) fn duration_expr(&mut self, context: Context) -> Parsed<DurationExpr> {
        Ok(self.duration_part(context, 0, 0)?.expr)
    }

    /// Takes what may follow `offset`.
    pub(super) fn offset_duration(&mut self, context: Context) -> Parsed<DurationExpr> {
        let sign = self.sign()?;
        let part = self.duration_operand(context, 0)?;
        Ok(match sign {
            Some((negative, start)) => signed(part, negative, start).expr,
            None => part.expr,
        })
    }

    /// Takes operands and operators that bind at least as tightly as `precedence`.
    fn duration_part(&mut self, context: Context, precedence: u8, depth: usize) -> Parsed<Part> {
        if depth > DURATION_DEPTH_MAX {
            return Err(self.failed(ErrorKind::TooDeep(DURATION_DEPTH_MAX)));
        }
        let mut lhs = match self.sign()? {
            Some((negative, start)) => {
                let operand = self.duration_part(context, SIGN_PRECEDENCE + 1, depth + 1)?;
                signed(operand, negative, start)
            }
            None => self.duration_operand(context, depth)?,
        };
        while let Some((token, op)) = self.duration_op()? {
            if op.precedence() < precedence {
                break;
            }
            self.next()?;
            // `^` is taken together from the right, the others from the left.
            let tighter = if op == BinaryOp::Pow { op.precedence() } else { op.precedence() + 1 };
            let rhs = self.duration_part(context, tighter, depth + 1)?;
            lhs = self.duration_binary(lhs, token, op, rhs)?;
        }
        Ok(lhs)
    }

    /// The next token if it is an operator of duration expressions.
    fn duration_op(&mut self) -> Parsed<Option<(Token<'t>, BinaryOp)>> {
        use BinaryOp::{Add, Div, Mod, Mul, Pow, Sub};
        let token = self.peek()?;
        Ok(match token.kind {
            TokenKind::Operator(op @ (Add | Sub | Mul | Div | Mod | Pow)) => Some((token, op)),
            _ => None,
        })
    }

    fn duration_binary(&mut self, lhs: Part, operator: Token<'t>, op: BinaryOp, rhs: Part) -> Parsed<Part> {
        let op = match op {
            BinaryOp::Add => DurationOp::Add,
            BinaryOp::Sub => DurationOp::Sub,
            BinaryOp::Mul => DurationOp::Mul,
            BinaryOp::Div => DurationOp::Div,
            BinaryOp::Mod => DurationOp::Mod,
            _ => DurationOp::Pow,
        };
        if matches!(rhs.expr.node, DurationNode::Number { value: 0.0, .. }) {
            match op {
                DurationOp::Div => return Err(Located::new(ErrorKind::DivisionByZero, operator.span)),
                DurationOp::Mod => return Err(Located::new(ErrorKind::ModuloByZero, operator.span)),
                _ => {}
            }
        }
        let span = lhs.expr.span.to(rhs.expr.span);
        self.duration_pair(op, lhs, rhs, span)
    }

    fn duration_pair(&mut self, op: DurationOp, lhs: Part, rhs: Part, span: Span) -> Parsed<Part> {
        let depth = lhs.depth.max(rhs.depth) + 1;
        if depth > DURATION_DEPTH_MAX {
            return Err(self.failed(ErrorKind::TooDeep(DURATION_DEPTH_MAX)));
        }
        let node = DurationNode::Binary { op, lhs: Box::new(lhs.expr), rhs: Box::new(rhs.expr) };
        Ok(Part { expr: DurationExpr { node, wrapped: false, span }, depth })
    }

    /// Takes a literal, a call, or an expression in parentheses.
    fn duration_operand(&mut self, context: Context, depth: usize) -> Parsed<Part> {
        let token = self.peek()?;
        if let Some(number) = self.number(token)? {
            self.next()?;
            if number.value.is_nan() || number.value.abs() > SECONDS_MAX {
                return Err(Located::new(ErrorKind::DurationOutOfRange, token.span));
            }
            let node = DurationNode::Number { value: number.value, duration: number.duration };
            return Ok(Part { expr: DurationExpr { node, wrapped: false, span: token.span }, depth: 1 });
        }
        match token.kind {
            TokenKind::LeftParen => {
                self.next()?;
                let mut inner = self.duration_part(context, 0, depth + 1)?;
                self.expect(TokenKind::RightParen, context)?;
                // Parentheses around a literal say nothing and are forgotten.
                inner.expr.wrapped = !matches!(inner.expr.node, DurationNode::Number { .. });
                Ok(inner)
            }
            TokenKind::Word(word @ (Word::Step | Word::Range)) => {
                self.next()?;
                self.expect(TokenKind::LeftParen, context)?;
                self.expect(TokenKind::RightParen, context)?;
                let node = if word == Word::Step { DurationNode::Step } else { DurationNode::Range };
                let span = self.span_from(token.span.start);
                Ok(Part { expr: DurationExpr { node, wrapped: false, span }, depth: 1 })
            }
            TokenKind::Word(word @ (Word::MinOf | Word::MaxOf)) => {
                let op = if word == Word::MinOf { DurationOp::MinOf } else { DurationOp::MaxOf };
                self.duration_call(context, op, depth)
            }
            _ => Err(self.unexpected(context)),
        }
    }

    fn duration_call(&mut self, context: Context, op: DurationOp, depth: usize) -> Parsed<Part> {
        let start = self.next()?.span.start;
        self.expect(TokenKind::LeftParen, context)?;
        let lhs = self.duration_part(context, 0, depth + 1)?;
        self.expect(TokenKind::Comma, context)?;
        let rhs = self.duration_part(context, 0, depth + 1)?;
        self.expect(TokenKind::RightParen, context)?;
        let span = self.span_from(start);
        self.duration_pair(op, lhs, rhs, span)
    }
}

/// A part behind a sign. A sign before a literal becomes part of it; `+` says nothing and is forgotten.
fn signed(mut part: Part, negative: bool, start: usize) -> Part {
    if let DurationNode::Number { value, .. } = &mut part.expr.node {
        *value = if negative { -*value } else { *value };
        part.expr.span.start = start;
        return part;
    }
    if !negative {
        return part;
    }
    let span = Span::new(start, part.expr.span.end);
    let node = DurationNode::Negated(Box::new(part.expr));
    Part { expr: DurationExpr { node, wrapped: false, span }, depth: part.depth + 1 }
}

impl From<DurationExpr> for DurationValue {
    /// A literal becomes a fixed duration, anything else waits to be resolved.
    fn from(expr: DurationExpr) -> Self {
        match expr.node {
            DurationNode::Number { value, .. } => Self::fixed(ast::whole_milliseconds(value)),
            _ => Self { ms: 0, expr: Some(Box::new(expr)) },
        }
    }
}
