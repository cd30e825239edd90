//! Names of blocks: 48 bits of time and 80 random bits, as 26 characters that sort by time.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The name of a block.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Ulid(u128);

/// Base 32 without the letters that look like others.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Length of the text.
const CHARACTERS: usize = 26;

impl Ulid {
    /// A new name, made at `now_ms` (milliseconds since the Unix epoch).
    pub fn new(now_ms: u64) -> Self {
        // Each `RandomState` has other keys, which the operating system's randomness began.
        let random = || u128::from(RandomState::new().hash_one(now_ms));
        let random = (random() << 64 | random()) & ((1 << 80) - 1);
        Self(u128::from(now_ms & ((1 << 48) - 1)) << 80 | random)
    }

    /// When the name was made, in milliseconds since the Unix epoch.
    pub fn time_ms(self) -> u64 {
        (self.0 >> 80) as u64
    }
}

impl fmt::Display for Ulid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |place: usize| (self.0 >> (5 * (CHARACTERS - 1 - place))) as usize & 31;
        let text: String = (0..CHARACTERS)
            .map(|place| char::from(ALPHABET.get(digit(place)).copied().unwrap_or(b'0')))
            .collect();
        formatter.pad(&text)
    }
}

impl fmt::Debug for Ulid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The text is no name of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no ULID")]
pub struct NoUlid;

impl FromStr for Ulid {
    type Err = NoUlid;

    fn from_str(text: &str) -> Result<Self, NoUlid> {
        if text.len() != CHARACTERS {
            return Err(NoUlid);
        }
        let mut value = 0_u128;
        for (place, character) in text.bytes().enumerate() {
            let upper = character.to_ascii_uppercase();
            let digit = ALPHABET.iter().position(|letter| *letter == upper).ok_or(NoUlid)?;
            // 26 characters tell 130 bits.
            if place == 0 && digit > 7 {
                return Err(NoUlid);
            }
            value = value << 5 | digit as u128;
        }
        Ok(Self(value))
    }
}

impl Serialize for Ulid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ulid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom(format!("{text:?} is no ULID")))
    }
}
