//! The texts of the system, as its manual describes them.

use super::*;

/// Held by tests that allocate much: what the others look at is the memory of the whole process.
#[cfg(target_env = "gnu")]
static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn files(groups: &str) -> Vec<String> {
    limit_files(groups).into_iter().map(|path| path.display().to_string()).collect()
}

#[test]
fn groups_of_version_2_have_their_limits_and_those_around_them() {
    assert_eq!(
        files("0::/system.slice/lapwing.service\n"),
        [
            "/sys/fs/cgroup/system.slice/lapwing.service/memory.max",
            "/sys/fs/cgroup/system.slice/memory.max",
            "/sys/fs/cgroup/memory.max",
        ]
    );
    assert_eq!(files("0::/\n"), ["/sys/fs/cgroup/memory.max"]);
    assert_eq!(files("0::/../other\n"), ["/sys/fs/cgroup/memory.max"]);
}

#[test]
fn groups_of_version_1_are_found_by_their_controller() {
    let text = "12:cpu,cpuacct:/docker/ab\n4:hugetlb,memory:/docker/ab\n1:name=systemd:/docker/ab\n";
    assert_eq!(
        files(text),
        [
            "/sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes",
            "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        ]
    );
    assert_eq!(files("nonsense\n\n7:memory\n"), [""; 0]);
}

#[test]
fn limits_are_numbers_or_none() {
    assert_eq!(group_limit("max\n"), None);
    assert_eq!(group_limit("536870912\n"), Some(512 << 20));
    assert_eq!(group_limit("9223372036854771712\n"), Some(9_223_372_036_854_771_712));
    assert_eq!(group_limit(""), None);
    assert_eq!(group_limit("-1\n"), None);
}

#[test]
fn lines_of_kilobytes_are_read_as_bytes() {
    let status = "Name:\tlapwing\nVmRSS:\t   90000 kB\nRssAnon:\t    1234 kB\nRssFile:\t   88766 kB\n";
    assert_eq!(kilobytes(status, "RssAnon:"), Some(1234 * 1024));
    assert_eq!(kilobytes("MemTotal:       16384 kB\n", "MemTotal:"), Some(16 << 20));
    assert_eq!(kilobytes("MemTotal:       many kB\n", "MemTotal:"), None);
    assert_eq!(kilobytes("MemTotal:       16384 MB\n", "MemTotal:"), None);
    assert_eq!(kilobytes(status, "MemTotal:"), None);
}

#[test]
fn the_machine_tells_both() {
    let held = anonymous_bytes().unwrap();
    assert!(held > 10_000 && held < memory_limit().unwrap());
}

#[cfg(target_env = "gnu")]
#[test]
fn what_is_allocated_is_told() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let before = super::super::allocated_bytes().unwrap();
    // Small pieces and a large one: they are counted apart.
    let pieces: Vec<Box<[u8]>> = (0..100_000).map(|number| vec![number as u8; 1000].into()).collect();
    let large = vec![1_u8; 200_000_000];
    let between = super::super::allocated_bytes().unwrap();
    assert!(between > before + 250_000_000, "{before} {between}");
    drop((pieces, large));
    let behind = super::super::allocated_bytes().unwrap();
    assert!(behind < between - 250_000_000, "{between} {behind}");
}

#[cfg(target_env = "gnu")]
#[test]
fn freed_memory_is_given_back() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // Small pieces, the last of which keeps the others' place: the allocator does not give them back by itself.
    let mut pieces: Vec<Box<[u8]>> = (0..100_000).map(|number| vec![number as u8; 1000].into()).collect();
    let (held, last) = (anonymous_bytes().unwrap(), pieces.pop());
    drop(pieces);
    super::super::give_back_freed();
    let left = anonymous_bytes().unwrap();
    assert!(held > 90_000_000 && left < held - 80_000_000, "{held} {left}");
    drop(last);
}
