//! Profiles of the running process, in the form that `go tool pprof` reads: where the processor's time goes
//! ([`cpu`]), and who holds memory ([`heap`]).
//!
//! Nothing unwinds inside of a handler of signals: a handler copies the registers and the top of its stack
//! ([`capture`]), and a thread that may take its time walks the copy ([`unwind`]) by the tables that the compiler
//! wrote for panics. So neither frame pointers nor another allocator are needed, and a stack that cannot be read ends
//! a sample, never the process. Names come from the program's own line tables ([`symbols`]): a profile is read
//! anywhere, without the program it was taken of.
//!
//! Reading order: [`cpu`] or [`heap`], `capture.rs`, `modules.rs`, `unwind.rs`, `symbols.rs`, `pprof.rs`.
#![deny(clippy::indexing_slicing)]

mod capture;
pub mod cpu;
mod error;
pub mod heap;
mod modules;
mod pprof;
mod real;
mod registers;
mod symbols;
mod turn;
mod unwind;

pub use error::{Error, ErrorKind};
pub use turn::Stop;
