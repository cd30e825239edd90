//! What is not UTF-8 is replaced as there is room for it.

use http::StatusCode;

use super::*;

fn replaced(held: usize, bytes: &[u8]) -> Result<Option<String>, StatusCode> {
    let mut share = Room::new().share(0);
    let text = CopyRoom { share: &mut share, held }.replaced(bytes).map_err(|refusal| refusal.status)?;
    Ok(text.map(Cow::into_owned))
}

#[test]
fn a_copy_has_its_room_beside_the_body() {
    const MIB: usize = 1 << 20;
    assert_eq!(replaced(0, b"a\xffb\xe6\x97").unwrap().unwrap(), "a\u{fffd}b\u{fffd}");
    // All memory for large bodies is 224 MiB, and each byte becomes three.
    let bytes = vec![0xff; MIB];
    let len_beside = |held| replaced(held, &bytes).map(|text| text.map(|text| text.len()));
    assert_eq!(len_beside(220 * MIB), Ok(Some(3 * MIB)));
    assert_eq!(len_beside(221 * MIB), Err(StatusCode::PAYLOAD_TOO_LARGE));
    // What is UTF-8 has no copy.
    assert_eq!(replaced(224 * MIB, &vec![b'a'; MIB]), Ok(None));
}
