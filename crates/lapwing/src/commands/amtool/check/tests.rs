//! Configurations from pipes are read whole or not at all.

use super::*;

#[test]
fn a_text_that_is_too_long_is_refused_and_not_cut() {
    let text = |bytes: u64| read_whole(std::io::repeat(b'#').take(bytes));
    assert_eq!(text(CONFIG_BYTES_MAX).unwrap().len() as u64, CONFIG_BYTES_MAX);
    let error = text(CONFIG_BYTES_MAX + 1).unwrap_err().to_string();
    assert_eq!(error, "a configuration has at most 16777216 bytes, this one has more");
}
