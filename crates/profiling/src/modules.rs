//! The program and its libraries as they are mapped: which one an address belongs to, and its tables.
#![expect(unsafe_code, reason = "the code that the system maps into a process has no file")]

use std::path::Path;

use gimli::{BaseAddresses, EhFrame, EhFrameHdr, EndianSlice, NativeEndian, ParsedEhFrameHdr};
use memmap2::Mmap;
use object::elf::PF_X;
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection, ObjectSegment, SegmentFlags};

use crate::{Error, real};

/// Bytes of a section.
pub(crate) type Bytes<'a> = EndianSlice<'a, NativeEndian>;

/// A piece of the process's code, with what it was mapped from.
#[derive(Debug)]
struct Piece {
    start: u64,
    end: u64,
    offset: u64,
    path: String,
    content: Content,
}

#[derive(Debug)]
enum Content {
    File(Mmap),
    System(&'static [u8]),
    /// The file is gone, or cannot be read.
    Unknown,
}

/// The files of all code of the process.
#[derive(Debug)]
pub(crate) struct Files(Vec<Piece>);

impl Files {
    /// Opens the files of all code that is mapped now.
    ///
    /// # Errors
    /// Where the program itself cannot be read.
    pub(crate) fn open() -> Result<Self, Error> {
        let program = real::program_path().map_err(Error::Program)?;
        let maps = real::maps().map_err(Error::Program)?;
        let mut pieces = Vec::new();
        for (start, end, offset, path) in maps.lines().filter_map(code) {
            let content = if path == program {
                // Found even where the file was replaced by a newer one meanwhile.
                Content::File(real::map(Path::new("/proc/self/exe")).map_err(Error::Program)?)
            } else if path == "[vdso]" {
                // SAFETY: the system has just told that it is there.
                Content::System(unsafe { real::system_code(start, end - start) })
            } else {
                real::map(Path::new(path)).map_or(Content::Unknown, Content::File)
            };
            pieces.push(Piece { start, end, offset, path: path.to_owned(), content });
        }
        pieces.sort_by_key(|piece| piece.start);
        Ok(Self(pieces))
    }

    /// The tables of all files.
    pub(crate) fn modules(&self) -> Modules<'_> {
        Modules(self.0.iter().map(Module::new).collect())
    }
}

/// The range, offset and path of a line of code.
fn code(line: &str) -> Option<(u64, u64, u64, &str)> {
    // Addresses, what is allowed, offset, device, inode, path.
    let mut fields = line.splitn(6, ' ');
    let (start, end) = fields.next()?.split_once('-')?;
    let is_code = fields.next()?.contains('x');
    let offset = fields.next()?;
    let path = fields.nth(2)?.trim_start();
    let number = |text| u64::from_str_radix(text, 16).ok();
    (is_code && (path.starts_with('/') || path == "[vdso]")).then_some((
        number(start)?,
        number(end)?,
        number(offset)?,
        path,
    ))
}

/// All code of the process, by address.
pub(crate) struct Modules<'a>(Vec<Module<'a>>);

impl<'a> Modules<'a> {
    /// The one an address belongs to, with its position.
    pub(crate) fn find(&self, address: u64) -> Option<(usize, &Module<'a>)> {
        let position = self.0.partition_point(|module| module.start <= address).checked_sub(1)?;
        let module = self.0.get(position)?;
        (address < module.end).then_some((position, module))
    }
}

/// A piece of the process's code with its tables.
pub(crate) struct Module<'a> {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) offset: u64,
    pub(crate) path: &'a str,
    pub(crate) file: Option<ElfFile64<'a>>,
    pub(crate) frames: Option<Frames<'a>>,
    /// What is added to the file's addresses.
    bias: u64,
}

impl<'a> Module<'a> {
    fn new(piece: &'a Piece) -> Self {
        let content = match &piece.content {
            Content::File(map) => Some(&map[..]),
            Content::System(bytes) => Some(*bytes),
            Content::Unknown => None,
        };
        let file = content.and_then(|content| ElfFile64::parse(content).ok());
        let bias = file.as_ref().and_then(|file| bias(file, piece)).unwrap_or_default();
        let frames = file.as_ref().and_then(Frames::new);
        let (start, end, offset) = (piece.start, piece.end, piece.offset);
        Self { start, end, offset, path: &piece.path, file, frames, bias }
    }

    /// An address as the file's own tables call it.
    pub(crate) fn inside(&self, address: u64) -> u64 {
        address.wrapping_sub(self.bias)
    }
}

/// How far the file's addresses are from those in memory.
fn bias(file: &ElfFile64<'_>, piece: &Piece) -> Option<u64> {
    let segment = file.segments().find(|segment| {
        let (offset, bytes) = segment.file_range();
        // What comes before it in the file may end in the same page.
        if !matches!(segment.flags(), SegmentFlags::Elf { p_flags, .. } if p_flags.contains(PF_X)) {
            return false;
        }
        // The segment starts inside of a page, the piece at its start.
        (piece.offset..piece.offset + (piece.end - piece.start)).contains(&offset)
            || (offset..offset + bytes).contains(&piece.offset)
    })?;
    let of_start = segment.address().wrapping_add(piece.offset).wrapping_sub(segment.file_range().0);
    Some(piece.start.wrapping_sub(of_start))
}

/// How the callers of a file's functions are found.
pub(crate) struct Frames<'a> {
    pub(crate) section: EhFrame<Bytes<'a>>,
    pub(crate) header: ParsedEhFrameHdr<Bytes<'a>>,
    pub(crate) bases: BaseAddresses,
}

impl<'a> Frames<'a> {
    fn new(file: &ElfFile64<'a>) -> Option<Self> {
        let section = |name| {
            let section = file.section_by_name(name)?;
            Some((section.address(), section.data().ok()?))
        };
        let (frames_at, frames) = section(".eh_frame")?;
        let (header_at, header) = section(".eh_frame_hdr")?;
        let (text_at, _) = section(".text")?;
        let bases =
            BaseAddresses::default().set_eh_frame(frames_at).set_eh_frame_hdr(header_at).set_text(text_at);
        let mut section = EhFrame::new(frames, NativeEndian);
        section.set_address_size(size_of::<u64>() as u8);
        let header = EhFrameHdr::new(header, NativeEndian).parse(&bases, size_of::<u64>() as u8).ok()?;
        header.table()?;
        Some(Self { section, header, bases })
    }
}
