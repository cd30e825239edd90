//! Profiles of threads that are busy.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::profile;
use crate::pprof::tests::{Stack, read};
use crate::turn::{Turn, tests::in_turn};
use crate::{Error, ErrorKind, Stop};

#[inline(never)]
fn spends_time(until: &AtomicBool) -> u64 {
    let mut sum = 0_u64;
    while !until.load(Ordering::Relaxed) {
        for number in 0..10_000_u64 {
            sum = black_box(sum.wrapping_mul(31).wrapping_add(number));
        }
    }
    sum
}

#[inline(never)]
fn has_time_spent(until: &AtomicBool) -> u64 {
    black_box(spends_time(until)) + 1
}

/// Profiles of a thread that does nothing else, until some has a stack that is looked for.
fn find(wanted: impl Fn(&Stack) -> bool) -> bool {
    let _turn = in_turn();
    let until = AtomicBool::new(false);
    thread::scope(|scope| {
        thread::Builder::new()
            .name("busy".to_owned())
            .spawn_scoped(scope, || has_time_spent(&until))
            .unwrap();
        // On a machine with much else to do it may not have run in the first of them.
        let found = (0..20).any(|_| {
            let bytes = profile(Duration::from_millis(200), &Stop::default()).unwrap();
            let (_, stacks) = read(&bytes);
            stacks.iter().any(&wanted)
        });
        until.store(true, Ordering::Relaxed);
        found
    })
}

#[test]
fn a_busy_function_is_named_below_its_callers() {
    assert!(find(|stack| {
        let depths = ["spends_time", "has_time_spent", "find"].map(|name| stack.depth(name));
        depths.iter().all(Option::is_some) && depths.is_sorted()
    }));
}

#[test]
fn a_sample_tells_its_thread_and_its_time() {
    assert!(find(|stack| {
        let thread = stack.label.as_ref().map(|(key, text)| (key.as_str(), text.as_str()));
        let period = 10_000_000;
        stack.depth("spends_time").is_some()
            && thread == Some(("thread", "busy"))
            && stack.numbers[1] == stack.numbers[0] * period
    }));
}

#[test]
fn a_second_profile_at_the_same_time_is_refused() {
    let _turn = in_turn();
    let first = Turn::take().unwrap();
    let refused = profile(Duration::from_millis(1), &Stop::default()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::OverLimit);
    drop(first);
    profile(Duration::from_millis(1), &Stop::default()).unwrap();
}

#[test]
fn a_profile_nobody_waits_for_ends() {
    let _turn = in_turn();
    let stop = Stop::default();
    stop.ask();
    let hour = Duration::from_secs(3600);
    assert!(matches!(profile(hour, &stop), Err(Error::Stopped)));
}
