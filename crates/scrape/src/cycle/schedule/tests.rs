//! Moments stay at their place in the interval whatever happens between them.

use std::time::Duration;

use super::Schedule;

const TOLERANCE: Duration = Duration::from_millis(2);

fn schedule(now: i64) -> Schedule {
    Schedule::new(now, Duration::from_secs(15), 4_000)
}

#[test]
fn the_first_moment_is_the_next_one_at_the_offset() {
    for (now, due) in [(0, 4_000), (4_000, 4_000), (4_001, 19_000), (18_999, 19_000), (-1, 4_000)] {
        assert_eq!(schedule(now).wait(now), Duration::from_millis((due - now) as u64), "{now}");
    }
}

#[test]
fn moments_that_passed_are_left_out() {
    let mut schedule = schedule(0);
    schedule.advance(4_300);
    assert_eq!(schedule.wait(4_300), Duration::from_millis(14_700));
    schedule.advance(19_000 + 31_000);
    assert_eq!(schedule.wait(50_000), Duration::from_millis(14_000));
}

#[test]
fn times_are_regular_within_the_tolerance() {
    let schedule = schedule(0);
    assert_eq!(schedule.timestamp(4_002, TOLERANCE), 4_000);
    assert_eq!(schedule.timestamp(4_003, TOLERANCE), 4_003);
    // One part in a hundred of a short interval is less than the tolerance.
    let short = Schedule::new(0, Duration::from_millis(100), 0);
    assert_eq!(short.timestamp(1, TOLERANCE), 0);
    assert_eq!(short.timestamp(2, TOLERANCE), 2);
}

#[test]
fn a_clock_that_is_set_back_delays_one_interval_at_most() {
    let mut schedule = schedule(1_000_000);
    assert_eq!(schedule.wait(10_000), Duration::from_secs(15));
}
