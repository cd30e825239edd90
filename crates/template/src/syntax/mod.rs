//! Text to a tree: words, literals, grammar.

mod control;
mod lex;
mod literal;
mod parse;
mod token;
pub(crate) mod tree;

pub(crate) use lex::unicode;
pub(crate) use parse::parse;
