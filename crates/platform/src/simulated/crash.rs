//! What a crash leaves: all that was synced, and a random part of the rest.

use std::collections::BTreeMap;

use super::Random;
use super::tree::{Change, Durable, File, Folder, NameChange, Node, NodeId, ROOT, Tree};

/// Unsynced bytes reach the disk, or stay zero, in units of this size.
const SECTOR: usize = 512;

/// A tree as the process left it: everything written is there, synced or not.
pub(super) fn process_image(tree: &Tree) -> Tree {
    let names = |id| match tree.nodes.get(id) {
        Some(Node::Folder(folder)) => folder.names.clone(),
        _ => BTreeMap::new(),
    };
    copy(tree, names, |file| file.bytes.clone())
}

/// A tree as a machine crash may have left it.
pub(super) fn machine_image(tree: &Tree, seed: u64) -> Tree {
    let mut random = Random::new(seed);
    let mut folders: Vec<BTreeMap<String, NodeId>> = tree
        .nodes
        .iter()
        .map(|node| match node {
            Node::Folder(folder) => folder.durable.clone(),
            Node::File(_) => BTreeMap::new(),
        })
        .collect();
    for Change(parts) in surviving(&tree.pending, &mut random) {
        for NameChange { folder, name, node } in parts {
            let Some(names) = folders.get_mut(*folder) else { continue };
            match node {
                Some(node) => names.insert(name.clone(), *node),
                None => names.remove(name),
            };
        }
    }
    let names = |id: NodeId| folders.get(id).cloned().unwrap_or_default();
    copy(tree, names, |file| surviving_bytes(file, &mut random))
}

/// Some disks write folder changes in order (a journal), others as they like.
fn surviving<'a>(pending: &'a [Change], random: &mut Random) -> Vec<&'a Change> {
    if random.chance(1, 2) {
        let kept = random.below(pending.len() as u64 + 1) as usize;
        pending.iter().take(kept).collect()
    } else {
        let of = 1 + random.below(4);
        pending.iter().filter(|_| !random.chance(1, of + 1)).collect()
    }
}

fn surviving_bytes(file: &File, random: &mut Random) -> Vec<u8> {
    let certain = match &file.durable {
        Durable::Before(content, _) if random.chance(1, 2) => return content.clone(),
        Durable::Before(_, certain) | Durable::Prefix(certain) => *certain,
    };
    let uncertain = file.bytes.len().saturating_sub(certain);
    let kept = match random.below(4) {
        0 => 0,
        1 => uncertain,
        _ => random.below(uncertain as u64 + 1) as usize,
    };
    let mut bytes = file.bytes.get(..certain + kept).unwrap_or_default().to_vec();
    // The length may have reached the disk before the bytes did.
    if random.chance(1, 3) {
        let first = certain.next_multiple_of(SECTOR).min(bytes.len());
        for sector in bytes.get_mut(first..).unwrap_or_default().chunks_mut(SECTOR) {
            if random.chance(1, 4) {
                sector.fill(0);
            }
        }
    }
    bytes
}

/// Copies what can be reached from the root; all of the copy counts as synced, no lock is held.
fn copy(
    tree: &Tree,
    names: impl Fn(NodeId) -> BTreeMap<String, NodeId>,
    mut content: impl FnMut(&File) -> Vec<u8>,
) -> Tree {
    let mut image = Tree::new();
    image.capacity = tree.capacity;
    // A file with two names stays one file.
    let mut copied: BTreeMap<NodeId, NodeId> = BTreeMap::from([(ROOT, ROOT)]);
    let mut waiting = vec![ROOT];
    while let Some(id) = waiting.pop() {
        let mut here = BTreeMap::new();
        for (name, child) in names(id) {
            let new = match (copied.get(&child), tree.nodes.get(child)) {
                (Some(new), _) => *new,
                (None, None) => continue,
                (None, Some(Node::Folder(_))) => {
                    waiting.push(child);
                    image.add(Node::Folder(Folder::default()))
                }
                (None, Some(Node::File(file))) => {
                    let bytes = content(file);
                    image.used += bytes.len() as u64;
                    let durable = Durable::Prefix(bytes.len());
                    let modified = image.tick();
                    image.add(Node::File(File { bytes, durable, links: 0, modified, locked: false }))
                }
            };
            copied.insert(child, new);
            if let Some(Node::File(file)) = image.nodes.get_mut(new) {
                file.links += 1;
            }
            here.insert(name, new);
        }
        let at = copied.get(&id).copied().unwrap_or(ROOT);
        if let Some(Node::Folder(folder)) = image.nodes.get_mut(at) {
            *folder = Folder { names: here.clone(), durable: here };
        }
    }
    image
}
