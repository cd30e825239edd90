//! The memory of pieces: pages of them, each piece a line of memory with the place of the one before it.
//!
//! An allocator keeps 8 bytes beside everything that it hands out and rounds up to 16, a quarter of so small a thing. Here nothing
//! stands beside a piece. Pages are handed back when none of their pieces is in use any more.

#[cfg(test)]
mod tests;

use std::num::NonZero;

use parking_lot::Mutex;

/// Bytes of a piece. With its link it is as long as a line of memory.
pub(super) const PIECE_BYTES: usize = 59;
/// Bytes of a link: memory is full before its numbers are used up.
const LINK_BYTES: usize = 5;
/// Pieces on a page.
const PAGE_BITS: u32 = 8;
const PAGE_LEN: usize = 1 << PAGE_BITS;
/// Stores with a lock each, so that appenders of many threads seldom wait for each other.
const STORE_BITS: u32 = 4;
const STORES: usize = 1 << STORE_BITS;

static ALL: [Mutex<Store>; STORES] = [const { Mutex::new(Store::new()) }; STORES];

/// Where a piece is: its page, its place there, and from the lowest bit on its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(NonZero<u64>);

/// A piece in use, or a free one with the place of the next free one of its page in front.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Piece {
    bytes: [u8; PIECE_BYTES],
    before: [u8; LINK_BYTES],
}

const _: () = assert!(size_of::<Piece>() == 64, "a line of memory");

#[derive(Debug)]
struct Store {
    /// By number; the first place is never used, so that no place is 0.
    pages: Vec<Slot>,
    /// Numbers of pages with room, the last of which is filled first. Full ones and such as are gone are taken out when they
    /// are met.
    with_room: Vec<usize>,
    /// Numbers that have no page.
    vacant: Vec<usize>,
}

#[derive(Debug, Default)]
struct Slot {
    page: Option<Page>,
    /// Whether its number is among those with room.
    is_listed: bool,
}

#[derive(Debug)]
struct Page {
    pieces: Box<[Piece]>,
    /// Places that were used and are free again.
    free: Vec<u8>,
    /// Pieces from here on were never used.
    fresh: usize,
}

impl Place {
    fn new(store: usize, page: usize, place: usize) -> Option<Self> {
        let number = (page as u64) << (PAGE_BITS + STORE_BITS) | (place as u64) << STORE_BITS | store as u64;
        NonZero::new(number).map(Self)
    }

    fn store(self) -> usize {
        self.0.get() as usize % STORES
    }

    fn place(self) -> usize {
        (self.0.get() >> STORE_BITS) as usize % PAGE_LEN
    }

    fn page(self) -> usize {
        (self.0.get() >> (PAGE_BITS + STORE_BITS)) as usize
    }

    fn to_link(place: Option<Self>) -> [u8; LINK_BYTES] {
        let bytes = place.map_or(0, |place| place.0.get()).to_le_bytes();
        bytes.first_chunk().copied().unwrap_or_default()
    }

    fn of_link(link: [u8; LINK_BYTES]) -> Option<Self> {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(link).for_each(|(byte, of_link)| *byte = of_link);
        NonZero::new(u64::from_le_bytes(bytes)).map(Self)
    }
}

/// Keeps bytes in a piece that is behind another one. Who asks with like numbers meets the same lock.
pub(super) fn keep(near: usize, bytes: [u8; PIECE_BYTES], before: Option<Place>) -> Option<Place> {
    let store = near % STORES;
    let (page, place) = ALL.get(store)?.lock().keep(Piece { bytes, before: Place::to_link(before) })?;
    Place::new(store, page, place)
}

/// What a piece holds, and which is before it.
pub(super) fn read(place: Place) -> ([u8; PIECE_BYTES], Option<Place>) {
    let read = || ALL.get(place.store())?.lock().piece(place).map(|piece| (piece.bytes, piece.before));
    // Whoever has a place has the piece until it is given back.
    read().map_or(([0; PIECE_BYTES], None), |(bytes, before)| (bytes, Place::of_link(before)))
}

/// Gives a piece back; returns what it held, and which is before it.
pub(super) fn give_back(place: Place) -> ([u8; PIECE_BYTES], Option<Place>) {
    let held = read(place);
    if let Some(store) = ALL.get(place.store()) {
        store.lock().give_back(place);
    }
    held
}

impl Store {
    const fn new() -> Self {
        Self { pages: Vec::new(), with_room: Vec::new(), vacant: Vec::new() }
    }

    fn piece(&self, place: Place) -> Option<&Piece> {
        self.pages.get(place.page())?.page.as_ref()?.pieces.get(place.place())
    }

    fn keep(&mut self, piece: Piece) -> Option<(usize, usize)> {
        while let Some(&number) = self.with_room.last() {
            let slot = self.pages.get_mut(number)?;
            if let Some(place) = slot.page.as_mut().and_then(|page| page.keep(piece)) {
                return Some((number, place));
            }
            slot.is_listed = false;
            self.with_room.pop();
            if slot.page.is_none() {
                self.vacant.push(number);
            }
        }
        let number = self.vacant.pop().unwrap_or_else(|| {
            let number = self.pages.len().max(1);
            self.pages.resize_with(number + 1, Slot::default);
            number
        });
        let mut page = Page::new();
        let place = page.keep(piece)?;
        *self.pages.get_mut(number)? = Slot { page: Some(page), is_listed: true };
        self.with_room.push(number);
        Some((number, place))
    }

    fn give_back(&mut self, place: Place) {
        let number = place.page();
        let Some(slot) = self.pages.get_mut(number) else { return };
        let Some(page) = slot.page.as_mut() else { return };
        page.free.push(place.place() as u8);
        if page.free.len() == page.fresh {
            slot.page = None;
            if !slot.is_listed {
                self.vacant.push(number);
            }
        } else if !std::mem::replace(&mut slot.is_listed, true) {
            self.with_room.push(number);
        }
    }
}

impl Page {
    fn new() -> Self {
        let none = Piece { bytes: [0; PIECE_BYTES], before: [0; LINK_BYTES] };
        Self { pieces: vec![none; PAGE_LEN].into_boxed_slice(), free: Vec::new(), fresh: 0 }
    }

    fn keep(&mut self, piece: Piece) -> Option<usize> {
        let place = self.free.pop().map_or(self.fresh, usize::from);
        *self.pieces.get_mut(place)? = piece;
        self.fresh = self.fresh.max(place + 1);
        Some(place)
    }
}
