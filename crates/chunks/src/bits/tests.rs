//! Bits come back as they were written, and the end is noticed.

use proptest::prelude::*;

use super::{BitReader, BitWriter, read_uvarint, read_varint, write_uvarint, write_varint};
use crate::Error;

fn bits(count: u32) -> u64 {
    if count == 64 { u64::MAX } else { (1 << count) - 1 }
}

proptest! {
    #[test]
    fn fields_come_back(fields in prop::collection::vec((any::<u64>(), 1..=64_u32), 0..200), cut in 0..200_usize) {
        // Written in two goes, so that the partial byte is taken up again.
        let mut buffer = Vec::new();
        let cut = cut.min(fields.len());
        let mut free = 0;
        for part in [&fields[..cut], &fields[cut..]] {
            let mut writer = BitWriter::new(&mut buffer, free);
            for (value, count) in part {
                writer.write(*value, *count);
            }
            free = writer.finish();
        }
        let total: u32 = fields.iter().map(|(_, count)| *count).sum();
        prop_assert_eq!(buffer.len() as u32, total.div_ceil(8));
        prop_assert_eq!(u32::from(free), buffer.len() as u32 * 8 - total);
        let mut reader = BitReader::new(&buffer);
        for (value, count) in &fields {
            prop_assert_eq!(reader.read(*count), value & bits(*count));
        }
        prop_assert_eq!(reader.position() as u32, total);
        prop_assert!(!reader.overran());
        if free > 0 {
            prop_assert_eq!(reader.read(u32::from(free)), 0);
        }
        prop_assert!(!reader.overran());
        reader.read(1);
        prop_assert!(reader.overran());
    }

    #[test]
    fn variable_integers_come_back(unsigned in any::<u64>(), signed in any::<i64>()) {
        let mut buffer = Vec::new();
        let mut writer = BitWriter::new(&mut buffer, 0);
        write_uvarint(&mut writer, unsigned);
        write_varint(&mut writer, signed);
        writer.finish();
        let mut reader = BitReader::new(&buffer);
        prop_assert_eq!(read_uvarint(&mut reader), Ok(unsigned));
        prop_assert_eq!(read_varint(&mut reader), Ok(signed));
        prop_assert!(!reader.overran());
    }
}

#[test]
fn variable_integers_beyond_64_bits_are_refused() {
    let eleven = [0xFF; 11];
    assert_eq!(read_uvarint(&mut BitReader::new(&eleven)), Err(Error::Overflow));
    let too_large = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02];
    assert_eq!(read_uvarint(&mut BitReader::new(&too_large)), Err(Error::Overflow));
}
