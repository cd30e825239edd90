//! The labels that tell what a discovery knows of a target.

use std::collections::BTreeMap;

use model::Labels;

/// Labels in the making.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meta(Vec<(String, String)>);

impl Meta {
    /// Sets a label; an empty value means none.
    pub(crate) fn set(&mut self, name: &str, value: impl ToString) -> &mut Self {
        self.0.push((name.to_owned(), value.to_string()));
        self
    }

    /// Sets a label where there is a value.
    pub(crate) fn set_some(&mut self, name: &str, value: Option<impl ToString>) -> &mut Self {
        if let Some(value) = value {
            self.set(name, value);
        }
        self
    }

    /// Sets a label for each entry of a map, the key behind `prefix`.
    pub(crate) fn set_each(&mut self, prefix: &str, map: &BTreeMap<String, String>) -> &mut Self {
        for (key, value) in map {
            self.0.push((format!("{prefix}{}", label_name(key)), value.clone()));
        }
        self
    }

    /// Adds the labels of another; of two with one name the later one stays.
    pub(crate) fn extend(&mut self, other: &Meta) -> &mut Self {
        self.0.extend_from_slice(&other.0);
        self
    }

    pub(crate) fn labels(self) -> Labels {
        Labels::from_pairs(self.0)
    }
}

/// A text as the end of a label's name: what may not stand in one becomes `_`.
pub(crate) fn label_name(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

/// Host and port as one text, an address of version 6 in brackets.
pub(crate) fn address(host: &str, port: impl std::fmt::Display) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
