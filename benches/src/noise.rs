//! Numbers that look random and are the same every time.

/// A well-mixed number of a number.
pub(crate) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A number below `limit` that belongs to a series and a scrape.
pub(crate) fn below(seed: u64, scrape: u64, limit: u64) -> u64 {
    if limit == 0 { 0 } else { mix(seed ^ scrape.wrapping_mul(0xd6e8_feb8_6659_fd93)) % limit }
}
