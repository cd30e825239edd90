//! The functions of the language, each family in its own file, all entered in the tables here.

mod calendar;
mod changes;
pub(crate) mod classic;
pub(crate) mod extended;
mod histogram;
mod instant_rate;
mod math;
mod over_time;
mod rate;
mod regression;
mod starts;

use promql_syntax::FunctionId as Id;

use crate::operators::map::ColumnFunction;
use crate::operators::range::RangeFunction;
use crate::series::Removed;

pub(crate) use math::{larger, negate, nothing, smaller, step_time};

/// Functions of a range; scalar arguments follow or precede it.
#[rustfmt::skip]
pub(crate) const RANGE_FUNCTIONS: &[(Id, RangeFunction)] = &[
    (Id::AvgOverTime, new_metric(over_time::avg)),
    (Id::Changes, new_metric(changes::changes)),
    (Id::CountOverTime, new_metric(over_time::count)),
    (Id::Delta, new_metric(rate::delta)),
    (Id::Deriv, new_metric(regression::deriv)),
    (Id::DoubleExponentialSmoothing, regression::SMOOTHING),
    (Id::FirstOverTime, same_metric(over_time::first)),
    (Id::Idelta, new_metric(instant_rate::idelta)),
    (Id::Increase, new_metric(rate::increase)),
    (Id::Irate, new_metric(instant_rate::irate)),
    (Id::LastOverTime, same_metric(over_time::last)),
    (Id::MadOverTime, new_metric(over_time::mad)),
    (Id::MaxOverTime, new_metric(over_time::max)),
    (Id::MinOverTime, new_metric(over_time::min)),
    (Id::PredictLinear, new_metric(regression::predict_linear)),
    (Id::PresentOverTime, new_metric(over_time::present)),
    (Id::QuantileOverTime, new_metric(over_time::quantile_over_time)),
    (Id::Rate, new_metric(rate::rate)),
    (Id::Resets, new_metric(changes::resets)),
    (Id::StddevOverTime, new_metric(over_time::stddev)),
    (Id::StdvarOverTime, new_metric(over_time::stdvar)),
    (Id::SumOverTime, new_metric(over_time::sum)),
    (Id::TsOfFirstOverTime, new_metric(over_time::ts_of_first)),
    (Id::TsOfLastOverTime, new_metric(over_time::ts_of_last)),
    (Id::TsOfMaxOverTime, new_metric(over_time::ts_of_max)),
    (Id::TsOfMinOverTime, new_metric(over_time::ts_of_min)),
];

/// Functions that compute an element from an element and scalars.
#[rustfmt::skip]
pub(crate) const ELEMENT_FUNCTIONS: &[(Id, ColumnFunction, Removed)] = &[
    (Id::Abs, math::abs, Removed::Metadata),
    (Id::Acos, math::acos, Removed::Metadata),
    (Id::Acosh, math::acosh, Removed::Metadata),
    (Id::Asin, math::asin, Removed::Metadata),
    (Id::Asinh, math::asinh, Removed::Metadata),
    (Id::Atan, math::atan, Removed::Metadata),
    (Id::Atanh, math::atanh, Removed::Metadata),
    (Id::Ceil, math::ceil, Removed::Metadata),
    (Id::Clamp, math::clamp, Removed::Metadata),
    (Id::ClampMax, math::clamp_max, Removed::Metadata),
    (Id::ClampMin, math::clamp_min, Removed::Metadata),
    (Id::Cos, math::cos, Removed::Metadata),
    (Id::Cosh, math::cosh, Removed::Metadata),
    (Id::DayOfMonth, calendar::day_of_month, Removed::Metadata),
    (Id::DayOfWeek, calendar::day_of_week, Removed::Metadata),
    (Id::DayOfYear, calendar::day_of_year, Removed::Metadata),
    (Id::DaysInMonth, calendar::days_in_month, Removed::Metadata),
    (Id::Deg, math::deg, Removed::Metadata),
    (Id::Exp, math::exp, Removed::Metadata),
    (Id::Floor, math::floor, Removed::Metadata),
    (Id::HistogramAvg, histogram::avg, Removed::Name),
    (Id::HistogramCount, histogram::count, Removed::Name),
    (Id::HistogramStddev, histogram::stddev, Removed::Name),
    (Id::HistogramStdvar, histogram::stdvar, Removed::Name),
    (Id::HistogramSum, histogram::sum, Removed::Name),
    (Id::Hour, calendar::hour, Removed::Metadata),
    (Id::Ln, math::ln, Removed::Metadata),
    (Id::Log10, math::log10, Removed::Metadata),
    (Id::Log2, math::log2, Removed::Metadata),
    (Id::Minute, calendar::minute, Removed::Metadata),
    (Id::Month, calendar::month, Removed::Metadata),
    (Id::Rad, math::rad, Removed::Metadata),
    (Id::Round, math::round, Removed::Metadata),
    (Id::Sgn, math::sgn, Removed::Metadata),
    (Id::Sin, math::sin, Removed::Metadata),
    (Id::Sinh, math::sinh, Removed::Metadata),
    (Id::Sqrt, math::sqrt, Removed::Metadata),
    (Id::Tan, math::tan, Removed::Metadata),
    (Id::Tanh, math::tanh, Removed::Metadata),
    (Id::Year, calendar::year, Removed::Metadata),
];

/// Functions whose result changes with the step even where their arguments do not.
pub(crate) const STEP_FUNCTIONS: &[Id] = &[
    Id::DayOfMonth,
    Id::DayOfWeek,
    Id::DayOfYear,
    Id::DaysInMonth,
    Id::Hour,
    Id::Minute,
    Id::Month,
    Id::PredictLinear,
    Id::Time,
    Id::Timestamp,
    Id::Year,
];

type RangeKernel = fn(
    &crate::operators::range::RangeInput<'_>,
    &mut vectors::Column,
    &mut crate::operators::range::RangeNotes,
);

const fn new_metric(run: RangeKernel) -> RangeFunction {
    RangeFunction { run, keeps_name: false, check: None }
}

const fn same_metric(run: RangeKernel) -> RangeFunction {
    RangeFunction { run, keeps_name: true, check: None }
}
