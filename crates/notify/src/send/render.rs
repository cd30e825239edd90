//! Texts cut to size, and documents whose texts are templates.

use std::collections::BTreeMap;

use super::{Failure, Message, Object, Tools, list, quoted};
use crate::values::Tree;

/// How deep documents may nest.
const DEPTH_MAX: usize = 32;

/// A text of at most `max` characters; a longer one ends with `…`.
pub(crate) fn cut_runes(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    if max <= 3 {
        return text.chars().take(max).collect();
    }
    let mut cut: String = text.chars().take(max - 1).collect();
    cut.push('…');
    cut
}

/// A text of at most `max` bytes; a longer one ends with `…`, or with as many dots as there is room for.
pub(crate) fn cut_bytes(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    if max < 3 {
        return ".".repeat(max);
    }
    let mut end = max - 3;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// A document as JSON, its texts expanded; a text that then reads as something else becomes that.
pub(crate) fn tree_json(tree: &Tree, message: &Message, tools: &Tools) -> Result<String, Failure> {
    write(tree, message, tools, 0)
}

fn write(tree: &Tree, message: &Message, tools: &Tools, depth: usize) -> Result<String, Failure> {
    if depth > DEPTH_MAX {
        return Err(Failure::lasting("the document nests too deeply"));
    }
    Ok(match tree {
        Tree::Null => "null".to_owned(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(value) => value.to_string(),
        Tree::Float(value) => template::notifications::to_json(&template::Value::Float(*value)),
        Tree::Text(text) => {
            let text = message.text(tools, text)?;
            match (tools.parse_tree)(&text) {
                Some(parsed) => write(&parsed, message, tools, depth + 1)?,
                None => quoted(&text),
            }
        }
        Tree::List(items) => {
            let items: Result<Vec<String>, Failure> =
                items.iter().map(|item| write(item, message, tools, depth + 1)).collect();
            list(items?)
        }
        Tree::Map(entries) => {
            let mut named = BTreeMap::new();
            for (name, value) in entries {
                named.insert(message.text(tools, name)?, write(value, message, tools, depth + 1)?);
            }
            named.into_iter().fold(Object::new(), |object, (name, value)| object.raw(&name, value)).end()
        }
    })
}
