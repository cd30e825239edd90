//! Files and folders in memory, each with what is visible now and what a machine crash would leave.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path};
use std::time::{Duration, SystemTime};

use rustix::io::Errno;

/// Index of a file or folder in [`Tree::nodes`].
pub(super) type NodeId = usize;

/// What stands on the simulated disk. Nodes are never freed: a removal may be undone by a crash.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Changes of folders that no sync has made durable yet, oldest first.
    pub(super) pending: Vec<Change>,
    /// Bytes in files that have a name.
    pub(super) used: u64,
    pub(super) capacity: Option<u64>,
    ticks: u64,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    File(File),
    Folder(Folder),
}

#[derive(Debug, Clone, Default)]
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    pub(super) durable: Durable,
    pub(super) links: usize,
    pub(super) modified: u64,
    pub(super) locked: bool,
}

/// The content that a sync has made safe.
#[derive(Debug, Clone)]
pub(super) enum Durable {
    /// The first so many bytes of the present content.
    Prefix(usize),
    /// Another content: the file was cut below what was synced. The second field is how much of the present
    /// content is certain should the cut have reached the disk.
    Before(Vec<u8>, usize),
}

impl Default for Durable {
    fn default() -> Self {
        Self::Prefix(0)
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Folder {
    pub(super) names: BTreeMap<String, NodeId>,
    pub(super) durable: BTreeMap<String, NodeId>,
}

/// An atomic change of one or more names: all of it reaches the disk or none.
#[derive(Debug, Clone)]
pub(super) struct Change(pub(super) Vec<NameChange>);

#[derive(Debug, Clone)]
pub(super) struct NameChange {
    pub(super) folder: NodeId,
    pub(super) name: String,
    /// What the name means afterwards.
    pub(super) node: Option<NodeId>,
}

pub(super) const ROOT: NodeId = 0;

impl Tree {
    pub(super) fn new() -> Self {
        let root = Node::Folder(Folder::default());
        Self { nodes: vec![root], pending: Vec::new(), used: 0, capacity: None, ticks: 0 }
    }

    /// A time stamp later than all before; the simulated disk has no clock of its own.
    pub(super) fn tick(&mut self) -> u64 {
        self.ticks += 1;
        self.ticks
    }

    pub(super) fn time_of(tick: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(tick)
    }

    pub(super) fn find(&self, path: &Path) -> io::Result<NodeId> {
        let mut at = ROOT;
        for name in names_of(path)? {
            at = *self.folder(at)?.names.get(&name).ok_or(Errno::NOENT)?;
        }
        Ok(at)
    }

    /// The folder that holds (or would hold) the last name of `path`, and that name.
    pub(super) fn place_of(&self, path: &Path) -> io::Result<(NodeId, String)> {
        let mut names = names_of(path)?;
        let name = names.pop().ok_or(Errno::BUSY)?;
        let mut at = ROOT;
        for folder in names {
            at = *self.folder(at)?.names.get(&folder).ok_or(Errno::NOENT)?;
        }
        self.folder(at)?;
        Ok((at, name))
    }

    pub(super) fn folder(&self, id: NodeId) -> io::Result<&Folder> {
        match self.nodes.get(id) {
            Some(Node::Folder(folder)) => Ok(folder),
            _ => Err(Errno::NOTDIR.into()),
        }
    }

    pub(super) fn file(&self, id: NodeId) -> io::Result<&File> {
        match self.nodes.get(id) {
            Some(Node::File(file)) => Ok(file),
            _ => Err(Errno::ISDIR.into()),
        }
    }

    pub(super) fn file_mut(&mut self, id: NodeId) -> io::Result<&mut File> {
        match self.nodes.get_mut(id) {
            Some(Node::File(file)) => Ok(file),
            _ => Err(Errno::ISDIR.into()),
        }
    }

    pub(super) fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Changes names as they are seen now, and notes the change for the next sync of the folders.
    pub(super) fn change(&mut self, changes: Vec<NameChange>) -> io::Result<()> {
        for NameChange { folder, name, node } in &changes {
            let Some(Node::Folder(folder)) = self.nodes.get_mut(*folder) else {
                return Err(Errno::NOTDIR.into());
            };
            let before = match node {
                Some(node) => folder.names.insert(name.clone(), *node),
                None => folder.names.remove(name),
            };
            self.count_link(*node, true);
            self.count_link(before, false);
        }
        self.pending.push(Change(changes));
        Ok(())
    }

    fn count_link(&mut self, node: Option<NodeId>, added: bool) {
        let Some(Node::File(file)) = node.and_then(|node| self.nodes.get_mut(node)) else { return };
        let len = file.bytes.len() as u64;
        if added {
            file.links += 1;
            self.used += if file.links == 1 { len } else { 0 };
        } else {
            file.links -= 1;
            self.used -= if file.links == 0 { len } else { 0 };
        }
    }

    /// Appends what fits on the disk and says how much that was.
    pub(super) fn append(&mut self, id: NodeId, bytes: &[u8]) -> io::Result<usize> {
        let room = self.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(self.used));
        let written = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        let tick = self.tick();
        let file = self.file_mut(id)?;
        file.bytes.extend_from_slice(bytes.get(..written).unwrap_or_default());
        file.modified = tick;
        if file.links > 0 {
            self.used += written as u64;
        }
        Ok(written)
    }

    pub(super) fn truncate(&mut self, id: NodeId, len: usize) -> io::Result<()> {
        let tick = self.tick();
        let file = self.file_mut(id)?;
        let before = file.bytes.len();
        file.durable = match std::mem::take(&mut file.durable) {
            Durable::Prefix(synced) if synced <= len => Durable::Prefix(synced),
            Durable::Prefix(synced) => {
                Durable::Before(file.bytes.get(..synced).unwrap_or_default().to_vec(), len)
            }
            Durable::Before(content, certain) => Durable::Before(content, certain.min(len)),
        };
        file.bytes.resize(len, 0);
        file.modified = tick;
        if file.links > 0 {
            self.used = self.used + len as u64 - before as u64;
        }
        Ok(())
    }

    pub(super) fn sync(&mut self, id: NodeId) -> io::Result<()> {
        let file = self.file_mut(id)?;
        file.durable = Durable::Prefix(file.bytes.len());
        Ok(())
    }

    pub(super) fn sync_folder(&mut self, id: NodeId) -> io::Result<()> {
        let names = self.folder(id)?.names.clone();
        if let Some(Node::Folder(folder)) = self.nodes.get_mut(id) {
            folder.durable = names;
        }
        for Change(parts) in &mut self.pending {
            parts.retain(|part| part.folder != id);
        }
        self.pending.retain(|Change(parts)| !parts.is_empty());
        Ok(())
    }
}

fn names_of(path: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name.to_str().ok_or(Errno::INVAL)?.to_owned()),
            Component::ParentDir => {
                names.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    Ok(names)
}
