//! What a page fetches: leptos' resource, compiled once for all types.
//!
//! A resource of leptos is compiled anew for every type it holds, and what it holds is read by two readers (one
//! for what the page brought, one for what the server answers later): together a third of all pages. Here the types end at
//! the edge, and there is one reader.

use std::any::Any;
use std::convert::Infallible;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use leptos::prelude::{Get, Resource as Plain};
use leptos::server::codee::{Decoder, Encoder};
use leptos::server_fn::error::ServerFnErrorErr;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::browser;
use crate::kit::{Error, Result, request, wire};

/// A value whose type is known to who put it in and to who takes it out.
pub(super) type Value = Arc<dyn Any + Send + Sync>;

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a resource holds: a value, or the message that it is read from when it is first asked for.
#[derive(Clone)]
pub(super) struct Content {
    value: Arc<OnceLock<Value>>,
    message: Arc<[u8]>,
    write: fn(&Value) -> Vec<u8>,
}

impl Content {
    fn of<T: Serialize + Send + Sync + 'static>(value: Result<T>) -> Self {
        let write = |value: &Value| value.downcast_ref::<Result<T>>().map(browser::carried).unwrap_or_default();
        Self { value: Arc::new(OnceLock::from(Arc::new(value) as Value)), message: Arc::default(), write }
    }

    pub(super) fn take<T: DeserializeOwned + Clone + Send + Sync + 'static>(&self) -> Result<T> {
        let read = || Arc::new(read::<Result<T>>(&self.message).and_then(|found| found)) as Value;
        self.value.get_or_init(read).downcast_ref::<Result<T>>().cloned().unwrap_or(Err(Error::Unavailable))
    }
}

pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    wire::read(bytes).map_err(unread)
}

fn unread(why: &'static str) -> Error {
    request::failed(ServerFnErrorErr::Deserialization(why.to_owned()))
}

pub(super) struct Coded;

impl Encoder<Content> for Coded {
    type Error = Infallible;
    type Encoded = Vec<u8>;

    fn encode(content: &Content) -> std::result::Result<Vec<u8>, Infallible> {
        Ok(content.value.get().map(content.write).unwrap_or_default())
    }
}

impl Decoder<Content> for Coded {
    type Error = Infallible;
    type Encoded = [u8];

    fn decode(message: &[u8]) -> std::result::Result<Content, Infallible> {
        Ok(Content { value: Arc::default(), message: message.into(), write: |_| Vec::new() })
    }
}

/// What the fetching depends on: fetched anew when it is no longer the same.
#[derive(Clone)]
struct Source {
    value: Value,
    same: fn(&Value, &Value) -> bool,
}

impl Source {
    fn of<S: PartialEq + Send + Sync + 'static>(value: S) -> Self {
        Self { value: Arc::new(value), same: |a, b| a.downcast_ref::<S>().zip(b.downcast_ref::<S>()).is_some_and(|(a, b)| a == b) }
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&self.value, &other.value)
    }
}

/// The part that knows no type.
pub(super) type Fetch = Plain<Content, Coded>;

/// Something fetched by the server for the page, and by the browser when what it depends on changes.
pub struct Resource<T> {
    pub(super) fetch: Fetch,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Resource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Resource<T> {}

impl<T> Resource<T> {
    /// Fetches it again.
    pub fn refetch(self) {
        self.fetch.refetch();
    }
}

impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> Resource<Result<T>> {
    /// Streamed to the page when it is there.
    pub fn new<S, F>(source: impl Fn() -> S + Send + Sync + 'static, fetch: impl Fn(S) -> F + Send + Sync + 'static) -> Self
    where
        S: PartialEq + Clone + Send + Sync + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Self::made(source, fetch, false)
    }

    /// The page waits for it.
    pub fn new_blocking<S, F>(source: impl Fn() -> S + Send + Sync + 'static, fetch: impl Fn(S) -> F + Send + Sync + 'static) -> Self
    where
        S: PartialEq + Clone + Send + Sync + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Self::made(source, fetch, true)
    }

    fn made<S, F>(source: impl Fn() -> S + Send + Sync + 'static, fetch: impl Fn(S) -> F + Send + Sync + 'static, blocking: bool) -> Self
    where
        S: PartialEq + Clone + Send + Sync + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let fetch = move |source: Source| -> Boxed<Content> {
            match source.value.downcast_ref::<S>().cloned().map(&fetch) {
                Some(found) => Box::pin(async move { Content::of(found.await) }),
                None => Box::pin(async { Content::of(Err::<T, _>(Error::Unavailable)) }),
            }
        };
        Self { fetch: plain(Box::new(move || Source::of(source())), Box::new(fetch), blocking), kind: PhantomData }
    }
}

/// The part that is compiled once.
fn plain(
    source: Box<dyn Fn() -> Source + Send + Sync>,
    fetch: Box<dyn Fn(Source) -> Boxed<Content> + Send + Sync>,
    blocking: bool,
) -> Fetch {
    Plain::new_with_options(source, fetch, blocking)
}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Resource<Result<T>> {
    /// The value, if it is there; for effects and signals, which then run again when it changes.
    pub fn get(self) -> Option<Result<T>> {
        self.fetch.get().map(|content| content.take())
    }
}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> IntoFuture for Resource<Result<T>> {
    type Output = Result<T>;
    type IntoFuture = Boxed<Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let found = self.fetch.into_future();
        Box::pin(async move { found.await.take() })
    }
}
