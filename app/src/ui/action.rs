//! Calling a server function from a form or a verb. Compiled once: what differs is the way in and the reading of the answer.

use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::{GetUntracked, GetValue, RwSignal, Set, SetValue, Signal, StoredValue, Update, With};
use serde::de::DeserializeOwned;
use server_fn::ServerFn;

use super::browser::{self, Arguments, Request};
use super::form;
use super::resource::{Value, read};
use crate::kit::wire::Wired;
use crate::kit::{Error, Result};

/// The calls of one server function by one form, or by one verb of a page.
pub struct ServerAction<S> {
    pub(super) calls: Calls,
    of: PhantomData<fn() -> S>,
}

/// What is known of the calls, whatever they call.
#[derive(Clone, Copy)]
pub(super) struct Calls {
    /// The last answer.
    pub value: RwSignal<Option<Result<Value>>>,
    /// How many were answered.
    pub version: RwSignal<usize>,
    /// How many are on their way.
    pub running: RwSignal<usize>,
    /// How many were made.
    made: StoredValue<usize>,
}

impl<S> Clone for ServerAction<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for ServerAction<S> {}

impl<S: ServerFn<Error = Error>> Default for ServerAction<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: ServerFn<Error = Error>> ServerAction<S> {
    /// With the refusal of the form that was posted without JavaScript and led back to this page, if there was one.
    pub fn new() -> Self {
        let refused = form::refused(S::PATH).map(|refused| Err(refused.error));
        let calls =
            Calls { value: RwSignal::new(refused), version: RwSignal::new(0), running: RwSignal::new(0), made: StoredValue::new(0) };
        Self { calls, of: PhantomData }
    }

    /// How many calls were answered.
    pub fn version(self) -> Signal<usize> {
        self.calls.version.into()
    }
}

impl<S> ServerAction<S>
where
    S: ServerFn<Error = Error>,
    S::Output: DeserializeOwned + Clone + Send + Sync + 'static,
{
    /// The last answer, none before the first.
    pub fn value(self) -> Signal<Option<Result<S::Output>>> {
        Signal::derive(move || self.calls.value.with(|value| value.as_ref().map(|value| value.clone().and_then(|value| taken(&value)))))
    }

    /// Calls it.
    pub fn dispatch<I>(self, input: S)
    where
        S: ServerFn<Protocol = Wired<I>> + Arguments<I>,
    {
        self.calls.send(browser::request(input, S::PATH), reader::<S::Output>());
    }

    /// Asks what comes of what is typed. Answers may overtake each other; the one to the last question stands.
    pub fn ask<I>(self, input: S)
    where
        S: ServerFn<Protocol = Wired<I>> + Arguments<I>,
    {
        self.calls.start(browser::request(input, S::PATH), reader::<S::Output>(), true);
    }
}

/// How an answer of that type is read.
pub(super) fn reader<T: DeserializeOwned + Send + Sync + 'static>() -> fn(&[u8]) -> Result<Value> {
    |bytes| read::<T>(bytes).map(|value| Arc::new(value) as Value)
}

/// The answer, by who knows its type.
pub(super) fn taken<T: Clone + 'static>(value: &Value) -> Result<T> {
    value.downcast_ref::<T>().cloned().ok_or(Error::Unavailable)
}

impl Calls {
    /// Sends it and hears the answer, even where the page that asked is gone by then.
    pub fn send(self, request: Result<Request>, read: fn(&[u8]) -> Result<Value>) {
        self.start(request, read, false);
    }

    /// `last`: the answer counts only if no call was made meanwhile.
    fn start(self, request: Result<Request>, read: fn(&[u8]) -> Result<Value>, last: bool) {
        self.running.update(|running| *running += 1);
        let number = self.made.get_value() + 1;
        self.made.set_value(number);
        browser::spawn(async move {
            let answer = match request {
                Ok(request) => browser::answer(request).await.and_then(|bytes| read(&bytes)),
                Err(error) => Err(error),
            };
            self.running.try_update(|running| *running = running.saturating_sub(1));
            if last && self.made.try_get_value() != Some(number) {
                return;
            }
            self.value.try_set(Some(answer));
            self.version.try_update(|version| *version += 1);
        });
    }

    pub fn failed(self) -> Option<Error> {
        self.value.with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()))
    }

    pub fn last(self) -> Option<Result<Value>> {
        self.value.get_untracked()
    }
}
