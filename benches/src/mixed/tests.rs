//! Loads, and the line through what was seen.

use platform::real::RealClock;

use super::*;

#[test]
fn loads_of_a_name_are_added_up_with_their_first_error() {
    let clock = RealClock::new();
    let meter = Meter::new(&clock, None, None);
    let loads = vec![
        Load::new("a", Duration::from_secs(60), |_| Ok(3)),
        Load::new("a", Duration::from_secs(60), |_| Ok(4)),
        Load::new("b", Duration::from_secs(60), |_| Err(Error::Url("x".to_owned()))),
    ];
    let (done, memory) = run_all(loads, &meter, &clock, Duration::ZERO).unwrap();
    let of: Vec<_> =
        done.iter().map(|done| (done.name, done.units, done.latencies.len(), done.errors)).collect();
    assert_eq!(of, [("a", 7, 2, 0), ("b", 0, 0, 1)]);
    assert_eq!(done[1].first_error.as_deref(), Some("expected http://host:port/path, found x"));
    assert!(memory.seen.is_empty());
}

#[test]
fn growth_is_the_slope_of_the_second_half() {
    let seen =
        (0..10).map(|at| (f64::from(at), if at < 5 { 0.0 } else { 100.0 + f64::from(at) * 2.0 })).collect();
    assert_eq!(Memory { seen }.growth_per_hour().map(f64::round), Some(7200.0));
    assert_eq!(Memory::default().growth_per_hour(), None);
}
