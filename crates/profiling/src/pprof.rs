//! The form of profiles that `go tool pprof` and its like read.
//!
//! Source: <https://github.com/google/pprof/blob/main/proto/profile.proto>, the description of the format.

mod message;

use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use message::{Function, Label, Line, Location, Mapping, Profile, Sample, ValueType};
use object::Object;
use prost::Message;

use crate::Error;
use crate::modules::Modules;
use crate::symbols::Symbols;

#[cfg(test)]
pub(crate) mod tests;

/// A profile in the making.
pub(crate) struct Writer<'a> {
    modules: &'a Modules<'a>,
    symbols: Symbols<'a>,
    profile: Profile,
    strings: HashMap<String, i64>,
    locations: HashMap<u64, u64>,
    functions: HashMap<(String, String), u64>,
    mappings: HashMap<usize, u64>,
}

/// What a number of a sample is: its name and its unit.
pub(crate) type Kind = (&'static str, &'static str);

impl<'a> Writer<'a> {
    /// A profile of samples with these numbers, one of which is shown unless asked otherwise.
    pub(crate) fn new(modules: &'a Modules<'a>, kinds: &[Kind], shown: &str) -> Self {
        let mut writer = Self {
            modules,
            symbols: Symbols::new(modules),
            profile: Profile::default(),
            strings: HashMap::new(),
            locations: HashMap::new(),
            functions: HashMap::new(),
            mappings: HashMap::new(),
        };
        // The format wants the empty text to be the first one.
        writer.text("");
        writer.profile.sample_type = kinds.iter().map(|kind| writer.value_type(*kind)).collect();
        writer.profile.default_sample_type = writer.text(shown);
        writer
    }

    /// When the profile was begun, and how long it took.
    pub(crate) fn set_time(&mut self, begun: Duration, took: Duration) {
        self.profile.time_nanos = begun.as_nanos() as i64;
        self.profile.duration_nanos = took.as_nanos() as i64;
    }

    /// What lies between two samples.
    pub(crate) fn set_period(&mut self, kind: Kind, period: i64) {
        self.profile.period_type = Some(self.value_type(kind));
        self.profile.period = period;
    }

    /// Says something about the profile as a whole.
    pub(crate) fn comment(&mut self, text: &str) {
        let text = self.text(text);
        self.profile.comment.push(text);
    }

    /// Has readers leave out functions of these names (a regular expression of the whole name), and what they call.
    pub(crate) fn leave_out(&mut self, functions: &str) {
        self.profile.drop_frames = self.text(functions);
    }

    /// Adds a stack, the innermost call first.
    pub(crate) fn add(&mut self, calls: &[u64], value: Vec<i64>, label: Option<(&str, &str)>) {
        let location_id = calls.iter().map(|address| self.location(*address)).collect();
        let label = label.map(|(key, text)| Label { key: self.text(key), str: self.text(text) });
        self.profile.sample.push(Sample { location_id, value, label: label.into_iter().collect() });
    }

    /// The whole, compressed.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Error> {
        let mut compressed = GzEncoder::new(Vec::new(), Compression::fast());
        compressed.write_all(&self.profile.encode_to_vec()).map_err(Error::Write)?;
        compressed.finish().map_err(Error::Write)
    }

    fn text(&mut self, text: &str) -> i64 {
        if let Some(known) = self.strings.get(text) {
            return *known;
        }
        let position = self.profile.string_table.len() as i64;
        self.profile.string_table.push(text.to_owned());
        self.strings.insert(text.to_owned(), position);
        position
    }

    fn value_type(&mut self, (name, unit): Kind) -> ValueType {
        ValueType { r#type: self.text(name), unit: self.text(unit) }
    }

    fn location(&mut self, address: u64) -> u64 {
        if let Some(known) = self.locations.get(&address) {
            return *known;
        }
        let mapping_id = self.mapping(address);
        let mut lines = Vec::new();
        for line in self.symbols.lines(address) {
            let file = self.text(&line.file);
            let named = (line.function, line.file);
            let function_id = match self.functions.get(&named) {
                Some(known) => *known,
                None => self.function(named, &line.system_name, file),
            };
            lines.push(Line { function_id, line: i64::from(line.line) });
        }
        if let Some(mapping) = self.profile.mapping.iter_mut().find(|mapping| mapping.id == mapping_id)
            && !lines.is_empty()
        {
            // Readers would otherwise look for the program and ask it again.
            mapping.has_functions = true;
            mapping.has_filenames = true;
            mapping.has_line_numbers = true;
            mapping.has_inline_frames = true;
        }
        let id = self.profile.location.len() as u64 + 1;
        self.profile.location.push(Location { id, mapping_id, address, line: lines });
        self.locations.insert(address, id);
        id
    }

    fn function(&mut self, named: (String, String), system_name: &str, filename: i64) -> u64 {
        let id = self.profile.function.len() as u64 + 1;
        let (name, system_name) = (self.text(&named.0), self.text(system_name));
        self.profile.function.push(Function { id, name, system_name, filename });
        self.functions.insert(named, id);
        id
    }

    /// 0 for an address that belongs to no file.
    fn mapping(&mut self, address: u64) -> u64 {
        let Some((position, module)) = self.modules.find(address) else { return 0 };
        if let Some(known) = self.mappings.get(&position) {
            return *known;
        }
        let id = self.profile.mapping.len() as u64 + 1;
        let build_id =
            module.file.as_ref().and_then(|file| file.build_id().ok().flatten()).unwrap_or_default();
        let build_id: String = build_id.iter().map(|byte| format!("{byte:02x}")).collect();
        let mapping = Mapping {
            id,
            memory_start: module.start,
            memory_limit: module.end,
            file_offset: module.offset,
            filename: self.text(module.path),
            build_id: self.text(&build_id),
            ..Mapping::default()
        };
        self.profile.mapping.push(mapping);
        self.mappings.insert(position, id);
        id
    }
}
