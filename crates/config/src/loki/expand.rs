//! References to variables of the environment: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`.

/// Variables of the environment by name.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// Replaces references by the values of `variable`; one that is not set is empty, and `$$` is a dollar.
///
/// # Errors
/// The message of a variable that must be set and is not.
pub fn expand_env(text: &str, variable: Environment<'_>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some(inside) = after.strip_prefix('{') {
            let Some((reference, after)) = inside.split_once('}') else {
                return Err("missing closing brace".to_owned());
            };
            out.push_str(&value(reference, variable)?);
            rest = after;
        } else {
            let len = after.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            let (name, after) = after.split_at_checked(len).unwrap_or((after, ""));
            match name.bytes().next() {
                None => out.push('$'),
                // Captures of regular expressions in `replacement` are no variables.
                Some(first) if first.is_ascii_digit() => {
                    out.push('$');
                    out.push_str(name);
                }
                Some(_) => out.push_str(&variable(name).unwrap_or_default()),
            }
            rest = after;
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// What stands for the inside of `${…}`.
fn value(reference: &str, variable: Environment<'_>) -> Result<String, String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some((name, message)) = reference.split_once(":?") {
        return set(name).ok_or_else(|| format!("{name}: {message}"));
    }
    for separator in [":-", ":=", ":"] {
        if let Some((name, default)) = reference.split_once(separator) {
            return Ok(set(name).unwrap_or_else(|| default.to_owned()));
        }
    }
    if reference.bytes().next().is_some_and(|first| first.is_ascii_digit()) {
        return Ok(format!("${{{reference}}}"));
    }
    Ok(variable(reference).unwrap_or_default())
}
