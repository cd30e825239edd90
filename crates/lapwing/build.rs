//! Tells the binary which commit it is built of, where the builder does not say so itself.
//!
//! Outside a checkout, or without git, nothing is told: `--version` says `unknown` then.

use std::path::Path;
use std::process::Command;

/// What the builder may say, with what git is asked for otherwise.
const FACTS: [(&str, &[&str]); 3] = [
    ("LAPWING_REVISION", &["rev-parse", "HEAD"]),
    ("LAPWING_BRANCH", &["rev-parse", "--abbrev-ref", "HEAD"]),
    // The commit's date: the same sources give the same binary, whenever they are built.
    ("LAPWING_BUILD_DATE", &["log", "-1", "--format=%cd", "--date=format-local:%Y%m%d-%H:%M:%S"]),
];

/// Where this package stands in its own checkout; elsewhere the checkout is another project's.
const PREFIX: &str = "crates/lapwing/";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let own_checkout = git(&["rev-parse", "--show-prefix"]).is_some_and(|prefix| prefix == PREFIX);
    for (name, question) in FACTS {
        println!("cargo::rerun-if-env-changed={name}");
        if !own_checkout || std::env::var_os(name).is_some() {
            continue;
        }
        if let Some(answer) = git(question) {
            println!("cargo::rustc-env={name}={answer}");
        }
    }
    // Each commit and each change of branch is noted there: the build runs again then, and not before. A file that
    // is not there is not named, since cargo would take it for changed each time.
    for name in ["HEAD", "logs/HEAD"].into_iter().filter(|_| own_checkout) {
        if let Some(path) = git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

/// What git answers in one line; `None` where there is no git, no checkout or no answer.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").env("TZ", "UTC").args(arguments).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !answer.is_empty()).then_some(answer)
}
