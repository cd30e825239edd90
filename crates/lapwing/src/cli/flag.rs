//! What a flag is.

/// A flag of the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flag {
    /// The name behind `--`.
    pub(crate) name: &'static str,
    /// What it takes.
    pub(crate) kind: Kind,
    /// The value where the flag is not given.
    pub(crate) default: &'static str,
    /// One sentence.
    pub(crate) help: &'static str,
    /// Whether it does anything.
    pub(crate) state: State,
    /// Whether `--help` leaves it out.
    pub(crate) hidden: bool,
}

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing; `--no-…` turns it off.
    Switch,
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// A Prometheus duration.
    Duration,
    /// A size such as `512MB`.
    Size,
    /// A text, any number of times.
    List,
}

/// What a flag does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// What its help says.
    Works,
    /// Nothing yet: any value but the default is refused.
    NotYet,
    /// Nothing, for the reason given: it is accepted with a warning.
    Ignored(&'static str),
}

/// A flag with a value.
pub(crate) const fn flag(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Flag {
    Flag { name, kind, default, help, state: State::Works, hidden: false }
}

impl Flag {
    /// The flag, not built yet.
    pub(crate) const fn not_yet(self) -> Self {
        Self { state: State::NotYet, ..self }
    }

    /// The flag, without meaning here.
    pub(crate) const fn ignored(self, why: &'static str) -> Self {
        Self { state: State::Ignored(why), ..self }
    }

    /// The flag, left out of `--help` as the original does.
    pub(crate) const fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }
}
