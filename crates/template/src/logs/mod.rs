//! Templates in log queries (`line_format`, `label_format`): their functions.

mod functions;
mod json;
mod maths;
#[cfg(test)]
mod tests;
mod text;
mod times;

pub use functions::{LogFunctionNames, LogFunctions};
