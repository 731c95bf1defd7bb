//! What the typesetter may see: one template, the data of one document, its logo and two fonts. No file of the machine,
//! no package, no clock.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use super::{Document, LogoFormat};

/// What is the same for every document.
struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: Source,
    data: FileId,
    logo: FileId,
}

static SHARED: LazyLock<Result<Shared, String>> = LazyLock::new(Shared::new);

impl Shared {
    fn new() -> Result<Self, String> {
        let id = |name: &str| {
            let path = VirtualPath::new(name).map_err(|e| format!("{name}: {e:?}"))?;
            Ok::<_, String>(RootedPath::new(VirtualRoot::Project, path).intern())
        };
        // DejaVu Sans has Latin, Greek, Cyrillic, Arabic and Hebrew.
        let fonts: Vec<Font> =
            [dejavu::sans::regular(), dejavu::sans::bold()].into_iter().flat_map(|bytes| Font::iter(Bytes::new(bytes))).collect();
        let mut book = FontBook::new();
        fonts.iter().for_each(|font| book.push(font.info().clone()));
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(book),
            fonts,
            template: Source::new(id("template.typ")?, include_str!("template.typ").to_owned()),
            data: id("data.json")?,
            logo: id("logo")?,
        })
    }
}

struct DocumentWorld {
    shared: &'static Shared,
    data: Bytes,
    logo: Option<Bytes>,
}

impl World for DocumentWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shared.book
    }

    fn main(&self) -> FileId {
        self.shared.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.shared.template.id() { Ok(self.shared.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match &self.logo {
            _ if id == self.shared.data => Ok(self.data.clone()),
            Some(logo) if id == self.shared.logo => Ok(logo.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shared.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Whether a font has a shape for a character.
pub fn covers(c: char) -> Result<bool, String> {
    let shared = SHARED.as_ref().map_err(Clone::clone)?;
    Ok(shared.fonts.iter().any(|font| font.info().coverage.contains(u32::from(c))))
}

/// The pages, before they become a file.
pub fn pages(document: &Document) -> Result<PagedDocument, String> {
    let shared = SHARED.as_ref().map_err(Clone::clone)?;
    let mut data = serde_json::to_value(document).map_err(|e| e.to_string())?;
    data["logo"] = match &document.logo {
        Some(logo) => if logo.format == LogoFormat::Png { "png" } else { "jpg" }.into(),
        None => serde_json::Value::Null,
    };
    let logo = document.logo.as_ref().map(|logo| Bytes::new(logo.bytes.clone()));
    let world = DocumentWorld { shared, data: Bytes::new(data.to_string().into_bytes()), logo };
    typst::compile::<PagedDocument>(&world).output.map_err(|errors| said(&errors))
}

pub fn pdf(document: &Document) -> Result<Vec<u8>, String> {
    typst_pdf::pdf(&pages(document)?, &PdfOptions::default()).map_err(|errors| said(&errors))
}

fn said(errors: &[SourceDiagnostic]) -> String {
    errors.iter().map(|e| e.message.to_string()).collect::<Vec<_>>().join("; ")
}
