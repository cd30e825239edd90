//! A process that is made up: what it holds, what it uses, and what cannot be given back.

use std::cell::Cell;

use super::*;

const MIB: u64 = 1 << 20;

/// Looks at a process once and says what it holds then.
fn look(kept: &mut Kept, (held, used, stuck): (u64, u64, u64)) -> u64 {
    let now = Cell::new(held * MIB);
    kept.look(|| Some((now.get(), used * MIB)), || now.set((used + stuck) * MIB));
    now.get() / MIB
}

#[test]
fn much_that_is_kept_is_given_back_and_little_is_not() {
    let mut kept = Kept::default();
    assert_eq!(look(&mut kept, (50, 47, 0)), 50, "less than 4 MiB");
    assert_eq!(look(&mut kept, (51, 47, 0)), 47);
    assert_eq!(look(&mut kept, (1060, 1000, 0)), 1060, "less than a sixteenth of what is used");
    assert_eq!(look(&mut kept, (1063, 1000, 0)), 1000);
}

#[test]
fn what_cannot_be_given_back_is_not_asked_for_again() {
    let mut kept = Kept::default();
    assert_eq!(look(&mut kept, (200, 100, 60)), 160);
    assert_eq!(look(&mut kept, (166, 100, 0)), 166, "six more than what was left");
    assert_eq!(look(&mut kept, (167, 100, 50)), 150);
    // It was used again, and freed.
    assert_eq!(look(&mut kept, (150, 140, 10)), 150);
    assert_eq!(look(&mut kept, (150, 120, 10)), 130);
}

#[test]
fn a_little_that_is_kept_for_a_minute_is_given_back() {
    let mut kept = Kept::default();
    for _ in 1..LASTING_LOOKS {
        assert_eq!(look(&mut kept, (1050, 1000, 0)), 1050);
    }
    assert_eq!(look(&mut kept, (1050, 1000, 7)), 1007);
    // A minute later there is nothing but what could not be given back.
    for _ in 0..2 * LASTING_LOOKS {
        assert_eq!(look(&mut kept, (1007, 1000, 0)), 1007);
    }
    assert_eq!(look(&mut kept, (1008, 1000, 0)), 1000);
}

#[test]
fn what_is_in_use_is_told() {
    let mut kept = Kept::default();
    look(&mut kept, (102, 100, 0));
    assert_eq!(kept.used, 100 * MIB);
}

#[test]
fn nothing_is_done_where_the_system_does_not_tell() {
    Kept::default().look(|| None, || unreachable!());
}
