//! References to variables of the environment in external labels: `$NAME`, `${NAME}`, `$$`.

/// Replaces references by the values of `variable`; `missing` hears of those that are empty or not set.
pub(super) fn expand(
    text: &str,
    variable: &dyn Fn(&str) -> Option<String>,
    mut missing: impl FnMut(&str),
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        if after.is_empty() {
            break;
        }
        out.push_str(before);
        let (name, length) = name_of(after);
        rest = after.get(length..).unwrap_or_default();
        match name {
            // What is no reference keeps its dollar; what begins as one and is malformed vanishes.
            "" if length == 0 => out.push('$'),
            "" => {}
            "$" => out.push('$'),
            name => match variable(name).filter(|value| !value.is_empty()) {
                Some(value) => out.push_str(&value),
                None => missing(name),
            },
        }
    }
    out.push_str(rest);
    out
}

/// The name at the front of what follows a dollar, and how many bytes the reference takes.
fn name_of(text: &str) -> (&str, usize) {
    if let Some(inside) = text.strip_prefix('{') {
        return match inside.find('}') {
            None => ("", 1),
            Some(0) => ("", 2),
            Some(end) => (inside.get(..end).unwrap_or_default(), end + 2),
        };
    }
    match text.bytes().next() {
        Some(c) if b"*#$@!?-0123456789".contains(&c) => (text.get(..1).unwrap_or_default(), 1),
        _ => {
            let length = text.bytes().take_while(|c| c.is_ascii_alphanumeric() || *c == b'_').count();
            (text.get(..length).unwrap_or_default(), length)
        }
    }
}
