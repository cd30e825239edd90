//! Tests of the store and the queries together.

mod answers;
mod store;
