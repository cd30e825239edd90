//! `cargo run -p tidy`: says what is not tidy. With `--write`, first rewrites what is generated.
#![expect(clippy::print_stdout, reason = "it is there to tell people")]
#![expect(clippy::disallowed_methods, reason = "it writes files of the working tree")]

use std::io;
use std::path::Path;
use std::process::ExitCode;

use tidy::Repository;
use tidy::checks::{self, code_map, file_lengths, function_lengths};

fn main() -> io::Result<ExitCode> {
    let root = Repository::root();
    if std::env::args().any(|argument| argument == "--write") {
        write_generated(&root)?;
    }
    let repository = Repository::load(&root)?;
    let mut tidy = true;
    for (name, check) in checks::ALL {
        for complaint in check(&repository) {
            tidy = false;
            println!("{name}: {complaint}");
        }
    }
    println!("{}", file_lengths::report(&repository));
    Ok(if tidy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_generated(root: &Path) -> io::Result<()> {
    let repository = Repository::load(root)?;
    if let Some(page) = repository.file(code_map::PAGE)
        && let Some(text) = code_map::rewritten(&page.text, &repository.packages)
    {
        write_if_changed(root, code_map::PAGE, &page.text, &text)?;
    }
    if let Some(list) = repository.file(function_lengths::LIST) {
        write_if_changed(
            root,
            function_lengths::LIST,
            &list.text,
            &function_lengths::rewritten(&repository),
        )?;
    }
    Ok(())
}

fn write_if_changed(root: &Path, path: &str, old: &str, new: &str) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    println!("wrote {path}");
    std::fs::write(root.join(path), new)
}
