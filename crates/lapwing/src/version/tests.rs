//! Each name tells the version of the program that it stands for.

use super::*;

#[test]
fn the_version_is_that_of_the_program_of_the_name() {
    for (program, version) in [
        ("lapwing", "3.14.0"),
        ("prometheus", "3.14.0"),
        ("promtool", "3.14.0"),
        ("loki", "3.4.6"),
        ("logcli", "3.4.6"),
        ("alertmanager", "0.33.1"),
        ("amtool", "0.33.1"),
    ] {
        let first = format!("{program}, version {version} (lapwing ");
        assert!(text(program).starts_with(&first), "{}", text(program));
    }
}
