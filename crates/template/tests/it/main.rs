//! Templates of rules against what promtool made of them, and texts that are no templates.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test reads its fixtures and may end where it finds something else"
)]

mod bounds;
mod html;
mod recorded;
