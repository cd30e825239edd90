//! What a check prints, and how it ends.

/// Where a piece of text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The standard output.
    Out,
    /// The standard error output.
    Err,
}

/// What a check prints, piece by piece in order, and its exit status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pieces: Vec<(Stream, String)>,
    exit: u8,
}

/// The exit status of a check that found something wrong.
const EXIT_FAILURE: u8 = 1;
/// The exit status of a check that found something it was asked to count as wrong.
const EXIT_LINT: u8 = 3;

impl Report {
    /// The pieces to print, each ending its lines itself.
    pub fn pieces(&self) -> &[(Stream, String)] {
        &self.pieces
    }

    /// The exit status: 0, or 1 for failures, or 3 for findings that count as such.
    pub fn exit(&self) -> u8 {
        self.exit
    }

    /// All that goes to one stream.
    pub fn text(&self, stream: Stream) -> String {
        self.pieces.iter().filter(|(to, _)| *to == stream).map(|(_, text)| text.as_str()).collect()
    }

    pub(super) fn out(&mut self, line: impl std::fmt::Display) {
        self.pieces.push((Stream::Out, format!("{line}\n")));
    }

    pub(super) fn err(&mut self, line: impl std::fmt::Display) {
        self.pieces.push((Stream::Err, format!("{line}\n")));
    }

    pub(super) fn fail(&mut self) {
        self.exit = EXIT_FAILURE;
    }

    /// A finding; a failure outweighs it.
    pub(super) fn find(&mut self, fatal: bool) {
        if fatal && self.exit == 0 {
            self.exit = EXIT_LINT;
        }
    }
}
