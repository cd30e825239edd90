//! The functions of the language: one table of names, argument types and results.

#[cfg(test)]
mod tests;

use crate::ast::ValueType;
use crate::ast::ValueType::{Matrix, Scalar, String, Vector};

/// How often the last argument may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repetition {
    /// Once.
    Exactly,
    /// From not at all up to so many times.
    UpTo(u8),
    /// Any number of times, also not at all.
    AnyNumber,
}

/// A function of the language.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Which one.
    pub id: FunctionId,
    /// The name as it is written.
    pub name: &'static str,
    /// The types of the arguments; the last one may be repeated or missing, see [`Function::last`].
    pub args: &'static [ValueType],
    /// How often the last argument may stand.
    pub last: Repetition,
    /// The type of the result.
    pub returns: ValueType,
    /// Whether it must be enabled (`promql-experimental-functions`).
    pub experimental: bool,
}

impl Function {
    /// The function of this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        let position = FUNCTIONS.binary_search_by(|function| function.name.cmp(name)).ok()?;
        FUNCTIONS.get(position)
    }

    /// The fewest arguments it takes.
    pub const fn args_min(&self) -> usize {
        match self.last {
            Repetition::Exactly => self.args.len(),
            Repetition::UpTo(_) | Repetition::AnyNumber => self.args.len().saturating_sub(1),
        }
    }

    /// The most arguments it takes, `None` where any number will do.
    pub const fn args_max(&self) -> Option<usize> {
        match self.last {
            Repetition::Exactly => Some(self.args.len()),
            Repetition::UpTo(times) => Some(self.args.len().saturating_sub(1) + times as usize),
            Repetition::AnyNumber => None,
        }
    }

    /// The type that argument number `position` (from 0) must have.
    pub fn arg_type(&self, position: usize) -> Option<ValueType> {
        self.args.get(position).or(self.args.last()).copied()
    }
}

const fn row(
    id: FunctionId,
    name: &'static str,
    args: &'static [ValueType],
    last: Repetition,
    returns: ValueType,
) -> Function {
    Function { id, name, args, last, returns, experimental: false }
}

const fn experimental(function: Function) -> Function {
    Function { experimental: true, ..function }
}

/// Every function, named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionId {
    /// `abs`
    Abs,
    /// `absent`
    Absent,
    /// `absent_over_time`
    AbsentOverTime,
    /// `acos`
    Acos,
    /// `acosh`
    Acosh,
    /// `asin`
    Asin,
    /// `asinh`
    Asinh,
    /// `atan`
    Atan,
    /// `atanh`
    Atanh,
    /// `avg_over_time`
    AvgOverTime,
    /// `ceil`
    Ceil,
    /// `changes`
    Changes,
    /// `clamp`
    Clamp,
    /// `clamp_max`
    ClampMax,
    /// `clamp_min`
    ClampMin,
    /// `cos`
    Cos,
    /// `cosh`
    Cosh,
    /// `count_over_time`
    CountOverTime,
    /// `day_of_month`
    DayOfMonth,
    /// `day_of_week`
    DayOfWeek,
    /// `day_of_year`
    DayOfYear,
    /// `days_in_month`
    DaysInMonth,
    /// `deg`
    Deg,
    /// `delta`
    Delta,
    /// `deriv`
    Deriv,
    /// `double_exponential_smoothing`
    DoubleExponentialSmoothing,
    /// `end`
    End,
    /// `exp`
    Exp,
    /// `first_over_time`
    FirstOverTime,
    /// `floor`
    Floor,
    /// `histogram_avg`
    HistogramAvg,
    /// `histogram_count`
    HistogramCount,
    /// `histogram_fraction`
    HistogramFraction,
    /// `histogram_quantile`
    HistogramQuantile,
    /// `histogram_quantiles`
    HistogramQuantiles,
    /// `histogram_stddev`
    HistogramStddev,
    /// `histogram_stdvar`
    HistogramStdvar,
    /// `histogram_sum`
    HistogramSum,
    /// `hour`
    Hour,
    /// `idelta`
    Idelta,
    /// `increase`
    Increase,
    /// `info`
    Info,
    /// `irate`
    Irate,
    /// `label_join`
    LabelJoin,
    /// `label_replace`
    LabelReplace,
    /// `last_over_time`
    LastOverTime,
    /// `ln`
    Ln,
    /// `log10`
    Log10,
    /// `log2`
    Log2,
    /// `mad_over_time`
    MadOverTime,
    /// `max_of`
    MaxOf,
    /// `max_over_time`
    MaxOverTime,
    /// `min_of`
    MinOf,
    /// `min_over_time`
    MinOverTime,
    /// `minute`
    Minute,
    /// `month`
    Month,
    /// `pi`
    Pi,
    /// `predict_linear`
    PredictLinear,
    /// `present_over_time`
    PresentOverTime,
    /// `quantile_over_time`
    QuantileOverTime,
    /// `rad`
    Rad,
    /// `range`
    Range,
    /// `rate`
    Rate,
    /// `resets`
    Resets,
    /// `round`
    Round,
    /// `scalar`
    Scalar,
    /// `sgn`
    Sgn,
    /// `sin`
    Sin,
    /// `sinh`
    Sinh,
    /// `sort`
    Sort,
    /// `sort_by_label`
    SortByLabel,
    /// `sort_by_label_desc`
    SortByLabelDesc,
    /// `sort_desc`
    SortDesc,
    /// `sqrt`
    Sqrt,
    /// `start`
    Start,
    /// `start_timestamp`
    StartTimestamp,
    /// `stddev_over_time`
    StddevOverTime,
    /// `stdvar_over_time`
    StdvarOverTime,
    /// `step`
    Step,
    /// `sum_over_time`
    SumOverTime,
    /// `tan`
    Tan,
    /// `tanh`
    Tanh,
    /// `time`
    Time,
    /// `timestamp`
    Timestamp,
    /// `ts_of_first_over_time`
    TsOfFirstOverTime,
    /// `ts_of_last_over_time`
    TsOfLastOverTime,
    /// `ts_of_max_over_time`
    TsOfMaxOverTime,
    /// `ts_of_min_over_time`
    TsOfMinOverTime,
    /// `vector`
    Vector,
    /// `year`
    Year,
}

use FunctionId as Id;
use Repetition::{AnyNumber, Exactly, UpTo};

/// Every function, sorted by name.
#[rustfmt::skip]
pub static FUNCTIONS: [Function; 90] = [
    row(Id::Abs, "abs", &[Vector], Exactly, Vector),
    row(Id::Absent, "absent", &[Vector], Exactly, Vector),
    row(Id::AbsentOverTime, "absent_over_time", &[Matrix], Exactly, Vector),
    row(Id::Acos, "acos", &[Vector], Exactly, Vector),
    row(Id::Acosh, "acosh", &[Vector], Exactly, Vector),
    row(Id::Asin, "asin", &[Vector], Exactly, Vector),
    row(Id::Asinh, "asinh", &[Vector], Exactly, Vector),
    row(Id::Atan, "atan", &[Vector], Exactly, Vector),
    row(Id::Atanh, "atanh", &[Vector], Exactly, Vector),
    row(Id::AvgOverTime, "avg_over_time", &[Matrix], Exactly, Vector),
    row(Id::Ceil, "ceil", &[Vector], Exactly, Vector),
    row(Id::Changes, "changes", &[Matrix], Exactly, Vector),
    row(Id::Clamp, "clamp", &[Vector, Scalar, Scalar], Exactly, Vector),
    row(Id::ClampMax, "clamp_max", &[Vector, Scalar], Exactly, Vector),
    row(Id::ClampMin, "clamp_min", &[Vector, Scalar], Exactly, Vector),
    row(Id::Cos, "cos", &[Vector], Exactly, Vector),
    row(Id::Cosh, "cosh", &[Vector], Exactly, Vector),
    row(Id::CountOverTime, "count_over_time", &[Matrix], Exactly, Vector),
    row(Id::DayOfMonth, "day_of_month", &[Vector], UpTo(1), Vector),
    row(Id::DayOfWeek, "day_of_week", &[Vector], UpTo(1), Vector),
    row(Id::DayOfYear, "day_of_year", &[Vector], UpTo(1), Vector),
    row(Id::DaysInMonth, "days_in_month", &[Vector], UpTo(1), Vector),
    row(Id::Deg, "deg", &[Vector], Exactly, Vector),
    row(Id::Delta, "delta", &[Matrix], Exactly, Vector),
    row(Id::Deriv, "deriv", &[Matrix], Exactly, Vector),
    experimental(row(Id::DoubleExponentialSmoothing, "double_exponential_smoothing", &[Matrix, Scalar, Scalar], Exactly, Vector)),
    experimental(row(Id::End, "end", &[], Exactly, Scalar)),
    row(Id::Exp, "exp", &[Vector], Exactly, Vector),
    row(Id::FirstOverTime, "first_over_time", &[Matrix], Exactly, Vector),
    row(Id::Floor, "floor", &[Vector], Exactly, Vector),
    row(Id::HistogramAvg, "histogram_avg", &[Vector], Exactly, Vector),
    row(Id::HistogramCount, "histogram_count", &[Vector], Exactly, Vector),
    row(Id::HistogramFraction, "histogram_fraction", &[Scalar, Scalar, Vector], Exactly, Vector),
    row(Id::HistogramQuantile, "histogram_quantile", &[Scalar, Vector], Exactly, Vector),
    experimental(row(Id::HistogramQuantiles, "histogram_quantiles", &[Vector, String, Scalar, Scalar], UpTo(9), Vector)),
    row(Id::HistogramStddev, "histogram_stddev", &[Vector], Exactly, Vector),
    row(Id::HistogramStdvar, "histogram_stdvar", &[Vector], Exactly, Vector),
    row(Id::HistogramSum, "histogram_sum", &[Vector], Exactly, Vector),
    row(Id::Hour, "hour", &[Vector], UpTo(1), Vector),
    row(Id::Idelta, "idelta", &[Matrix], Exactly, Vector),
    row(Id::Increase, "increase", &[Matrix], Exactly, Vector),
    experimental(row(Id::Info, "info", &[Vector, Vector], UpTo(1), Vector)),
    row(Id::Irate, "irate", &[Matrix], Exactly, Vector),
    row(Id::LabelJoin, "label_join", &[Vector, String, String, String], AnyNumber, Vector),
    row(Id::LabelReplace, "label_replace", &[Vector, String, String, String, String], Exactly, Vector),
    row(Id::LastOverTime, "last_over_time", &[Matrix], Exactly, Vector),
    row(Id::Ln, "ln", &[Vector], Exactly, Vector),
    row(Id::Log10, "log10", &[Vector], Exactly, Vector),
    row(Id::Log2, "log2", &[Vector], Exactly, Vector),
    experimental(row(Id::MadOverTime, "mad_over_time", &[Matrix], Exactly, Vector)),
    experimental(row(Id::MaxOf, "max_of", &[Scalar, Scalar], Exactly, Scalar)),
    row(Id::MaxOverTime, "max_over_time", &[Matrix], Exactly, Vector),
    experimental(row(Id::MinOf, "min_of", &[Scalar, Scalar], Exactly, Scalar)),
    row(Id::MinOverTime, "min_over_time", &[Matrix], Exactly, Vector),
    row(Id::Minute, "minute", &[Vector], UpTo(1), Vector),
    row(Id::Month, "month", &[Vector], UpTo(1), Vector),
    row(Id::Pi, "pi", &[], Exactly, Scalar),
    row(Id::PredictLinear, "predict_linear", &[Matrix, Scalar], Exactly, Vector),
    row(Id::PresentOverTime, "present_over_time", &[Matrix], Exactly, Vector),
    row(Id::QuantileOverTime, "quantile_over_time", &[Scalar, Matrix], Exactly, Vector),
    row(Id::Rad, "rad", &[Vector], Exactly, Vector),
    experimental(row(Id::Range, "range", &[], Exactly, Scalar)),
    row(Id::Rate, "rate", &[Matrix], Exactly, Vector),
    row(Id::Resets, "resets", &[Matrix], Exactly, Vector),
    row(Id::Round, "round", &[Vector, Scalar], UpTo(1), Vector),
    row(Id::Scalar, "scalar", &[Vector], Exactly, Scalar),
    row(Id::Sgn, "sgn", &[Vector], Exactly, Vector),
    row(Id::Sin, "sin", &[Vector], Exactly, Vector),
    row(Id::Sinh, "sinh", &[Vector], Exactly, Vector),
    row(Id::Sort, "sort", &[Vector], Exactly, Vector),
    experimental(row(Id::SortByLabel, "sort_by_label", &[Vector, String], AnyNumber, Vector)),
    experimental(row(Id::SortByLabelDesc, "sort_by_label_desc", &[Vector, String], AnyNumber, Vector)),
    row(Id::SortDesc, "sort_desc", &[Vector], Exactly, Vector),
    row(Id::Sqrt, "sqrt", &[Vector], Exactly, Vector),
    experimental(row(Id::Start, "start", &[], Exactly, Scalar)),
    experimental(row(Id::StartTimestamp, "start_timestamp", &[Vector], Exactly, Vector)),
    row(Id::StddevOverTime, "stddev_over_time", &[Matrix], Exactly, Vector),
    row(Id::StdvarOverTime, "stdvar_over_time", &[Matrix], Exactly, Vector),
    experimental(row(Id::Step, "step", &[], Exactly, Scalar)),
    row(Id::SumOverTime, "sum_over_time", &[Matrix], Exactly, Vector),
    row(Id::Tan, "tan", &[Vector], Exactly, Vector),
    row(Id::Tanh, "tanh", &[Vector], Exactly, Vector),
    row(Id::Time, "time", &[], Exactly, Scalar),
    row(Id::Timestamp, "timestamp", &[Vector], Exactly, Vector),
    experimental(row(Id::TsOfFirstOverTime, "ts_of_first_over_time", &[Matrix], Exactly, Vector)),
    experimental(row(Id::TsOfLastOverTime, "ts_of_last_over_time", &[Matrix], Exactly, Vector)),
    experimental(row(Id::TsOfMaxOverTime, "ts_of_max_over_time", &[Matrix], Exactly, Vector)),
    experimental(row(Id::TsOfMinOverTime, "ts_of_min_over_time", &[Matrix], Exactly, Vector)),
    row(Id::Vector, "vector", &[Scalar], Exactly, Vector),
    row(Id::Year, "year", &[Vector], UpTo(1), Vector),
];
