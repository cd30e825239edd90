//! Families as bodies.

pub(super) mod protobuf;
pub(super) mod text;
