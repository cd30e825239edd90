//! Numbers by a verb, before they are padded.

use model::number::{format_general, format_significant};

use super::verb::Spec;

/// A whole number by a verb, its sign apart; none when the verb is not for whole numbers.
pub(super) fn integer(magnitude: u64, negative: bool, spec: &Spec) -> Option<(String, String)> {
    let (digits, prefix) = match spec.verb {
        'd' | 'v' => (magnitude.to_string(), ""),
        'b' => (format!("{magnitude:b}"), if spec.alternate { "0b" } else { "" }),
        'o' => (format!("{magnitude:o}"), if spec.alternate { "0" } else { "" }),
        'O' => (format!("{magnitude:o}"), "0o"),
        'x' => (format!("{magnitude:x}"), if spec.alternate { "0x" } else { "" }),
        'X' => (format!("{magnitude:X}"), if spec.alternate { "0X" } else { "" }),
        _ => return None,
    };
    let digits = match spec.precision {
        Some(0) if magnitude == 0 => String::new(),
        Some(precision) => format!("{digits:0>precision$}"),
        None => digits,
    };
    Some((sign(negative, spec).to_owned() + prefix, digits))
}

fn sign(negative: bool, spec: &Spec) -> &'static str {
    match (negative, spec.plus, spec.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    }
}

/// A floating-point number by a verb, its sign apart; none when the verb is not for them.
pub(super) fn float(value: f64, spec: &Spec) -> Option<(String, String)> {
    let magnitude = value.abs();
    let text = match spec.verb {
        _ if !matches!(spec.verb, 'v' | 'g' | 'G' | 'e' | 'E' | 'f' | 'F' | 'x' | 'X' | 'b') => return None,
        _ if value.is_nan() => "NaN".into(),
        _ if value.is_infinite() => {
            let sign = if value < 0.0 { "-" } else { "+" };
            let sign = if spec.space && !spec.plus && value > 0.0 { " " } else { sign };
            return Some((sign.into(), "Inf".into()));
        }
        'v' | 'g' => general(magnitude, spec.precision),
        'G' => general(magnitude, spec.precision).to_uppercase(),
        'e' => exponent(magnitude, spec.precision.unwrap_or(6)),
        'E' => exponent(magnitude, spec.precision.unwrap_or(6)).to_uppercase(),
        'f' | 'F' => format!("{magnitude:.*}", spec.precision.unwrap_or(6)),
        'b' => binary(magnitude),
        _ => hexadecimal(magnitude, spec.verb == 'X'),
    };
    Some((sign(value.is_sign_negative() && !value.is_nan(), spec).to_owned(), text))
}

fn general(magnitude: f64, precision: Option<usize>) -> String {
    match precision {
        None => format_general(magnitude),
        Some(precision) => format_significant(magnitude, precision),
    }
}

fn exponent(magnitude: f64, precision: usize) -> String {
    let text = format!("{magnitude:.precision$e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
    format!("{mantissa}e{sign}{power:0>2}")
}

fn binary(magnitude: f64) -> String {
    let bits = magnitude.to_bits();
    let (mantissa, exponent) = match (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1)) {
        (0, mantissa) => (mantissa, -1074),
        (exponent, mantissa) => (mantissa | 1 << 52, exponent as i64 - 1075),
    };
    format!("{mantissa}p{exponent:+}")
}

fn hexadecimal(magnitude: f64, upper: bool) -> String {
    let bits = magnitude.to_bits();
    let text = if magnitude == 0.0 {
        "0x0p+00".to_owned()
    } else {
        let (mut mantissa, mut exponent) = match (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1)) {
            (0, mantissa) => (mantissa, -1022),
            (exponent, mantissa) => (mantissa | 1 << 52, exponent as i64 - 1023),
        };
        while mantissa & 1 << 52 == 0 {
            mantissa <<= 1;
            exponent -= 1;
        }
        let digits = format!("{:013x}", mantissa & ((1 << 52) - 1));
        let digits = digits.trim_end_matches('0');
        let point = if digits.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("0x1{point}{digits}p{sign}{:02}", exponent.abs())
    };
    if upper { text.to_uppercase() } else { text }
}
