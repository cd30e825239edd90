//! Values and messages as recorded answers show them.

use std::borrow::Cow;

use super::resolve_durations;
use crate::{Expr, Options, parse_expr};

fn resolved(text: &str, step_ms: i64, range_ms: i64) -> Result<Expr, String> {
    let expr = parse_expr(text, Options::ALL).map_err(|error| error.to_string())?;
    resolve_durations(&expr, step_ms, range_ms).map(Cow::into_owned).map_err(|error| error.to_string())
}

fn range_ms(text: &str) -> Result<i64, String> {
    resolved(text, 300_000, 1_200_000).map(|expr| match expr {
        Expr::MatrixSelector(matrix) => matrix.range.ms,
        other => panic!("no range: {other}"),
    })
}

#[test]
fn operators_follow_their_precedence() {
    for (text, ms) in [
        ("a[26m+4m]", 1_800_000),
        ("a[1h30m % 1h]", 1_800_000),
        ("a[-5m+35m]", 1_800_000),
        ("a[2m*(10+5)]", 1_800_000),
        ("a[24m+((1.5*2m)+2m)]", 1_740_000),
        ("a[30m1s-30m1s % 1m]", 1_800_000),
        ("a[2 ^ 3 ^ 2]", 512_000),
        ("a[10-5-3]", 2_000),
        ("a[100/10/5]", 2_000),
        ("a[7%4*2]", 6_000),
        ("a[2^-1]", 500),
        ("a[step()*2]", 600_000),
        ("a[range()]", 1_200_000),
        ("a[max_of(min_of(step()+1,1h),1ms)]", 301_000),
        ("a[1+(STep()-5)*2]", 591_000),
        ("a[1ms/2+1ms]", 1),
        ("a[5]", 5_000),
    ] {
        assert_eq!(range_ms(text), Ok(ms), "{text}");
    }
}

#[test]
fn offset_may_be_negative_or_zero() {
    for (text, ms) in [
        ("a offset (2 ^ 6)", 64_000),
        ("a offset -(1m+30s)", -90_000),
        ("a offset (-step()*2)", -600_000),
        ("a offset (STEP()/10)", 30_000),
        ("a offset -min_of(step(), 1s)", -1_000),
        ("a offset (5m-5m)", 0),
    ] {
        let offset = resolved(text, 300_000, 0).map(|expr| match expr {
            Expr::VectorSelector(selector) => selector.offset.ms,
            other => panic!("no selector: {other}"),
        });
        assert_eq!(offset, Ok(ms), "{text}");
    }
}

#[test]
fn unusable_values_are_told_with_their_bytes() {
    for (text, message) in [
        ("count_over_time(queue_depth[step()])", "28:34: duration must be greater than 0"),
        ("count_over_time(queue_depth[5m:range()])", "31:38: duration must be greater than 0"),
        ("count_over_time(up[5m-5m])", "19:24: duration must be greater than 0"),
        ("a[ 5m - ( 5m ) ]", "3:12: duration must be greater than 0"),
        ("a[(5m-5m)*1]", "3:11: duration must be greater than 0"),
        ("a[-(5m+1m)]", "2:9: duration must be greater than 0"),
        ("a[5m/(1-1)]", "2:9: division by zero"),
        ("a offset (5m%step())", "10:19: modulo by zero"),
        ("a[9e9*9e9]", "2:9: duration is out of range"),
        ("a offset ((0-1)^0.5)", "11:19: duration is out of range"),
    ] {
        assert_eq!(resolved(text, 0, 0).map(|expr| expr.to_string()), Err(message.to_owned()), "{text}");
    }
}
