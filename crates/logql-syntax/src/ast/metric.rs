//! Metric queries.

use std::time::Duration;

use super::{LabelFilter, LogExpr};

/// A query that gives numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricExpr {
    /// A number.
    Literal(f64),
    /// `vector(1)`
    Vector(f64),
    /// `rate({…}[5m])` and the like.
    Range(Box<RangeAggregation>),
    /// `sum by (a) (…)` and the like.
    Aggregation(Box<VectorAggregation>),
    /// `a + b` and the like.
    Binary(Box<Binary>),
    /// `label_replace(…)`
    LabelReplace(Box<LabelReplace>),
    /// `variants(…) of (…)`; a whole query only.
    Variants(Box<Variants>),
}

/// Several metric queries over the same lines; the series of each are told apart by a label with its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Variants {
    /// The queries.
    pub metrics: Vec<MetricExpr>,
    /// The lines that all of them look at.
    pub log: LogExpr,
    /// What stands behind the stages there, without a meaning of its own.
    pub unwrap: Option<Unwrap>,
    /// How far they look back; each query says it for itself too.
    pub range: Duration,
    /// How much earlier they look, in nanoseconds.
    pub offset_nanos: i64,
}

/// An aggregation over time.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeAggregation {
    /// Which one.
    pub operation: RangeOperation,
    /// The first argument of `quantile_over_time`.
    pub parameter: Option<f64>,
    /// The lines.
    pub log: LogExpr,
    /// How a line becomes a number.
    pub unwrap: Option<Unwrap>,
    /// How far it looks back.
    pub range: Duration,
    /// How much earlier it looks, in nanoseconds; negative: later.
    pub offset_nanos: i64,
    /// `by` or `without`.
    pub grouping: Option<Grouping>,
}

/// `| unwrap label`, and the filters behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Unwrap {
    /// The label with the number.
    pub label: String,
    /// How it is written there.
    pub conversion: Option<Conversion>,
    /// What must hold then; all of them.
    pub filters: Vec<LabelFilter>,
}

macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* #[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl $name {
            /// The name as it is written.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

named! {
    /// How the text of a label becomes a number.
    Conversion {
        Bytes = "bytes",
        Duration = "duration",
        DurationSeconds = "duration_seconds",
    }
}

named! {
    /// Aggregations over time.
    RangeOperation {
        Rate = "rate",
        RateCounter = "rate_counter",
        Count = "count_over_time",
        BytesRate = "bytes_rate",
        Bytes = "bytes_over_time",
        Average = "avg_over_time",
        Sum = "sum_over_time",
        Min = "min_over_time",
        Max = "max_over_time",
        Variance = "stdvar_over_time",
        Deviation = "stddev_over_time",
        Quantile = "quantile_over_time",
        First = "first_over_time",
        Last = "last_over_time",
        Absent = "absent_over_time",
    }
}

named! {
    /// Aggregations over series.
    VectorOperation {
        Sum = "sum",
        Average = "avg",
        Count = "count",
        Max = "max",
        Min = "min",
        Deviation = "stddev",
        Variance = "stdvar",
        BottomK = "bottomk",
        TopK = "topk",
        ApproximateTopK = "approx_topk",
        Sort = "sort",
        SortDescending = "sort_desc",
    }
}

named! {
    /// Operators between metric queries.
    BinaryOperator {
        Or = "or",
        And = "and",
        Unless = "unless",
        Equal = "==",
        NotEqual = "!=",
        Less = "<",
        LessOrEqual = "<=",
        Greater = ">",
        GreaterOrEqual = ">=",
        Add = "+",
        Subtract = "-",
        Multiply = "*",
        Divide = "/",
        Modulo = "%",
        Power = "^",
    }
}

impl RangeOperation {
    /// Whether it may stand over lines that have no number unwrapped.
    pub const fn counts_lines(self) -> bool {
        matches!(self, Self::Rate | Self::Count | Self::BytesRate | Self::Bytes | Self::Absent)
    }

    /// Whether it may stand over unwrapped numbers.
    pub const fn takes_unwrap(self) -> bool {
        !matches!(self, Self::Count | Self::BytesRate | Self::Bytes)
    }

    /// Whether `by` and `without` may follow.
    pub const fn takes_grouping(self) -> bool {
        matches!(
            self,
            Self::Average
                | Self::Deviation
                | Self::Variance
                | Self::Quantile
                | Self::Max
                | Self::Min
                | Self::First
                | Self::Last
        )
    }
}

impl VectorOperation {
    /// Whether its first argument is how many series are kept.
    pub const fn takes_count(self) -> bool {
        matches!(self, Self::BottomK | Self::TopK | Self::ApproximateTopK)
    }

    /// Whether it only orders series.
    pub const fn is_sort(self) -> bool {
        matches!(self, Self::Sort | Self::SortDescending)
    }
}

impl BinaryOperator {
    /// How strong it binds.
    pub(crate) const fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And | Self::Unless => 2,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Modulo => 5,
            Self::Power => 6,
            _ => 3,
        }
    }

    /// Whether it works on the label sets alone.
    pub const fn is_set(self) -> bool {
        matches!(self, Self::Or | Self::And | Self::Unless)
    }

    /// Whether it compares.
    pub const fn is_comparison(self) -> bool {
        self.precedence() == 3
    }

    /// The operation on two numbers; a comparison gives 0 or 1. Division by zero gives no number, unlike that of
    /// PromQL.
    pub fn apply(self, left: f64, right: f64) -> f64 {
        let truth = |holds: bool| f64::from(u8::from(holds));
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide | Self::Modulo if right == 0.0 => f64::NAN,
            Self::Divide => left / right,
            Self::Modulo => left % right,
            Self::Power => left.powf(right),
            Self::Equal => truth(left == right),
            Self::NotEqual => truth(left != right),
            Self::Less => truth(left < right),
            Self::LessOrEqual => truth(left <= right),
            Self::Greater => truth(left > right),
            Self::GreaterOrEqual => truth(left >= right),
            Self::Or | Self::And | Self::Unless => f64::NAN,
        }
    }
}

/// `by (…)` or `without (…)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// Whether the labels are those that go away.
    pub without: bool,
    /// The labels.
    pub labels: Vec<String>,
}

/// An aggregation over series.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorAggregation {
    /// Which one.
    pub operation: VectorOperation,
    /// How many series are kept, with the operations that want it.
    pub count: Option<u64>,
    /// `by` or `without`.
    pub grouping: Option<Grouping>,
    /// The series.
    pub expr: MetricExpr,
}

/// Two queries with an operator between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    /// The operator.
    pub operator: BinaryOperator,
    /// Whether `bool` follows it.
    pub returns_bool: bool,
    /// Which series go together, where the text says so.
    pub matching: Option<Matching>,
    /// What stands before it.
    pub left: MetricExpr,
    /// What stands behind it.
    pub right: MetricExpr,
}

/// Which series of two sides go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// Whether the labels are those that must be equal, or those that need not be.
    pub on: bool,
    /// The labels.
    pub labels: Vec<String>,
    /// How many of each side.
    pub cardinality: Cardinality,
    /// Labels taken from the side that has one.
    pub include: Vec<String>,
}

/// How many series of each side go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cardinality {
    /// One of each.
    OneToOne,
    /// `group_left`: many of the left side.
    ManyToOne,
    /// `group_right`: many of the right side.
    OneToMany,
}

/// `label_replace(expr, "destination", "replacement", "source", "regex")`: a label set from another one.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelReplace {
    /// The series.
    pub expr: MetricExpr,
    /// The label that is set.
    pub destination: String,
    /// What it is set to, with `$1` for groups.
    pub replacement: String,
    /// The label that is looked at.
    pub source: String,
    /// What it must look like as a whole.
    pub regex: String,
}
