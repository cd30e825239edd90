//! Reading of numbers with Go's rules.

/// Reads a number as Go's `ParseFloat`: decimal with exponent, `Inf`, `Infinity` and `NaN` in any case with an
/// optional sign (not on NaN), hexadecimal with a binary exponent, `_` nowhere.
///
/// A number beyond the range of a float is no number, as in Go.
pub fn parse_float(text: &str) -> Option<f64> {
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let magnitude = match body.as_bytes().first()? {
        b'i' | b'I' if body.eq_ignore_ascii_case("inf") || body.eq_ignore_ascii_case("infinity") => {
            f64::INFINITY
        }
        b'n' | b'N' if body.len() == text.len() && body.eq_ignore_ascii_case("nan") => return Some(f64::NAN),
        b'0' if matches!(body.as_bytes().get(1), Some(b'x' | b'X')) => parse_hex(body.get(2..)?)?,
        b'0'..=b'9' | b'.' => {
            let value: f64 = body.parse().ok()?;
            if value.is_infinite() {
                return None;
            }
            value
        }
        _ => return None,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// Digits of a hexadecimal float behind `0x`: mantissa with an optional point, then `p` and a power of two.
fn parse_hex(body: &str) -> Option<f64> {
    let (mantissa, power) = body.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut exponent: i32 = power.parse().ok().filter(|_| !power.is_empty())?;
    let mut bits: u64 = 0;
    for (digit, after_point) in
        whole.chars().map(|digit| (digit, false)).chain(fraction.chars().map(|digit| (digit, true)))
    {
        let digit = u64::from(digit.to_digit(16)?);
        if bits >> 56 == 0 {
            bits = bits << 4 | digit;
            exponent = exponent.saturating_sub(if after_point { 4 } else { 0 });
        } else {
            // Beyond 56 bits a digit only matters for rounding: keep it as a sticky bit.
            bits |= u64::from(digit != 0);
            exponent = exponent.saturating_add(if after_point { 0 } else { 4 });
        }
    }
    let value = scale(bits, exponent);
    value.is_finite().then_some(value)
}

fn scale(bits: u64, exponent: i32) -> f64 {
    let mut value = bits as f64;
    let mut left = exponent.clamp(-2200, 2200);
    // Powers beyond one step of the float's range are applied in parts.
    while left != 0 && value != 0.0 && value.is_finite() {
        let step = left.clamp(-1000, 1000);
        value *= 2f64.powi(step);
        left -= step;
    }
    value
}
