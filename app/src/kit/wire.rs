//! How the two halves of one build talk: what server functions answer, and what a page carries for the browser. It is
//! postcard, which writes values without the names of their fields, so that what reads it is a fraction of what would read
//! JSON, in the code of every page.
//!
//! Invariants: only the build that wrote a message reads it: it begins with the mark of the sources, [`BUILD`]. A call
//! names the mark in `Accept`, and what a page of another build asks for is refused before anything is done.

use std::future::Future;
use std::marker::PhantomData;

use http::Method;
use leptos::server::codee::{Decoder, Encoder};
use leptos::server_fn::client::Client;
use leptos::server_fn::codec::{Encoding, FromReq, IntoReq};
use leptos::server_fn::error::{FromServerFnError, IntoAppError, ServerFnErrorErr};
use leptos::server_fn::redirect::call_redirect_hook;
use leptos::server_fn::response::{ClientRes, TryRes};
use leptos::server_fn::server::Server;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, Protocol};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The mark of the sources that both halves were built from: 16 hexadecimal digits.
pub const BUILD: &str = env!("TENANTRY_BUILD");

/// What an answer is, and what a call accepts.
pub const CONTENT_TYPE: &str = concat!("application/vnd.tenantry.wire; build=", env!("TENANTRY_BUILD"));

/// The same, of whichever build.
const OF_ANY_BUILD: &str = "application/vnd.tenantry.wire";

/// What a call of another build is answered, whatever the two builds are.
pub const OF_ANOTHER_BUILD: &str = "of another build";

/// Why a message cannot be read that no server of ours wrote.
const NOT_OURS: &str = "not a message of this build";

/// A value for the other half.
pub fn write<T: Serialize>(value: &T) -> postcard::Result<Vec<u8>> {
    postcard::to_extend(value, BUILD.as_bytes().to_vec())
}

/// A value of the other half, or why it is none.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, &'static str> {
    postcard::from_bytes(unmarked(bytes)?).map_err(|_| NOT_OURS)
}

fn unmarked(bytes: &[u8]) -> Result<&[u8], &'static str> {
    let why = if bytes == OF_ANOTHER_BUILD.as_bytes() { OF_ANOTHER_BUILD } else { NOT_OURS };
    bytes.strip_prefix(BUILD.as_bytes()).ok_or(why)
}

/// Whether what sends that `Accept` is a page that runs.
pub fn is_wanted(accept: &str) -> bool {
    accept.starts_with(OF_ANY_BUILD)
}

/// Whether it reads what this build writes. Who wants something else, such as a page, does.
pub fn is_understood(accept: &str) -> bool {
    !is_wanted(accept) || accept.contains(BUILD)
}

/// Of errors, which leptos encodes itself.
pub struct WireEncoding;

impl ContentType for WireEncoding {
    const CONTENT_TYPE: &'static str = CONTENT_TYPE;
}

impl FormatType for WireEncoding {
    const FORMAT_TYPE: Format = Format::Binary;
}

impl<T: Serialize> Encodes<T> for WireEncoding {
    type Error = postcard::Error;

    fn encode(value: &T) -> postcard::Result<Bytes> {
        write(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for WireEncoding {
    type Error = &'static str;

    fn decode(bytes: Bytes) -> Result<T, &'static str> {
        read(&bytes)
    }
}

/// How all server functions are called: arguments as `I` has them, answers as messages. What does not depend on the function
/// is compiled once, where leptos' own protocol is compiled for each.
pub struct Wired<I>(PhantomData<I>);

impl<I, Input, Output, C, S, E> Protocol<Input, Output, C, S, E> for Wired<I>
where
    I: Encoding,
    Input: IntoReq<I, C::Request, E> + FromReq<I, S::Request, E> + Send,
    Output: Serialize + DeserializeOwned + Send,
    C: Client<E>,
    S: Server<E>,
    E: FromServerFnError,
{
    const METHOD: Method = I::METHOD;

    async fn run_server<F, Fut>(request: S::Request, run: F) -> Result<S::Response, E>
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, E>> + Send,
    {
        let input = Input::from_req(request).await?;
        let output = run(input).await?;
        let message = write(&output).map_err(|error| ServerFnErrorErr::Serialization(error.to_string()).into_app_error())?;
        S::Response::try_from_bytes(CONTENT_TYPE, message.into())
    }

    async fn run_client(path: &str, input: Input) -> Result<Output, E> {
        let call = input.into_req(path, CONTENT_TYPE)?;
        let answer = ask::<C, E>(call).await?;
        read(&answer).map_err(|why| ServerFnErrorErr::Deserialization(why.to_owned()).into_app_error())
    }
}

/// Sends a call and goes where the answer says; the message that it is, or the error.
pub async fn ask<C: Client<E>, E: FromServerFnError>(call: C::Request) -> Result<Bytes, E> {
    let answer = C::send(call).await?;
    let failed = (400..=599).contains(&answer.status());
    let place = answer.has_redirect().then(|| answer.location());
    let bytes = answer.try_into_bytes().await?;
    if failed {
        return Err(E::de(bytes));
    }
    if let Some(place) = place {
        call_redirect_hook(&place);
    }
    Ok(bytes)
}

/// How a page carries a value.
pub struct Carried;

impl<T: Serialize> Encoder<T> for Carried {
    type Error = postcard::Error;
    type Encoded = Vec<u8>;

    fn encode(value: &T) -> postcard::Result<Vec<u8>> {
        write(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Carried {
    type Error = &'static str;
    type Encoded = [u8];

    fn decode(bytes: &[u8]) -> Result<T, &'static str> {
        read(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::Error;

    #[test]
    fn a_value_comes_back_as_it_was() {
        let value = (Some("\u{e4}".to_owned()), vec![1_u64, u64::MAX], -1_i64, Err::<(), _>(Error::field("name", "is required")));
        let message = write(&value).expect("a message");
        assert!(message.starts_with(BUILD.as_bytes()));
        assert_eq!(read::<(Option<String>, Vec<u64>, i64, Result<(), Error>)>(&message), Ok(value));
    }

    #[test]
    fn what_another_build_wrote_is_not_read() {
        let mut message = write(&7_u8).expect("a message");
        message[0] ^= 1;
        assert_eq!(read::<u8>(&message), Err(NOT_OURS));
        assert_eq!(read::<u8>(OF_ANOTHER_BUILD.as_bytes()), Err(OF_ANOTHER_BUILD));
        for other in ["", "{}", "<html>", BUILD] {
            assert_eq!(read::<u8>(other.as_bytes()), Err(NOT_OURS), "{other}");
        }
    }

    #[test]
    fn a_call_of_another_build_is_known_by_what_it_accepts() {
        assert!(is_understood(CONTENT_TYPE) && is_understood("text/html,*/*") && is_understood("application/json"));
        assert!(!is_understood(OF_ANY_BUILD) && !is_understood(&CONTENT_TYPE.replace(BUILD, "0")));
    }
}
