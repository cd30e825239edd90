//! The stages behind `|`.

use go_regex::Regex;

use super::cursor::{Parsed, Parser};
use crate::ast::{Extraction, LabelChoice, LabelFormat, LabelValue, Stage};
use crate::error::{ErrorKind, ParseError};
use crate::lex::TokenKind;
use crate::pattern;

impl Parser<'_> {
    /// What stands behind `|`.
    pub(super) fn stage(&mut self) -> Parsed<Stage> {
        let kind = self.kind();
        if matches!(kind, TokenKind::Identifier | TokenKind::OpenParenthesis) {
            return self.label_filter().map(Stage::LabelFilter);
        }
        let known = matches!(
            kind,
            TokenKind::Json
                | TokenKind::Logfmt
                | TokenKind::Regexp
                | TokenKind::Pattern
                | TokenKind::Unpack
                | TokenKind::Decolorize
                | TokenKind::LineFormat
                | TokenKind::LabelFormat
                | TokenKind::Drop
                | TokenKind::Keep
        );
        if !known {
            return Err(self.unexpected(&[]));
        }
        self.bump();
        match kind {
            TokenKind::Json => self.extractions().map(Stage::Json),
            TokenKind::Logfmt => self.logfmt(),
            TokenKind::Regexp => self.regexp(),
            TokenKind::Pattern => self.pattern_stage(),
            TokenKind::Decolorize => Ok(Stage::Decolorize),
            TokenKind::LineFormat => self.string().map(Stage::LineFormat),
            TokenKind::LabelFormat => self.label_formats(),
            TokenKind::Drop => self.label_choices().map(Stage::Drop),
            TokenKind::Keep => self.label_choices().map(Stage::Keep),
            _ => Ok(Stage::Unpack),
        }
    }

    fn logfmt(&mut self) -> Parsed<Stage> {
        let (mut strict, mut keep_empty) = (false, false);
        while self.kind() == TokenKind::ParserFlag {
            match self.token_text() {
                "--strict" => strict = true,
                _ => keep_empty = true,
            }
            self.bump();
        }
        Ok(Stage::Logfmt { strict, keep_empty, extractions: self.extractions()? })
    }

    /// `a, b="expression"`, or nothing.
    fn extractions(&mut self) -> Parsed<Vec<Extraction>> {
        let mut extractions = Vec::new();
        if self.kind() != TokenKind::Identifier {
            return Ok(extractions);
        }
        loop {
            let label = self.identifier()?;
            let expression = if self.eat(TokenKind::Equal) { self.string()? } else { label.clone() };
            extractions.push(Extraction { label, expression });
            if !self.eat(TokenKind::Comma) {
                return Ok(extractions);
            }
        }
    }

    fn regexp(&mut self) -> Parsed<Stage> {
        let text = self.string()?;
        let refused = |reason: String| ParseError::from(ErrorKind::RegexpStage(reason));
        let regex = Regex::new(&text).map_err(|error| refused(error.to_string()))?;
        let names: Vec<&str> = regex.capture_names().flatten().filter(|name| !name.is_empty()).collect();
        for (position, name) in names.iter().enumerate() {
            if !model::name::is_legacy_label_name(name) {
                return Err(refused(format!("invalid extracted label name '{name}'")));
            }
            if names.iter().take(position).any(|earlier| earlier == name) {
                return Err(refused(format!("duplicate extracted label name '{name}'")));
            }
        }
        if names.is_empty() {
            return Err(refused("at least one named capture must be supplied".to_owned()));
        }
        Ok(Stage::Regexp(text))
    }

    fn pattern_stage(&mut self) -> Parsed<Stage> {
        let text = self.string()?;
        pattern::parse_stage_pattern(&text).map_err(ErrorKind::PatternStage)?;
        Ok(Stage::Pattern(text))
    }

    /// `a=b, c="template"`
    fn label_formats(&mut self) -> Parsed<Stage> {
        let mut formats = Vec::new();
        loop {
            let label = self.identifier()?;
            self.expect(TokenKind::Equal)?;
            let value = match self.kind() {
                TokenKind::String => LabelValue::Template(self.string()?),
                _ => LabelValue::Rename(self.identifier_or(&[TokenKind::Identifier, TokenKind::String])?),
            };
            formats.push(LabelFormat { label, value });
            if !self.eat(TokenKind::Comma) {
                return Ok(Stage::LabelFormat(formats));
            }
        }
    }

    /// `a, b="x"`
    fn label_choices(&mut self) -> Parsed<Vec<LabelChoice>> {
        let mut choices = Vec::new();
        loop {
            let name = self.identifier()?;
            choices.push(match self.match_operator() {
                Some(operator) => {
                    self.bump();
                    LabelChoice::Matching(self.matcher_value(name, operator)?)
                }
                None => LabelChoice::Name(name),
            });
            if !self.eat(TokenKind::Comma) {
                return Ok(choices);
            }
        }
    }
}
