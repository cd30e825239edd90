//! Each check is red on something bad and green on its like that is good.

use super::*;
use crate::{Dependency, DependencyKind, File, Package};

type Run = fn(&Repository) -> Vec<Complaint>;

/// The complaints about one file of this path and text.
fn about_file(check: Run, path: &str, text: &str) -> Vec<String> {
    let files = vec![File::new(path, text)];
    let repository = Repository { files, packages: Vec::new() };
    check(&repository).iter().map(Complaint::to_string).collect()
}

fn is_red(check: Run, path: &str, text: &str) -> bool {
    !about_file(check, path, text).is_empty()
}

/// A package called `name` on `floor` that depends on `products` and, for tests, on `development`.
fn package(name: &str, floor: Option<u64>, products: &[&str], development: &[&str]) -> Package {
    let all = |names: &[&str], kind| {
        let dependency = |name: &&str| Dependency { name: (*name).into(), kind };
        names.iter().map(dependency).collect::<Vec<_>>()
    };
    Package {
        name: name.into(),
        folder: format!("crates/{name}"),
        floor,
        does: Some(format!("what {name} does")),
        dependencies: [all(products, DependencyKind::Product), all(development, DependencyKind::Development)]
            .concat(),
    }
}

fn about_packages(check: Run, packages: Vec<Package>) -> Vec<String> {
    let repository = Repository { files: Vec::new(), packages };
    check(&repository).iter().map(Complaint::to_string).collect()
}

#[test]
fn dependency_on_a_floor_that_is_not_lower_is_refused() {
    let house = |of: Package| {
        let rest = vec![
            package("low", Some(0), &[], &["testkit"]),
            package("testkit", None, &["high"], &[]),
            package("high", Some(2), &["low", "serde"], &["testkit"]),
        ];
        about_packages(floors::check, [vec![of], rest].concat())
    };
    assert!(house(package("new", Some(1), &["low"], &["testkit"])).is_empty());
    assert_eq!(
        house(package("new", Some(2), &["high"], &[])),
        ["new: (floor 2) depends on `high` (floor 2); only lower floors may be depended on"]
    );
    assert_eq!(house(package("new", Some(1), &["high"], &[])).len(), 1);
    assert_eq!(
        house(package("new", Some(1), &["testkit"], &[])),
        ["new: depends on `testkit` for more than tests"]
    );
}

#[test]
fn package_that_does_not_say_where_it_stands_is_refused() {
    let check = |package: Package| about_packages(floors::check, vec![package]).len();
    assert_eq!(check(package("new", None, &[], &[])), 1);
    assert_eq!(check(package("tidy", None, &[], &[])), 0);
    assert_eq!(check(package("tidy", Some(1), &[], &[])), 1);
    let silent = Package { does: None, ..package("new", Some(1), &[], &[]) };
    assert_eq!(check(silent), 1);
    let elsewhere = Package { folder: "crates/old".into(), ..package("new", Some(1), &[], &[]) };
    assert_eq!(check(elsewhere), 1);
}

#[test]
fn dependencies_that_must_be_absent_are_found() {
    let check = |package: Package| about_packages(absent_dependencies::check, vec![package]);
    assert_eq!(
        check(package("tsdb", Some(3), &["promql-syntax"], &[])),
        ["tsdb: depends on `promql-syntax`: a store knows no query language"]
    );
    assert_eq!(check(package("promql-engine", Some(3), &["tsdb"], &[])).len(), 1);
    assert_eq!(check(package("promql-engine", Some(3), &["storage"], &["tsdb"])).len(), 0);
    assert_eq!(check(package("api", Some(5), &["config"], &[])).len(), 1);
    assert_eq!(check(package("lapwing", Some(6), &["config", "tokio"], &[])).len(), 0);
    assert_eq!(check(package("wal", Some(2), &["tokio"], &[])).len(), 1);
    assert_eq!(check(package("wal", Some(2), &[], &["tokio"])).len(), 0);
    assert_eq!(check(package("discovery", Some(3), &["tokio"], &[])).len(), 0);
}

#[test]
fn dependency_through_another_crate_is_found() {
    let between = package("storage", Some(2), &["http-client"], &[]);
    let packages = vec![package("tsdb", Some(3), &["storage"], &[]), between];
    let complaints = about_packages(absent_dependencies::check, packages);
    assert_eq!(complaints, ["tsdb: depends on `http-client`: a store knows no HTTP"]);
}

#[test]
fn stale_table_of_crates_is_found_and_rewritten() {
    let page = "# House\n\n<!-- code map: begin -->\nold\n<!-- code map: end -->\n\nMore.\n";
    let packages = vec![
        package("tidy", None, &[], &[]),
        package("wal", Some(2), &[], &[]),
        package("model", Some(1), &[], &[]),
    ];
    let fresh = code_map::rewritten(page, &packages).unwrap();
    let table = "| floor | crate | holds |\n|---|---|---|\n| 1 | `model` | what model does |\n\
                 | 2 | `wal` | what wal does |\n| – | `tidy` | what tidy does |\n";
    assert_eq!(fresh, page.replace("old\n", table));
    let check = |text: &str| {
        let files = vec![File::new(code_map::PAGE, text)];
        let packages = packages.clone();
        code_map::check(&Repository { files, packages }).len()
    };
    assert_eq!(check(&fresh), 0);
    assert_eq!(check(page), 1);
    assert_eq!(check("no place for a table"), 1);
    assert_eq!(code_map::check(&Repository::default()).len(), 1);
}

#[test]
fn file_must_open_with_what_it_is() {
    assert!(is_red(opening_docs::check, "a.rs", "use x;\n"));
    assert!(is_red(opening_docs::check, "a.rs", "\n//! What it is.\n"));
    assert!(is_red(opening_docs::check, "a.rs", "//!\n"));
    assert!(!is_red(opening_docs::check, "a.rs", "//! What it is.\n"));
    assert!(!is_red(opening_docs::check, "a.py", "import x\n"));
}

#[test]
fn file_that_is_too_long_needs_a_reason() {
    let check = |lines: usize, longer: &[(&str, &str)]| {
        let files = vec![File::new("a.rs", "x\n".repeat(lines))];
        let repository = Repository { files, packages: Vec::new() };
        file_lengths::check_against(&repository, longer).len()
    };
    assert_eq!(check(600, &[]), 0);
    assert_eq!(check(601, &[]), 1);
    assert_eq!(check(601, &[("a.rs", "a table")]), 0);
    assert_eq!(check(600, &[("a.rs", "a table")]), 1);
    assert_eq!(check(1, &[("b.rs", "gone")]), 1);
}

#[test]
fn report_counts_the_product_alone() {
    let files = vec![
        File::new("a.rs", "x\n".repeat(10)),
        File::new("b.rs", "x\n".repeat(30)),
        File::new("c.rs", "x\n".repeat(500)),
        File::new("c/tests.rs", "x\n".repeat(900)),
    ];
    let repository = Repository { files, packages: Vec::new() };
    let expected = "3 files of Rust without tests: median 30 lines, longest 500, 1 over 400";
    assert_eq!(file_lengths::report(&repository), expected);
}

/// A function of `lines` lines.
fn function(name: &str, lines: usize) -> String {
    format!("    pub fn {name}<T: Fn(u8)>(a: [u8; 2]) -> u8 {{\n{}}}\n", "    f(\"}\");\n".repeat(lines - 2))
}

fn functions_of(list: &str, source: &str) -> Repository {
    Repository {
        files: vec![File::new("a.rs", source), File::new(function_lengths::LIST, list)],
        packages: Vec::new(),
    }
}

#[test]
fn function_that_does_not_fit_a_screen_must_be_listed() {
    let source = format!("trait A {{ fn none(&self); }}\n{}{}", function("short", 70), function("long", 72));
    let check = |list: &str| {
        let complaints = function_lengths::check(&functions_of(list, &source));
        complaints.iter().map(Complaint::to_string).collect::<Vec<_>>()
    };
    assert_eq!(check(""), ["a.rs:72: `long` has 72 lines, and 70 are allowed"]);
    assert_eq!(check("a.rs long 71\n"), ["a.rs:72: `long` has 72 lines, and 71 are allowed"]);
    assert!(check("a.rs long 72\n").is_empty());
}

#[test]
fn list_of_long_functions_only_shrinks() {
    let source = function("long", 72);
    let repository = functions_of("a.rs gone 90\na.rs long 80\n", &source);
    assert_eq!(function_lengths::check(&repository).len(), 1);
    assert_eq!(function_lengths::rewritten(&repository), "a.rs long 72\n");
    let grown = functions_of("a.rs long 71\n", &source);
    assert_eq!(function_lengths::rewritten(&grown), "a.rs long 71\n");
    assert_eq!(function_lengths::rewritten(&functions_of("", &source)), "");
}

#[test]
fn tests_may_be_long() {
    let files = vec![File::new("a/tests.rs", function("long", 90))];
    let packages = Vec::new();
    assert!(function_lengths::check(&Repository { files, packages }).is_empty());
}

#[test]
fn lint_is_silenced_with_a_reason_or_not_at_all() {
    let red = |text: &str| is_red(lint_attributes::check, "a.rs", text);
    assert!(red("#[allow(dead_code)]\nfn f() {}"));
    assert!(red("#![allow(\n    dead_code,\n)]"));
    assert!(red("#[cfg_attr(test, allow(dead_code))]"));
    assert!(red("#[expect(dead_code)]"));
    assert!(!red("#[expect(dead_code, reason = \"why\")]"));
    assert!(!red("// #[allow(dead_code)]\nlet a = \"#[allow(x)]\"; allow(a[0]);"));
    assert!(!red("#[derive(Debug)] struct Allow([u8; 3]);"));
    let text = "fn f() {}\n\n#[allow(x)]";
    assert!(about_file(lint_attributes::check, "a.rs", text)[0].starts_with("a.rs:3: "));
}

#[test]
fn work_to_be_done_is_done() {
    let red = |path: &str, text: &str| is_red(leftovers::check, path, text);
    let marker = ["TO", "DO"].concat();
    assert!(red("a.rs", "fn f() { todo!() }"));
    assert!(red("a.rs", "fn f() { unimplemented!(\"x\") }"));
    assert!(red("a.rs", &format!("// {marker}: more")));
    assert!(red("a.sh", &format!("# {marker} more")));
    assert!(!red("a.rs", &format!("let a = \"{marker}\"; // mastodon, {marker}S, not_todo!()")));
    assert!(!red("a.md", &format!("No {marker} is left.")));
}

#[test]
fn machines_and_hosts_of_packages_are_not_named() {
    let red = |text: &str| is_red(foreign_names::check, "a.md", text);
    assert!(red(&["see /wo", "rk/x"].concat()));
    assert!(red(&["(`/ho", "me/me/x`)"].concat()));
    assert!(red(&["https://static.crates", ".io/x"].concat()));
    assert!(!red("see target/work/x, frame/work/ and https://docs.rs/x"));
}

#[test]
fn names_that_say_nothing_are_refused() {
    let red = |path: &str| is_red(names::check, path, "");
    assert!(red("crates/a/src/util.rs"));
    assert!(red("crates/a/src/helpers/b.rs"));
    assert!(red("crates/common/src/lib.rs"));
    assert!(!red("crates/a/src/utility_bill.rs"));
    assert!(!red("docker/common.yml"));
}

#[test]
fn page_on_a_format_that_is_linked_to_exists() {
    let check = |text: &str| {
        let files = vec![File::new("a.rs", text), File::new("docs/formats/wal.md", "# WAL")];
        let packages = Vec::new();
        format_pages::check(&Repository { files, packages }).len()
    };
    assert_eq!(check("//! See `docs/formats/wal.md`."), 0);
    assert_eq!(check("//! See docs/formats/wal.md."), 0);
    // In two parts, since this page does not exist.
    assert_eq!(check(&["//! See `docs/formats/", "index.md`."].concat()), 1);
    assert_eq!(check("//! All are in `docs/formats/`."), 0);
}

#[test]
fn unsafe_code_is_announced() {
    let red = |text: &str| is_red(unsafe_files::check, "a.rs", text);
    let announced = "#![expect(unsafe_code, reason = \"maps files\")]\n";
    assert!(red("fn f() { unsafe { g() } }"));
    assert!(!red(&[announced, "fn f() { unsafe { g() } }"].concat()));
    assert!(!red("// unsafe\nlet unsafe_code = \"unsafe\";"));
}
