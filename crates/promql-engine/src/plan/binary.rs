//! Operators between two expressions.

use promql_syntax::ast::{Binary, BinaryOp as Op, Cardinality as Card, VectorMatching};
use vectors::binary::{BinaryOp, Comparing};
use vectors::matching::{Cardinality, Fill, JoinRule, NameRule, SetOp, Side, Signature};

use super::{Planner, is_scalar};
use crate::Result;
use crate::grid::Grid;
use crate::notes::Place;
use crate::operators::distinct::{Distinct, Equality};
use crate::operators::join::{JoinOperator, PairOperation};
use crate::operators::scalar::{BinaryScalar, ScalarFunction};
use crate::operators::set::SetOperator;
use crate::operators::with_scalar::{Operation, WithScalar};
use crate::operators::{BoxedScalar, BoxedVector};

/// An operator of the language, as what it computes.
enum Kind {
    Pairs(BinaryOp),
    Sets(SetOp),
}

fn kind(op: Op) -> Kind {
    Kind::Pairs(match op {
        Op::Add => BinaryOp::Add,
        Op::Sub => BinaryOp::Sub,
        Op::Mul => BinaryOp::Mul,
        Op::Div => BinaryOp::Div,
        Op::Mod => BinaryOp::Mod,
        Op::Pow => BinaryOp::Pow,
        Op::Atan2 => BinaryOp::Atan2,
        Op::Eq => BinaryOp::Eq,
        Op::NotEq => BinaryOp::NotEq,
        Op::Gt => BinaryOp::Gt,
        Op::Lt => BinaryOp::Lt,
        Op::GtEq => BinaryOp::GtEq,
        Op::LtEq => BinaryOp::LtEq,
        Op::TrimUpper => BinaryOp::TrimUpper,
        Op::TrimLower => BinaryOp::TrimLower,
        Op::And => return Kind::Sets(SetOp::And),
        Op::Or => return Kind::Sets(SetOp::Or),
        Op::Unless => return Kind::Sets(SetOp::Unless),
    })
}

impl Planner<'_> {
    pub(super) fn binary_vector(&mut self, binary: &Binary, grid: Grid) -> Result<BoxedVector> {
        let place = Place::of(binary.span);
        let comparing = if binary.return_bool { Comparing::Bool } else { Comparing::Filter };
        match (kind(binary.op), is_scalar(&binary.lhs), is_scalar(&binary.rhs)) {
            (Kind::Sets(op), ..) => {
                let (left, right) = (self.vector(&binary.lhs, grid)?, self.vector(&binary.rhs, grid)?);
                let (left, right) = (self.held(left), self.held(right));
                let signature = binary.matching.as_ref().map_or_else(
                    || Signature::new(Vec::new(), false),
                    |matching| Signature::new(matching.labels.clone(), matching.on),
                );
                Ok(Box::new(SetOperator::new(left, right, op, &signature, grid.steps)))
            }
            (Kind::Pairs(op), false, false) => {
                let (left, right) = (self.vector(&binary.lhs, grid)?, self.vector(&binary.rhs, grid)?);
                let (left, right) = (self.held(left), self.held(right));
                let rule = rule(binary.matching.as_ref(), Operation::renames(op, comparing));
                let operation = PairOperation { op, comparing, place };
                let join = JoinOperator::build(left, right, &rule, operation, self.run)?;
                Ok(Distinct::around(Box::new(join), Equality::AtOneStep))
            }
            (Kind::Pairs(op), left_is_scalar, _) => {
                let (vector, scalar, scalar_side) = if left_is_scalar {
                    let vector = self.vector(&binary.rhs, grid)?;
                    (vector, self.scalar(&binary.lhs, grid)?, Side::Left)
                } else {
                    let vector = self.vector(&binary.lhs, grid)?;
                    (vector, self.scalar(&binary.rhs, grid)?, Side::Right)
                };
                let operation = Operation { op, comparing, scalar_side, place };
                Ok(WithScalar::boxed(vector, scalar, operation, self.context().delayed_names))
            }
        }
    }

    pub(super) fn binary_scalar(&mut self, binary: &Binary, grid: Grid) -> Result<BoxedScalar> {
        let left = self.scalar(&binary.lhs, grid)?;
        let right = self.scalar(&binary.rhs, grid)?;
        match kind(binary.op) {
            Kind::Pairs(op) => {
                Ok(Box::new(BinaryScalar { left, right, function: ScalarFunction::Operator(op) }))
            }
            Kind::Sets(_) => Err(super::unexpected(&binary.lhs)),
        }
    }
}

/// How two vectors are joined; without a matching clause by all labels.
fn rule(matching: Option<&VectorMatching>, renames: bool) -> JoinRule {
    let name = if renames { NameRule::Drop } else { NameRule::Keep };
    let Some(matching) = matching else {
        return JoinRule {
            signature: Signature::new(Vec::new(), false),
            cardinality: Cardinality::OneToOne,
            include: Vec::new(),
            fill: Fill::default(),
            name,
        };
    };
    JoinRule {
        signature: Signature::new(matching.labels.clone(), matching.on),
        cardinality: match matching.card {
            Card::OneToOne | Card::ManyToMany => Cardinality::OneToOne,
            Card::ManyToOne => Cardinality::ManyToOne,
            Card::OneToMany => Cardinality::OneToMany,
        },
        include: matching.include.clone(),
        fill: Fill { left: matching.fill.left, right: matching.fill.right },
        name,
    }
}
