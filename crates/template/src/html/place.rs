//! Places of a page.

use super::escape::{self, UrlPart};
use super::script::Script;
use super::style::Style;
use crate::{Trust, Value};

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

/// What an attribute holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Holds {
    Text,
    Url(UrlPart),
    Images,
    Script(Script),
    Style(Style),
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) quote: Quote,
    holds: Holds,
    /// The trusted text so far.
    pub(super) read: String,
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
        let holds = match name {
            "srcdoc" => Holds::Text,
            "srcset" => Holds::Images,
            "style" => Holds::Style(Style::default()),
            _ if name.starts_with("on") => Holds::Script(Script::default()),
            _ if is_url => Holds::Url(UrlPart::Start),
            _ => Holds::Text,
        };
        Attribute { quote, holds, read: String::new() }
    }

    /// Reads a character of trusted text, with which `rest` begins.
    pub(super) fn read(&mut self, character: char, rest: &str) {
        self.read.push(character);
        match &mut self.holds {
            Holds::Url(part) => *part = part.after(character),
            // Comments are shown here.
            Holds::Script(script) => drop(script.read(character, rest)),
            Holds::Style(style) => style.read(character),
            Holds::Text | Holds::Images => {}
        }
    }

    pub(super) fn escape(&mut self, value: &Value, shown: &str) -> String {
        let trust = value.trust();
        let is_url = trust == Some(Trust::Url);
        let raw = match &mut self.holds {
            Holds::Text if trust == Some(Trust::Html) => {
                return self.quoted(escape::without_tags(shown), true);
            }
            Holds::Text => shown.to_owned(),
            Holds::Url(UrlPart::Query) if trust == Some(Trust::Query) => shown.to_owned(),
            Holds::Url(part) => part.escape(shown, is_url),
            Holds::Images => escape::images(shown),
            Holds::Script(script) => {
                let escaped = script.escape(value, shown);
                script.note_value();
                escaped
            }
            Holds::Style(style) => style.escape(shown, is_url),
        };
        self.quoted(raw, false)
    }

    fn quoted(&self, raw: String, is_escaped: bool) -> String {
        let escaped = if is_escaped { escape::normal(&raw) } else { escape::text(&raw) };
        match self.quote {
            Quote::None => escape::unquoted(&escaped),
            _ => escaped,
        }
    }
}

/// The text of an element that holds no markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawText {
    pub(super) element: &'static str,
    pub(super) script: Script,
    style: Style,
}

impl RawText {
    /// Reads a character of trusted text, with which `rest` begins; the answer stands for it on the page.
    pub(super) fn read(&mut self, character: char, rest: &str) -> Option<char> {
        match self.element {
            "script" => self.script.read(character, rest),
            "style" => {
                self.style.read(character);
                Some(character)
            }
            _ => Some(character),
        }
    }

    pub(super) fn escape(&mut self, value: &Value, shown: &str) -> String {
        let trust = value.trust();
        match self.element {
            "script" => {
                let escaped = self.script.escape(value, shown);
                self.script.note_value();
                escaped
            }
            "style" => self.style.escape(shown, trust == Some(Trust::Url)),
            _ if trust == Some(Trust::Html) => escape::normal(shown),
            _ => escape::text(shown),
        }
    }
}

/// Where what follows the opening tag of an element lands.
pub(super) fn inside(element: &str) -> Place {
    let raw = ["script", "style", "textarea", "title"].into_iter().find(|name| *name == element);
    let raw = raw.map(|element| RawText { element, script: Script::default(), style: Style::default() });
    raw.map_or(Place::Text, Place::Raw)
}

/// Whether a script of a type is one, and no text for others to read.
pub(super) fn is_script_type(name: &str) -> bool {
    const SUBTYPES: [&str; 12] = [
        "ecmascript",
        "javascript",
        "json",
        "ld+json",
        "x-ecmascript",
        "x-javascript",
        "javascript1.0",
        "javascript1.1",
        "javascript1.2",
        "javascript1.3",
        "javascript1.4",
        "javascript1.5",
    ];
    let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match name.split_once('/') {
        None => name.is_empty() || name == "module",
        Some(("application" | "text", subtype)) => {
            SUBTYPES.contains(&subtype) || ["jscript", "livescript"].contains(&subtype)
        }
        Some(_) => false,
    }
}
