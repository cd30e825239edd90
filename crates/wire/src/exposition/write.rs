//! Families as bodies.

pub(super) mod text;
