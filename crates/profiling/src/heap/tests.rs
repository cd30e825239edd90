//! Profiles of what this program itself holds: the tests run over the sampled allocator.

use std::hint::black_box;
use std::thread;

use super::{SampledAllocator, Shown, profile, start};
use crate::pprof::tests::{Stack, read};
use crate::turn::tests::in_turn;

#[global_allocator]
static ALLOCATOR: SampledAllocator = SampledAllocator;

const MIB: i64 = 1 << 20;
/// Enough for 256 samples: the estimate is within a third of it, but for one run of ten million.
const HELD_BYTES: usize = 128 << 20;
const PIECE_BYTES: usize = 32 << 10;

#[inline(never)]
fn holds_much() -> Vec<Vec<u8>> {
    black_box((0..HELD_BYTES / PIECE_BYTES).map(|_| Vec::with_capacity(PIECE_BYTES)).collect())
}

/// What is so much larger than the distance of samples is one for certain.
#[inline(never)]
fn holds_one() -> Vec<u8> {
    black_box(Vec::with_capacity(HELD_BYTES))
}

#[inline(never)]
fn grows_much() -> Vec<u64> {
    let mut grown = Vec::new();
    while grown.len() * size_of::<u64>() < HELD_BYTES {
        grown.reserve_exact(PIECE_BYTES * 32);
        grown.resize(grown.capacity(), 1);
    }
    black_box(grown)
}

#[inline(never)]
fn holds_little() -> usize {
    black_box(vec![0_u8; 64]).len()
}

/// Bytes that were allocated and bytes that are held by calls of a function.
fn bytes_of(function: &str) -> (i64, i64) {
    bytes_where(|stack| stack.depth(function).is_some())
}

/// The same of all calls that are looked for.
fn bytes_where(is_looked_for: impl Fn(&Stack) -> bool) -> (i64, i64) {
    let (profile, stacks) = read(&profile(Shown::InUse).unwrap());
    let shown = &profile.string_table[profile.default_sample_type as usize];
    assert_eq!(shown, "inuse_space");
    let found = stacks.iter().filter(|stack| is_looked_for(stack));
    found.fold((0, 0), |sum, stack| (sum.0 + stack.numbers[1], sum.1 + stack.numbers[3]))
}

#[test]
fn who_holds_memory_is_named_until_it_is_freed() {
    let _turn = in_turn();
    start().unwrap();
    // A thread of its own: one that was there before looks later whether samples are taken.
    let held = thread::spawn(holds_much).join().unwrap();
    let (allocated, in_use) = bytes_of("holds_much");
    let about = 85 * MIB..171 * MIB;
    assert!(about.contains(&allocated), "{allocated}");
    assert!(about.contains(&in_use), "{in_use}");
    // Freed by another thread than the one that allocated.
    drop(held);
    let (still_allocated, in_use) = bytes_of("holds_much");
    assert_eq!((still_allocated, in_use), (allocated, 0));
}

#[test]
fn readers_are_told_to_leave_out_the_way_from_the_allocator_to_the_sample() {
    let _turn = in_turn();
    start().unwrap();
    let held = thread::spawn(holds_one).join().unwrap();
    let (profile, stacks) = read(&profile(Shown::InUse).unwrap());
    let left_out = &profile.string_table[profile.drop_frames as usize];
    let left_out = regex_automata::meta::Regex::new(&format!("^(?:{left_out})$")).unwrap();
    let of_function: Vec<_> =
        stacks.iter().filter_map(|stack| Some((stack, stack.depth("holds_one")?))).collect();
    assert!(!of_function.is_empty());
    for (stack, depth) in of_function {
        let last = stack.functions.iter().rposition(|function| left_out.is_match(function)).unwrap();
        assert!(last < depth, "{stack:?}");
        let shown = &stack.functions[last + 1..];
        assert!(!shown.iter().any(|function| function.contains("profiling::heap::allocator")), "{shown:?}");
    }
    drop(held);
}

#[test]
fn the_first_allocation_of_a_thread_is_no_sample_because_it_is_the_first() {
    let _turn = in_turn();
    start().unwrap();
    // What a thread's beginning allocates before its work, and what the threads here do; other tests work meanwhile.
    let of_beginnings = |stack: &Stack| {
        let begins =
            stack.depth("thread_start").is_some() && stack.depth("__rust_begin_short_backtrace").is_none();
        begins || stack.depth("holds_little").is_some()
    };
    let (before, _) = bytes_where(of_beginnings);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..200).map(|_| scope.spawn(holds_little)).collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 64));
    });
    // Together they allocate some hundred KiB: hardly ever more than a few samples, each of which stands for half a MiB.
    let (after, _) = bytes_where(of_beginnings);
    assert!(after - before < 16 * MIB, "{before} {after}");
}

#[test]
fn what_grows_is_held_once() {
    let _turn = in_turn();
    start().unwrap();
    let held = thread::spawn(grows_much).join().unwrap();
    let (allocated, in_use) = bytes_of("grows_much");
    // One piece of 128 MiB, which is a sample for certain.
    let bytes = (held.capacity() * size_of::<u64>()) as i64;
    assert!((bytes - MIB..bytes + MIB).contains(&in_use), "{in_use}");
    assert!(allocated > 4 * bytes, "{allocated}");
    drop(held);
    assert_eq!(bytes_of("grows_much").1, 0);
}
