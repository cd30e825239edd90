//! Chunks out of the recorded data directories.

use std::path::Path;

use chunks::Encoding;
use platform::FileSystem;
use platform::real::RealFileSystem;

/// Every chunk of the recorded blocks and head files, as encoding and bytes.
pub(crate) fn chunks() -> Vec<(Encoding, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/prometheus");
    let mut found = Vec::new();
    walk(&root.join("dataset"), &mut found);
    walk(&root.join("wal"), &mut found);
    assert!(found.len() > 100, "only {} chunks under {}", found.len(), root.display());
    found
}

/// The recorded chunks of one encoding.
pub(crate) fn chunks_of(encoding: Encoding) -> Vec<Vec<u8>> {
    let chunks = chunks().into_iter().filter(|(other, _)| *other == encoding);
    let chunks: Vec<Vec<u8>> = chunks.map(|(_, bytes)| bytes).collect();
    assert!(!chunks.is_empty(), "no chunk is encoded as {encoding:?}");
    chunks
}

fn walk(folder: &Path, found: &mut Vec<(Encoding, Vec<u8>)>) {
    for entry in RealFileSystem.list(folder).unwrap() {
        let path = folder.join(&entry.name);
        if entry.is_dir {
            walk(&path, found);
            continue;
        }
        let parent = folder.file_name().unwrap().to_str().unwrap();
        // Bytes between the start of an entry and its length: series, times and encoding in head files.
        let skip = match parent {
            "chunks" => 0,
            "chunks_head" => 24,
            _ => continue,
        };
        let bytes = RealFileSystem.read(&path, 1 << 30).unwrap();
        let mut rest = &bytes[8..];
        while rest.len() > skip && rest.iter().any(|byte| *byte != 0) {
            rest = &rest[skip..];
            // In blocks the length stands before the encoding, in head files behind it.
            let (encoding, len);
            if skip == 0 {
                len = take_uvarint(&mut rest);
                encoding = take_byte(&mut rest);
            } else {
                encoding = take_byte(&mut rest) & 0x7F;
                len = take_uvarint(&mut rest);
            }
            let (data, after) = rest.split_at(len);
            found.push((Encoding::from_id(encoding).unwrap(), data.to_vec()));
            rest = &after[4..];
        }
    }
}

fn take_byte(rest: &mut &[u8]) -> u8 {
    let (byte, after) = rest.split_first().unwrap();
    *rest = after;
    *byte
}

fn take_uvarint(rest: &mut &[u8]) -> usize {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = take_byte(rest);
        value |= usize::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}
