//! Names of labels and of structured metadata, and labels written as a text.

use std::borrow::Cow;

use model::quote::quote;

/// The name that a label or a key of structured metadata gets: letters, digits and underscores of ASCII. Everything
/// else becomes an underscore, and `key_` stands before a digit (and for no name at all).
pub fn metadata_name(name: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins_well = name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
    if begins_well && name.bytes().all(is_plain) {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 4);
    if !begins_well {
        out.push_str("key_");
    }
    out.extend(name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }));
    Cow::Owned(out)
}

/// Labels on their way into a text.
pub(crate) type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Appends `{a="b", c="d"}`, sorted; of equal names the last one stays.
pub(crate) fn push_pair_text(out: &mut String, pairs: &mut Pairs<'_>) {
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    out.push('{');
    let mut separator = "";
    for (position, (name, value)) in pairs.iter().enumerate() {
        if pairs.get(position + 1).is_some_and(|next| next.0 == *name) {
            continue;
        }
        out.push_str(separator);
        out.push_str(name);
        out.push('=');
        out.push_str(&quote(value));
        separator = ", ";
    }
    out.push('}');
}
