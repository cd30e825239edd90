//! What is written is read again, as whoever is handed a profile does.

use std::io::Read;

use flate2::read::GzDecoder;
use prost::Message;

use super::Writer;
use super::message::Profile;
use crate::modules::Files;

/// A stack of a profile: names of functions, the innermost first, and its numbers.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) functions: Vec<String>,
    pub(crate) numbers: Vec<i64>,
    pub(crate) label: Option<(String, String)>,
}

impl Stack {
    /// Where a function of this name stands.
    pub(crate) fn depth(&self, name: &str) -> Option<usize> {
        self.functions.iter().position(|function| function.contains(name))
    }
}

/// Reads a profile.
pub(crate) fn read(compressed: &[u8]) -> (Profile, Vec<Stack>) {
    let mut bytes = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut bytes).unwrap();
    let profile = Profile::decode(bytes.as_slice()).unwrap();
    let text = |position: i64| profile.string_table[position as usize].clone();
    let stacks = profile.sample.iter().map(|sample| {
        let locations = sample.location_id.iter().map(|id| {
            let location = &profile.location[*id as usize - 1];
            assert_eq!(location.id, *id);
            location
        });
        let lines = locations.flat_map(|location| &location.line);
        let functions = lines.map(|line| {
            let function = &profile.function[line.function_id as usize - 1];
            assert_eq!(function.id, line.function_id);
            text(function.name)
        });
        let label = sample.label.first().map(|label| (text(label.key), text(label.str)));
        Stack { functions: functions.collect(), numbers: sample.value.clone(), label }
    });
    let stacks = stacks.collect();
    (profile, stacks)
}

#[inline(never)]
fn a_function_of_this_program() {
    std::hint::black_box(1);
}

#[test]
fn a_function_is_named_with_its_file_and_mapping() {
    let files = Files::open().unwrap();
    let modules = files.modules();
    let mut writer = Writer::new(&modules, &[("samples", "count")], "samples");
    let function: fn() = a_function_of_this_program;
    let address = function as usize as u64;
    writer.add(&[address, 1], vec![7], Some(("thread", "main")));
    writer.add(&[address], vec![1], None);
    let (profile, stacks) = read(&writer.finish().unwrap());
    assert_eq!(profile.string_table[0], "");
    let location = &profile.location[0];
    assert_eq!(location.address, address);
    let name = location.line.last().unwrap().function_id as usize - 1;
    let text = |position: i64| profile.string_table[position as usize].as_str();
    assert_eq!(text(profile.function[name].name), "profiling::pprof::tests::a_function_of_this_program");
    assert!(text(profile.function[name].filename).ends_with("pprof/tests.rs"));
    let mapping = profile.mapping.iter().find(|mapping| mapping.id == location.mapping_id).unwrap();
    assert!((mapping.memory_start..mapping.memory_limit).contains(&address));
    assert!(mapping.has_functions);
    // An address of no file is written as it is.
    assert_eq!((profile.location[1].mapping_id, profile.location[1].line.len()), (0, 0));
    assert_eq!(profile.location.len(), 2);
    assert_eq!(stacks[0].numbers, [7]);
    assert_eq!(stacks[0].label, Some(("thread".to_owned(), "main".to_owned())));
    assert_eq!(stacks[1].label, None);
}
