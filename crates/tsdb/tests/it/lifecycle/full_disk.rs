//! The disk is full at every write: what was acknowledged stays, and the store goes on by itself.

use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};

use super::{Script, WHOLE};
use crate::fixture::open_with;

/// Up to the copy alone: it is gone through many times.
const PART: Script = Script { minutes: [22, 14, 10], ..WHOLE };

/// How many operations fail one after the other.
const FAILURES: u64 = 5;

#[test]
fn nothing_acknowledged_is_lost_where_the_disk_is_full_at_any_write() {
    let whole = SimulatedFileSystem::new();
    PART.run(&whole);
    let mut points = 0;
    // Every write to a file, and some of each other kind.
    for (operation, kind, step) in [
        (Operation::Append, FaultKind::NoSpace, 1),
        (Operation::Create, FaultKind::NoSpace, 7),
        (Operation::CreateDir, FaultKind::NoSpace, 7),
        (Operation::HardLink, FaultKind::NoSpace, 7),
        (Operation::Rename, FaultKind::Io, 7),
    ] {
        let count = whole.operations().iter().filter(|done| done.operation == operation).count() as u64;
        for number in (0..count).step_by(step) {
            let disk = SimulatedFileSystem::new();
            let fault = Fault { times: FAILURES, ..Fault::nth(operation, number, kind) };
            disk.inject(fault.writing(number as usize % 40));
            let oracle = PART.run(&disk);
            disk.clear_faults();
            let context = format!("{operation:?} {number}");
            let image = disk.process_image();
            let db = open_with(&image, PART.settings());
            oracle.check(&db, &oracle.acknowledged(), &context);
            assert!(db.damaged_blocks().is_empty(), "{context}: {:?}", db.damaged_blocks());
            points += 1;
        }
    }
    println!("writes at which the disk was full or failed: {points}");
    assert!(points > 150, "{points}");
}
