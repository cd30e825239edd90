//! Files that list targets: JSON or YAML.

mod json;

use std::path::Path;

use super::config::World;
use crate::{
    decode::{Decoder, Field, List, decode_document},
    files::{describe, read_text},
    prometheus::TargetGroup,
};

/// Reads a file of targets.
///
/// # Errors
/// The file cannot be read or is no list of targets; the words are the original's.
pub(super) fn read_targets(world: &World<'_>, path: &Path) -> Result<Vec<TargetGroup>, String> {
    let text = read_text(world.files, path).map_err(|error| describe("open", path, &error))?;
    let extension =
        path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "json" => {
            json::check(&text)?;
            parse_targets(&text).map_err(|message| match message.rsplit_once("field ") {
                Some((_, rest)) => match rest.split_once(" not found") {
                    Some((field, _)) => format!("json: unknown field {}", model::quote::quote(field)),
                    None => message.clone(),
                },
                None => message,
            })
        }
        "yml" | "yaml" => parse_targets(&text),
        other => Err(format!("invalid file extension: {}", model::quote::quote(&format!(".{other}")))),
    }
}

fn parse_targets(text: &str) -> Result<Vec<TargetGroup>, String> {
    let mut groups: List<TargetGroup> = List::zero();
    let mut decoder = Decoder::new(false);
    let node = decode_document(&mut groups, text, &mut decoder).map_err(|fault| fault.to_string())?;
    let null = node.sequence().and_then(|items| items.iter().position(|item| item.is_null()));
    match null {
        Some(index) => Err(format!("nil target group item found (index {index})")),
        None => Ok(groups.to_vec()),
    }
}
