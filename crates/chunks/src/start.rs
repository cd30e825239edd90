//! Start times beside the samples: nothing while they stay, then their distance to the sample before.
//!
//! One byte of the header tells whether the first sample has one (top bit) and from which sample on they are
//! written (the other seven, 0 for none). Before that sample they are as at the first.

use crate::bits::{
    BitBuffer, BitReader, BitWriter, read_varbit_int, read_varint, write_varbit_int, write_varint,
};
use crate::error::Error;

/// The start time of the last sample, and how the next one is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StartTimes {
    /// The start time, 0 for none.
    start: i64,
    /// Distance from the start time to the sample before.
    distance: i64,
    header: u8,
}

/// The first sample has a start time.
const FIRST_KNOWN: u8 = 0x80;
/// Seven bits tell from which sample on start times are written: at the last of them they must be.
const CHANGED_ON_MAX: u16 = 0x7F;

impl StartTimes {
    /// Before the first sample of a new chunk.
    pub(crate) const NONE: Self = Self { start: 0, distance: 0, header: 0 };

    /// Before the first sample of a chunk with this header byte.
    pub(crate) fn of_header(header: u8) -> Self {
        Self { header, ..Self::NONE }
    }

    /// The header byte as it must be now.
    pub(crate) fn header(self) -> u8 {
        self.header
    }

    /// The start time of the last sample, 0 for none.
    pub(crate) fn start(self) -> i64 {
        self.start
    }

    fn changed_on(self) -> u16 {
        u16::from(self.header & !FIRST_KNOWN)
    }

    /// Writes the start time of sample `number` (from 0) of time `timestamp`, the one before being at `before`.
    #[inline]
    pub(crate) fn write<B: BitBuffer>(
        &mut self,
        writer: &mut BitWriter<'_, B>,
        number: u16,
        (before, timestamp): (i64, i64),
        start: i64,
    ) {
        if number == 0 {
            if start != 0 {
                self.header = FIRST_KNOWN;
                write_varint(writer, timestamp.wrapping_sub(start));
            }
            self.start = start;
            return;
        }
        if self.changed_on() == 0 {
            if start == self.start && number < CHANGED_ON_MAX {
                return;
            }
            self.header |= number.min(CHANGED_ON_MAX) as u8;
        }
        let distance = before.wrapping_sub(start);
        write_varbit_int(writer, distance.wrapping_sub(self.distance));
        self.distance = distance;
        self.start = start;
    }

    /// Reads what [`StartTimes::write`] wrote.
    #[inline]
    pub(crate) fn read(
        &mut self,
        reader: &mut BitReader<'_>,
        number: u16,
        (before, timestamp): (i64, i64),
    ) -> Result<(), Error> {
        let changed_on = self.changed_on();
        if number == 0 {
            if self.header & FIRST_KNOWN != 0 {
                self.start = timestamp.wrapping_sub(read_varint(reader)?);
            }
        } else if changed_on != 0 && number >= changed_on {
            self.distance = self.distance.wrapping_add(read_varbit_int(reader));
            self.start = before.wrapping_sub(self.distance);
        }
        Ok(())
    }
}
