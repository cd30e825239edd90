//! Expressions: operands and operators by precedence.
//!
//! What is open (parentheses, calls, operators that wait for their right operand) stands on a stack of
//! [`Frame`]s. An operand is completed by its modifiers; then the operator behind it decides, by precedence,
//! which of the open operators get their right operand.

use super::matching::Modifiers;
use super::selector::is_metric_name;
use super::{Context, DEPTH_MAX, Parser};
use crate::ast::{
    Aggregate, AggregateOp, Associativity, Binary, BinaryOp, Call, Expr, Paren, Unary, UnaryOp, ValueType,
};
use crate::error::{ErrorKind, Located, Parsed};
use crate::functions::Function;
use crate::lex::{Keyword, Token, TokenKind};
use crate::span::Span;

const AGGREGATION: Context = Context::new("aggregation", "");

/// A sign binds like `*`: less tightly than `^`.
const SIGN_PRECEDENCE: u8 = BinaryOp::Mul.precedence();

/// An expression and how deep it is.
#[derive(Debug)]
pub(super) struct Operand {
    pub(super) expr: Expr,
    pub(super) depth: usize,
}

impl Operand {
    pub(super) fn leaf(expr: Expr) -> Self {
        Self { expr, depth: 1 }
    }
}

/// Something open.
enum Frame<'t> {
    Paren { start: usize },
    Sign { op: UnaryOp, start: usize },
    Binary { op: BinaryOp, modifiers: Box<Modifiers>, lhs: Operand },
    Call { name: Token<'t>, args: Arguments },
    Aggregate { head: AggregateHead, args: Arguments },
}

/// An aggregation before its arguments.
struct AggregateHead {
    op: AggregateOp,
    /// Labels and whether they are those to drop; before the arguments or behind them.
    grouping: Option<(Vec<String>, bool)>,
    start: usize,
}

/// The arguments read so far.
#[derive(Default)]
struct Arguments {
    list: Vec<Expr>,
    depth: usize,
}

/// What a step of the parser leads to.
enum Next {
    /// An operand is to come.
    Operand,
    /// An operand has been read; what is behind it decides.
    Behind(Operand),
}

impl<'t> Parser<'t> {
    /// Takes an expression up to the end of the text.
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        let mut open: Vec<Frame<'t>> = Vec::new();
        let mut next = Next::Operand;
        loop {
            if open.len() > DEPTH_MAX {
                return Err(self.failed(ErrorKind::TooDeep(DEPTH_MAX)));
            }
            next = match next {
                Next::Operand => self.operand(&mut open)?,
                Next::Behind(operand) => {
                    let operand = self.modified(operand)?;
                    let token = self.peek()?;
                    if let TokenKind::Operator(op) = token.kind {
                        let lhs = self.reduce_tighter(&mut open, operand, op)?;
                        self.next()?;
                        let modifiers = Box::new(self.modifiers(op)?);
                        open.push(Frame::Binary { op, modifiers, lhs });
                        Next::Operand
                    } else {
                        let operand = self.reduce_operators(&mut open, operand)?;
                        match open.pop() {
                            Some(frame) => self.close(&mut open, frame, operand)?,
                            None if token.kind == TokenKind::End => return Ok(operand.expr),
                            None => return Err(self.unexpected(Context::NONE)),
                        }
                    }
                }
            };
        }
    }

    /// Takes an operand, or what opens one.
    fn operand(&mut self, open: &mut Vec<Frame<'t>>) -> Parsed<Next> {
        let token = self.peek()?;
        if let Some(number) = self.number(token)? {
            self.next()?;
            return Ok(Next::Behind(Operand::leaf(Expr::Number(number))));
        }
        let start = token.span.start;
        match token.kind {
            TokenKind::String => {
                self.next()?;
                Ok(Next::Behind(Operand::leaf(Expr::String(Self::string(token)))))
            }
            TokenKind::LeftParen => {
                self.next()?;
                open.push(Frame::Paren { start });
                Ok(Next::Operand)
            }
            TokenKind::Operator(BinaryOp::Add | BinaryOp::Sub) => {
                self.next()?;
                let minus = token.kind == TokenKind::Operator(BinaryOp::Sub);
                open.push(Frame::Sign { op: if minus { UnaryOp::Minus } else { UnaryOp::Plus }, start });
                Ok(Next::Operand)
            }
            TokenKind::LeftBrace => self.selector_operand(None),
            TokenKind::Aggregate(op) => self.aggregate_or_selector(open, token, op),
            TokenKind::Identifier | TokenKind::Word(_) => {
                self.next()?;
                if self.next_if(TokenKind::LeftParen)?.is_none() {
                    return self.selector_operand(Some(token));
                }
                self.open_arguments(open, Frame::Call { name: token, args: Arguments::default() })
            }
            kind if is_metric_name(kind) => {
                self.next()?;
                self.selector_operand(Some(token))
            }
            _ => Err(self.unexpected(Context::NONE)),
        }
    }

    fn selector_operand(&mut self, name: Option<Token<'t>>) -> Parsed<Next> {
        let selector = self.selector_named(name)?;
        Ok(Next::Behind(Operand::leaf(Expr::VectorSelector(Box::new(selector)))))
    }

    /// What begins with the name of an aggregation: one, or a selector of a metric with that name.
    fn aggregate_or_selector(
        &mut self,
        open: &mut Vec<Frame<'t>>,
        name: Token<'t>,
        op: AggregateOp,
    ) -> Parsed<Next> {
        self.next()?;
        let mut head = AggregateHead { op, grouping: None, start: name.span.start };
        match self.peek()?.kind {
            TokenKind::LeftParen => {}
            TokenKind::Keyword(Keyword::By | Keyword::Without) => head.grouping = self.grouping()?,
            _ => return self.selector_operand(Some(name)),
        }
        self.expect(TokenKind::LeftParen, AGGREGATION)?;
        self.aggregations_open += 1;
        self.open_arguments(open, Frame::Aggregate { head, args: Arguments::default() })
    }

    /// Takes `by (…)` or `without (…)` if it comes.
    fn grouping(&mut self) -> Parsed<Option<(Vec<String>, bool)>> {
        match self.next_keyword(&[Keyword::By, Keyword::Without])? {
            Some(keyword) => Ok(Some((self.grouping_labels()?, keyword == Keyword::Without))),
            None => Ok(None),
        }
    }

    /// Behind the opening parenthesis of arguments: there may be none.
    fn open_arguments(&mut self, open: &mut Vec<Frame<'t>>, frame: Frame<'t>) -> Parsed<Next> {
        if self.next_if(TokenKind::RightParen)?.is_some() {
            return self.closed_arguments(frame);
        }
        open.push(frame);
        Ok(Next::Operand)
    }

    /// Gives `operand` to those open operators that bind more tightly than `op`, which comes behind it.
    fn reduce_tighter(
        &mut self,
        open: &mut Vec<Frame<'t>>,
        mut operand: Operand,
        op: BinaryOp,
    ) -> Parsed<Operand> {
        loop {
            let binds_first = |precedence: u8| {
                precedence > op.precedence()
                    || precedence == op.precedence() && op.associativity() == Associativity::Left
            };
            let frame = open.pop_if(|frame| match frame {
                Frame::Sign { .. } => binds_first(SIGN_PRECEDENCE),
                Frame::Binary { op, .. } => binds_first(op.precedence()),
                _ => false,
            });
            match frame {
                Some(frame) => operand = self.reduce(frame, operand)?,
                None => return Ok(operand),
            }
        }
    }

    /// Gives `operand` to all open operators up to the nearest parenthesis.
    fn reduce_operators(&mut self, open: &mut Vec<Frame<'t>>, mut operand: Operand) -> Parsed<Operand> {
        while let Some(frame) =
            open.pop_if(|frame| matches!(frame, Frame::Sign { .. } | Frame::Binary { .. }))
        {
            operand = self.reduce(frame, operand)?;
        }
        Ok(operand)
    }

    /// Gives an operator its right operand.
    fn reduce(&mut self, frame: Frame<'t>, operand: Operand) -> Parsed<Operand> {
        match frame {
            Frame::Sign { op, start } => self.signed(op, start, operand),
            Frame::Binary { op, modifiers, lhs } => self.combined(op, *modifiers, lhs, operand),
            _ => Ok(operand),
        }
    }

    /// A sign before a literal becomes part of it.
    fn signed(&mut self, op: UnaryOp, start: usize, operand: Operand) -> Parsed<Operand> {
        if let Expr::Number(mut number) = operand.expr {
            number.value = if op == UnaryOp::Minus { -number.value } else { number.value };
            number.span.start = start;
            return Ok(Operand::leaf(Expr::Number(number)));
        }
        let span = Span::new(start, operand.expr.span().end);
        let expr = Expr::Unary(Box::new(Unary { op, expr: operand.expr, span }));
        self.deeper(expr, operand.depth)
    }

    fn combined(
        &mut self,
        op: BinaryOp,
        modifiers: Modifiers,
        lhs: Operand,
        rhs: Operand,
    ) -> Parsed<Operand> {
        let fill = modifiers.matching.fill;
        let span = lhs.expr.span().to(rhs.expr.span());
        if !self.options.binop_fill_modifiers && (fill.left.is_some() || fill.right.is_some()) {
            return Err(Located::new(ErrorKind::FillNotEnabled, span));
        }
        let scalars =
            lhs.expr.value_type() == ValueType::Scalar && rhs.expr.value_type() == ValueType::Scalar;
        let value_type = if scalars { ValueType::Scalar } else { ValueType::Vector };
        let depth = lhs.depth.max(rhs.depth);
        let expr = Expr::Binary(Box::new(Binary {
            op,
            lhs: lhs.expr,
            rhs: rhs.expr,
            return_bool: modifiers.return_bool,
            matching: Some(modifiers.matching),
            value_type,
            span,
        }));
        self.deeper(expr, depth)
    }

    /// An expression around one that is so deep.
    pub(super) fn deeper(&mut self, expr: Expr, inner_depth: usize) -> Parsed<Operand> {
        if inner_depth >= DEPTH_MAX {
            return Err(Located::new(ErrorKind::TooDeep(DEPTH_MAX), expr.span()));
        }
        Ok(Operand { expr, depth: inner_depth + 1 })
    }

    /// Behind an operand that no operator follows: closes the innermost parenthesis, or goes on to the next
    /// argument.
    fn close(&mut self, open: &mut Vec<Frame<'t>>, mut frame: Frame<'t>, operand: Operand) -> Parsed<Next> {
        let token = self.peek()?;
        let args = match &mut frame {
            Frame::Call { args, .. } | Frame::Aggregate { args, .. } => args,
            Frame::Paren { start } => {
                let start = *start;
                self.expect(TokenKind::RightParen, Context::NONE)?;
                let expr = Expr::Paren(Box::new(Paren { expr: operand.expr, span: self.span_from(start) }));
                return Ok(Next::Behind(self.deeper(expr, operand.depth)?));
            }
            Frame::Sign { .. } | Frame::Binary { .. } => return Ok(Next::Behind(operand)),
        };
        args.list.push(operand.expr);
        args.depth = args.depth.max(operand.depth);
        match token.kind {
            TokenKind::RightParen => {
                self.next()?;
                self.closed_arguments(frame)
            }
            TokenKind::Comma => {
                self.next()?;
                if !begins_expression(self.peek()?.kind) {
                    return Err(Located::new(ErrorKind::TrailingComma, token.span));
                }
                open.push(frame);
                Ok(Next::Operand)
            }
            _ => Err(self.unexpected(Context::NONE)),
        }
    }

    /// Behind the closing parenthesis of arguments.
    fn closed_arguments(&mut self, frame: Frame<'t>) -> Parsed<Next> {
        let operand = match frame {
            Frame::Call { name, args } => self.call(name, args)?,
            Frame::Aggregate { head, args } => {
                self.aggregations_open -= 1;
                self.aggregate(head, args)?
            }
            _ => return Ok(Next::Operand),
        };
        Ok(Next::Behind(operand))
    }

    fn call(&mut self, name: Token<'t>, args: Arguments) -> Parsed<Operand> {
        // Names are case-sensitive, words are not.
        let function = match name.kind {
            TokenKind::Word(_) => Function::by_name(&name.text.to_ascii_lowercase()),
            _ => Function::by_name(name.text),
        };
        let Some(function) = function else {
            return Err(Located::new(ErrorKind::UnknownFunction(name.text.to_owned()), name.span));
        };
        if function.experimental && !self.options.experimental_functions {
            return Err(Located::new(ErrorKind::FunctionNotEnabled(function.name), name.span));
        }
        let span = self.span_from(name.span.start);
        self.deeper(Expr::Call(Box::new(Call { function, args: args.list, span })), args.depth)
    }

    fn aggregate(&mut self, mut head: AggregateHead, args: Arguments) -> Parsed<Operand> {
        if head.grouping.is_none() {
            head.grouping = self.grouping()?;
        }
        let span = self.span_from(head.start);
        let failed = |kind| Located::new(kind, span);
        let op = head.op;
        if op.is_experimental() && !self.options.experimental_functions {
            return Err(failed(ErrorKind::AggregateNotEnabled(op.name())));
        }
        let count = args.list.len();
        let mut list = args.list.into_iter();
        let expected = 1 + usize::from(op.has_param());
        let param = if op.has_param() { list.next() } else { None };
        let expr = match list.next() {
            Some(expr) if count == expected => expr,
            _ if count == 0 => return Err(failed(ErrorKind::AggregateWithoutArguments)),
            _ => return Err(failed(ErrorKind::AggregateArgumentCount { expected, got: count })),
        };
        let (grouping, without) = head.grouping.unwrap_or_default();
        self.deeper(
            Expr::Aggregate(Box::new(Aggregate { op, expr, param, grouping, without, span })),
            args.depth,
        )
    }
}

/// Whether an expression may begin with this token.
pub(super) fn begins_expression(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Number
            | TokenKind::Duration
            | TokenKind::String
            | TokenKind::LeftParen
            | TokenKind::LeftBrace
            | TokenKind::Operator(BinaryOp::Add | BinaryOp::Sub)
    ) || is_metric_name(kind)
}
