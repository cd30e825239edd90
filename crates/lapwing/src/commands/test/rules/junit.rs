//! Results as JUnit XML.

use std::path::Path;

use platform::FileSystem;
use platform::real::RealFileSystem;

/// A test and what is wrong with it.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) failures: Vec<String>,
}

/// Writes the results of all files.
pub(super) fn write(path: &str, suites: &[(String, Vec<Case>)]) -> std::io::Result<()> {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (file, cases) in suites {
        let failed = cases.iter().filter(|case| !case.failures.is_empty()).count();
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\">\n",
            escaped(file),
            cases.len()
        ));
        for case in cases {
            out.push_str(&format!("    <testcase name=\"{}\">\n", escaped(&case.name)));
            for failure in &case.failures {
                out.push_str(&format!(
                    "      <failure message=\"\" type=\"\">{}</failure>\n",
                    escaped(failure)
                ));
            }
            out.push_str("    </testcase>\n");
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    // A file in the working folder has no folder in its name, and the folder is synced too.
    RealFileSystem.write_atomic(&Path::new(".").join(path), out.as_bytes())
}

/// A text as XML takes it; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let kept = text.chars().filter(|character| !character.is_control() || matches!(character, '\n' | '\t'));
    let kept: String = kept.collect();
    kept.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;")
}
