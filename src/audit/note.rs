//! Checkpoints as text that is signed: a signed note (C2SP `signed-note`) that holds a checkpoint (C2SP `tlog-checkpoint`), so that
//! programs of others can verify it. The first line names the log, then come its size and its root. Pure.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::tree::Hash;

/// What a signed note says of a key's kind: Ed25519.
const ED25519_KIND: u8 = 1;

/// Before each signature: an em dash.
const SIGNATURE_MARK: &str = "\u{2014} ";

/// How far a log had come: that its first `size` events have this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log: who keeps it, and whose ledger it is.
    pub origin: String,
    /// How many events; they are those at the positions before it.
    pub size: u64,
    /// The root over their leaf hashes.
    pub root: Hash,
}

/// Why a text is no checkpoint of the log and key that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not the three lines, a blank one and signatures.
    #[error("this is no signed checkpoint; it was cut off or altered")]
    Malformed,
    /// None of the signatures is by the key.
    #[error("the checkpoint is not signed by this key")]
    OtherKey,
    /// The signature of the key does not fit the text.
    #[error("the signature does not fit the checkpoint; one of them was altered")]
    Signature,
    /// Not `name+hash+key`.
    #[error("this is no verifier key; it is written as name+hash+key")]
    BadKey,
}

/// The public key of a log, with which anybody can verify its checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    origin: String,
    public: [u8; 32],
}

impl VerifierKey {
    /// The key that verifies what `pair` signs for the log of this name.
    pub fn of(origin: &str, pair: &Ed25519KeyPair) -> Self {
        let mut public = [0; 32];
        // An Ed25519 public key has 32 bytes.
        public.copy_from_slice(pair.public_key().as_ref());
        Self { origin: origin.to_owned(), public }
    }

    /// The name of the log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The first bytes of a hash over name and key: by this signatures say whose they are.
    fn hash(&self) -> [u8; 4] {
        let digest = Sha256::new()
            .chain_update(&self.origin)
            .chain_update([b'\n', ED25519_KIND])
            .chain_update(self.public)
            .finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// The checkpoint in a note, if this key signed it.
    pub fn open(&self, note: &str) -> Result<Checkpoint, NoteError> {
        let (text, signatures) = parts(note)?;
        let checkpoint = Checkpoint::read(text)?;
        if checkpoint.origin != self.origin {
            return Err(NoteError::OtherKey);
        }
        let mut outcome = Err(NoteError::OtherKey);
        for line in signatures.lines() {
            let line = line.strip_prefix(SIGNATURE_MARK).ok_or(NoteError::Malformed)?;
            let (name, signature) = line.split_once(' ').ok_or(NoteError::Malformed)?;
            let signature = STANDARD.decode(signature).map_err(|_| NoteError::Malformed)?;
            let (hash, signature) = signature.split_first_chunk::<4>().ok_or(NoteError::Malformed)?;
            if name == self.origin && *hash == self.hash() {
                let key = UnparsedPublicKey::new(&ED25519, self.public);
                outcome = key.verify(text.as_bytes(), signature).map_err(|_| NoteError::Signature);
                break;
            }
        }
        outcome.map(|()| checkpoint)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[ED25519_KIND][..], &self.public].concat());
        write!(f, "{}+{}+{key}", self.origin, hex::encode(self.hash()))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        // A key in base64 may hold a plus sign itself, a name may not.
        let mut parts = text.trim().splitn(3, '+');
        let (Some(origin), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::BadKey);
        };
        let key = STANDARD.decode(key).map_err(|_| NoteError::BadKey)?;
        let public = match key.split_first() {
            Some((&ED25519_KIND, public)) => public.try_into().map_err(|_| NoteError::BadKey)?,
            _ => return Err(NoteError::BadKey),
        };
        let key = Self { origin: origin.to_owned(), public };
        if origin.is_empty() || hash != hex::encode(key.hash()) {
            return Err(NoteError::BadKey);
        }
        Ok(key)
    }
}

impl Checkpoint {
    /// What is signed.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// The note that says this, signed.
    pub fn sign(&self, pair: &Ed25519KeyPair) -> String {
        let text = self.text();
        let hash = VerifierKey::of(&self.origin, pair).hash();
        let signature = [&hash[..], pair.sign(text.as_bytes()).as_ref()].concat();
        format!("{text}\n{SIGNATURE_MARK}{} {}\n", self.origin, STANDARD.encode(signature))
    }

    /// What a note says, whoever signed it.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        parts(note).and_then(|(text, _)| Self::read(text))
    }

    fn read(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NoteError::Malformed);
        };
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| NoteError::Malformed)?,
            root: STANDARD
                .decode(root)
                .ok()
                .and_then(|root| root.try_into().ok())
                .ok_or(NoteError::Malformed)?,
        };
        // One form alone: no sign before the number, no further line.
        if checkpoint.text() == text && !origin.is_empty() {
            Ok(checkpoint)
        } else {
            Err(NoteError::Malformed)
        }
    }
}

/// The signed text of a note, with its last line break, and the lines of its signatures.
fn parts(note: &str) -> Result<(&str, &str), NoteError> {
    let end = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
    let (text, signatures) = note.split_at(end + 1);
    let signatures = signatures.strip_prefix('\n').filter(|lines| lines.ends_with('\n'));
    Ok((text, signatures.ok_or(NoteError::Malformed)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "ledger.example/tenants/7".to_owned(), size: 1234, root: [9; 32] }
    }

    #[test]
    fn what_was_signed_is_read_again_and_by_its_own_key_alone() {
        let note = checkpoint().sign(&pair(1));
        let key = VerifierKey::of("ledger.example/tenants/7", &pair(1));
        assert_eq!(key.open(&note), Ok(checkpoint()));
        assert_eq!(Checkpoint::parse(&note), Ok(checkpoint()));
        assert_eq!(
            VerifierKey::of("ledger.example/tenants/7", &pair(2)).open(&note),
            Err(NoteError::OtherKey)
        );
        assert_eq!(
            VerifierKey::of("ledger.example/tenants/8", &pair(1)).open(&note),
            Err(NoteError::OtherKey)
        );
    }

    #[test]
    fn no_letter_of_a_note_can_be_changed() {
        let note = checkpoint().sign(&pair(1));
        let key = VerifierKey::of("ledger.example/tenants/7", &pair(1));
        for (place, _) in note.char_indices() {
            let altered: String = note
                .char_indices()
                .map(|(at, c)| if at == place { if c == 'x' { 'y' } else { 'x' } } else { c })
                .collect();
            assert!(key.open(&altered).is_err(), "{altered}");
            assert!(key.open(&note[..place]).is_err(), "cut at {place}");
        }
        assert!(key.open(&note.replacen("1234", "+1234", 1)).is_err());
    }

    #[test]
    fn a_note_with_a_witness_signature_more_is_still_read() {
        let note = checkpoint().sign(&pair(1));
        let witness = "\u{2014} witness.example/w1 AAAAAAAA\n";
        let key = VerifierKey::of("ledger.example/tenants/7", &pair(1));
        assert_eq!(key.open(&format!("{note}{witness}")), Ok(checkpoint()));
    }

    #[test]
    fn a_verifier_key_is_written_as_name_hash_and_key() {
        let key = VerifierKey::of("ledger.example/tenants/7", &pair(1));
        assert_eq!(key.to_string().parse(), Ok(key.clone()));
        let text = key.to_string();
        for bad in [
            "",
            "a+b",
            "a+00000000+AQ==",
            &text.replacen("tenants/7", "tenants/8", 1),
            &text[..text.len() - 4],
        ] {
            assert_eq!(bad.parse::<VerifierKey>(), Err(NoteError::BadKey), "{bad}");
        }
    }

    /// The example key of Go's `golang.org/x/mod/sumdb/note`, which this form comes from.
    #[test]
    fn the_key_of_another_program_is_read() {
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key: VerifierKey = text.parse().unwrap();
        assert_eq!((key.origin(), key.to_string().as_str()), ("PeterNeumann", text));
    }
}
