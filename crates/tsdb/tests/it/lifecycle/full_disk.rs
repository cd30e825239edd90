//! The disk is full, or fails, at any operation: what was acknowledged stays, nothing is taken for another series', and the
//! store goes on by itself.

use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};

use super::{Script, WHOLE};
use crate::fixture::open_with;

/// Up to the copy alone: it is gone through many times.
const PART: Script = Script { minutes: [22, 14, 10], ..WHOLE };

/// How many operations fail one after the other.
const FAILURES: u64 = 5;

/// Goes through the script with failures from each so manieth operation of a kind on; gives how many times something
/// failed.
fn try_all(operation: Operation, kind: FaultKind, step: usize) -> u64 {
    let whole = SimulatedFileSystem::new();
    PART.run(&whole);
    let count = whole.operations().iter().filter(|done| done.operation == operation).count() as u64;
    // Reads are not noted: there are more of them than of anything else.
    let count = if operation == Operation::Read { READS } else { count };
    let mut points = 0;
    for number in (0..count).step_by(step) {
        let disk = SimulatedFileSystem::new();
        let fault = Fault { times: FAILURES, ..Fault::nth(operation, number, kind) };
        disk.inject(fault.writing(number as usize % 40));
        if number % 3 == 1 {
            // What was written in part cannot be taken back.
            disk.inject(Fault { times: FAILURES, ..Fault::nth(Operation::Truncate, 0, FaultKind::Io) });
        }
        let oracle = PART.run(&disk);
        disk.clear_faults();
        let context = format!("{operation:?} {number} {kind:?}");
        let image = disk.process_image();
        let db = open_with(&image, PART.settings());
        oracle.check(&db, &oracle.acknowledged(), &context);
        assert!(db.damaged_blocks().is_empty(), "{context}: {:?}", db.damaged_blocks());
        points += u64::from(disk.failure_count() > 0);
    }
    points
}

/// So many reads of the script are tried.
const READS: u64 = 1200;

#[test]
fn nothing_acknowledged_is_lost_where_the_disk_is_full_at_any_write() {
    let points = try_all(Operation::Append, FaultKind::NoSpace, 1)
        + try_all(Operation::Create, FaultKind::NoSpace, 7)
        + try_all(Operation::CreateDir, FaultKind::NoSpace, 7)
        + try_all(Operation::HardLink, FaultKind::NoSpace, 7);
    println!("writes at which the disk was full: {points}");
    assert!(points > 150, "{points}");
}

#[test]
fn nothing_acknowledged_is_lost_where_any_sync_fails() {
    let points = try_all(Operation::Sync, FaultKind::Io, 1) + try_all(Operation::SyncDir, FaultKind::Io, 2);
    println!("syncs that failed: {points}");
    assert!(points > 180, "{points}");
}

#[test]
fn nothing_acknowledged_is_lost_where_names_cannot_be_changed_or_files_read() {
    let mut points = 0;
    for (operation, kind, step) in [
        (Operation::Remove, FaultKind::Io, 3),
        (Operation::Remove, FaultKind::Denied, 11),
        (Operation::Rename, FaultKind::Io, 3),
        (Operation::Create, FaultKind::Denied, 11),
        (Operation::Read, FaultKind::Io, 31),
    ] {
        let tried = try_all(operation, kind, step);
        println!("{operation:?} {kind:?}: {tried}");
        points += tried;
    }
    println!("names and reads that failed: {points}");
    assert!(points > 100, "{points}");
}
