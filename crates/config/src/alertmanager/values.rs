//! Values that other crates own, as they stand in the file.

use std::path::{Path, PathBuf};

use notify::integration::HostPort;
use notify::values::{GoDuration, PrefixUrl, Secret, SecretTemplateUrl, SecretUrl, Tree, Url};

use crate::{
    decode::{Decoder, Field, Invalid},
    values::{self, FilePath, MASK},
    yaml::{Node, Resolved, Value, Yaml},
};

/// A file whose name stands in the file.
impl Field for PathBuf {
    fn zero() -> Self {
        PathBuf::new()
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        let good = text.decode(node, decoder)?;
        *self = text.into();
        Ok(good)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(self.to_string_lossy().into_owned())
    }

    fn is_zero(&self) -> bool {
        self.as_os_str().is_empty()
    }

    fn join_folder(&mut self, folder: &Path) {
        let mut path = FilePath::from(&*self.to_string_lossy());
        path.join_folder(folder);
        *self = path.as_str().into();
    }
}

impl Field for GoDuration {
    fn zero() -> Self {
        GoDuration::default()
    }

    fn type_name() -> String {
        "time.Duration".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut value = values::GoDuration::default();
        let good = value.decode(node, decoder)?;
        self.0 = value.0;
        Ok(good)
    }

    fn encode(&self) -> Yaml {
        values::GoDuration(self.0).encode()
    }

    fn is_zero(&self) -> bool {
        self.0.is_zero()
    }
}

/// Implements [`Field`] for a kind of text; `$check` looks at what was read and may change it.
macro_rules! text_field {
    ($type:ty, $hidden:literal, $check:expr) => {
        impl Field for $type {
            fn zero() -> Self {
                <$type>::default()
            }

            fn type_name() -> String {
                "string".into()
            }

            fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
                let mut text = String::new();
                if !text.decode(node, decoder)? {
                    return Ok(false);
                }
                let check: fn(String) -> Result<String, String> = $check;
                match check(text) {
                    Ok(text) => *self = text.as_str().into(),
                    Err(message) => {
                        let mut problem = decoder.problem(node, message);
                        problem.found = Some(if $hidden { MASK.into() } else { "another address".into() });
                        return Err(Box::new(problem.expected("an address such as http://host:port/path")));
                    }
                }
                Ok(true)
            }

            fn encode(&self) -> Yaml {
                Yaml::Text(if $hidden { MASK.into() } else { self.expose().to_owned() })
            }

            fn is_zero(&self) -> bool {
                self.is_empty()
            }
        }
    };
}

text_field!(Secret, true, Ok);
text_field!(SecretUrl, true, check_masked_url);
text_field!(SecretTemplateUrl, true, |text| {
    if text.contains("{{") {
        let checked = notify::templates::check(&text);
        return checked.map(|()| text).map_err(|error| format!("invalid template syntax: {error}"));
    }
    check_masked_url(text).map_err(|message| format!("invalid URL: {message}"))
});
text_field!(Url, false, check_url);
text_field!(PrefixUrl, false, check_url);

/// What stands for a secret may be read again: people load what the server shows.
fn check_masked_url(text: String) -> Result<String, String> {
    if text == MASK { Ok(text) } else { check_url(text) }
}

/// An address that requests can be sent to.
fn check_url(text: String) -> Result<String, String> {
    let url = values::Url::parse(&text).map_err(|error| error.to_string())?;
    if url.scheme != "http" && url.scheme != "https" {
        return Err(format!("unsupported scheme {} for URL", model::quote::quote(&url.scheme)));
    }
    if url.host.is_empty() {
        return Err("missing host for URL".into());
    }
    Ok(url.to_string())
}

impl Field for HostPort {
    fn zero() -> Self {
        HostPort::default()
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        if !text.decode(node, decoder)? {
            return Ok(false);
        }
        if text.is_empty() {
            return Ok(true);
        }
        *self = split_host_port(&text).map_err(|message| decoder.invalid(node, message))?;
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(self.to_string())
    }

    fn is_zero(&self) -> bool {
        self.host.is_empty() && self.port.is_empty()
    }
}

fn split_host_port(text: &str) -> Result<HostPort, String> {
    let missing = || format!("address {text}: missing port in address");
    let (host, port) = text.rsplit_once(':').ok_or_else(missing)?;
    if port.is_empty() {
        return Err(format!("address {}: port cannot be empty", model::quote::quote(text)));
    }
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').ok_or_else(missing)?,
        None if host.contains(':') => return Err(format!("address {text}: too many colons in address")),
        None => host,
    };
    Ok(HostPort { host: host.to_owned(), port: port.to_owned() })
}

impl Field for Tree {
    fn zero() -> Self {
        Tree::Null
    }

    fn type_name() -> String {
        "interface {}".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        *self = tree(node, decoder)?;
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        match self {
            Tree::Null => Yaml::Plain("null".into()),
            Tree::Bool(value) => Yaml::Plain(value.to_string()),
            Tree::Int(value) => Yaml::Plain(value.to_string()),
            Tree::Float(value) => Yaml::Plain(value.to_string()),
            Tree::Text(text) => Yaml::Text(text.clone()),
            Tree::List(items) => Yaml::Sequence(items.iter().map(Field::encode).collect()),
            Tree::Map(entries) => {
                Yaml::sorted(entries.iter().map(|(key, value)| (key.clone(), value.encode())))
            }
        }
    }

    fn is_zero(&self) -> bool {
        *self == Tree::Null
    }
}

/// A document of any shape. Keys that are no texts are left out, as the original does it.
fn tree(node: &Node, decoder: &mut Decoder) -> Result<Tree, Invalid> {
    decoder.step(node)?;
    Ok(match &node.value {
        Value::Sequence(items) => {
            Tree::List(items.iter().map(|item| tree(item, decoder)).collect::<Result<_, _>>()?)
        }
        Value::Mapping(entries) => {
            let mut map = std::collections::BTreeMap::new();
            for (key, value) in entries {
                if let (Some(Resolved::Text), Some(scalar)) = (key.resolve(), key.scalar()) {
                    map.insert(scalar.text.clone(), tree(value, decoder)?);
                }
            }
            Tree::Map(map)
        }
        Value::Scalar(scalar) => match node.resolve() {
            Some(Resolved::Null) | None => Tree::Null,
            Some(Resolved::Bool(value)) => Tree::Bool(value),
            Some(Resolved::Int(value)) => Tree::Int(value),
            Some(Resolved::Uint(value)) => Tree::Float(value as f64),
            Some(Resolved::Float(value)) => Tree::Float(value),
            _ => Tree::Text(scalar.text.clone()),
        },
    })
}

/// Reads a text as a document; `None` where it is none, or nothing but a text.
pub fn parse_tree(text: &str) -> Option<Tree> {
    let node = crate::yaml::parse(text).ok()?;
    match tree(&node, &mut Decoder::default()).ok()? {
        Tree::Text(_) => None,
        other => Some(other),
    }
}
