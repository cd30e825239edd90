//! The escaping form: what values write is made safe for the place of a page in which it lands.
//!
//! The text of templates is trusted and read along: it tells whether a value lands in the text of an element, in an
//! attribute, in an address, in a script or in a style. Comments of the page are left out, as the original does it.

mod escape;
mod place;

use std::mem;

use crate::{Trust, Value, run::Sink};
use place::{Attribute, Place, Quote, RawText, UrlPart};

/// Takes what a template writes and escapes values by their place.
#[derive(Default)]
pub(crate) struct HtmlSink {
    out: String,
    place: Place,
    /// The tag or the attribute whose name is being read.
    name: String,
    /// The element that was opened last: some hold no markup.
    element: String,
}

impl HtmlSink {
    pub(crate) fn into_text(self) -> String {
        self.out
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
            Place::BeforeValue => self.before_value(character),
            Place::Value(attribute) => self.in_value(character, attribute),
            Place::Raw(raw) => self.in_raw(character, rest, raw),
        }
    }

    fn in_text(&mut self, character: char, rest: &str) {
        if rest.starts_with("<!--") {
            self.name.clear();
            self.place = Place::Comment;
            return;
        }
        let opens = character == '<'
            && rest.chars().nth(1).is_some_and(|next| next.is_ascii_alphabetic() || next == '/');
        self.out.push(character);
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
        self.in_tag(character);
    }

    fn in_tag(&mut self, character: char) {
        self.out.push(character);
        self.place = match character {
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

    fn before_value(&mut self, character: char) {
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
            self.in_value(character, attribute);
        } else {
            self.out.push(character);
            self.place = Place::Value(attribute);
        }
    }

    fn in_value(&mut self, character: char, mut attribute: Attribute) {
        let ends = match attribute.quote {
            Quote::Double => character == '"',
            Quote::Single => character == '\'',
            Quote::None => character.is_whitespace() || character == '>',
        };
        if ends && attribute.quote == Quote::None {
            self.in_tag(character);
            return;
        }
        self.out.push(character);
        if !ends {
            attribute.read(character);
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
        self.out.push(character);
        raw.read(character);
        self.place = Place::Raw(raw);
    }
}

impl Sink for HtmlSink {
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            self.step(character, rest);
            rest = rest.get(character.len_utf8()..).unwrap_or_default();
        }
    }

    fn value(&mut self, value: &Value) {
        if self.place == Place::BeforeValue {
            // A value without quotes begins here.
            self.place = Place::Value(Attribute::new(&self.name, Quote::None));
        }
        let shown = if matches!(value, Value::Nil) { String::new() } else { crate::format::printed(value) };
        let trusted = |wanted: Trust| matches!(value, Value::Trusted(trust, _) if *trust == wanted);
        let escaped = match &mut self.place {
            Place::Comment => String::new(),
            Place::Text if trusted(Trust::Html) => shown,
            Place::Text => escape::text(&shown),
            Place::Tag | Place::TagName | Place::AttributeName | Place::BeforeValue => escape::name(&shown),
            Place::Raw(raw) => raw.escape(value, &shown),
            Place::Value(attribute) => attribute.escape(value, &shown, trusted(Trust::Url)),
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

impl Attribute {
    fn escape(&mut self, value: &Value, shown: &str, trusted: bool) -> String {
        let raw = match self.url {
            Some(UrlPart::Start) if !trusted && !escape::has_safe_scheme(shown) => "#ZgotmplZ".to_owned(),
            Some(UrlPart::Start | UrlPart::Path) => escape::url(shown),
            Some(UrlPart::Query) => escape::url_part(shown),
            None if self.is_script => self.script.escape(value, shown),
            None if self.is_style => escape::style(shown),
            None => shown.to_owned(),
        };
        if self.url == Some(UrlPart::Start) && !raw.is_empty() {
            self.url = Some(if raw.contains(['?', '#']) { UrlPart::Query } else { UrlPart::Path });
        }
        match self.quote {
            Quote::None => escape::unquoted(&raw),
            _ => escape::text(&raw),
        }
    }
}
