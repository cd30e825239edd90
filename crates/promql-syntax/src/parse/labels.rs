//! Label names of `by`, `on` and the like, and label sets of series.

use model::Labels;
use model::labels::METRIC_NAME;
use model::quote::quote;

use super::selector::is_metric_name;
use super::{Context, Parser, shown_as_text};
use crate::ast::BinaryOp;
use crate::error::{ErrorKind, Located, Parsed};
use crate::lex::{Token, TokenKind, unquote};

const GROUPING_OPEN: Context = Context::new("grouping opts", "\"(\"");
const GROUPING_LABEL: Context = Context::new("grouping opts", "label");
const GROUPING_SEPARATOR: Context = Context::new("grouping opts", "\",\" or \")\"");

const SET_FIRST: Context = Context::new("label set", "identifier or \"}\"");
const SET_EQUALS: Context = Context::new("label set", "\"=\"");
const SET_VALUE: Context = Context::new("label set", "string");
const SET_SEPARATOR: Context = Context::new("label set", "\",\" or \"}\"");

impl Parser<'_> {
    /// Takes names in parentheses: `(job, "a.b")`.
    pub(super) fn grouping_labels(&mut self) -> Parsed<Vec<String>> {
        self.expect(TokenKind::LeftParen, GROUPING_OPEN)?;
        let mut labels = Vec::new();
        while self.peek()?.kind != TokenKind::RightParen {
            labels.push(self.grouping_label()?);
            if self.next_if(TokenKind::Comma)?.is_none() {
                break;
            }
        }
        self.expect(TokenKind::RightParen, GROUPING_SEPARATOR)?;
        Ok(labels)
    }

    fn grouping_label(&mut self) -> Parsed<String> {
        let token = self.peek()?;
        match token.kind {
            TokenKind::Identifier
            | TokenKind::MetricIdentifier
            | TokenKind::Aggregate(_)
            | TokenKind::Word(_)
            | TokenKind::Keyword(_)
            | TokenKind::Operator(BinaryOp::And | BinaryOp::Or | BinaryOp::Unless | BinaryOp::Atan2) => {
                self.next()?;
                Ok(token.text.to_owned())
            }
            TokenKind::String => {
                self.next()?;
                match String::from_utf8(unquote(token.text)) {
                    Ok(name) if !name.is_empty() => Ok(name),
                    Ok(_) => Err(invalid_label(token, &[])),
                    Err(error) => Err(invalid_label(token, error.as_bytes())),
                }
            }
            _ => Err(self.unexpected(GROUPING_LABEL)),
        }
    }

    /// Takes a metric with its labels; where neither comes, the message names `reading`.
    pub(crate) fn metric(&mut self, reading: &'static str) -> Parsed<Labels> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let token = self.peek()?;
        if is_metric_name(token.kind) {
            self.next()?;
            pairs.push((METRIC_NAME.to_owned(), token.text.to_owned()));
            // In a series description this begins the mark of start timestamps, which is no token.
            if self.lexer().remainder().1.starts_with('@') {
                return Ok(Labels::from_pairs(pairs));
            }
        } else if token.kind != TokenKind::LeftBrace {
            return Err(self.unexpected(Context::new(reading, "")));
        }
        if self.next_if(TokenKind::LeftBrace)?.is_some() {
            self.label_set(&mut pairs)?;
        }
        Ok(Labels::from_pairs(pairs))
    }

    /// Takes labels up to the closing brace; the opening one is behind.
    fn label_set(&mut self, pairs: &mut Vec<(String, String)>) -> Parsed<()> {
        loop {
            let token = self.peek()?;
            let name = match token.kind {
                TokenKind::RightBrace => break,
                TokenKind::Identifier => token.text.to_owned(),
                TokenKind::String => shown_as_text(unquote(token.text)),
                _ => return Err(self.unexpected(SET_FIRST)),
            };
            self.next()?;
            if self.next_if(TokenKind::Assign)?.is_some() {
                let value = self.expect(TokenKind::String, SET_VALUE)?;
                pairs.push((name, shown_as_text(unquote(value.text))));
            } else if token.kind == TokenKind::String {
                pairs.push((METRIC_NAME.to_owned(), name));
            } else {
                return Err(self.unexpected(SET_EQUALS));
            }
            if self.next_if(TokenKind::Comma)?.is_none() {
                break;
            }
        }
        self.expect(TokenKind::RightBrace, SET_SEPARATOR).map(|_| ())
    }
}

fn invalid_label(token: Token<'_>, name: &[u8]) -> Box<Located> {
    let mut shown = String::from("\"");
    for chunk in name.utf8_chunks() {
        shown.push_str(quote(chunk.valid()).trim_matches('"'));
        shown.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    shown.push('"');
    Located::new(ErrorKind::InvalidGroupingLabel(shown), token.span)
}
