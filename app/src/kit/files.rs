//! Files that people upload or the program makes: a folder of this machine today, any object store behind the same
//! type. A file appears under its key whole or not at all.

use std::fmt::Display;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use futures::{Stream, StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{GetResultPayload, ObjectStore, ObjectStoreExt, WriteMultipart};

use super::db::bug;
use super::error::{Error, Result};

/// Parts on their way to the store at once.
const PARTS_IN_FLIGHT: usize = 2;

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Files(Arc<dyn ObjectStore>);

/// Why a file was not kept.
#[derive(Debug)]
pub enum PutError {
    /// It has more bytes than allowed.
    TooLarge,
    /// The sender broke off, or sent something malformed.
    BrokenOff(String),
    /// The store does not work.
    Store(Error),
}

impl Files {
    /// The files in `folder`, which is made where it is missing.
    pub fn local(folder: &Path) -> Result<Self, String> {
        let failed = |e: &dyn Display| format!("cannot keep files in {}: {e}", folder.display());
        std::fs::create_dir_all(folder).map_err(|e| failed(&e))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|e| failed(&e))?;
        Ok(Self(Arc::new(store.with_automatic_cleanup(true))))
    }

    /// Keeps what `body` sends, up to `limit` bytes, under `key` (`imports/…`); gives its size. Nothing is left of a file
    /// that did not arrive whole.
    pub async fn put<B, E>(&self, key: &str, body: impl Stream<Item = Result<B, E>>, limit: u64) -> Result<u64, PutError>
    where
        B: AsRef<[u8]>,
        E: Display,
    {
        let store = |e: object_store::Error| PutError::Store(bug(e));
        let upload = self.0.put_multipart(&Key::from(key)).await.map_err(store)?;
        let mut writer = WriteMultipart::new(upload);
        let mut body = std::pin::pin!(body);
        let mut size = 0;
        while let Some(chunk) = body.next().await {
            let chunk = match chunk {
                Ok(chunk) if size + chunk.as_ref().len() as u64 <= limit => chunk,
                refused => {
                    writer.abort().await.map_err(store)?;
                    return Err(refused.map_or_else(|e| PutError::BrokenOff(e.to_string()), |_| PutError::TooLarge));
                }
            };
            size += chunk.as_ref().len() as u64;
            writer.wait_for_capacity(PARTS_IN_FLIGHT).await.map_err(store)?;
            writer.write(chunk.as_ref());
        }
        writer.finish().await.map_err(store)?;
        Ok(size)
    }

    /// Opens a file for reading where reading blocks. What does not lie on this machine is copied here first, into a
    /// file without a name that goes when it is closed.
    pub async fn open(&self, key: &str) -> Result<File> {
        match self.0.get(&Key::from(key)).await.map_err(missing)?.payload {
            GetResultPayload::File(file, _) => Ok(file),
            GetResultPayload::Stream(mut parts) => {
                let mut copy = nameless()?;
                while let Some(part) = parts.try_next().await.map_err(bug)? {
                    std::io::Write::write_all(&mut copy, &part).map_err(bug)?;
                }
                std::io::Seek::rewind(&mut copy).map_err(bug)?;
                Ok(copy)
            }
        }
    }

    /// Keeps bytes under `key`.
    pub async fn put_bytes(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        let size = bytes.len() as u64;
        let body = futures::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
        match self.put(key, body, size).await {
            Ok(_) => Ok(()),
            Err(PutError::Store(error)) => Err(error),
            Err(other) => Err(bug(format!("{key} was not kept: {other:?}"))),
        }
    }

    /// A whole file, which must be small: at most `limit` bytes of it.
    pub async fn read(&self, key: &str, limit: u64) -> Result<Vec<u8>> {
        let file = self.open(key).await?;
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::Read::take(file, limit), &mut bytes).map(|_| bytes)
        });
        read.await.map_err(bug)?.map_err(bug)
    }

    /// Deletes a file; one that is not there is gone already.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.0.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(bug(error)),
        }
    }
}

fn missing(error: object_store::Error) -> Error {
    if matches!(error, object_store::Error::NotFound { .. }) { Error::NotFound } else { bug(error) }
}

fn nameless() -> Result<File> {
    let path = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
    let file = File::options().read(true).write(true).create_new(true).open(&path).map_err(bug)?;
    std::fs::remove_file(&path).map_err(bug)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use futures::stream;

    use super::*;

    fn sent(parts: &[&'static str]) -> impl Stream<Item = Result<&'static str, String>> + use<> {
        stream::iter(parts.iter().map(|p| Ok(*p)).collect::<Vec<_>>())
    }

    #[tokio::test]
    async fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::local(folder.path()).expect("files");
        assert_eq!(files.put("imports/a", sent(&["one,", "two"]), 7).await.ok(), Some(7));
        let mut text = String::new();
        files.open("imports/a").await.expect("opens").read_to_string(&mut text).expect("reads");
        assert_eq!(text, "one,two");

        assert!(matches!(files.put("imports/b", sent(&["one,", "two"]), 6).await, Err(PutError::TooLarge)));
        let broken = stream::iter([Ok("one,"), Err("the line went dead")]);
        assert!(matches!(files.put("imports/c", broken, 100).await, Err(PutError::BrokenOff(_))));
        assert_eq!(files.open("imports/b").await.err(), Some(Error::NotFound));
        assert_eq!(files.open("imports/c").await.err(), Some(Error::NotFound));

        files.delete("imports/a").await.expect("deletes");
        files.delete("imports/a").await.expect("deletes what is gone");
        assert_eq!(files.open("imports/a").await.err(), Some(Error::NotFound));
    }
}
