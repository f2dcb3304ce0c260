//! The keys that the provider signs with, made when it starts.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::Value;

use crate::clock;
use crate::sandbox::error::SandboxError;

/// How tokens are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SigningMethod {
    /// RSA of 2048 bits with SHA-256.
    #[default]
    Rs256,
    /// The curve P-256 with SHA-256.
    Es256,
}

/// A key, with the name that tokens give it.
pub struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    private: EncodingKey,
    published: Jwk,
}

impl SigningKey {
    pub fn generate(method: SigningMethod) -> Result<Self, SandboxError> {
        Self::made(method).ok_or(SandboxError::SigningKey)
    }

    fn made(method: SigningMethod) -> Option<Self> {
        let (algorithm, private) = match method {
            SigningMethod::Rs256 => {
                let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
                let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
                (Algorithm::RS256, EncodingKey::from_rsa_pem(pem(der.as_ref()).as_bytes()).ok()?)
            }
            SigningMethod::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
                let der = pair.to_pkcs8v1().ok()?;
                (Algorithm::ES256, EncodingKey::from_ec_der(der.as_ref()))
            }
        };
        let kid = format!("sandbox-{}", hex::encode(clock::random_bytes::<6>()));
        let mut published = Jwk::from_encoding_key(&private, algorithm).ok()?;
        published.common.key_id = Some(kid.clone());
        published.common.public_key_use = Some(PublicKeyUse::Signature);
        Some(Self { kid, algorithm, private, published })
    }

    /// As it stands in the published set.
    pub const fn published(&self) -> &Jwk {
        &self.published
    }

    /// A signed token of these claims.
    pub fn sign(&self, claims: &Value) -> Result<String, SandboxError> {
        let mut head = Header::new(self.algorithm);
        head.kid = Some(self.kid.clone());
        encode(&head, claims, &self.private).map_err(|_| SandboxError::SigningKey)
    }
}

/// PKCS#8 in the form that the signer reads.
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|letter| char::from(*letter)));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}
