//! The words of a template.

use model::quote::quote;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The text cannot be read on; the word is the complaint.
    Error,
    End,
    Text,
    LeftDelimiter,
    RightDelimiter,
    Space,
    Bool,
    Number,
    CharConstant,
    String,
    RawString,
    Field,
    Variable,
    Identifier,
    Pipe,
    Assign,
    Declare,
    LeftParen,
    RightParen,
    /// Any other printable character, such as the comma.
    Character,
    /// The lone `.`.
    Dot,
    Keyword(Keyword),
}

/// Words that begin or end a piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Keyword {
    /// The keyword of this spelling.
    pub(crate) fn of(word: &str) -> Option<Keyword> {
        Some(match word {
            "block" => Keyword::Block,
            "break" => Keyword::Break,
            "continue" => Keyword::Continue,
            "define" => Keyword::Define,
            "else" => Keyword::Else,
            "end" => Keyword::End,
            "if" => Keyword::If,
            "nil" => Keyword::Nil,
            "range" => Keyword::Range,
            "template" => Keyword::Template,
            "with" => Keyword::With,
            _ => return None,
        })
    }
}

/// A word, where it begins (in bytes) and in which line (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) at: usize,
    pub(crate) line: usize,
}

impl Token {
    /// How complaints name the word.
    pub(crate) fn described(&self) -> String {
        const SHOWN_MAX: usize = 10;
        match self.kind {
            Kind::End => "EOF".into(),
            Kind::Error => self.text.clone(),
            Kind::Keyword(_) | Kind::Dot => format!("<{}>", self.text),
            _ if self.text.len() > SHOWN_MAX => {
                let shown: String = self.text.chars().take(SHOWN_MAX).collect();
                format!("{}...", quote(&shown))
            }
            _ => quote(&self.text),
        }
    }
}
