//! Numbers and checksums of the block's files.

/// CRC-32C, the checksum of all files.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) as u32
}

pub(crate) fn put_uvarint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

pub(crate) fn put_varint(bytes: &mut Vec<u8>, value: i64) {
    put_uvarint(bytes, (value << 1 ^ value >> 63) as u64);
}

/// Takes a number off the front; `None` where there is none, or one of more than 64 bits.
pub(crate) fn take_uvarint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7F);
        if shift == 63 && bits > 1 {
            return None;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

pub(crate) fn take_varint(bytes: &mut &[u8]) -> Option<i64> {
    let value = take_uvarint(bytes)?;
    Some((value >> 1) as i64 ^ -((value & 1) as i64))
}
