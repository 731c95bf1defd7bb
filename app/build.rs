//! Gives the sources a mark, `TENANTRY_BUILD`: what the server writes for the browser is read only by what was built from
//! the same (`kit::wire`).

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let mut files = vec![PathBuf::from("Cargo.toml"), PathBuf::from("../Cargo.lock")];
    below(Path::new("src"), &mut files)?;
    files.sort();
    let mut mark = FNV_OFFSET;
    for file in &files {
        for byte in file.to_string_lossy().bytes().chain(fs::read(file)?) {
            mark = (mark ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
    }
    for watched in ["Cargo.toml", "../Cargo.lock", "src"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    println!("cargo:rustc-env=TENANTRY_BUILD={mark:016x}");
    Ok(())
}

/// FNV-1a: the same on every machine and for every target, which the hasher of the standard library does not promise.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

fn below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { below(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
