//! What the system tells of the program, and that it goes on.

use super::{code_of, give_back_program};

const MAPS: &str = "\
55d0c0000000-55d0c0100000 r--p 00000000 fe:00 4711                       /usr/bin/lapwing
55d0c0100000-55d0c1b4b000 r-xp 00100000 fe:00 4711                       /usr/bin/lapwing
55d0c1b4b000-55d0c1c00000 rw-p 01b4b000 fe:00 4711                       /usr/bin/lapwing
7f0000000000-7f0000100000 r-xp 00000000 fe:00 815                        /usr/lib/libc.so.6
7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                          [vdso]
no addresses here
";

#[test]
fn only_the_code_of_the_program_is_given_back() {
    let mut found = code_of(MAPS, 4711);
    assert_eq!(found.next(), Some(0x55d0_c010_0000..0x55d0_c1b4_b000));
    assert_eq!(found.next(), None);
}

#[test]
fn the_program_goes_on_without_it() {
    give_back_program();
    assert_eq!(code_of(MAPS, 815).count(), 1);
}
