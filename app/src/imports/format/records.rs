//! Records of a CSV file under limits: a line is never held beyond its limit, and what is no CSV in UTF-8 is told apart.

use std::io::{BufRead, BufReader, Read};

use crate::imports::model::{Refusal, size_label};
use crate::kit::money::group;

/// What a file may have at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub bytes: u64,
    pub rows: u64,
    /// Bytes of one record, and so of one line.
    pub record: usize,
    pub columns: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 512_000_000, rows: 1_000_000, record: 65_536, columns: 200 }
    }
}

/// One record. The same one is filled again and again.
#[derive(Debug, Default)]
pub struct Record {
    /// Where it begins.
    pub line: u64,
    /// The file ends with it, and without a line end.
    pub unfinished: bool,
    text: String,
    ends: Vec<usize>,
}

impl Record {
    /// How many fields it has.
    pub fn fields(&self) -> usize {
        self.ends.len()
    }

    /// The field at `index`; empty beyond the last.
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends.get(index - 1).copied().unwrap_or(self.text.len()) };
        let end = self.ends.get(index).copied().unwrap_or(self.text.len()).max(start);
        &self.text[start..end]
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.fields()).map(|index| self.get(index))
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.unfinished = false;
    }

    fn end_field(&mut self) {
        self.ends.push(self.text.len());
    }
}

/// See the module.
pub struct Records<R> {
    input: BufReader<R>,
    limits: Limits,
    delimiter: char,
    line: u64,
    bytes: u64,
    rows: u64,
    /// The line in hand, without its end.
    buffer: Vec<u8>,
    /// It was read ahead.
    waiting: bool,
    /// It had an end.
    ended: bool,
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

impl<R: Read> Records<R> {
    /// Looks at the first line: what kind of file it is, and what separates its columns.
    pub fn new(input: R, limits: Limits) -> Result<Self, Refusal> {
        let input = BufReader::with_capacity(64 * 1024, input);
        let mut records =
            Self { input, limits, delimiter: ',', line: 0, bytes: 0, rows: 0, buffer: Vec::new(), waiting: false, ended: true };
        let start = records.input.fill_buf().map_err(|e| unreadable(1, &e))?;
        if let Some(kind) = foreign(start) {
            return Err(Refusal::new(1, kind));
        }
        if start.starts_with(BOM) {
            records.input.consume(BOM.len());
            records.bytes = BOM.len() as u64;
        }
        while records.next_line()? {
            let text = text(&records.buffer, records.line)?;
            if text.is_empty() {
                continue;
            }
            if text.contains('\r') {
                return Err(Refusal::new(
                    records.line,
                    "the lines end with a carriage return alone; save the file with Windows or Unix line ends",
                ));
            }
            records.delimiter = delimiter(text);
            records.waiting = true;
            break;
        }
        Ok(records)
    }

    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Fills `record` with the next one; `false` at the end. Blank lines are passed over.
    pub fn read(&mut self, record: &mut Record) -> Result<bool, Refusal> {
        record.clear();
        loop {
            if !std::mem::take(&mut self.waiting) && !self.next_line()? {
                return Ok(false);
            }
            if !self.buffer.is_empty() {
                break;
            }
        }
        self.rows += 1;
        // The header is a record, too.
        if self.rows > self.limits.rows + 1 {
            return Err(Refusal::new(self.line, format!("the file has more than {} rows; split it", group(&self.limits.rows.to_string()))));
        }
        record.line = self.line;
        self.split(record)?;
        record.unfinished = !self.ended;
        if record.fields() > self.limits.columns {
            return Err(Refusal::new(record.line, format!("has more than {} columns", self.limits.columns)));
        }
        Ok(true)
    }

    /// Splits the line in hand, and those after it that a quoted field goes on into.
    fn split(&mut self, record: &mut Record) -> Result<(), Refusal> {
        let opened = self.line;
        let mut quoted = false;
        let mut size = 0;
        loop {
            // With its line end, so that a quote over many blank lines ends, too.
            size += self.buffer.len() + 1;
            if quoted && size > self.limits.record {
                let limit = size_label(self.limits.record as u64);
                return Err(Refusal::new(opened, format!("a quote is not closed within {limit}")));
            }
            let text = text(&self.buffer, self.line)?;
            if quoted || text.contains('"') {
                quoted = fields(text, self.delimiter, quoted, record).map_err(|what| Refusal::new(self.line, what))?;
            } else {
                for field in text.split(self.delimiter) {
                    record.text.push_str(field);
                    record.end_field();
                }
            }
            if !quoted {
                return Ok(());
            }
            record.text.push('\n');
            if !self.next_line()? {
                return Err(Refusal::new(opened, "a quote is opened and never closed: the file seems to be cut off"));
            }
        }
    }

    /// Reads a line into the buffer, without its end; `false` at the end of the file.
    fn next_line(&mut self) -> Result<bool, Refusal> {
        self.buffer.clear();
        let most = self.limits.record as u64 + 3;
        let read = (&mut self.input).take(most).read_until(b'\n', &mut self.buffer).map_err(|e| unreadable(self.line + 1, &e))?;
        if read == 0 {
            return Ok(false);
        }
        self.line += 1;
        self.bytes += read as u64;
        if self.bytes > self.limits.bytes {
            return Err(Refusal::new(self.line, format!("the file is larger than {}", size_label(self.limits.bytes))));
        }
        if self.buffer.contains(&0) {
            return Err(Refusal::new(self.line, "holds a NUL byte: the file is not text in UTF-8"));
        }
        self.ended = self.buffer.last() == Some(&b'\n');
        if self.ended {
            self.buffer.pop();
            if self.buffer.last() == Some(&b'\r') {
                self.buffer.pop();
            }
        }
        if self.buffer.len() > self.limits.record {
            return Err(Refusal::new(self.line, format!("is longer than {}", size_label(self.limits.record as u64))));
        }
        Ok(true)
    }
}

fn unreadable(line: u64, error: &std::io::Error) -> Refusal {
    Refusal::new(line, format!("the file cannot be read: {error}"))
}

fn text(bytes: &[u8], line: u64) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|_| {
        let message = "is not UTF-8 but another encoding, such as Latin-1 or Windows-1252; save the file as \u{201c}CSV UTF-8\u{201d}";
        Refusal::new(line, message)
    })
}

/// Files of other kinds, by their first bytes.
fn foreign(start: &[u8]) -> Option<&'static str> {
    const KINDS: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "the file is a ZIP archive or a spreadsheet (XLSX), not CSV; export it as CSV"),
        (b"PK\x05\x06", "the file is a ZIP archive, not CSV"),
        (b"\xD0\xCF\x11\xE0", "the file is an old spreadsheet (XLS), not CSV; export it as CSV"),
        (b"\x1F\x8B", "the file is compressed (gzip), not CSV; unpack it first"),
        (b"%PDF", "the file is a PDF, not CSV"),
        (b"\xFF\xFE", "the file is in UTF-16; save it as \u{201c}CSV UTF-8\u{201d}"),
        (b"\xFE\xFF", "the file is in UTF-16; save it as \u{201c}CSV UTF-8\u{201d}"),
    ];
    if let Some((_, message)) = KINDS.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Some(message);
    }
    // Without a mark at the start: every other byte of its first letters is NUL.
    let pair = |odd: usize| start.len() >= 4 && start[odd] == 0 && start[odd + 2] == 0 && start[1 - odd] != 0;
    (pair(0) || pair(1)).then_some("the file is in UTF-16; save it as \u{201c}CSV UTF-8\u{201d}")
}

/// Comma or semicolon, whichever the header has more of outside quotes.
fn delimiter(header: &str) -> char {
    let mut quoted = false;
    let (mut commas, mut semicolons) = (0, 0);
    for c in header.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => commas += 1,
            ';' if !quoted => semicolons += 1,
            _ => {}
        }
    }
    if semicolons > commas { ';' } else { ',' }
}

/// Adds the fields of a line with quotes to `record`, beginning inside a quoted field where `quoted`; gives whether the
/// line ends inside one.
fn fields(line: &str, delimiter: char, mut quoted: bool, record: &mut Record) -> Result<bool, &'static str> {
    let mut chars = line.chars().peekable();
    loop {
        if !quoted && chars.peek() == Some(&'"') {
            chars.next();
            quoted = true;
        } else if !quoted {
            // An unquoted field; a quote inside it is a letter like any other.
            loop {
                match chars.next() {
                    Some(c) if c == delimiter => break record.end_field(),
                    Some(c) => record.text.push(c),
                    None => {
                        record.end_field();
                        return Ok(false);
                    }
                }
            }
            continue;
        }
        while quoted {
            match chars.next() {
                Some('"') if chars.peek() == Some(&'"') => {
                    chars.next();
                    record.text.push('"');
                }
                Some('"') => quoted = false,
                Some(c) => record.text.push(c),
                None => return Ok(true),
            }
        }
        record.end_field();
        match chars.next() {
            None => return Ok(false),
            Some(c) if c == delimiter => {}
            Some(_) => return Err("has text after a closing quote"),
        }
    }
}
