//! Fields are read as the encoding's documentation lays them out.

use super::{Fields, ProtoError, Value, split_varint, zigzag};

#[test]
fn the_examples_of_the_documentation() {
    let mut fields = Fields::new(b"\x08\x96\x01\x12\x07testing\x31\0\0\0\0\0\0\xf0\x3f\x3d\x01\0\0\0");
    assert_eq!(fields.next(), Ok(Some((1, Value::Varint(150)))));
    assert_eq!(fields.next(), Ok(Some((2, Value::Bytes(b"testing")))));
    assert_eq!(fields.next(), Ok(Some((6, Value::Fixed64(1f64.to_bits())))));
    assert_eq!(fields.next(), Ok(Some((7, Value::Fixed32(1)))));
    assert_eq!(fields.next(), Ok(None));
}

#[test]
fn zigzag_puts_the_sign_last() {
    assert_eq!([0, 1, 2, 3, u64::MAX - 1, u64::MAX].map(zigzag), [0, -1, 1, -2, i64::MAX, i64::MIN]);
}

#[test]
fn broken_fields_are_errors() {
    for (bytes, error) in [
        (&b"\x80"[..], ProtoError::Truncated),
        (b"\x12\x05abc", ProtoError::Truncated),
        (b"\x11\0\0", ProtoError::Truncated),
        (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", ProtoError::Truncated),
        (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", ProtoError::Overflow),
        (b"\x0b", ProtoError::Tag(11)),
        (b"\x00", ProtoError::Tag(0)),
    ] {
        assert_eq!(Fields::new(bytes).next(), Err(error), "{bytes:?}");
    }
    assert_eq!(split_varint(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), Ok((u64::MAX, &b""[..])));
}

#[test]
fn lists_come_packed_or_one_by_one() {
    let mut numbers = Vec::new();
    Value::Bytes(b"\x01\x96\x01").varints_into(1, |number| numbers.push(number)).unwrap();
    Value::Varint(7).varints_into(1, |number| numbers.push(number)).unwrap();
    assert_eq!(numbers, [1, 150, 7]);
    let mut floats = Vec::new();
    Value::Bytes(&1.5f64.to_le_bytes()).doubles_into(1, &mut floats).unwrap();
    assert_eq!(Value::Bytes(b"abc").doubles_into(1, &mut floats), Err(ProtoError::Truncated));
    assert_eq!(floats, [1.5]);
}

proptest::proptest! {
    #[test]
    fn numbers_of_any_length_come_back(number: u64, shift in 0..64_u32, behind: Vec<u8>) {
        let number = number >> shift;
        let mut bytes = Vec::new();
        let mut rest = number;
        while rest > 0x7F {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
        for cut in 0..bytes.len() {
            proptest::prop_assert_eq!(split_varint(&bytes[..cut]), Err(ProtoError::Truncated));
        }
        proptest::prop_assert_eq!(split_varint(&bytes), Ok((number, &b""[..])));
        bytes.extend_from_slice(&behind);
        proptest::prop_assert_eq!(split_varint(&bytes), Ok((number, &*behind)));
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let mut fields = Fields::new(&bytes);
        while let Ok(Some(_)) = fields.next() {}
    }
}
