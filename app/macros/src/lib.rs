//! `#[server]` as leptos has it, but for how such a function is called where it does not say: `app::kit::wire`.

use proc_macro::TokenStream;
use quote::ToTokens;
use server_fn_macro::ServerFnCall;

/// A function that runs on the server and is called from the browser. Takes what leptos' own attribute takes.
#[proc_macro_attribute]
pub fn server(args: TokenStream, body: TokenStream) -> TokenStream {
    let call = ServerFnCall::parse("/api", args.into(), body.into()).map(|call| {
        call.default_server_fn_path(Some(syn::parse_quote!(::leptos::server_fn)))
            .default_protocol(Some(syn::parse_quote!(crate::kit::wire::Wired<::leptos::server_fn::codec::PostUrl>)))
            .to_token_stream()
    });
    call.unwrap_or_else(|error| error.to_compile_error()).into()
}
