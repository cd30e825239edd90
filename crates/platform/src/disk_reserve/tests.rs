//! Room that ends and returns.

use super::{DiskReserve, RoomChange, Shortage};
use crate::Space;

fn space(available: u64) -> Space {
    Space { available, total: 100_000 }
}

#[test]
fn room_ends_below_the_reserve_and_returns_an_eighth_above_it() {
    let reserve = DiskReserve::default();
    assert_eq!(reserve.measure(space(800), 800), None);
    assert_eq!(reserve.shortage(), None);
    assert_eq!(reserve.measure(space(799), 800), Some(RoomChange::Ended));
    assert_eq!(reserve.shortage(), Some(Shortage { free: 799, reserved: 800 }));
    assert_eq!(reserve.measure(space(899), 800), None);
    assert!(reserve.is_reached());
    assert_eq!(reserve.measure(space(900), 800), Some(RoomChange::Returned));
    assert!(!reserve.is_reached());
}

#[test]
fn a_small_disk_is_not_all_reserve() {
    let reserve = DiskReserve::default();
    assert_eq!(reserve.measure(space(5_000), 1 << 40), None);
    assert_eq!(reserve.measure(space(4_999), 1 << 40), Some(RoomChange::Ended));
    assert_eq!(reserve.shortage().unwrap().reserved, 5_000);
}
