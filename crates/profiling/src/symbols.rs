//! Names and lines of addresses, from the line tables of the program and the symbols of its libraries.

use std::collections::HashMap;

use addr2line::Context;
use gimli::{Dwarf, NativeEndian, SectionId};
use object::read::elf::{ElfFile64, ElfSection64};
use object::{CompressionFormat, Object, ObjectSection, ObjectSymbol, SymbolKind};

use crate::modules::{Bytes, Module, Modules};

/// A function at an address, with the line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) function: String,
    /// As the linker calls it.
    pub(crate) system_name: String,
    /// Empty where it is not known.
    pub(crate) file: String,
    /// 0 where it is not known.
    pub(crate) line: u32,
}

/// The tables of the files that were asked for.
pub(crate) struct Symbols<'a> {
    modules: &'a Modules<'a>,
    tables: HashMap<usize, Tables<'a>>,
}

struct Tables<'a> {
    lines: Option<Context<Bytes<'a>>>,
    names: Names<'a>,
}

impl<'a> Symbols<'a> {
    pub(crate) fn new(modules: &'a Modules<'a>) -> Self {
        Self { modules, tables: HashMap::new() }
    }

    /// What stands at an address: functions that are written into others come before those. Empty where nothing is
    /// known.
    pub(crate) fn lines(&mut self, address: u64) -> Vec<Line> {
        let Some((position, module)) = self.modules.find(address) else { return Vec::new() };
        let tables = self.tables.entry(position).or_insert_with(|| Tables::new(module));
        tables.lines(module.inside(address))
    }
}

impl<'a> Tables<'a> {
    fn new(module: &Module<'a>) -> Self {
        let Some(file) = &module.file else {
            return Self { lines: None, names: Names(Vec::new()) };
        };
        Self { lines: lines(file), names: Names::new(file) }
    }

    fn lines(&self, address: u64) -> Vec<Line> {
        let mut lines = self.lines.as_ref().map_or_else(Vec::new, |tables| lines_at(tables, address));
        let outermost = self.names.find(address);
        // Line tables alone name a function without its module; the linker's name has it.
        match (lines.last_mut(), outermost) {
            (None, Some(name)) => lines.push(Line::new(name, String::new(), 0)),
            (Some(line), Some(name)) => *line = Line::new(name, std::mem::take(&mut line.file), line.line),
            (_, None) => {}
        }
        lines.retain(|line| !line.function.is_empty());
        lines
    }
}

/// The functions of a file by their addresses, with their sizes: between two of them others may stand that have no name.
struct Names<'a>(Vec<(u64, u64, &'a str)>);

impl<'a> Names<'a> {
    fn new(file: &ElfFile64<'a>) -> Self {
        let functions = file.symbols().chain(file.dynamic_symbols()).filter(|symbol| {
            symbol.kind() == SymbolKind::Text && !symbol.is_undefined() && symbol.size() > 0
        });
        let named =
            functions.filter_map(|symbol| Some((symbol.address(), symbol.size(), symbol.name().ok()?)));
        let mut names: Vec<_> = named.collect();
        names.sort_unstable();
        Self(names)
    }

    fn find(&self, address: u64) -> Option<&'a str> {
        let position = self.0.partition_point(|(start, _, _)| *start <= address).checked_sub(1)?;
        let (start, bytes, name) = *self.0.get(position)?;
        (address - start < bytes).then_some(name)
    }
}

impl Line {
    fn new(name: &str, file: String, line: u32) -> Self {
        // Without the hash that tells instances apart.
        let function = format!("{:#}", rustc_demangle::demangle(name));
        Self { function, system_name: name.to_owned(), file, line }
    }
}

/// The line tables of a file, `None` where it has none or has them compressed.
fn lines<'a>(file: &ElfFile64<'a>) -> Option<Context<Bytes<'a>>> {
    let section = |id: SectionId| {
        let section = file.section_by_name(id.name());
        let is_plain = |section: &ElfSection64<'a, '_>| {
            section.compressed_file_range().is_ok_and(|range| range.format == CompressionFormat::None)
        };
        let bytes = section.filter(is_plain).and_then(|section| section.data().ok()).unwrap_or_default();
        Ok::<_, gimli::Error>(Bytes::new(bytes, NativeEndian))
    };
    file.section_by_name(SectionId::DebugInfo.name())?;
    Context::from_dwarf(Dwarf::load(section).ok()?).ok()
}

fn lines_at(tables: &Context<Bytes<'_>>, address: u64) -> Vec<Line> {
    let mut lines = Vec::new();
    let Ok(mut frames) = tables.find_frames(address).skip_all_loads() else { return lines };
    while let Ok(Some(frame)) = frames.next() {
        let name = frame.function.as_ref().and_then(|function| function.raw_name().ok()).unwrap_or_default();
        let (file, line) = frame.location.map_or((None, None), |location| (location.file, location.line));
        lines.push(Line::new(&name, file.unwrap_or_default().to_owned(), line.unwrap_or_default()));
    }
    lines
}
