//! The fixture itself, on programs that every machine has.

use super::{Server, ServerError, ServerOptions};

#[test]
fn a_program_that_ends_is_told_with_what_it_wrote() {
    let error = Server::start(ServerOptions::new("/usr/bin/env")).unwrap_err();
    let ServerError::Ended { status, log } = error else { panic!("{error}") };
    assert!(!status.success());
    assert!(log.contains("config.file"), "{log}");
}

#[test]
fn a_program_that_is_not_there_is_an_error() {
    assert!(matches!(Server::start(ServerOptions::new("/nowhere/lapwing")), Err(ServerError::Io(_))));
}
