//! A document's bytes. Upstream is said to send base64 in a JSON string, which nobody has shown: quoted or bare, base64
//! or raw are all taken, and what it really is shows in its first bytes, not in what upstream calls it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::calls::{Call, MintsoftAccount, unlike};
use super::reads::answer;
use super::{Answer, UpstreamError};

/// What a document is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// A PDF file.
    Pdf,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A GIF picture.
    Gif,
    /// A ZIP archive, as modern office files are.
    Zip,
    /// Label printer language.
    Zpl,
    /// Anything else: offer it as a download, never show it.
    Unknown,
}

impl DocumentKind {
    /// Tells the kind from the first bytes.
    pub fn of(bytes: &[u8]) -> Self {
        const SIGNS: [(&[u8], DocumentKind); 6] = [
            (b"%PDF", DocumentKind::Pdf),
            (b"\x89PNG\r\n\x1a\n", DocumentKind::Png),
            (b"\xff\xd8\xff", DocumentKind::Jpeg),
            (b"GIF8", DocumentKind::Gif),
            (b"PK\x03\x04", DocumentKind::Zip),
            (b"^XA", DocumentKind::Zpl),
        ];
        let bytes = bytes.trim_ascii_start();
        SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign)).map_or(Self::Unknown, |(_, kind)| *kind)
    }

    /// The media type to serve it as.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Zip => "application/zip",
            Self::Zpl => "text/plain",
            Self::Unknown => "application/octet-stream",
        }
    }
}

/// A document's bytes and what they are.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentData {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What they are.
    pub kind: DocumentKind,
}

impl fmt::Debug for DocumentData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentData({:?}, {} bytes)", self.kind, self.bytes.len())
    }
}

impl MintsoftAccount {
    /// The bytes of one document of the order.
    pub async fn document_data(&self, id: i64, document: i64) -> Result<Answer<DocumentData>, UpstreamError> {
        let call = Call::read(&format!("Order/{id}/Documents/{document}/Data"));
        let reply = self.call(&call).await?;
        let data = unwrapped(&reply.body).ok_or_else(|| unlike(&reply.body, "a document was due"))?;
        Ok(answer(&reply, data))
    }
}

/// Takes the quotes and the base64 off; none when nothing is left, or a web page.
fn unwrapped(body: &[u8]) -> Option<DocumentData> {
    let text = body.trim_ascii();
    let quoted = text.starts_with(b"\"").then(|| serde_json::from_slice::<String>(text).ok()).flatten();
    let inner = quoted.as_deref().map_or(text, str::as_bytes);
    let kind = DocumentKind::of(inner);
    if inner.is_empty() || inner == b"null" || inner.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    if kind != DocumentKind::Unknown {
        return Some(DocumentData { bytes: inner.to_vec(), kind });
    }
    let plain = inner.strip_prefix(b"data:").and_then(|rest| rest.splitn(2, |byte| *byte == b',').nth(1));
    let packed: Vec<u8> =
        plain.unwrap_or(inner).iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(&packed).unwrap_or_else(|_| inner.to_vec());
    let kind = DocumentKind::of(&bytes);
    Some(DocumentData { bytes, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_found_quoted_or_bare_packed_or_raw() {
        let packed = STANDARD.encode(b"%PDF-1.4 label");
        let wrapped = format!("\"{}\\r\\n{}\"", &packed[..8], &packed[8..]);
        let url = format!("\"data:application/pdf;base64,{packed}\"");
        for body in [format!("\"{packed}\""), packed.clone(), wrapped, url, "%PDF-1.4 label".to_owned()] {
            let data = unwrapped(body.as_bytes()).expect("a document");
            assert_eq!(
                (data.kind, data.bytes.as_slice()),
                (DocumentKind::Pdf, b"%PDF-1.4 label".as_slice()),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_neither_stays_as_it_came_and_is_called_unknown() {
        let data = unwrapped(b"\"no base64 at all!\"").expect("bytes");
        assert_eq!(
            (data.kind, data.bytes.as_slice()),
            (DocumentKind::Unknown, b"no base64 at all!".as_slice())
        );
        assert_eq!(data.kind.media_type(), "application/octet-stream");
    }

    #[test]
    fn nothing_and_a_web_page_are_no_documents() {
        for body in ["", " ", "\"\"", "null", "<html>", "\"<html>\""] {
            assert_eq!(unwrapped(body.as_bytes()), None, "{body}");
        }
    }
}
