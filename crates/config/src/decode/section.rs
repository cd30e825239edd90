//! Sections: mappings with known keys. [`section!`] makes one table of keys serve for reading, printing and documents.

use std::{collections::HashMap, path::Path};

use super::{Decoder, Field, Invalid, collections::merge};
use crate::yaml::{Node, Position, Resolved, Yaml};

/// A mapping with known keys.
pub(crate) trait Section: Default + 'static {
    /// The name of the type in the original's error messages.
    const TYPE: &'static str;

    /// The section with every key at the zero value of its type.
    fn zero_section() -> Self;

    /// The known keys, in the order in which they are printed.
    fn keys() -> Vec<&'static str>;

    /// Takes the value of `key` from `node`; `None`: the key is not known. `node` may be null.
    fn decode_key(&mut self, key: &str, node: &Node, decoder: &mut Decoder) -> Result<Option<bool>, Invalid>;

    /// Adds the entries that are printed.
    fn encode_keys(&self, entries: &mut Vec<(String, Yaml)>);

    /// Whether every key has its zero value.
    fn is_zero_section(&self) -> bool;

    /// Makes relative file names relative to `folder`.
    fn join_folder_section(&mut self, folder: &Path);
}

/// What a section asks of its keys together.
pub(crate) trait Check {
    /// Looks at the decoded section, whose node is `node`; may fill in what follows from its keys.
    ///
    /// # Errors
    /// The keys do not fit together, or one of them cannot be.
    fn check(&mut self, _node: &Node, _decoder: &mut Decoder) -> Result<(), Invalid> {
        Ok(())
    }

    /// Takes a key that is not in the table. `false`: not known here either.
    fn take_unknown(&mut self, _key: &str, _node: &Node, _decoder: &mut Decoder) -> Result<bool, Invalid> {
        Ok(false)
    }
}

impl<T: Section + Check> Field for T {
    fn zero() -> Self {
        T::zero_section()
    }

    fn type_name() -> String {
        T::TYPE.into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        // What stood here was the value of a file without the section.
        *self = T::default();
        decode_onto(self, node, decoder)
    }

    fn encode(&self) -> Yaml {
        let mut entries = Vec::new();
        self.encode_keys(&mut entries);
        Yaml::Mapping(entries)
    }

    fn is_zero(&self) -> bool {
        self.is_zero_section()
    }

    fn join_folder(&mut self, folder: &Path) {
        self.join_folder_section(folder);
    }
}

/// Decodes the entries of `node` over what `section` holds: keys that are left out keep their value.
///
/// # Errors
/// As [`Field::decode`].
pub(crate) fn decode_onto<T: Section + Check>(
    section: &mut T,
    node: &Node,
    decoder: &mut Decoder,
) -> Result<bool, Invalid> {
    let before = decoder.count();
    decode_entries(section, node, decoder)?;
    if decoder.count() > before {
        return Ok(false);
    }
    section.check(node, decoder)?;
    Ok(true)
}

/// Decodes the entries of `node` into `section`, without asking whether they fit together.
fn decode_entries<T: Section + Check>(
    section: &mut T,
    node: &Node,
    decoder: &mut Decoder,
) -> Result<(), Invalid> {
    let Some(entries) = node.mapping() else {
        decoder.wrong_type(node, T::TYPE);
        return Ok(());
    };
    let mut seen: HashMap<String, Position> = HashMap::new();
    for (key_node, value_node) in entries {
        decoder.step(value_node)?;
        if key_node.resolve() == Some(Resolved::Merge) {
            merge(value_node, decoder, |from, decoder| decode_entries(section, from, decoder))?;
            continue;
        }
        let mut key = String::new();
        if !key.decode(key_node, decoder)? {
            continue;
        }
        if let Some(first) = seen.insert(key.clone(), key_node.at) {
            decoder.doubled_key(key_node, &key, T::TYPE, first);
            continue;
        }
        let known =
            decoder.under(key.clone(), |decoder| match section.decode_key(&key, value_node, decoder)? {
                Some(_) => Ok(true),
                None => section.take_unknown(&key, value_node, decoder),
            })?;
        if !known && !decoder.ignore_unknown_keys {
            let problem = decoder.problem(key_node, format!("field {key} not found in type {}", T::TYPE));
            decoder.collect(problem.found(format!("`{key}`")).expected(suggest(&key, &T::keys())));
        }
    }
    Ok(())
}

/// What may have been meant by an unknown key.
fn suggest(key: &str, known: &[&'static str]) -> String {
    let nearest = known.iter().map(|k| (distance(key, k), *k)).min();
    match nearest {
        Some((steps, name)) if steps <= key.len().div_ceil(3) => format!("`{name}`"),
        _ => format!("one of {}", known.join(", ")),
    }
}

/// The number of characters to insert, remove or replace to make `b` of `a`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            left = (left + 1).min(above + 1).min(diagonal + usize::from(x != *y));
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// Defines a section: `field: Type = default => ["key"];`, where the brackets may say more than the key:
/// `["key", always]` prints the key also at its zero value, `["key", hidden]` never prints it, `["key", flow]` prints a
/// list on one line, and `[inline]` puts the keys of a section of its own into this one.
macro_rules! section {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident as $type_name:literal {
            $( $(#[$field_meta:meta])* $field:ident : $type:ty = $default:expr => [$($spec:tt)*]; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name {
            $( $(#[$field_meta])* $vis $field: $type, )*
        }

        impl Default for $name {
            fn default() -> Self {
                $name { $( $field: $default, )* }
            }
        }

        $crate::decode::section! {
            @impl $name as $type_name,
            $name { $( $field: $crate::decode::Field::zero(), )* },
            { $( $field: $type => [$($spec)*]; )* }
        }
    };

    (@impl $target:ty as $type_name:literal, $zero:expr, { $( $field:ident : $type:ty => [$($spec:tt)*]; )* }) => {
        impl $crate::decode::Section for $target {
            const TYPE: &'static str = $type_name;

            fn zero_section() -> Self {
                $zero
            }

            fn keys() -> Vec<&'static str> {
                let mut keys = Vec::new();
                $( $crate::decode::section!(@keys keys, $type, $($spec)*); )*
                keys
            }

            fn decode_key(
                &mut self,
                key: &str,
                node: &$crate::yaml::Node,
                decoder: &mut $crate::decode::Decoder,
            ) -> Result<Option<bool>, $crate::decode::Invalid> {
                $( $crate::decode::section!(@decode self.$field, key, node, decoder, $($spec)*); )*
                Ok(None)
            }

            fn encode_keys(&self, entries: &mut Vec<(String, $crate::yaml::Yaml)>) {
                $( $crate::decode::section!(@encode self.$field, entries, $($spec)*); )*
            }

            fn is_zero_section(&self) -> bool {
                true $( && $crate::decode::Field::is_zero(&self.$field) )*
            }

            fn join_folder_section(&mut self, folder: &std::path::Path) {
                $( $crate::decode::Field::join_folder(&mut self.$field, folder); )*
            }
        }
    };

    (@keys $keys:ident, $type:ty, inline) => { $keys.extend(<$type as $crate::decode::Section>::keys()); };
    (@keys $keys:ident, $type:ty, $key:literal $(, $flag:ident)*) => { $keys.extend([$key]); };

    // In a structure of another crate the section's type is named with it.
    (@keys $keys:ident, $unknown:ty, inline $type:ty) => {
        $keys.extend(<$type as $crate::decode::Section>::keys())
    };
    (@decode $self:ident . $field:ident, $key:ident, $node:ident, $decoder:ident, inline $type:ty) => {
        $crate::decode::section!(@decode $self.$field, $key, $node, $decoder, inline)
    };
    (@encode $self:ident . $field:ident, $entries:ident, inline $type:ty) => {
        $crate::decode::section!(@encode $self.$field, $entries, inline)
    };
    (@decode $self:ident . $field:ident, $key:ident, $node:ident, $decoder:ident, inline) => {
        if let Some(good) = $crate::decode::Section::decode_key(&mut $self.$field, $key, $node, $decoder)? {
            return Ok(Some(good));
        }
    };
    (@decode $self:ident . $field:ident, $key:ident, $node:ident, $decoder:ident, $name:literal $(, $flag:ident)*) => {
        if $key == $name {
            if $node.is_null() {
                $self.$field = $crate::decode::Field::zero();
                return Ok(Some(true));
            }
            return $crate::decode::Field::decode(&mut $self.$field, $node, $decoder).map(Some);
        }
    };

    (@encode $self:ident . $field:ident, $entries:ident, inline) => {
        $crate::decode::Section::encode_keys(&$self.$field, $entries);
    };
    (@encode $self:ident . $field:ident, $entries:ident, $key:literal) => {
        if !$crate::decode::Field::is_zero(&$self.$field) {
            $entries.push(($key.to_string(), $crate::decode::Field::encode(&$self.$field)));
        }
    };
    (@encode $self:ident . $field:ident, $entries:ident, $key:literal, always) => {
        $entries.push(($key.to_string(), $crate::decode::Field::encode(&$self.$field)));
    };
    (@encode $self:ident . $field:ident, $entries:ident, $key:literal, hidden) => {};
    (@encode $self:ident . $field:ident, $entries:ident, $key:literal, flow) => {
        if !$crate::decode::Field::is_zero(&$self.$field) {
            let items = $self.$field.iter().map($crate::decode::Field::encode).collect();
            $entries.push(($key.to_string(), $crate::yaml::Yaml::Flow(items)));
        }
    };
}

/// Makes a section of a structure that another crate owns, with its defaults: the keys of its fields, as in [`section!`].
macro_rules! keys {
    ($type:ty as $type_name:literal { $( $field:ident => [$($spec:tt)*]; )* }) => {
        $crate::decode::section! {
            @impl $type as $type_name,
            {
                let mut zero = <$type>::default();
                $( zero.$field = $crate::decode::Field::zero(); )*
                zero
            },
            { $( $field: () => [$($spec)*]; )* }
        }
    };
}

pub(crate) use keys;
pub(crate) use section;
