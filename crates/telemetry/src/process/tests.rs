//! The files of `/proc` are read as proc(5) lays them out.

use super::{Stat, octets, soft_limit};

#[test]
fn stat_with_brackets_and_blanks_in_the_command() {
    let text = "71 (a) b (c) S 1 2 3 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 777 1048576 256 18446744073709551615";
    let stat = Stat::parse(text).unwrap();
    assert_eq!(
        stat,
        Stat { cpu_ticks: 300.0, start_ticks: 777.0, virtual_bytes: 1_048_576.0, resident_pages: 256.0 }
    );
    assert_eq!(Stat::parse("71 (cut) S 1"), None);
}

#[test]
fn start_time_counts_from_boot() {
    let stat = Stat { cpu_ticks: 0.0, start_ticks: 0.0, virtual_bytes: 0.0, resident_pages: 0.0 };
    assert_eq!(stat.start_time("cpu 1 2\nbtime 1700000000\nprocesses 5\n"), Some(1.7e9));
}

#[test]
fn limits_know_numbers_and_unlimited() {
    let text = "Max open files            1024                 4096                 files\n\
                Max address space         unlimited            unlimited            bytes\n";
    assert_eq!(soft_limit(text, "Max open files"), Some(1024.0));
    assert_eq!(soft_limit(text, "Max address space"), Some(18_446_744_073_709_551_615.0));
    assert_eq!(soft_limit(text, "Max locked memory"), None);
}

#[test]
fn octets_stand_under_their_names() {
    let text = "TcpExt: A B\nTcpExt: 1 2\nIpExt: InNoRoutes InOctets OutOctets\nIpExt: 0 11 22\n";
    assert_eq!(octets(text), Some((11.0, 22.0)));
}

#[test]
fn this_process_has_a_thread_and_this_machine_a_name() {
    assert!(super::threads() >= 1);
    assert!(!super::hostname().is_empty());
}
