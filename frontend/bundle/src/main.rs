//! Turns the compiled frontend into what a browser can load: splits the lazy routes off into files of their own, and
//! writes the JavaScript that ties WASM to the browser. `build.mjs` calls it and then shrinks the result.
//!
//! `bundle INPUT.wasm OUTPUT_FOLDER`; the output is named after `LEPTOS_OUTPUT_NAME`, as the page asks for it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, transform};

const NAME: &str = env!("LEPTOS_OUTPUT_NAME");

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let (Some(input), Some(output)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bundle INPUT.wasm OUTPUT_FOLDER".into());
    };
    let output = Path::new(&output);
    fs::create_dir_all(output)?;
    let main = output.join("main.wasm");
    split(&fs::read(input)?, output, &main)?;
    bind(&main, output)?;
    fs::remove_file(main)?;
    Ok(())
}

/// One file per lazy route, one per set of routes that share code, and the manifest that tells the page which to preload.
fn split(wasm: &[u8], output: &Path, main: &Path) -> Result<(), Box<dyn Error>> {
    let module = format!("./{NAME}.js");
    let mut options = Options::new(wasm);
    options.output_dir = output;
    options.main_out_path = main;
    options.main_module = &module;
    // leptos has this file name compiled in, underscores and all.
    options.link_name = "./__wasm_split.______________________.js";
    let parts = transform(options)?;
    let manifest: BTreeMap<_, _> = parts.prefetch_map.iter().collect();
    fs::write(output.join("__wasm_split_manifest.json"), serde_json::to_vec(&manifest)?)?;
    Ok(())
}

/// `NAME.js` and `NAME.wasm`, without wasm-bindgen's `_bg`.
fn bind(main: &Path, output: &Path) -> Result<(), Box<dyn Error>> {
    Bindgen::new()
        .input_path(main)
        .out_name(NAME)
        .web(true)
        .map_err(|error| error.to_string())?
        .keep_lld_exports(true)
        .demangle(false)
        .typescript(false)
        .generate(output)
        .map_err(|error| error.to_string())?;
    fs::rename(output.join(format!("{NAME}_bg.wasm")), output.join(format!("{NAME}.wasm")))?;
    Ok(())
}
