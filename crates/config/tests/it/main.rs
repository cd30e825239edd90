//! The crate against answers recorded from the original.

mod recorded;
