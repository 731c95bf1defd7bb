//! A body that has to be known before the handler sees it: read whole, digested on the way, and given on. What is small
//! stays in memory; the rest lies in a file without a name meanwhile.

use std::io::SeekFrom;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use http::StatusCode;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;

use crate::kit::Error;
use crate::kit::db::bug;
use crate::kit::rest::{Problem, refusal};

/// Bytes that stay in memory.
const IN_MEMORY: usize = 1024 * 1024;
/// Bytes read from the file at once.
const PART: usize = 64 * 1024;

/// Reads a body of up to `limit` bytes; gives the same again, and the digest of it in hexadecimal digits.
pub async fn spool(body: Body, limit: u64, mut digester: Digester) -> Result<(Body, String), Response> {
    let mut parts = body.into_data_stream();
    let (mut size, mut head, mut file) = (0u64, Vec::new(), None::<File>);
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| Problem(Error::field("", "did not arrive whole; send it again")).into_response())?;
        size += part.len() as u64;
        if size > limit {
            return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, "Body too large", "The body of this call is larger than it takes."));
        }
        digester.update(&part);
        if file.is_none() && head.len() + part.len() > IN_MEMORY {
            file = Some(begun(&head).await.map_err(failed)?);
            head = Vec::new();
        }
        match &mut file {
            Some(file) => file.write_all(&part).await.map_err(failed)?,
            None => head.extend_from_slice(&part),
        }
    }
    let body = match file {
        Some(file) => Body::from_stream(ReaderStream::with_capacity(rewound(file).await.map_err(failed)?, PART)),
        None => Body::from(head),
    };
    Ok((body, digester.finish()))
}

fn failed(error: std::io::Error) -> Response {
    Problem(bug(error)).into_response()
}

async fn begun(head: &[u8]) -> std::io::Result<File> {
    let file = tokio::task::spawn_blocking(tempfile::tempfile).await.map_err(std::io::Error::other)??;
    let mut file = File::from_std(file);
    file.write_all(head).await?;
    Ok(file)
}

async fn rewound(mut file: File) -> std::io::Result<File> {
    file.flush().await?;
    file.seek(SeekFrom::Start(0)).await?;
    Ok(file)
}

/// A digest of all but a text.
pub struct Digester {
    hash: Sha256,
    /// May be empty.
    without: Vec<u8>,
    /// What may be the beginning of the text.
    held: Vec<u8>,
}

impl Digester {
    /// Goes on from `hash`.
    pub fn new(hash: Sha256, without: &str) -> Self {
        Self { hash, without: without.as_bytes().to_vec(), held: Vec::new() }
    }

    pub fn update(&mut self, part: &[u8]) {
        if self.without.is_empty() {
            return self.hash.update(part);
        }
        self.held.extend_from_slice(part);
        let (mut from, length) = (0, self.without.len());
        while let Some(at) = self.held[from..].windows(length).position(|window| window == self.without) {
            self.hash.update(&self.held[from..from + at]);
            from += at + length;
        }
        let until = from.max((self.held.len() + 1).saturating_sub(length));
        self.hash.update(&self.held[from..until]);
        self.held.drain(..until);
    }

    pub fn finish(mut self) -> String {
        self.hash.update(&self.held);
        self.hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(parts: &[&str], without: &str) -> String {
        let mut digester = Digester::new(Sha256::new(), without);
        parts.iter().for_each(|part| digester.update(part.as_bytes()));
        digester.finish()
    }

    #[test]
    fn a_boundary_does_not_count_however_the_parts_fall() {
        let whole = digest(&["--one\r\na,b\r\n--one--"], "one");
        assert_eq!(digest(&["--tw", "o\r\na,b\r\n--t", "w", "o--"], "two"), whole);
        assert_ne!(digest(&["--one\r\na,c\r\n--one--"], "one"), whole);
        assert_eq!(digest(&["on", "ly"], ""), digest(&["only"], ""));
    }

    #[tokio::test]
    async fn a_large_body_comes_back_as_it_was() {
        let bytes: Vec<u8> = (0..3 * IN_MEMORY).map(|n| (n % 251) as u8).collect();
        for size in [0, 10, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY] {
            let parts = bytes[..size].chunks(PART).map(|part| Ok::<_, String>(part.to_vec())).collect::<Vec<_>>();
            let (body, _) =
                spool(Body::from_stream(futures::stream::iter(parts)), size as u64, Digester::new(Sha256::new(), "")).await.expect("kept");
            let again = axum::body::to_bytes(body, usize::MAX).await.expect("read");
            assert!(again == bytes[..size], "{size}");
        }
        let refused = spool(Body::from("four"), 3, Digester::new(Sha256::new(), "")).await.expect_err("refused");
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
