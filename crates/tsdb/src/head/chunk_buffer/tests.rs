//! Bytes in pieces are what bytes in one piece are.

use chunks::{BitBuffer, XorAppender};
use proptest::prelude::*;

use super::FloatBytes;

proptest! {
    #[test]
    fn whatever_is_done_to_them_they_hold_what_a_vector_holds(
        steps in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..90), 0..40),
        pops in prop::collection::vec(0..70_usize, 40),
    ) {
        let (mut pieces, mut whole) = (FloatBytes::new(), Vec::new());
        for (step, pops) in steps.iter().zip(pops) {
            pieces.extend(step);
            BitBuffer::extend(&mut whole, step);
            for _ in 0..pops {
                prop_assert_eq!(pieces.pop(), BitBuffer::pop(&mut whole));
            }
            prop_assert_eq!(pieces.len(), whole.len());
            prop_assert_eq!(pieces.to_vec(), whole.clone());
            prop_assert_eq!(FloatBytes::from(whole.as_slice()).to_vec(), whole.clone());
        }
    }

    #[test]
    fn chunks_in_pieces_are_chunks(values in prop::collection::vec(any::<f64>(), 1..300)) {
        let (mut pieces, mut whole) = (FloatBytes::new(), Vec::new());
        let mut in_pieces = XorAppender::new(&mut pieces);
        let mut in_whole = XorAppender::new(&mut whole);
        for (number, value) in values.iter().enumerate() {
            let time = number as i64 * 15_000 + number as i64 % 3;
            in_pieces.append(&mut pieces, time, *value).unwrap();
            in_whole.append(&mut whole, time, *value).unwrap();
            prop_assert_eq!(in_pieces, in_whole);
        }
        // The count is left to others.
        let mut bytes = pieces.to_vec();
        bytes.set_count(values.len() as u16);
        prop_assert_eq!(bytes, whole);
    }
}
