//! Source files as the rules read them: comments and the contents of literals blanked out, tests cut away, every line
//! still where it was.

use std::path::Path;

/// A file of the repository.
pub struct Source {
    /// From the top of the repository: `app/src/plans/store.rs`.
    pub path: String,
    pub raw: String,
    /// Without comments and the contents of literals.
    pub code: String,
    /// `code` without what is compiled for tests only.
    pub shipped: String,
}

impl Source {
    pub fn new(path: &str, raw: &str) -> Self {
        let code = blank(raw);
        let shipped = if path.contains("/tests/") || path.ends_with("/tests.rs") { spaces(&code) } else { without_tests(&code) };
        Self { path: path.to_owned(), raw: raw.to_owned(), code, shipped }
    }

    /// `path:line` of a byte offset.
    pub fn at(&self, offset: usize) -> String {
        format!("{}:{}", self.path, line_of(&self.raw, offset))
    }

    /// The folder or file right under `app/src`: `plans`, `kit`, `routes`; empty outside of it.
    pub fn module(&self) -> &str {
        let inside = self.path.strip_prefix("app/src/").unwrap_or_default();
        inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Whether it lies in a folder of its own under `app/src`.
    pub fn is_in_folder(&self) -> bool {
        self.path.strip_prefix("app/src/").is_some_and(|p| p.contains('/'))
    }

    /// The path inside the folder of its module: `store/tests.rs`.
    pub fn inside(&self) -> &str {
        self.path.strip_prefix("app/src/").and_then(|p| p.split_once('/')).map_or("", |(_, rest)| rest)
    }
}

/// All sources.
pub struct Tree(pub Vec<Source>);

impl Tree {
    /// Reads the repository's Rust sources.
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
        let mut files = Vec::new();
        for folder in ["app/src", "frontend/src", "frontend/bundle/src", "migration/src", "server/src", "server/tests"] {
            collect(root, &root.join(folder), &mut files);
        }
        files.sort();
        let mut tree = Self(files.iter().map(|(path, raw)| Source::new(path, raw)).collect());
        tree.cut_test_files();
        tree
    }

    /// Sources made up for a test of a rule.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self(files.iter().map(|(path, raw)| Source::new(path, raw)).collect());
        tree.cut_test_files();
        tree
    }

    /// The folders under `app/src` that are features.
    pub fn features(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().filter(|s| s.is_in_folder()).map(Source::module).collect();
        names.retain(|n| !["kit", "ui"].contains(n));
        names.sort_unstable();
        names.dedup();
        names
    }

    pub fn app(&self) -> impl Iterator<Item = &Source> {
        self.0.iter().filter(|s| s.path.starts_with("app/src/"))
    }

    /// Files that a `#[cfg(test)] mod name;` brings in are tests as a whole.
    fn cut_test_files(&mut self) {
        let mut tests = Vec::new();
        for source in &self.0 {
            let (folder, file) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
            let stem = file.trim_end_matches(".rs");
            let folder = if ["mod", "lib", "main"].contains(&stem) { folder.to_owned() } else { format!("{folder}/{stem}") };
            for (at, end) in test_attributes(&source.code) {
                let declaration = &source.code[end..source.code[end..].find(['{', ';']).map_or(end, |i| end + i)];
                let Some((_, name)) = declaration.rsplit_once("mod ") else { continue };
                let path = source.raw[at..end + declaration.len()].split_once("path = \"").and_then(|(_, r)| r.split_once(".rs\""));
                tests.push(match path {
                    Some((file, _)) => format!("{}/{file}", source.path.rsplit_once('/').map_or("", |(f, _)| f)),
                    None => format!("{folder}/{}", name.trim()),
                });
            }
        }
        for source in &mut self.0 {
            if tests.iter().any(|t| source.path == format!("{t}.rs") || source.path.starts_with(&format!("{t}/"))) {
                source.shipped = spaces(&source.code);
            }
        }
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).expect("readable")));
        }
    }
}

pub fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset].iter().filter(|b| **b == b'\n').count() + 1
}

pub fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Where `word` stands as a whole: not inside a longer name.
pub fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let edge = |c: Option<char>| c.is_none_or(|c| !is_word(c));
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = code[..*at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        (!word.starts_with(is_word) || edge(before)) && (!word.ends_with(is_word) || edge(after))
    })
}

/// The offset after the bracket that closes the one at `open`.
pub fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0usize;
    for (i, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

fn spaces(text: &str) -> String {
    text.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect()
}

/// Start and end of each attribute that asks for a test build.
fn test_attributes(code: &str) -> Vec<(usize, usize)> {
    let attributes = code.match_indices("#[cfg(").map(|(at, _)| (at, closing(code, at + 1)));
    attributes.filter(|(at, end)| words(&code[*at..*end], "test").count() > 0 && !code[*at..*end].contains("not(test")).collect()
}

fn without_tests(code: &str) -> String {
    let mut out = code.to_owned();
    for (at, end) in test_attributes(code) {
        let body = code[end..].find(['{', ';']).map_or(code.len() - 1, |i| i + end);
        let end = if code.as_bytes()[body] == b'{' { closing(code, body) } else { body + 1 };
        out.replace_range(at..end, &spaces(&code[at..end]));
    }
    out
}

/// Replaces comments and what stands in literals by spaces, byte for byte.
pub fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut i = 0;
    while i < bytes.len() {
        let (end, keep) = match bytes[i] {
            b'/' if bytes.get(i + 1) == Some(&b'/') => (line_end(bytes, i), 0),
            b'/' if bytes.get(i + 1) == Some(&b'*') => (comment_end(bytes, i), 0),
            b'"' => (string_end(bytes, i), 1),
            b'r' if !(i > 0 && is_word(char::from(bytes[i - 1])) && bytes[i - 1] != b'b') => match raw_string_end(bytes, i) {
                Some(end) => (end, 0),
                None => (i + 1, 1),
            },
            b'\'' => (char_end(bytes, i), 1),
            _ => (i + 1, 1),
        };
        let inner = if end > i + 1 { i + keep..end - keep } else { i..i };
        out[inner].iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
        i = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| from + n)
}

fn comment_end(bytes: &[u8], from: usize) -> usize {
    let (mut i, mut depth) = (from, 0);
    while i < bytes.len() {
        match &bytes[i..bytes.len().min(i + 2)] {
            b"/*" => (depth, i) = (depth + 1, i + 2),
            b"*/" => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut i = from + 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 2,
            b'"' => return i + 1,
            _ => i += 1,
        }
    }
    bytes.len()
}

fn raw_string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let hashes = bytes[from + 1..].iter().take_while(|b| **b == b'#').count();
    if bytes.get(from + 1 + hashes) != Some(&b'"') {
        return None;
    }
    let end = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
    let body = from + 2 + hashes;
    let found = bytes[body..].windows(end.len()).position(|w| w == end.as_slice());
    Some(found.map_or(bytes.len(), |n| body + n + end.len()))
}

/// A character, or just the quote of a lifetime.
fn char_end(bytes: &[u8], from: usize) -> usize {
    if bytes.get(from + 1) == Some(&b'\\') {
        return bytes[from + 3..].iter().position(|b| *b == b'\'').map_or(bytes.len(), |n| from + 4 + n);
    }
    // The next character has one to four bytes.
    let close = (from + 2..=from + 5).find(|i| bytes.get(*i) == Some(&b'\''));
    let width = |b: u8| if b < 0x80 { 1 } else { b.leading_ones() as usize };
    match (bytes.get(from + 1), close) {
        (Some(first), Some(close)) if close == from + 1 + width(*first) => close + 1,
        _ => from + 1,
    }
}
