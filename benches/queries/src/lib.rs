//! Made-up data that queries are measured on, always the same: [`fleet`] and [`micro`] say what, [`blocks`] writes it.

pub mod blocks;
pub mod fleet;
pub mod micro;
mod noise;
