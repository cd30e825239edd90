//! The escaping form: what values write is made safe for the place of a page in which it lands.
//!
//! The text of templates is trusted and read along: it tells whether a value lands in the text of an element, in an
//! attribute, in an address, in a script or in a style. Comments of the page are left out, as the original does it.

mod escape;
mod place;
mod script;
mod style;

use std::mem;

use crate::{Trust, Value, run::Sink};
use place::{Attribute, Place, Quote, RawText};

/// Takes what a template writes and escapes values by their place.
#[derive(Default)]
pub(crate) struct HtmlSink {
    out: String,
    place: Place,
    /// The tag or the attribute whose name is being read.
    name: String,
    /// The element that was opened last: some hold no markup.
    element: String,
    /// The script that was opened last is a text for others to read.
    is_no_script: bool,
}

impl HtmlSink {
    pub(crate) fn into_text(self) -> String {
        self.out
    }

    /// Whether all that was begun has ended: who goes on with the page could not know where he is.
    pub(crate) fn is_whole(&self) -> bool {
        self.place == Place::Text
    }

    /// Reads one character of trusted text; `rest` begins with it.
    fn step(&mut self, character: char, rest: &str) {
        match mem::take(&mut self.place) {
            Place::Text => self.in_text(character, rest),
            Place::Comment => {
                self.place = if self.ended_comment(character) { Place::Text } else { Place::Comment };
            }
            Place::TagName => self.in_tag_name(character),
            Place::Tag => self.in_tag(character),
            Place::AttributeName => self.in_attribute_name(character),
            Place::BeforeValue => self.before_value(character, rest),
            Place::Value(attribute) => self.in_value(character, rest, attribute),
            Place::Raw(raw) => self.in_raw(character, rest, raw),
        }
    }

    fn in_text(&mut self, character: char, rest: &str) {
        if rest.starts_with("<!--") {
            self.name.clear();
            self.place = Place::Comment;
            return;
        }
        let after = rest.strip_prefix('<').unwrap_or_default();
        let name = after.strip_prefix('/').unwrap_or(after);
        let opens = character == '<' && name.starts_with(|next: char| next.is_ascii_alphabetic());
        let is_type = rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"));
        match character {
            '<' if !opens && !is_type => self.out.push_str("&lt;"),
            _ => self.out.push(character),
        }
        self.name.clear();
        self.place = if opens { Place::TagName } else { Place::Text };
    }

    /// Whether a comment ends with this character; `name` holds its end.
    fn ended_comment(&mut self, character: char) -> bool {
        self.name.push(character);
        let ended = self.name.len() >= 7 && self.name.ends_with("-->");
        if ended {
            self.name.clear();
        }
        ended
    }

    fn in_tag_name(&mut self, character: char) {
        if character.is_ascii_alphanumeric() || matches!(character, '/' | '-' | ':') {
            self.name.push(character.to_ascii_lowercase());
            self.out.push(character);
            self.place = Place::TagName;
            return;
        }
        self.element = mem::take(&mut self.name);
        self.is_no_script = false;
        self.in_tag(character);
    }

    fn in_tag(&mut self, character: char) {
        self.out.push(character);
        self.place = match character {
            '>' if self.is_no_script => Place::Text,
            '>' => place::inside(&self.element),
            _ if character.is_whitespace() || character == '/' => Place::Tag,
            _ => {
                self.name = character.to_ascii_lowercase().to_string();
                Place::AttributeName
            }
        };
    }

    fn in_attribute_name(&mut self, character: char) {
        match character {
            '=' => {
                self.out.push(character);
                self.place = Place::BeforeValue;
            }
            '>' => self.in_tag(character),
            _ if character.is_whitespace() => {
                self.out.push(character);
                self.place = Place::AttributeName;
            }
            _ => {
                if self.out.ends_with(char::is_whitespace) {
                    self.name.clear();
                }
                self.name.push(character.to_ascii_lowercase());
                self.out.push(character);
                self.place = Place::AttributeName;
            }
        }
    }

    fn before_value(&mut self, character: char, rest: &str) {
        if character.is_whitespace() {
            self.out.push(character);
            self.place = Place::BeforeValue;
            return;
        }
        let quote = match character {
            '"' => Quote::Double,
            '\'' => Quote::Single,
            _ => Quote::None,
        };
        let attribute = Attribute::new(&self.name, quote);
        if quote == Quote::None {
            self.in_value(character, rest, attribute);
        } else {
            self.out.push(character);
            self.place = Place::Value(attribute);
        }
    }

    fn in_value(&mut self, character: char, rest: &str, mut attribute: Attribute) {
        let ends = match attribute.quote {
            Quote::Double => character == '"',
            Quote::Single => character == '\'',
            Quote::None => character.is_whitespace() || character == '>',
        };
        if ends && self.element == "script" && self.name == "type" {
            self.is_no_script = !place::is_script_type(&attribute.read);
        }
        if ends && attribute.quote == Quote::None {
            self.in_tag(character);
            return;
        }
        self.out.push(character);
        if !ends {
            attribute.read(character, rest);
        }
        self.place = if ends { Place::Tag } else { Place::Value(attribute) };
    }

    fn in_raw(&mut self, character: char, rest: &str, mut raw: RawText) {
        let closing = format!("</{}", raw.element);
        if rest.get(..closing.len()).is_some_and(|start| start.eq_ignore_ascii_case(&closing)) {
            self.out.push(character);
            self.name.clear();
            self.place = Place::TagName;
            return;
        }
        self.out.extend(raw.read(character, rest));
        self.place = Place::Raw(raw);
    }
}

impl Sink for HtmlSink {
    fn text(&mut self, text: &str) {
        if let Place::Raw(raw) = &mut self.place {
            raw.script.begin_run();
        }
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            self.step(character, rest);
            rest = rest.get(character.len_utf8()..).unwrap_or_default();
        }
        if let Place::Raw(raw) = &mut self.place {
            self.out.extend(raw.script.end_run());
        }
    }

    fn value(&mut self, value: &Value) {
        if self.place == Place::BeforeValue {
            // A value without quotes begins here.
            self.place = Place::Value(Attribute::new(&self.name, Quote::None));
        }
        let shown = if matches!(value, Value::Nil) { String::new() } else { crate::format::printed(value) };
        let escaped = match &mut self.place {
            Place::Comment => String::new(),
            Place::Text if value.trust() == Some(Trust::Html) => shown,
            Place::Text => escape::text(&shown),
            Place::Tag | Place::TagName | Place::AttributeName | Place::BeforeValue => escape::name(&shown),
            Place::Raw(raw) => raw.escape(value, &shown),
            Place::Value(attribute) => attribute.escape(value, &shown),
        };
        self.out.push_str(&escaped);
    }

    fn len(&self) -> usize {
        self.out.len()
    }

    fn escapes(&self) -> bool {
        true
    }
}
