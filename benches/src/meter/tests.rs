//! Costs between two readings.

use platform::simulated::SimulatedClock;

use super::*;

fn reading(at: u64, server_ms: u64, own_ms: u64) -> Reading {
    let cost = |ms| Cost { cpu: Duration::from_millis(ms), resident_bytes: 5, resident_bytes_peak: 7 };
    Reading { at: Duration::from_secs(at), server: Some(cost(server_ms)), own: cost(own_ms) }
}

#[test]
fn costs_are_of_the_time_between() {
    let clock = SimulatedClock::new(0);
    let meter = Meter::new(&clock, None, None);
    let figures = meter.figures(SAMPLES, 2_000_000, reading(10, 500, 100), reading(14, 1500, 300));
    let of = |key: &str| figures.iter().find(|figure| figure.key == key).and_then(|figure| figure.value);
    assert_eq!(of("samples_per_second"), Some(500_000.0));
    assert_eq!(of("server_cpu_seconds_per_million"), Some(0.5));
    assert_eq!(of("generator_cpu_seconds"), Some(0.2));
    assert_eq!(of("resident_bytes_peak"), Some(7.0));
    assert_eq!(meter.disk().value, None);
}

#[test]
fn bytes_of_less_than_the_kernel_counts_have_no_cost() {
    let clock = SimulatedClock::new(0);
    let meter = Meter::new(&clock, None, None);
    let of = |server_ms| {
        meter
            .throughput(3_000_000, reading(10, 500, 0), reading(12, server_ms, 0))
            .map(|figure| (figure.key, figure.value))
    };
    let second = ("bytes_per_second", Some(1_500_000.0));
    assert_eq!(of(1000), [second, ("bytes_per_server_cpu_second", Some(6_000_000.0))]);
    assert_eq!(of(500), [second, ("bytes_per_server_cpu_second", None)]);
}

#[test]
fn a_load_that_costs_more_than_the_server_is_told_of() {
    assert!(slow_generator(reading(0, 0, 0), reading(1, 300, 400)).is_some());
    assert_eq!(slow_generator(reading(0, 0, 0), reading(1, 400, 300)), None);
    assert_eq!(slow_generator(reading(0, 0, 0), reading(1, 10, 30)), None);
}

#[test]
fn files_below_a_folder_are_counted() {
    let folder = crate::store::Folder::new("meter");
    RealFileSystem.create_dir_all(&folder.path().join("a/b")).unwrap();
    RealFileSystem.write_atomic(&folder.path().join("a/b/x"), &[0; 10]).unwrap();
    RealFileSystem.write_atomic(&folder.path().join("a/y"), &[0; 5]).unwrap();
    assert_eq!(folder_bytes(folder.path()), 15);
}
