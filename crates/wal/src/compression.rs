//! Compression of whole records, before they are cut into fragments.

use std::cell::RefCell;

use zstd::bulk;

use crate::error::DamageReason;
use crate::frame::Flags;

/// The largest record that is written or read, uncompressed, in bytes.
pub const RECORD_BYTES_MAX: usize = 512 * 1024 * 1024;

/// How records are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Compression {
    /// Not at all.
    None,
    /// Snappy's block format.
    #[default]
    Snappy,
    /// Zstandard.
    Zstd,
}

/// The level that Prometheus's "fastest" stands for.
const ZSTD_LEVEL: i32 = 1;

thread_local! {
    static SNAPPY: RefCell<snap::raw::Encoder> = RefCell::new(snap::raw::Encoder::new());
    static ZSTD: RefCell<Option<bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// Appends the record to `out`, compressed where that makes it smaller; says how.
pub(crate) fn compress(compression: Compression, record: &[u8], out: &mut Vec<u8>) -> Flags {
    let start = out.len();
    let compressed = match compression {
        Compression::None => None,
        Compression::Snappy => compress_snappy(record, out),
        Compression::Zstd => compress_zstd(record, out),
    };
    match compressed {
        Some(flags) if out.len() - start < record.len() => flags,
        _ => {
            out.truncate(start);
            out.extend_from_slice(record);
            Flags::RAW
        }
    }
}

fn compress_snappy(record: &[u8], out: &mut Vec<u8>) -> Option<Flags> {
    let start = out.len();
    out.resize(start + snap::raw::max_compress_len(record.len()), 0);
    let room = out.get_mut(start..)?;
    let len = SNAPPY.with_borrow_mut(|encoder| encoder.compress(record, room)).ok()?;
    out.truncate(start + len);
    Some(Flags::SNAPPY)
}

fn compress_zstd(record: &[u8], out: &mut Vec<u8>) -> Option<Flags> {
    let bytes = ZSTD.with_borrow_mut(|compressor| {
        if compressor.is_none() {
            *compressor = bulk::Compressor::new(ZSTD_LEVEL).ok();
        }
        compressor.as_mut()?.compress(record).ok()
    })?;
    out.extend_from_slice(&bytes);
    Some(Flags::ZSTD)
}

/// Undoes what `flags` say into `out`, which is emptied first.
pub(crate) fn decompress(flags: Flags, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), DamageReason> {
    out.clear();
    if flags == Flags::SNAPPY {
        let len = snap::raw::decompress_len(bytes).map_err(bad)?;
        check_len(len)?;
        out.resize(len, 0);
        snap::raw::Decoder::new().decompress(bytes, out).map_err(bad)?;
    } else if flags == Flags::ZSTD {
        decompress_zstd(bytes, out)?;
    } else {
        out.extend_from_slice(bytes);
    }
    Ok(())
}

/// The frame need not say its length, so the room grows until it fits.
fn decompress_zstd(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), DamageReason> {
    use std::io::Read;
    let mut decoder =
        zstd::stream::read::Decoder::with_buffer(bytes).map_err(bad)?.take(RECORD_BYTES_MAX as u64 + 1);
    decoder.read_to_end(out).map_err(bad)?;
    check_len(out.len())
}

fn check_len(len: usize) -> Result<(), DamageReason> {
    if len > RECORD_BYTES_MAX { Err(DamageReason::TooLarge) } else { Ok(()) }
}

fn bad(error: impl std::fmt::Display) -> DamageReason {
    DamageReason::Compression(error.to_string())
}
