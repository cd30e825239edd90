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

/// Takes a value from `global` where none was given; `missing` refuses where there is none either.
fn take<T: Field + Clone>(
    own: &mut T,
    global: &T,
    missing: impl FnOnce() -> Result<(), Invalid>,
) -> Result<(), Invalid> {
    if own.is_zero() {
        if global.is_zero() {
            return missing();
        }
        own.clone_from(global);
    }
    Ok(())
}

/// Takes a value, or the file that holds it, from `global` where neither was given; `missing` refuses where neither is
/// there.
fn take_secret<T: Field + Clone>(
    (value, file): (&mut T, &mut PathBuf),
    (global_value, global_file): (&T, &PathBuf),
    missing: impl FnOnce() -> Result<(), Invalid>,
) -> Result<(), Invalid> {
    if value.is_zero() && file.is_zero() {
        if global_value.is_zero() && global_file.is_zero() {
            return missing();
        }
        value.clone_from(global_value);
        file.clone_from(global_file);
    }
    Ok(())
}
