//! Steps work.

use platform::simulated::SimulatedClock;

use super::*;

#[test]
fn every_step_can_be_taken_more_than_once() {
    for step in ALL {
        let mut prepared = (step.make)().unwrap_or_else(|error| panic!("{}: {error}", step.name));
        prepared.run(2).unwrap_or_else(|error| panic!("{}: {error}", step.name));
        assert!(prepared.units > 0, "{}", step.name);
    }
}

#[test]
fn steps_are_chosen_by_name() {
    let given = |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Given::parse(&[FLAGS], &arguments).unwrap()
    };
    let clock = SimulatedClock::new(0);
    let chosen = given(&["--only=route", "--only=template", "--rounds=1"]);
    let report = run(&chosen, &clock, &mut Vec::new()).unwrap().unwrap();
    let names: Vec<&str> = report.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["template (text)", "route (alert)"]);
    let unknown = run(&given(&["--only=x"]), &clock, &mut Vec::new()).unwrap_err();
    assert_eq!(unknown.to_string(), "--only=x: no such step");
}
