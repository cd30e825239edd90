//! The syntax tree: plain data with places in the text, no handle to any storage.

mod duration;
mod operator;
mod selector;

pub(crate) use duration::whole_milliseconds;
pub use duration::{DurationExpr, DurationNode, DurationOp, DurationValue};
pub use operator::{AggregateOp, Associativity, BinaryOp, Cardinality, Fill, UnaryOp, VectorMatching};
pub use selector::{At, Extension, MatrixSelector, Subquery, VectorSelector};

use crate::functions::Function;
use crate::span::Span;

/// The type of what an expression evaluates to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// One number per step.
    Scalar,
    /// One sample of each series per step.
    Vector,
    /// A range of samples of each series per step.
    Matrix,
    /// A text.
    String,
}

impl ValueType {
    /// The name in API answers: `vector`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "vector",
            Self::Matrix => "matrix",
            Self::String => "string",
        }
    }

    /// The name in error messages and documentation: `instant vector`.
    pub const fn documented_name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
            Self::String => "string",
        }
    }
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `1.5`, `5m`.
    Number(NumberLiteral),
    /// `"text"`.
    String(StringLiteral),
    /// `up{job="a"} offset 5m`.
    VectorSelector(Box<VectorSelector>),
    /// `up[5m]`.
    MatrixSelector(Box<MatrixSelector>),
    /// `expr[1h:5m]`.
    Subquery(Box<Subquery>),
    /// `-expr`.
    Unary(Box<Unary>),
    /// `a + b`.
    Binary(Box<Binary>),
    /// `sum by (job) (expr)`.
    Aggregate(Box<Aggregate>),
    /// `rate(expr)`.
    Call(Box<Call>),
    /// `(expr)`.
    Paren(Box<Paren>),
}

impl Expr {
    /// Where the expression stands in the text.
    pub fn span(&self) -> Span {
        match self {
            Self::Number(number) => number.span,
            Self::String(string) => string.span,
            Self::VectorSelector(selector) => selector.span,
            Self::MatrixSelector(selector) => selector.span,
            Self::Subquery(subquery) => subquery.span,
            Self::Unary(unary) => unary.span,
            Self::Binary(binary) => binary.span,
            Self::Aggregate(aggregate) => aggregate.span,
            Self::Call(call) => call.span,
            Self::Paren(paren) => paren.span,
        }
    }

    /// The type of its value. An operator on two scalars gives a scalar, any other a vector.
    ///
    /// Costs a walk down the operands of operators only.
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Number(_) => ValueType::Scalar,
            Self::String(_) => ValueType::String,
            Self::VectorSelector(_) | Self::Aggregate(_) => ValueType::Vector,
            Self::MatrixSelector(_) | Self::Subquery(_) => ValueType::Matrix,
            Self::Unary(unary) => unary.expr.value_type(),
            Self::Paren(paren) => paren.expr.value_type(),
            Self::Binary(binary) => binary.value_type,
            Self::Call(call) => call.function.returns,
        }
    }

    /// The expression without the parentheses around it.
    pub fn unwrap_parens(&self) -> &Self {
        let mut inner = self;
        while let Self::Paren(paren) = inner {
            inner = &paren.expr;
        }
        inner
    }

    /// The expressions right below this one, in the order of the text.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Number(_) | Self::String(_) | Self::VectorSelector(_) | Self::MatrixSelector(_) => {
                Vec::new()
            }
            Self::Subquery(subquery) => vec![&subquery.expr],
            Self::Unary(unary) => vec![&unary.expr],
            Self::Paren(paren) => vec![&paren.expr],
            Self::Binary(binary) => vec![&binary.lhs, &binary.rhs],
            Self::Aggregate(aggregate) => aggregate.param.iter().chain([&aggregate.expr]).collect(),
            Self::Call(call) => call.args.iter().collect(),
        }
    }

    /// Calls `visit` with every selector of the expression, those inside of range selectors included, in the
    /// order of the text.
    pub fn for_each_selector<'e>(&'e self, mut visit: impl FnMut(&'e VectorSelector)) {
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            match expr {
                Self::VectorSelector(selector) => visit(selector),
                Self::MatrixSelector(selector) => visit(&selector.selector),
                _ => open.extend(expr.children().into_iter().rev()),
            }
        }
    }
}

/// A number.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberLiteral {
    /// Its value; a duration counts in seconds.
    pub value: f64,
    /// Whether it was written as a duration (`5m`), and is printed as one.
    pub duration: bool,
    /// Where it stands.
    pub span: Span,
}

/// A text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringLiteral {
    /// The text without quotes and escapes.
    pub value: String,
    /// The bytes as written where they are no UTF-8 (`"\xff"`), so that [`StringLiteral::value`] has others.
    pub bytes: Option<Vec<u8>>,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// A sign before an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Unary {
    /// The sign.
    pub op: UnaryOp,
    /// What it applies to: a scalar or an instant vector.
    pub expr: Expr,
    /// From the sign to the end of the operand.
    pub span: Span,
}

/// An operator between two expressions.
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// Left operand: a scalar or an instant vector.
    pub lhs: Expr,
    /// Right operand: a scalar or an instant vector.
    pub rhs: Expr,
    /// A comparison that answers 0 or 1 instead of filtering.
    pub return_bool: bool,
    /// How the elements of two vectors find each other; `None` unless both operands are vectors.
    pub matching: Option<VectorMatching>,
    /// Scalar between two scalars, else vector.
    pub value_type: ValueType,
    /// From the left operand to the end of the right one.
    pub span: Span,
}

/// An aggregation over the elements of a vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// What is computed.
    pub op: AggregateOp,
    /// The vector.
    pub expr: Expr,
    /// The parameter of those operations that have one.
    pub param: Option<Expr>,
    /// The labels of `by` or `without`.
    pub grouping: Vec<String>,
    /// Whether [`Aggregate::grouping`] names the labels to drop.
    pub without: bool,
    /// From the operation to the last parenthesis.
    pub span: Span,
}

/// A function call with checked arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The function.
    pub function: &'static Function,
    /// Its arguments, as many as were written.
    pub args: Vec<Expr>,
    /// From the name to the closing parenthesis.
    pub span: Span,
}

/// An expression in parentheses.
#[derive(Debug, Clone, PartialEq)]
pub struct Paren {
    /// What stands inside.
    pub expr: Expr,
    /// Parentheses included.
    pub span: Span,
}
