//! Which of the file's columns is which of ours.

use crate::imports::model::{Column, Mapping, Refusal, plain_name};

/// The places of our columns in a record.
#[derive(Clone, Debug)]
pub struct Layout {
    headers: Vec<String>,
    places: [Option<usize>; Column::ALL.len()],
}

impl Layout {
    /// An error where a required column has no place.
    pub fn new(headers: Vec<String>, mapping: &Mapping) -> Result<Self, Refusal> {
        let mut places = [None; Column::ALL.len()];
        for (column, header) in mapping {
            let place = headers.iter().position(|h| h == header);
            let missing = || Refusal::new(1, format!("the file has no column {header:?}, which was chosen for {column}"));
            places[*column as usize] = Some(place.ok_or_else(missing)?);
        }
        let missing: Vec<&str> = Column::ALL.iter().filter(|c| c.required() && places[**c as usize].is_none()).map(|c| c.word()).collect();
        match missing.as_slice() {
            [] => Ok(Self { headers, places }),
            [one] => Err(Refusal::new(1, format!("the column {one} is missing"))),
            [rest @ .., last] => Err(Refusal::new(1, format!("the columns {} and {last} are missing", rest.join(", ")))),
        }
    }

    /// How many fields a row must have.
    pub fn width(&self) -> usize {
        self.headers.len()
    }

    /// Where a column is; `None` where the file has none for it.
    pub fn place(&self, column: Column) -> Option<usize> {
        self.places[column as usize]
    }

    /// What the file calls a column; our name where it has none for it.
    pub fn name(&self, column: Column) -> &str {
        self.place(column).map_or(column.word(), |place| &self.headers[place])
    }

    /// Our columns that the file has.
    pub fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        Column::ALL.iter().copied().filter(|c| self.place(*c).is_some())
    }
}

/// Refuses two columns of one name.
pub fn distinct(headers: &[String], line: u64) -> Result<(), Refusal> {
    let mut seen = std::collections::HashSet::new();
    for header in headers {
        let plain = plain_name(header);
        if !plain.is_empty() && !seen.insert(plain) {
            return Err(Refusal::new(line, format!("the column {header} is there twice")));
        }
    }
    Ok(())
}
