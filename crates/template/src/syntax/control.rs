//! The grammar around actions: texts, branches, definitions.

use super::{
    parse::{Parsed, Parser},
    token::{Keyword, Kind},
    tree::{Branch, BranchKind, Statement},
};

/// What ended a list of statements.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    End,
    Else,
}

impl Ending {
    fn shown(self) -> &'static str {
        match self {
            Ending::End => "{{end}}",
            Ending::Else => "{{else}}",
        }
    }
}

impl Parser<'_> {
    /// The whole text: statements and definitions.
    pub(super) fn whole(&mut self) -> Parsed<()> {
        let mut statements = Vec::new();
        while self.peek().kind != Kind::End {
            if self.peek().kind == Kind::LeftDelimiter {
                self.take();
                if self.peek_word().kind == Kind::Keyword(Keyword::Define) {
                    self.take();
                    self.definition()?;
                    continue;
                }
                match self.action()? {
                    Ok(statement) => statements.push(statement),
                    Err(ending) => return Err(format!("unexpected {}", ending.shown())),
                }
                continue;
            }
            match self.text_or_action()? {
                Ok(statement) => statements.push(statement),
                Err(ending) => return Err(format!("unexpected {}", ending.shown())),
            }
        }
        self.define(self.name.to_owned(), statements)
    }

    /// Keeps a template; one that has something in it is not replaced.
    fn define(&mut self, name: String, statements: Vec<Statement>) -> Parsed<()> {
        let is_empty = |statements: &[Statement]| {
            statements.iter().all(|statement| match statement {
                Statement::Text { text } => text.trim().is_empty(),
                _ => false,
            })
        };
        match self.defined.get(&name) {
            Some(there) if !is_empty(there) => {
                if is_empty(&statements) {
                    return Ok(());
                }
                let name = model::quote::quote(&name);
                Err(format!("template: multiple definition of template {name}"))
            }
            _ => {
                self.defined.insert(name, statements);
                Ok(())
            }
        }
    }

    fn definition(&mut self) -> Parsed<()> {
        let place = "define clause";
        let name = self.template_name(place)?.1;
        self.expect(&[Kind::RightDelimiter], place)?;
        let statements = self.template_body(place)?;
        self.define(name, statements)
    }

    /// The statements of a template up to its end; it knows nothing of the variables and loops around it.
    fn template_body(&mut self, place: &str) -> Parsed<Vec<Statement>> {
        let outer = std::mem::replace(&mut self.variables, vec!["$".into()]);
        let ranges = std::mem::take(&mut self.range_depth);
        let (statements, ending) = self.statements()?;
        self.variables = outer;
        self.range_depth = ranges;
        if ending != Ending::End {
            return Err(format!("unexpected {} in {place}", ending.shown()));
        }
        Ok(statements)
    }

    /// Where a name stands, and what it says.
    fn template_name(&mut self, place: &str) -> Parsed<(usize, String)> {
        let token = self.expect(&[Kind::String, Kind::RawString], place)?;
        let name = super::literal::unquote(&token.text).ok_or("invalid syntax")?;
        Ok((token.at, name))
    }

    /// Statements up to what ends them.
    fn statements(&mut self) -> Parsed<(Vec<Statement>, Ending)> {
        self.nested(|parser| {
            let mut statements = Vec::new();
            while parser.peek_word().kind != Kind::End {
                match parser.text_or_action()? {
                    Ok(statement) => statements.push(statement),
                    Err(ending) => return Ok((statements, ending)),
                }
            }
            Err("unexpected EOF".into())
        })
    }

    fn text_or_action(&mut self) -> Parsed<Result<Statement, Ending>> {
        let token = self.take_word();
        match token.kind {
            Kind::Text => Ok(Ok(Statement::Text { text: token.text.into() })),
            Kind::LeftDelimiter => self.action(),
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Parsed<Result<Statement, Ending>> {
        let first = self.peek_word();
        let Kind::Keyword(keyword) = first.kind else {
            return self.plain_action(first.at).map(Ok);
        };
        let statement = match keyword {
            Keyword::If => return self.branch(BranchKind::If).map(Ok),
            Keyword::With => return self.branch(BranchKind::With).map(Ok),
            Keyword::Range => return self.branch(BranchKind::Range).map(Ok),
            Keyword::Block => self.block()?,
            Keyword::Template => self.call()?,
            Keyword::Break | Keyword::Continue => {
                let word = format!("{{{{{}}}}}", first.text);
                self.take();
                self.expect(&[Kind::RightDelimiter], &word)?;
                if self.range_depth == 0 {
                    return Err(format!("{word} outside {{{{range}}}}"));
                }
                match keyword {
                    Keyword::Break => Statement::Break,
                    _ => Statement::Continue,
                }
            }
            Keyword::End => {
                self.take();
                self.expect(&[Kind::RightDelimiter], "end")?;
                return Ok(Err(Ending::End));
            }
            Keyword::Else => {
                self.take();
                // What follows `else if` and `else with` is read as a branch of its own.
                let follower = self.peek_word().kind;
                if !matches!(follower, Kind::Keyword(Keyword::If | Keyword::With)) {
                    self.expect(&[Kind::RightDelimiter], "else")?;
                }
                return Ok(Err(Ending::Else));
            }
            Keyword::Define | Keyword::Nil => return self.plain_action(first.at).map(Ok),
        };
        Ok(Ok(statement))
    }

    fn plain_action(&mut self, at: usize) -> Parsed<Statement> {
        let pipe = self.pipeline("command", Kind::RightDelimiter)?;
        Ok(Statement::Action { at, pipe })
    }

    fn call(&mut self) -> Parsed<Statement> {
        self.take();
        let place = "template clause";
        let (at, name) = self.template_name(place)?;
        let pipe = if self.peek_word().kind == Kind::RightDelimiter {
            self.take();
            None
        } else {
            Some(self.pipeline(place, Kind::RightDelimiter)?)
        };
        Ok(Statement::Call { at, name, pipe })
    }

    /// A definition and its call in one.
    fn block(&mut self) -> Parsed<Statement> {
        self.take();
        let place = "block clause";
        let (at, name) = self.template_name(place)?;
        let pipe = self.pipeline(place, Kind::RightDelimiter)?;
        let statements = self.template_body(place)?;
        self.define(name.clone(), statements)?;
        Ok(Statement::Call { at, name, pipe: Some(pipe) })
    }

    /// `if`, `with` or `range`; the keyword is the next word.
    fn branch(&mut self, kind: BranchKind) -> Parsed<Statement> {
        self.take();
        self.nested(|parser| {
            let scope = parser.variables.len();
            let pipe = parser.pipeline(kind.word(), Kind::RightDelimiter)?;
            if kind == BranchKind::Range {
                parser.range_depth += 1;
            }
            let (body, ending) = parser.statements()?;
            if kind == BranchKind::Range {
                parser.range_depth -= 1;
            }
            let mut otherwise = None;
            if ending == Ending::Else {
                otherwise = Some(parser.otherwise(kind)?);
            }
            parser.variables.truncate(scope);
            Ok(Statement::Branch(Box::new(Branch { kind, at: pipe.at, pipe, body, otherwise })))
        })
    }

    fn otherwise(&mut self, kind: BranchKind) -> Parsed<Vec<Statement>> {
        let follower = self.peek_word();
        match (kind, follower.kind) {
            // `else if` shares the end of the branch it belongs to.
            (BranchKind::If, Kind::Keyword(Keyword::If)) => Ok(vec![self.branch(BranchKind::If)?]),
            (BranchKind::With, Kind::Keyword(Keyword::With)) => Ok(vec![self.branch(BranchKind::With)?]),
            (_, Kind::Keyword(Keyword::If | Keyword::With)) => self.unexpected(&follower, "input"),
            _ => {
                let (statements, ending) = self.statements()?;
                match ending {
                    Ending::End => Ok(statements),
                    Ending::Else => Err(format!("expected end; found {}", ending.shown())),
                }
            }
        }
    }
}
