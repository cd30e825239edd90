//! Which stream comes first among samples of equal time.

use logql_syntax::ast::RangeOperation;
use model::Labels;
use twox_hash::XxHash64;

/// The place of each stream in the original's order, which is that of a hash of their labels; empty where the order is
/// of no account.
pub(super) fn ranks(operation: RangeOperation, streams: &[Labels]) -> Vec<u32> {
    let matters =
        matches!(operation, RangeOperation::First | RangeOperation::Last | RangeOperation::RateCounter);
    if !matters {
        return Vec::new();
    }
    let mut text = Vec::new();
    let mut order: Vec<(u64, u32)> =
        (0u32..).zip(streams).map(|(stream, labels)| (hash(labels, &mut text), stream)).collect();
    order.sort_unstable();
    let mut ranks = vec![0; streams.len()];
    for (rank, (_, stream)) in (0u32..).zip(order) {
        if let Some(place) = ranks.get_mut(stream as usize) {
            *place = rank;
        }
    }
    ranks
}

/// A hash of names and values, each with a byte behind it that no text has.
fn hash(labels: &Labels, text: &mut Vec<u8>) -> u64 {
    text.clear();
    for (name, value) in labels.iter() {
        text.extend_from_slice(name.as_bytes());
        text.push(0xFF);
        text.extend_from_slice(value.as_bytes());
        text.push(0xFF);
    }
    XxHash64::oneshot(0, text)
}
