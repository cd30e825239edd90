//! The process, or the machine, ends at every operation on the disk: what was acknowledged is there at the next start.

use platform::simulated::{Operation, Performed, SimulatedFileSystem};
use tsdb::Db;

use super::oracle::{Certain, Oracle};
use super::{Script, WHOLE};
use crate::fixture::{PATH, open_with, parts};

/// Starts on what a crash has left, and looks again after the work that follows where it `goes_on`.
fn check_start(
    script: &Script,
    image: &SimulatedFileSystem,
    oracle: &Oracle,
    certain: &Certain,
    (context, goes_on): (&str, bool),
) {
    let db = open_with(image, script.settings());
    oracle.check(&db, certain, context);
    assert!(db.damaged_blocks().is_empty(), "{context}: {:?}", db.damaged_blocks());
    if !goes_on {
        return;
    }
    db.sync().unwrap();
    db.maintain().unwrap();
    oracle.check(&db, certain, &format!("{context}, after maintenance"));
}

/// Whether more, or something else, survives the end of the machine after an operation.
fn changes_what_lasts(operation: Option<&Performed>) -> bool {
    let passes = |done: &Performed| {
        matches!(done.operation, Operation::Append | Operation::Remove | Operation::CreateDir)
    };
    operation.is_none_or(|done| !passes(done))
}

/// Ends the script at each operation from `from` on; gives how many there are.
fn try_all(script: &Script, from: u64) -> u64 {
    let whole = SimulatedFileSystem::new();
    script.run(&whole);
    let points = whole.operation_count();
    let operations = whole.operations();
    for stop in from..points {
        let disk = SimulatedFileSystem::new();
        disk.stop_at(stop);
        let oracle = script.run(&disk);
        let context = format!("process, operation {stop} {:?}", disk.operations().last());
        check_start(
            script,
            &disk.process_image(),
            &oracle,
            &oracle.acknowledged(),
            (&context, stop % 2 == 0),
        );
        // What survives it changes with what is synced and named; what is written in between is chance.
        if !changes_what_lasts(operations.get(stop as usize)) && stop % 3 != 0 {
            continue;
        }
        let context = format!("machine, operation {stop} {:?}", disk.operations().last());
        check_start(
            script,
            &disk.crash_image(stop * 31),
            &oracle,
            &oracle.durable(),
            (&context, stop % 2 == 1),
        );
    }
    points - from
}

#[test]
fn nothing_acknowledged_is_lost_at_any_crash_point_of_a_whole_life() {
    let points = try_all(&WHOLE, 0);
    println!(
        "crash points of a whole life: {points}, each for the process, and where it matters for the machine"
    );
    assert!(points > 600, "{points}");
}

#[test]
fn nothing_acknowledged_is_lost_at_any_crash_point_of_a_removal_by_size() {
    // Up to the last act it is the life above.
    let whole = SimulatedFileSystem::new();
    WHOLE.run(&whole);
    let points = try_all(&Script { by_size: true, ..WHOLE }, whole.operation_count() - 20);
    println!(
        "crash points of a removal by size: {points}, each for the process, and where it matters for the machine"
    );
    assert!(points > 30, "{points}");
}

/// The process ends while it starts on what another crash has left.
#[test]
fn nothing_acknowledged_is_lost_at_any_crash_point_of_a_start_after_a_crash() {
    let whole = SimulatedFileSystem::new();
    WHOLE.run(&whole);
    let last = whole.operation_count();
    let mut points = 0;
    for (number, stop) in (1..5).map(|part| (part, last * part / 5 - 1)) {
        let disk = SimulatedFileSystem::new();
        disk.stop_at(stop);
        let oracle = WHOLE.run(&disk);
        let left = || if number % 2 == 0 { disk.process_image() } else { disk.crash_image(stop) };
        let certain = if number % 2 == 0 { oracle.acknowledged() } else { oracle.durable() };
        let start = |image: &SimulatedFileSystem| {
            let db = Db::open(parts(image), std::path::Path::new(PATH), WHOLE.settings());
            let _ = db.and_then(|db| db.sync().and_then(|()| db.maintain()));
        };
        let image = left();
        start(&image);
        for again in 0..image.operation_count() {
            let image = left();
            image.stop_at(again);
            start(&image);
            let (image, what) = match again % 2 {
                0 => (image.process_image(), "process"),
                _ => (image.crash_image(again), "machine"),
            };
            let context = format!("operation {stop}, then {what}, operation {again}");
            check_start(&WHOLE, &image, &oracle, &certain, (&context, again % 4 < 2));
            points += 1;
        }
    }
    println!("crash points of starts after a crash: {points}");
    assert!(points > 150, "{points}");
}
