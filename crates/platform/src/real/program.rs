//! The program's own code in memory.
#![expect(unsafe_code, reason = "the system is told of pages by their addresses")]

#[cfg(test)]
mod tests;

use std::fs;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;

use super::pages;

/// Where the system tells what is mapped.
const MAPS: &str = "/proc/self/maps";

/// Takes the program's code out of the process's memory, to which what runs comes back by itself: a start touches most
/// of it, and then never again. The pages stay in the system's cache of files.
pub fn give_back_program() {
    let Some(inode) = fs::metadata("/proc/self/exe").ok().map(|program| program.ino()) else { return };
    for range in fs::read_to_string(MAPS).iter().flat_map(|maps| code_of(maps, inode)) {
        // SAFETY: the system itself has told that the range is mapped, may not be written to and belongs to a file.
        unsafe { pages::give_back(range.start, range.len()) };
    }
}

/// The ranges that hold code of the file, and nothing that was ever written to.
fn code_of(maps: &str, inode: u64) -> impl Iterator<Item = Range<usize>> {
    maps.lines().filter_map(move |line| {
        // Addresses, what is allowed, offset, device, inode, path.
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let is_code = fields.next()? == "r-xp";
        let is_of_file = fields.nth(2)?.parse() == Ok(inode);
        let address = |text| usize::from_str_radix(text, 16).ok();
        (is_code && is_of_file).then_some(address(start)?..address(end)?)
    })
}
