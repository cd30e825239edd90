//! Values to text, laid out as the originals print a configuration.
//!
//! Users compare `/api/v1/status/config` between servers and over time, so the text is the same to the byte:
//! sequences stand at the indent of their key, keys are quoted only where they would read as something else,
//! long texts are folded at spaces behind column 80, and mapping keys that are data come in natural order.

mod scalar;

use std::cmp::Ordering;

/// A value to print.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Yaml {
    /// Text, quoted where it has to be.
    Text(String),
    /// A number, a boolean or null: printed as it stands.
    Plain(String),
    Sequence(Vec<Yaml>),
    /// A sequence on one line: `[a, b]`.
    Flow(Vec<Yaml>),
    Mapping(Vec<(String, Yaml)>),
}

/// Spaces by which a nested mapping stands in.
const INDENT: usize = 2;
/// The longest text that may stand before a `:` on the line.
const KEY_CHARS_MAX: usize = 128;

impl Yaml {
    /// A mapping whose keys are data, in the order that the originals give them.
    pub(crate) fn sorted(entries: impl IntoIterator<Item = (String, Yaml)>) -> Yaml {
        // The order is not transitive (`a10` < `a1b` < `a2` < `a10`), which the standard sorts may answer with a panic.
        let mut sorted: Vec<(String, Yaml)> = Vec::new();
        for entry in entries {
            let at = sorted.partition_point(|before| natural_order(&before.0, &entry.0).is_lt());
            sorted.insert(at, entry);
        }
        Yaml::Mapping(sorted)
    }

    /// The text of a document that holds this value.
    pub(crate) fn print(&self) -> String {
        let mut printer = Printer::default();
        match self {
            Yaml::Mapping(entries) if !entries.is_empty() => printer.mapping(entries, 0),
            other => printer.value(other, 0),
        }
        printer.out
    }
}

#[derive(Default)]
struct Printer {
    out: String,
    /// Characters on the current line.
    column: usize,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn end_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indent(&mut self, indent: usize) {
        while self.column < indent {
            self.push(" ");
        }
    }

    fn start_line(&mut self, indent: usize) {
        self.end_line();
        self.indent(indent);
    }

    /// Entries from the current column on, which is `indent`.
    fn mapping(&mut self, entries: &[(String, Yaml)], indent: usize) {
        for (key, value) in entries {
            self.indent(indent);
            if key.chars().count() > KEY_CHARS_MAX || key.contains('\n') {
                self.push("? ");
                self.text(key, indent + INDENT, scalar::Context::Block);
                self.end_line();
                self.indent(indent);
                self.push(":");
                self.push(" ");
                self.beside_marker(value, indent + INDENT);
            } else {
                self.text(key, indent + INDENT, scalar::Context::Key);
                self.push(":");
                self.under_key(value, indent);
            }
        }
    }

    fn under_key(&mut self, value: &Yaml, indent: usize) {
        match value {
            Yaml::Mapping(entries) if !entries.is_empty() => {
                self.end_line();
                self.mapping(entries, indent + INDENT);
            }
            Yaml::Sequence(items) if !items.is_empty() => {
                self.end_line();
                self.sequence(items, indent);
            }
            _ => {
                self.push(" ");
                self.value(value, indent + INDENT);
            }
        }
    }

    fn sequence(&mut self, items: &[Yaml], indent: usize) {
        for item in items {
            self.indent(indent);
            self.push("- ");
            self.beside_marker(item, indent + INDENT);
        }
    }

    /// A value that begins on the line of the `- ` or `: ` before it.
    fn beside_marker(&mut self, value: &Yaml, indent: usize) {
        match value {
            Yaml::Mapping(entries) if !entries.is_empty() => self.mapping(entries, indent),
            Yaml::Sequence(items) if !items.is_empty() => self.sequence(items, indent),
            _ => self.value(value, indent),
        }
    }

    /// A value that ends the line it stands on; `indent` is where its further lines begin.
    fn value(&mut self, value: &Yaml, indent: usize) {
        match value {
            Yaml::Text(text) => self.text(text, indent, scalar::Context::Block),
            Yaml::Plain(text) => self.push(text),
            Yaml::Mapping(_) => self.push("{}"),
            Yaml::Sequence(_) => self.push("[]"),
            Yaml::Flow(items) => self.flow(items, indent),
        }
        self.end_line();
    }

    fn flow(&mut self, items: &[Yaml], indent: usize) {
        self.push("[");
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(",");
            }
            if self.column > scalar::WIDTH {
                self.start_line(indent);
            } else if index > 0 {
                self.push(" ");
            }
            match item {
                Yaml::Text(text) => self.text(text, indent + INDENT, scalar::Context::Flow),
                Yaml::Plain(text) => self.push(text),
                Yaml::Flow(items) | Yaml::Sequence(items) => self.flow(items, indent + INDENT),
                Yaml::Mapping(_) => self.push("{}"),
            }
        }
        self.push("]");
    }
}

/// How keys that are data are ordered: letters by code, numbers by value, what is no letter before letters.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (a_chars, b_chars): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    for (at, (x, y)) in a_chars.iter().zip(&b_chars).enumerate() {
        if x == y {
            continue;
        }
        return match (x.is_alphabetic(), y.is_alphabetic()) {
            (true, true) => x.cmp(y),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => {
                let (x_number, x_digits) = number_at(&a_chars, at);
                let (y_number, y_digits) = number_at(&b_chars, at);
                x_number.cmp(&y_number).then(x_digits.cmp(&y_digits)).then(x.cmp(y))
            }
        };
    }
    a_chars.len().cmp(&b_chars.len())
}

/// The number whose digits begin at `at`, and how many they are. Zeros there count from the number they belong to.
fn number_at(chars: &[char], at: usize) -> (u64, usize) {
    let digits = chars.iter().skip(at).map_while(|c| c.to_digit(10));
    let (mut number, mut count) = (0u64, 0);
    for digit in digits {
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    (number, count)
}
