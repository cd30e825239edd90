//! Tests of the logs of several tenants.

use storage::logs::{BlockHeader, BlockSet, Columns, EntryColumns, Needle};

use super::*;

/// Blocks of one stream that begin at these times and are stored together by these numbers.
struct Stored {
    streams: Vec<Labels>,
    blocks: Vec<BlockHeader>,
    neighbours: Vec<u32>,
}

impl Stored {
    fn boxed(starts: &[i64], neighbours: &[u32]) -> Box<dyn BlockSet> {
        let header = |start: &i64| BlockHeader {
            stream: 0,
            start: *start,
            end: *start,
            rows: 1,
            line_bytes: 1,
            metadata_bytes: 0,
            stored_bytes: 1,
            exact: true,
        };
        Box::new(Self {
            streams: vec![Labels::from_pairs([("job", "a")])],
            blocks: starts.iter().map(header).collect(),
            neighbours: neighbours.to_vec(),
        })
    }
}

impl BlockSet for Stored {
    fn streams(&self) -> &[Labels] {
        &self.streams
    }

    fn blocks(&self) -> &[BlockHeader] {
        &self.blocks
    }

    fn neighbours(&self) -> &[u32] {
        &self.neighbours
    }

    fn left_out(&self) -> usize {
        3
    }

    fn rows_among_neighbours(&self, block: usize) -> Option<Range<usize>> {
        (!self.neighbours.is_empty()).then_some(block..block + 1)
    }

    fn read_neighbours(&self, block: usize, _: &Columns, out: &mut EntryColumns) -> Result<()> {
        out.rows = self.blocks.len() * 10 + block;
        Ok(())
    }

    fn excludes(&self, _: usize, _: &[Vec<Needle>]) -> bool {
        false
    }

    fn read(&self, _: usize, _: &Columns, _: &mut EntryColumns) -> Result<()> {
        Ok(())
    }
}

#[test]
fn what_a_tenant_stores_together_stays_together() {
    let parts = vec![
        ("a", Stored::boxed(&[0, 10, 20], &[1, 0, 1])),
        ("b", Stored::boxed(&[5, 15], &[])),
        ("c", Stored::boxed(&[7, 8], &[0, 0])),
    ];
    let joined = TenantBlocks::new(parts);
    let starts: Vec<i64> = joined.blocks().iter().map(|block| block.start).collect();
    assert_eq!(starts, [0, 10, 20, 5, 15, 7, 8]);
    assert_eq!(joined.neighbours().len(), 7);
    let together = |one: usize, other: usize| joined.neighbours()[one] == joined.neighbours()[other];
    for one in 0..7 {
        for other in 0..7 {
            let expected = one == other || [(0, 2), (2, 0), (5, 6), (6, 5)].contains(&(one, other));
            assert_eq!(together(one, other), expected, "{one} {other}");
        }
    }
    assert_eq!(joined.left_out(), 9);
    assert_eq!(joined.rows_among_neighbours(6), Some(1..2));
    assert_eq!(joined.rows_among_neighbours(3), None);
    let mut out = EntryColumns::default();
    joined.read_neighbours(2, &Columns::ALL, &mut out).unwrap();
    assert_eq!(out.rows, 32);
}
