//! How the lists grow that every series has one of.

use super::push_closely;

#[test]
fn lists_move_seldom_and_have_little_room_to_spare() {
    let (mut list, mut rooms) = (Vec::new(), Vec::new());
    for item in 0..90 {
        push_closely(&mut list, item);
        if rooms.last() != Some(&list.capacity()) {
            rooms.push(list.capacity());
        }
    }
    // A head holds three hours: so many chunks of a series that is scraped every half minute, every 15 seconds, and every 2.
    assert_eq!(rooms.iter().filter(|room| **room <= 4).count(), 2, "{rooms:?}");
    assert_eq!(rooms.iter().filter(|room| **room <= 6).count(), 3, "{rooms:?}");
    assert!(rooms.len() <= 10, "{rooms:?}");
    assert!(rooms.iter().zip(rooms.iter().skip(1)).all(|(small, large)| large - small <= (small / 2).max(3)));
}
