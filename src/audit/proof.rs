//! Proofs over a Merkle log: that an event stands at its position (inclusion, RFC 6962, 2.1.1), and that a log is the beginning
//! of a larger one (consistency, 2.1.2). Which hashes prove it, and whether given hashes do (RFC 9162, 2.1.3.2 and 2.1.4.2). Pure.

use super::tree::{Hash, Range, empty_root, node_hash};

/// Why hashes prove nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The position or the smaller log is beyond the log.
    #[error("what is to be proved is beyond the end of the log")]
    Beyond,
    /// Too few hashes, or too many.
    #[error("the proof has not as many hashes as one of its place and size has")]
    Length,
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// The subtrees whose hashes prove that `position` is in a log of `size` leaves, the nearest first.
pub(super) fn inclusion(position: u64, size: u64) -> Option<Vec<Range>> {
    if position >= size {
        return None;
    }
    let mut beside = Vec::new();
    let mut within = Range { begin: 0, end: size };
    while within.end - within.begin > 1 {
        let middle = middle(within);
        if position < middle {
            beside.push(Range { begin: middle, ..within });
            within.end = middle;
        } else {
            beside.push(Range { end: middle, ..within });
            within.begin = middle;
        }
    }
    beside.reverse();
    Some(beside)
}

/// The subtrees whose hashes prove that a log of `first` leaves is the beginning of one of `second`, the nearest first. That an
/// empty log is, or a log of itself, needs no hash.
pub(super) fn consistency(first: u64, second: u64) -> Option<Vec<Range>> {
    if first > second {
        return None;
    }
    let mut needed = Vec::new();
    if first == 0 || first == second {
        return Some(needed);
    }
    let mut within = Range { begin: 0, end: second };
    while within.end != first {
        let middle = middle(within);
        if first <= middle {
            needed.push(Range { begin: middle, ..within });
            within.end = middle;
        } else {
            needed.push(Range { end: middle, ..within });
            within.begin = middle;
        }
    }
    // Whoever checks holds the smaller root, and needs no hash where that is this very subtree.
    if within.begin != 0 {
        needed.push(within);
    }
    needed.reverse();
    Some(needed)
}

/// Where a subtree of more than one leaf parts: after the largest power of two that is smaller than it.
const fn middle(within: Range) -> u64 {
    within.begin + (1 << (within.end - within.begin - 1).ilog2())
}

/// Whether `proof` shows that `leaf` stands at `position` in the log of `size` leaves that has this root.
pub fn verify_inclusion(
    leaf: &Hash,
    position: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if position >= size {
        return Err(ProofError::Beyond);
    }
    let mut walk = Walk { node: position, last: size - 1 };
    let mut hash = *leaf;
    for beside in proof {
        hash = match walk.step()? {
            Side::Left => node_hash(beside, &hash),
            Side::Right => node_hash(&hash, beside),
        };
    }
    walk.end()?;
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Whether `proof` shows that the log of `first` leaves with the first root is the beginning of the one of `second` leaves with
/// the second root.
pub fn verify_consistency(
    (first, first_root): (u64, &Hash),
    (second, second_root): (u64, &Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    if first > second {
        return Err(ProofError::Beyond);
    }
    if first == 0 || first == second {
        if !proof.is_empty() {
            return Err(ProofError::Length);
        }
        let expected = if first == second { *second_root } else { empty_root() };
        return if *first_root == expected { Ok(()) } else { Err(ProofError::Root) };
    }
    let mut walk = Walk { node: first - 1, last: second - 1 };
    walk.climb_while_right();
    // A first log that is a complete subtree of the second is its own beginning of the walk.
    let (begin, rest) = if first.is_power_of_two() {
        (first_root, proof)
    } else {
        proof.split_first().ok_or(ProofError::Length)?
    };
    let (mut of_first, mut of_second) = (*begin, *begin);
    for beside in rest {
        match walk.step()? {
            Side::Left => {
                of_first = node_hash(beside, &of_first);
                of_second = node_hash(beside, &of_second);
            }
            Side::Right => of_second = node_hash(&of_second, beside),
        }
    }
    walk.end()?;
    if of_first == *first_root && of_second == *second_root { Ok(()) } else { Err(ProofError::Root) }
}

/// On which side of a node its sibling stands.
enum Side {
    Left,
    Right,
}

/// A way from a leaf to the root: the number of the node at each height, and that of the last node there.
struct Walk {
    node: u64,
    last: u64,
}

impl Walk {
    /// Up to where the node is a left one: all below it lies within it.
    const fn climb_while_right(&mut self) {
        while self.node & 1 == 1 {
            self.climb();
        }
    }

    /// To the next node that has a sibling, and on which side that is.
    const fn step(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length);
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            // The last node of a height may have no sibling; then it is its own parent.
            while self.node & 1 == 0 && self.node != 0 {
                self.climb();
            }
            Side::Left
        } else {
            Side::Right
        };
        self.climb();
        Ok(side)
    }

    const fn climb(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }

    /// The root is reached.
    const fn end(&self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::Length) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tree::tests::{leaves, root_by_definition};
    use super::*;

    fn hashes(leaves: &[Hash], ranges: &[Range]) -> Vec<Hash> {
        let at = |place: u64| usize::try_from(place).unwrap();
        ranges.iter().map(|range| root_by_definition(&leaves[at(range.begin)..at(range.end)])).collect()
    }

    #[test]
    fn every_event_of_every_small_log_is_proved_and_nothing_else_is() {
        let all = leaves(40);
        for size in 1..=40_u64 {
            let root = root_by_definition(&all[..usize::try_from(size).unwrap()]);
            for position in 0..size {
                let proof = hashes(&all, &inclusion(position, size).unwrap());
                let leaf = all[usize::try_from(position).unwrap()];
                assert_eq!(verify_inclusion(&leaf, position, size, &proof, &root), Ok(()));
                for other in (0..size).filter(|other| *other != position) {
                    assert!(
                        verify_inclusion(&leaf, other, size, &proof, &root).is_err(),
                        "{position} {other} {size}"
                    );
                }
                assert!(verify_inclusion(&all[39], position, size, &proof, &root).is_err() || position == 39);
            }
            assert_eq!(inclusion(size, size), None);
        }
    }

    #[test]
    fn every_beginning_of_every_small_log_is_proved() {
        let all = leaves(40);
        let root = |size: u64| root_by_definition(&all[..usize::try_from(size).unwrap()]);
        for second in 0..=40_u64 {
            for first in 0..=second {
                let proof = hashes(&all, &consistency(first, second).unwrap());
                let verify = |one: &Hash, two: &Hash| verify_consistency((first, one), (second, two), &proof);
                assert_eq!(verify(&root(first), &root(second)), Ok(()), "{first} {second}");
                assert_eq!(
                    verify(&root(first), &[7; 32]).is_err(),
                    first != 0 || second == 0,
                    "{first} {second}"
                );
                assert!(verify(&[7; 32], &root(second)).is_err(), "{first} {second}");
            }
            assert_eq!(consistency(second + 1, second), None);
        }
    }

    proptest! {
        #[test]
        fn a_proof_that_was_altered_proves_nothing(
            size in 2_u64..500, seed in any::<u64>(), place in any::<usize>(), bit in 0_usize..256, cut in any::<bool>(),
        ) {
            let all = leaves(size);
            let root = root_by_definition(&all);
            let position = seed % size;
            let leaf = all[usize::try_from(position).unwrap()];
            let proof = hashes(&all, &inclusion(position, size).unwrap());
            prop_assert_eq!(verify_inclusion(&leaf, position, size, &proof, &root), Ok(()));
            let mut altered = proof.clone();
            if cut {
                altered.remove(place % proof.len());
            } else {
                altered[place % proof.len()][bit / 8] ^= 1 << (bit % 8);
            }
            prop_assert!(verify_inclusion(&leaf, position, size, &altered, &root).is_err());
            let first = 1 + position;
            let first_root = root_by_definition(&all[..usize::try_from(first).unwrap()]);
            let mut proof = hashes(&all, &consistency(first, size).unwrap());
            prop_assert_eq!(verify_consistency((first, &first_root), (size, &root), &proof), Ok(()));
            if !proof.is_empty() {
                let place = place % proof.len();
                proof[place][bit / 8] ^= 1 << (bit % 8);
                prop_assert!(verify_consistency((first, &first_root), (size, &root), &proof).is_err());
            }
        }
    }
}
