//! The shape of a Merkle log (RFC 6962, 2.1): which nodes there are, how they are hashed, and its growing edge. Pure.
//!
//! Leaves are the `leaf_hash` of the events at positions 0, 1, 2, …, with the mark of a leaf already in them.

use sha2::{Digest as _, Sha256};

/// A SHA-256 hash: of a leaf, an inner node or a root.
pub type Hash = [u8; 32];

/// The hash of an inner node. The leading one keeps it apart from leaves, whose hash begins with a zero.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut digest = Sha256::new();
    digest.update([1]);
    digest.update(left);
    digest.update(right);
    digest.finalize().into()
}

/// The root of a log without events.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A complete subtree: 2^`level` leaves from the leaf `index` · 2^`level` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// Its height; 0 is a leaf.
    pub level: u32,
    /// Its number among the nodes of that height, from 0.
    pub index: u64,
}

/// Leaves that stand side by side, from `begin` up to `end` without it: a subtree of some log, complete or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub begin: u64,
    pub end: u64,
}

impl Range {
    /// The complete subtrees that the range is made of, the largest first. A subtree of a log begins at a multiple of the
    /// power of two that it does not exceed, so these are its peaks.
    pub fn peaks(self) -> Vec<Node> {
        let mut peaks = Vec::new();
        let mut begin = self.begin;
        while begin < self.end {
            let level = (self.end - begin).ilog2();
            peaks.push(Node { level, index: begin >> level });
            begin += 1 << level;
        }
        peaks
    }
}

/// The hash of what peaks stand side by side, the largest first.
pub(super) fn join(peaks: &[Hash]) -> Hash {
    let joined = peaks.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
    joined.unwrap_or_else(empty_root)
}

/// The right edge of a log: all that it takes to append to it, and to tell its root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The edge of a log of `size` leaves; `peaks` are the hashes of its complete subtrees, the largest first. None where that is
    /// not how many a log of that size has.
    pub fn of(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    pub fn root(&self) -> Hash {
        join(&self.peaks)
    }

    /// Appends a leaf. `completed` hears of each subtree that it completes, the leaf itself left out, the smallest first.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(Node, Hash)) {
        let mut hash = leaf;
        for level in 1..=self.size.trailing_ones() {
            // There is a peak for each bit of the size that is set.
            let left = self.peaks.pop().unwrap_or_else(empty_root);
            hash = node_hash(&left, &hash);
            completed(Node { level, index: self.size >> level }, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The leaves of the reference trees of Certificate Transparency.
    const REFERENCE: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    /// The roots of those trees, of one leaf and more.
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    /// The hash of a leaf of the reference.
    fn leaf(content: &[u8]) -> Hash {
        Sha256::digest([&[0], content].concat()).into()
    }

    /// Some leaves that differ.
    pub fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| leaf(&number.to_be_bytes())).collect()
    }

    /// The hash of leaves by the definition, without any edge.
    pub fn root_by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [one] => *one,
            many => {
                let half = many.len().next_power_of_two() / 2;
                let (left, right) = many.split_at(half);
                node_hash(&root_by_definition(left), &root_by_definition(right))
            }
        }
    }

    #[test]
    fn roots_are_those_of_the_reference() {
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root(), empty_root());
        for (content, root) in REFERENCE.iter().zip(ROOTS) {
            frontier.push(leaf(&hex::decode(content).unwrap()), |_, _| {});
            assert_eq!(hex::encode(frontier.root()), root);
        }
    }

    #[test]
    fn an_edge_tells_of_each_subtree_that_it_completes_and_can_be_taken_up_again() {
        let leaves = leaves(300);
        let mut frontier = Frontier::default();
        for (position, hash) in leaves.iter().enumerate() {
            let whole = Range { begin: 0, end: position as u64 };
            let peaks = whole.peaks().iter().map(|node| root_by_definition(part(&leaves, *node))).collect();
            assert_eq!(Frontier::of(position as u64, peaks), Some(frontier.clone()));
            frontier.push(*hash, |node, hash| {
                assert_eq!(hash, root_by_definition(part(&leaves, node)), "{node:?}");
            });
            assert_eq!(frontier.root(), root_by_definition(&leaves[..=position]));
        }
        assert_eq!(Frontier::of(5, vec![empty_root()]), None);
    }

    /// The leaves of a complete subtree.
    pub fn part(leaves: &[Hash], node: Node) -> &[Hash] {
        let begin = usize::try_from(node.index << node.level).unwrap();
        &leaves[begin..begin + (1 << node.level)]
    }
}
