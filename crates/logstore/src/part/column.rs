//! One key of structured metadata as bytes.

use std::ops::Range;
use std::sync::Arc;

use storage::logs::{MISSING, MetadataColumn, MetadataValues};

use crate::bytes::{Cursor, put_sized, put_uvarint};

const CONSTANT: u8 = 0;
const DICTIONARY: u8 = 1;
const RAW: u8 = 2;

/// Appends the values of a column.
pub(crate) fn encode(values: &MetadataValues, out: &mut Vec<u8>) {
    match values {
        MetadataValues::Constant(value) => {
            out.push(CONSTANT);
            out.extend_from_slice(value.as_bytes());
        }
        MetadataValues::Dictionary { values, numbers } => {
            out.push(DICTIONARY);
            put_uvarint(out, values.len() as u64);
            for value in values {
                put_sized(out, value.as_bytes());
            }
            let width = width_of(values.len());
            for number in numbers {
                // The lowest bytes of MISSING are those of the largest number of any width.
                out.extend(number.to_le_bytes().iter().take(width));
            }
        }
        MetadataValues::Raw { text, ends } => {
            out.push(RAW);
            let mut last = 0;
            for end in ends {
                put_uvarint(out, u64::from(end.saturating_sub(last)));
                last = *end;
            }
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// Bytes of a number of a dictionary: the largest one of a width means that there is no value.
fn width_of(values: usize) -> usize {
    match values {
        0..=0xFF => 1,
        0x100..=0xFFFF => 2,
        _ => 4,
    }
}

/// The values of `rows` rows; `None` where the bytes are not theirs.
pub(crate) fn decode(bytes: &[u8], rows: usize) -> Option<MetadataValues> {
    let mut cursor = Cursor::new(bytes);
    match cursor.byte()? {
        CONSTANT => {
            let value = cursor.take(cursor.left())?;
            Some(MetadataValues::Constant(Arc::from(std::str::from_utf8(value).ok()?)))
        }
        DICTIONARY => {
            let count = cursor.count()?;
            let values = (0..count).map(|_| cursor.text().map(Arc::from)).collect::<Option<Vec<_>>>()?;
            let width = width_of(count);
            let packed = cursor.take(rows.checked_mul(width)?)?;
            let missing = MISSING >> (32 - 8 * width);
            let number = |bytes: &[u8]| {
                let mut wide = [0; 4];
                wide.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                let number = u32::from_le_bytes(wide);
                if number == missing { MISSING } else { number }
            };
            let numbers: Vec<u32> = packed.chunks_exact(width).map(number).collect();
            let is_known = |number: &u32| *number == MISSING || (*number as usize) < count;
            numbers.iter().all(is_known).then_some(MetadataValues::Dictionary { values, numbers })
        }
        RAW => {
            let mut ends = Vec::with_capacity(rows.min(cursor.left()));
            let mut end = 0_u32;
            for _ in 0..rows {
                end = end.checked_add(u32::try_from(cursor.uvarint()?).ok()?)?;
                ends.push(end);
            }
            let text = String::from_utf8(cursor.take(end as usize)?.to_vec()).ok()?;
            let are_whole = ends.iter().all(|end| text.is_char_boundary(*end as usize));
            (are_whole && cursor.is_empty()).then_some(MetadataValues::Raw { text, ends })
        }
        _ => None,
    }
}

/// The values of some rows; `None` where none of them has one.
pub(crate) fn slice(column: &MetadataColumn, rows: Range<usize>) -> Option<MetadataColumn> {
    let values = match &column.values {
        MetadataValues::Constant(value) => MetadataValues::Constant(Arc::clone(value)),
        MetadataValues::Dictionary { values, numbers } => {
            let numbers = numbers.get(rows)?;
            if numbers.iter().all(|number| *number == MISSING) {
                return None;
            }
            MetadataValues::Dictionary { values: values.clone(), numbers: numbers.to_vec() }
        }
        MetadataValues::Raw { text, ends } => {
            let start = rows.start.checked_sub(1).map_or(Some(0), |before| ends.get(before).copied())?;
            let ends: Vec<u32> = ends.get(rows)?.iter().map(|end| end - start).collect();
            let end = start + ends.last().copied().unwrap_or(0);
            let text = text.get(start as usize..end as usize)?;
            if text.is_empty() {
                return None;
            }
            MetadataValues::Raw { text: text.to_owned(), ends }
        }
    };
    Some(MetadataColumn { name: Arc::clone(&column.name), values })
}
