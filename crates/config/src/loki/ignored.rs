//! Keys that Loki knows and that mean nothing here: rings, caches, object stores. Each is told once, with its place.

use crate::{decode::Decoder, yaml::Node};

/// Takes a key that is known and not used; `false` where no release of Loki knows it.
pub(super) fn take(section: &str, keys: &[&str], key: &str, node: &Node, decoder: &mut Decoder) -> bool {
    let known = keys.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => key.starts_with(start),
        None => *known == key,
    });
    if known {
        let place = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
        let message = format!("{place} has no effect here and is passed over");
        let problem = decoder.problem(node, message);
        decoder.warn(problem);
    }
    known
}

/// Says which keys of a section are known and not used.
macro_rules! unused {
    ($type:ty as $section:literal: $keys:expr) => {
        impl $crate::decode::Check for $type {
            fn take_unknown(
                &mut self,
                key: &str,
                node: &$crate::yaml::Node,
                decoder: &mut $crate::decode::Decoder,
            ) -> Result<bool, $crate::decode::Invalid> {
                Ok($crate::loki::ignored::take($section, $keys, key, node, decoder))
            }
        }
    };
}

pub(super) use unused;
