//! All series of the head by number, in pages: each page has one lock, and readers find it without any.
//!
//! Series that are made together, as those of one target, stand on one page; appending a scrape takes few locks.

use std::sync::OnceLock;

use model::SeriesRef;
use parking_lot::RwLock;

use super::series::Series;

const PAGE_BITS: u32 = 6;
const FOLDER_BITS: u32 = 12;
/// Series on a page.
const PAGE_LEN: usize = 1 << PAGE_BITS;
/// Pages in a folder.
const FOLDER_LEN: usize = 1 << FOLDER_BITS;
/// Folders in all.
const FOLDERS: usize = 1 << (32 - PAGE_BITS - FOLDER_BITS);

/// The series of a page.
pub(crate) type Page = RwLock<Box<[Series]>>;

/// All series by number. Pages come when they are needed and stay.
pub(crate) struct Pages(Box<[OnceLock<Folder>]>);

type Folder = Box<[OnceLock<Page>]>;

impl std::fmt::Debug for Pages {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Pages")
    }
}

/// The number of a series in the tables of the head: the low half of its reference.
pub(crate) fn number_of(series: SeriesRef) -> u32 {
    series.0 as u32
}

/// The page that a number lies on; numbers of one page follow each other.
pub(crate) fn page_of(number: u32) -> u32 {
    number >> PAGE_BITS
}

/// The place of a number on its page.
pub(crate) fn place_of(number: u32) -> usize {
    number as usize % PAGE_LEN
}

/// Reads a little of each series, and does nothing with it: so memory is waited for once for all, not for one after
/// the other.
pub(crate) fn fetch(page: &[Series], refs: &[SeriesRef]) {
    let places = refs.iter().filter_map(|series| page.get(place_of(number_of(*series))));
    std::hint::black_box(places.fold(0, |sum, place| sum ^ place.fetch()));
}

impl Pages {
    pub(crate) fn new() -> Self {
        Self((0..FOLDERS).map(|_| OnceLock::new()).collect())
    }

    /// A page, `None` where none of its series was ever made.
    #[inline]
    pub(crate) fn page(&self, page: u32) -> Option<&Page> {
        let folder = self.0.get(page as usize / FOLDER_LEN)?.get()?;
        folder.get(page as usize % FOLDER_LEN)?.get()
    }

    /// Puts a series in its place.
    pub(crate) fn put(&self, series: Series) {
        self.place(number_of(series.reference), |place| *place = series);
    }

    /// Makes a series in its place, as `make` does it of a place without one.
    pub(crate) fn make(&self, series: SeriesRef, make: impl FnOnce(&mut Series)) {
        self.place(number_of(series), |place| {
            if place.exists() {
                *place = Series::none();
            }
            place.reference = series;
            make(place);
        });
    }

    fn place(&self, number: u32, put: impl FnOnce(&mut Series)) {
        let page = page_of(number) as usize;
        let Some(folder) = self.0.get(page / FOLDER_LEN) else { return };
        let folder = folder.get_or_init(|| (0..FOLDER_LEN).map(|_| OnceLock::new()).collect());
        let Some(page) = folder.get(page % FOLDER_LEN) else { return };
        let page = page.get_or_init(|| RwLock::new((0..PAGE_LEN).map(|_| Series::none()).collect()));
        if let Some(place) = page.write().get_mut(place_of(number)) {
            put(place);
        }
    }

    /// Reads a series; `None` where it is not (any more) the one of this reference.
    #[inline]
    pub(crate) fn read<T>(&self, series: SeriesRef, read: impl FnOnce(&Series) -> T) -> Option<T> {
        let number = number_of(series);
        let page = self.page(page_of(number))?.read();
        page.get(place_of(number)).filter(|found| found.is(series)).map(read)
    }

    /// Changes a series, as [`Pages::read`] reads it.
    pub(crate) fn write<T>(&self, series: SeriesRef, write: impl FnOnce(&mut Series) -> T) -> Option<T> {
        let number = number_of(series);
        let mut page = self.page(page_of(number))?.write();
        page.get_mut(place_of(number)).filter(|found| found.is(series)).map(write)
    }

    /// Takes a series out of its place if `condition` holds; says whether it did.
    pub(crate) fn remove(&self, series: SeriesRef, condition: impl FnOnce(&Series) -> bool) -> bool {
        let number = number_of(series);
        let Some(page) = self.page(page_of(number)) else { return false };
        let mut page = page.write();
        let place = page.get_mut(place_of(number)).filter(|found| found.is(series));
        match place.filter(|found| condition(found)) {
            Some(place) => {
                *place = Series::none();
                true
            }
            None => false,
        }
    }
}
