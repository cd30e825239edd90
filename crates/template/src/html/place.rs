//! Places of a page.

use super::escape;
use crate::Value;

/// Where the next character lands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// In the text of an element.
    #[default]
    Text,
    Comment,
    TagName,
    /// Between the attributes of a tag.
    Tag,
    AttributeName,
    BeforeValue,
    Value(Attribute),
    Raw(RawText),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    Double,
    Single,
    None,
}

/// How far an address is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UrlPart {
    Start,
    Path,
    /// Behind `?` or `#`.
    Query,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) quote: Quote,
    pub(super) url: Option<UrlPart>,
    pub(super) is_script: bool,
    pub(super) is_style: bool,
    pub(super) script: Script,
    read: String,
}

const URL_ATTRIBUTES: [&str; 14] = [
    "action",
    "archive",
    "background",
    "cite",
    "classid",
    "codebase",
    "data",
    "formaction",
    "href",
    "icon",
    "longdesc",
    "poster",
    "src",
    "usemap",
];

impl Attribute {
    pub(super) fn new(name: &str, quote: Quote) -> Attribute {
        let name = name.rsplit(':').next().unwrap_or_default();
        let plain = name.strip_prefix("data-").unwrap_or(name);
        let is_url = URL_ATTRIBUTES.contains(&plain)
            || plain.contains("src")
            || plain.contains("uri")
            || plain.contains("url");
        Attribute {
            quote,
            url: is_url.then_some(UrlPart::Start),
            is_script: name.starts_with("on"),
            is_style: name == "style",
            script: Script::default(),
            read: String::new(),
        }
    }

    /// Reads a character of trusted text.
    pub(super) fn read(&mut self, character: char) {
        self.script.read(character);
        self.read.push(character.to_ascii_lowercase());
        match (self.url, character) {
            (Some(_), '?' | '#') => self.url = Some(UrlPart::Query),
            (Some(UrlPart::Start), _) if self.read.trim() == "javascript:" => {
                self.url = None;
                self.is_script = false;
            }
            (Some(UrlPart::Start), _) if character.is_whitespace() => {}
            (Some(UrlPart::Start), _) if !"javascript:".starts_with(self.read.trim()) => {
                self.url = Some(UrlPart::Path);
            }
            _ => {}
        }
    }
}

/// Where in a script a value lands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    quote: Option<char>,
    escaped: bool,
}

impl Script {
    fn read(&mut self, character: char) {
        match self.quote {
            _ if self.escaped => self.escaped = false,
            Some(_) if character == '\\' => self.escaped = true,
            Some(quote) if character == quote => self.quote = None,
            Some(_) => {}
            None if matches!(character, '"' | '\'' | '`') => self.quote = Some(character),
            None => {}
        }
    }

    pub(super) fn escape(&self, value: &Value, shown: &str) -> String {
        if self.quote.is_some() { escape::script_text(shown) } else { escape::script_value(value, shown, 0) }
    }
}

/// The text of an element that holds no markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawText {
    pub(super) element: &'static str,
    script: Script,
}

impl RawText {
    pub(super) fn read(&mut self, character: char) {
        self.script.read(character);
    }

    pub(super) fn escape(&self, value: &Value, shown: &str) -> String {
        match self.element {
            "script" => self.script.escape(value, shown),
            "style" => escape::style(shown),
            _ => escape::text(shown),
        }
    }
}

/// Where what follows the opening tag of an element lands.
pub(super) fn inside(element: &str) -> Place {
    let raw = ["script", "style", "textarea", "title"].into_iter().find(|name| *name == element);
    raw.map_or(Place::Text, |element| Place::Raw(RawText { element, script: Script::default() }))
}
