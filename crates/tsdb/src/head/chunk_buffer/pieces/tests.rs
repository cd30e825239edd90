//! Pieces hold what was put into them until they are given back, and leave no page behind.

use proptest::prelude::*;

use super::{PAGE_LEN, PIECE_BYTES, Piece, Place, Store};

/// Store number of the places in a test; it has no part in what a store does.
const STORE: usize = 3;

fn keep(store: &mut Store, mark: u8, before: Option<Place>) -> Place {
    let piece = Piece { bytes: [mark; PIECE_BYTES], before: Place::to_link(before) };
    let (page, place) = store.keep(piece).unwrap();
    Place::new(STORE, page, place).unwrap()
}

proptest! {
    #[test]
    fn pieces_stay_what_they_are_whatever_comes_and_goes(
        steps in prop::collection::vec((any::<u8>(), 0..5_usize, any::<prop::sample::Index>()), 0..3 * PAGE_LEN),
    ) {
        let (mut store, mut held) = (Store::new(), Vec::<(Place, u8, Option<Place>)>::new());
        for (mark, what, which) in steps {
            if what < 2 && !held.is_empty() {
                let (place, ..) = held.swap_remove(which.index(held.len()));
                store.give_back(place);
            } else {
                let before = held.last().map(|last| last.0);
                held.push((keep(&mut store, mark, before), mark, before));
            }
        }
        for (place, mark, before) in &held {
            let piece = store.piece(*place).unwrap();
            prop_assert_eq!(piece.bytes, [*mark; PIECE_BYTES]);
            prop_assert_eq!(Place::of_link(piece.before), *before);
        }
        for (place, ..) in held {
            store.give_back(place);
        }
        prop_assert!(store.pages.iter().all(|slot| slot.page.is_none()));
    }
}

#[test]
fn pages_that_are_gone_leave_their_numbers_to_others() {
    let mut store = Store::new();
    for _ in 0..3 {
        let held: Vec<_> = (0..4 * PAGE_LEN).map(|_| keep(&mut store, 1, None)).collect();
        held.into_iter().for_each(|place| store.give_back(place));
    }
    // Four pages, and the number that none has.
    assert_eq!(store.pages.len(), 5);
}

#[test]
fn places_are_what_links_say() {
    let far = Place::new(STORE, (1 << 28) - 1, PAGE_LEN - 1).unwrap();
    assert_eq!((far.store(), far.page(), far.place()), (STORE, (1 << 28) - 1, PAGE_LEN - 1));
    assert_eq!(Place::of_link(Place::to_link(Some(far))), Some(far));
    assert_eq!(Place::of_link(Place::to_link(None)), None);
}
