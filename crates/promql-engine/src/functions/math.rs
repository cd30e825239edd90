//! Functions of one float: `abs`, `ceil`, `sin`, …, and those with scalar arguments: `clamp`, `round`.

use vectors::{ABSENT, Column, is_absent};

use crate::operators::instant::at;

macro_rules! float_functions {
    ($($name:ident: $function:expr;)*) => {
        $(pub(super) fn $name(column: &mut Column, _: &[Vec<f64>]) {
            column.map_floats($function);
        })*
    };
}

float_functions! {
    abs: f64::abs;
    ceil: f64::ceil;
    floor: f64::floor;
    exp: f64::exp;
    sqrt: f64::sqrt;
    ln: logarithm;
    log2: f64::log2;
    log10: |value| if is_subnormal(value) { logarithm(value) / std::f64::consts::LN_10 } else { value.log10() };
    sin: f64::sin;
    cos: f64::cos;
    tan: f64::tan;
    asin: f64::asin;
    acos: f64::acos;
    atan: f64::atan;
    sinh: f64::sinh;
    cosh: f64::cosh;
    tanh: f64::tanh;
    asinh: f64::asinh;
    acosh: f64::acosh;
    atanh: f64::atanh;
    deg: |value| value * 180.0 / std::f64::consts::PI;
    rad: |value| value * std::f64::consts::PI / 180.0;
    sgn: |value| if value < 0.0 { -1.0 } else if value > 0.0 { 1.0 } else { value };
}

/// The natural logarithm. That of a subnormal number is too large, as the original's is on its usual platform: it
/// takes the fraction for that of a normal number.
fn logarithm(value: f64) -> f64 {
    if !is_subnormal(value) {
        return value.ln();
    }
    let fraction = f64::from_bits(value.to_bits() | 1.0_f64.to_bits());
    fraction.ln() + f64::from(f64::MIN_EXP - 2) * std::f64::consts::LN_2
}

/// Whether it is a positive subnormal number.
fn is_subnormal(value: f64) -> bool {
    value > 0.0 && value < f64::MIN_POSITIVE
}

/// Changes each float by a function of it and of the scalars at its step; `None` removes it.
fn with_scalars(column: &mut Column, function: impl Fn(usize, f64) -> Option<f64>) {
    column.drop_histograms();
    for (step, value) in column.values_mut().iter_mut().enumerate() {
        if !is_absent(*value) {
            *value = function(step, *value).unwrap_or(ABSENT);
        }
    }
}

fn scalar(scalars: &[Vec<f64>], number: usize, step: usize) -> f64 {
    scalars.get(number).map_or(f64::NAN, |values| at(values, step))
}

/// The larger one: infinity if either is, else NaN if either is; 0 is larger than -0.
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    match () {
        () if a == f64::INFINITY || b == f64::INFINITY => f64::INFINITY,
        () if a.is_nan() || b.is_nan() => f64::NAN,
        () if a == b => f64::from_bits(a.to_bits() & b.to_bits()),
        () if a > b => a,
        () => b,
    }
}

/// The smaller one: minus infinity if either is, else NaN if either is; -0 is smaller than 0.
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    match () {
        () if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY => f64::NEG_INFINITY,
        () if a.is_nan() || b.is_nan() => f64::NAN,
        () if a == b => f64::from_bits(a.to_bits() | b.to_bits()),
        () if a < b => a,
        () => b,
    }
}

pub(super) fn clamp(column: &mut Column, scalars: &[Vec<f64>]) {
    with_scalars(column, |step, value| {
        let (min, max) = (scalar(scalars, 0, step), scalar(scalars, 1, step));
        if min > max { None } else { Some(larger(min, smaller(max, value))) }
    });
}

pub(super) fn clamp_min(column: &mut Column, scalars: &[Vec<f64>]) {
    with_scalars(column, |step, value| Some(larger(scalar(scalars, 0, step), value)));
}

pub(super) fn clamp_max(column: &mut Column, scalars: &[Vec<f64>]) {
    with_scalars(column, |step, value| Some(smaller(scalar(scalars, 0, step), value)));
}

/// `round(vector, to = 1)`: to the nearest multiple, halves up.
pub(super) fn round(column: &mut Column, scalars: &[Vec<f64>]) {
    with_scalars(column, |step, value| {
        let to = if scalars.is_empty() { 1.0 } else { scalar(scalars, 0, step) };
        // The inverse, as rounding to 0.1 is exact only this way.
        let inverse = 1.0 / to;
        Some((value * inverse + 0.5).floor() / inverse)
    });
}

/// The sign before a vector; histograms keep their place.
pub(crate) fn negate(column: &mut Column, _: &[Vec<f64>]) {
    for value in column.values_mut() {
        *value = if is_absent(*value) { ABSENT } else { -*value };
    }
    if column.has_histograms() {
        for histogram in column.histograms_mut().iter_mut().flatten() {
            std::sync::Arc::make_mut(histogram).mul(-1.0);
        }
    }
}

/// Nothing at any step.
pub(crate) fn nothing(column: &mut Column, _: &[Vec<f64>]) {
    let steps = column.len();
    column.reset(steps);
}

/// `timestamp` of anything but a selector: the time of the step, which is the only scalar.
pub(crate) fn step_time(column: &mut Column, scalars: &[Vec<f64>]) {
    for step in 0..column.len() {
        if column.is_present(step) {
            column.set_float(step, scalar(scalars, 0, step));
        }
    }
}
