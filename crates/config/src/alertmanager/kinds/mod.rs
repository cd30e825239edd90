//! The keys of each kind of integration, what they must fulfil, and what they take from `global`.

mod chat;
mod email;
mod paging;
mod post;
mod slack;
mod tickets;

use std::path::PathBuf;

use super::global::{GlobalConfig, end_with_slash, one_of};
use super::receiver::Kind;
use crate::{
    decode::{Check, Decoder, Field, Invalid, keys},
    prometheus::HttpClientConfig,
    yaml::Node,
};

/// Refuses a section with `message`, at `key`.
fn fail(node: &Node, decoder: &Decoder, key: &str, message: &str) -> Result<(), Invalid> {
    Err(decoder.invalid_key(node, key, message))
}

/// Refuses where a value is given neither as it is nor in a file.
fn need(key: &str, absent: bool, file: &PathBuf, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
    if absent && file.is_zero() {
        return fail(node, decoder, key, &format!("one of {key} or {key}_file must be configured"));
    }
    Ok(())
}
