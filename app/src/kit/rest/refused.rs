//! Which field of a body or a query is wrong, and why, in our own words instead of those for programmers.

use std::error::Error;

use crate::kit::error::FieldErrors;

/// The field at fault, of a rejection by axum.
pub fn fields(rejection: &dyn Error) -> FieldErrors {
    // What axum says of the request as a whole stands around it.
    let said = rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string);
    let (path, why) = parts(&said);
    let (field, message) = told(path, why);
    FieldErrors::one(&field, message)
}

/// The place at fault of what is no JSON.
pub fn syntax(rejection: &dyn Error) -> FieldErrors {
    let said = rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string);
    let place = said.rsplit_once(" at line ").map_or(String::new(), |(_, place)| format!(" at line {place}"));
    FieldErrors::one("", format!("is not JSON{place}"))
}

/// `lines[0].unit_amount: invalid type: … at line 1 column 9` apart, without the place.
fn parts(said: &str) -> (&str, &str) {
    let said = said.rsplit_once(" at line ").map_or(said, |(said, _)| said);
    let is_path = |path: &str| !path.is_empty() && path.chars().all(|c| c.is_ascii_alphanumeric() || "_-.[]?".contains(c));
    said.split_once(": ").filter(|(path, _)| is_path(path)).unwrap_or(("", said))
}

fn told(path: &str, why: &str) -> (String, String) {
    let mut names = why.split('`').skip(1).step_by(2);
    let inside = |name: &str| match path {
        "" => name.to_owned(),
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    if let Some(name) = names.next().filter(|_| why.starts_with("missing field")) {
        return (inside(name), "is required".into());
    }
    let mut names = why.split('`').skip(1).step_by(2);
    let first = names.next().unwrap_or_default();
    let others = names.collect::<Vec<_>>().join(", ");
    match why {
        _ if why.starts_with("unknown field") && others.is_empty() => (inside(first), "is no field of this request".into()),
        _ if why.starts_with("unknown field") => (inside(first), format!("is no field of this request; there are {others}")),
        _ if why.starts_with("duplicate field") => (inside(first), "is there twice".into()),
        _ if why.starts_with("unknown variant") => (path.to_owned(), format!("must be one of {others}")),
        _ => (path.to_owned(), message(why)),
    }
}

/// What it must be instead.
fn message(why: &str) -> String {
    const DAY: &str = "must be a day, YYYY-MM-DD";
    const WHOLE: &str = "must be a whole number";
    let expected = why.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    let told = match why {
        "input contains invalid characters" | "premature end of input" | "trailing input" | "input is out of range" => DAY,
        "invalid digit found in string" | "cannot parse integer from empty string" => WHOLE,
        "provided string was not `true` or `false`" => "must be true or false",
        "not an identifier of this kind" => "is not an identifier of this kind",
        _ if why.starts_with("number too ") || why.starts_with("invalid value: integer") => "is out of range",
        _ if why.starts_with("invalid type") => match expected {
            "a string" | "a borrowed string" | "string" | "variant identifier" => "must be a text",
            "a boolean" => "must be true or false",
            "a sequence" => "must be a list",
            of if of.contains("date") => DAY,
            of if is_whole(of) => WHOLE,
            of if of.starts_with("struct ") || of == "a map" => "must be an object",
            _ => "is of the wrong kind",
        },
        _ if why.starts_with("invalid value") || why.starts_with("invalid length") || why.contains("untagged") => "is not what it must be",
        own => own,
    };
    told.to_owned()
}

/// `i64`, `u32`: what a programmer calls a whole number.
fn is_whole(of: &str) -> bool {
    of == "integer" || of.strip_prefix(['i', 'u']).is_some_and(|bits| bits == "size" || bits.parse::<u8>().is_ok())
}

#[cfg(test)]
mod tests {
    use axum::Json;
    use axum::extract::Query;
    use chrono::NaiveDate;
    use serde::Deserialize;

    use super::*;
    use crate::kit::money::Money;
    use crate::kit::period::IntervalUnit;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Line {
        price: Money,
        #[serde(default)]
        quantity: Option<u32>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Order {
        name: String,
        #[serde(default)]
        lines: Vec<Line>,
        #[serde(default)]
        on: Option<NaiveDate>,
        #[serde(default)]
        interval: Option<IntervalUnit>,
        #[serde(default)]
        now: bool,
    }

    fn wrong(body: &str) -> (String, String) {
        let rejection = Json::<Order>::from_bytes(body.as_bytes()).expect_err("refused");
        let FieldErrors(fields) = fields(&rejection);
        let (field, messages) = fields.into_iter().next().expect("a field");
        (field, messages.join(" "))
    }

    #[test]
    fn a_body_is_refused_by_field_in_plain_words() {
        let cases = [
            ("{}", "name", "is required"),
            (r#"{"nam":"a"}"#, "nam", "is no field of this request; there are name, lines, on, interval, now"),
            (r#"{"name":1}"#, "name", "must be a text"),
            (r#"{"name":null}"#, "name", "must be a text"),
            (r#"{"name":"a","name":"b"}"#, "name", "is there twice"),
            (r#"{"name":"a","now":"yes"}"#, "now", "must be true or false"),
            (r#"{"name":"a","on":"2026-02-30"}"#, "on", "must be a day, YYYY-MM-DD"),
            (r#"{"name":"a","on":"soon"}"#, "on", "must be a day, YYYY-MM-DD"),
            (r#"{"name":"a","interval":"fortnight"}"#, "interval", "must be one of day, week, month, quarter, year"),
            (r#"{"name":"a","lines":{}}"#, "lines", "must be a list"),
            (r#"{"name":"a","lines":[{}]}"#, "lines[0].price", "is required"),
            (r#"{"name":"a","lines":[{"price":5}]}"#, "lines[0].price", "must be an object"),
            (r#"{"name":"a","lines":[{"price":{"minor":1.5,"currency":"USD"}}]}"#, "lines[0].price.minor", "must be a whole number"),
            (
                r#"{"name":"a","lines":[{"price":{"minor":1,"currency":"XYZ"}}]}"#,
                "lines[0].price.currency",
                "is not an ISO 4217 currency code, such as USD",
            ),
            (r#"{"name":"a","lines":[{"price":{"minor":1,"currency":"USD"},"quantity":-1}]}"#, "lines[0].quantity", "is out of range"),
            (
                r#"{"name":"a","lines":[{"price":{"minor":1,"currency":"USD"},"qty":1}]}"#,
                "lines[0].qty",
                "is no field of this request; there are price, quantity",
            ),
        ];
        for (body, field, message) in cases {
            assert_eq!(wrong(body), (field.to_owned(), message.to_owned()), "{body}");
        }
        let rejection = Json::<Order>::from_bytes(b"{\"name\":").expect_err("refused");
        assert_eq!(syntax(&rejection).first(""), Some("is not JSON at line 1 column 8"));
    }

    #[test]
    fn a_query_is_refused_by_field_too() {
        let cases = [
            ("", "name", "is required"),
            ("name=a&now=maybe", "now", "must be true or false"),
            ("name=a&on=soon", "on", "must be a day, YYYY-MM-DD"),
            ("name=a&interval=x", "interval", "must be one of day, week, month, quarter, year"),
        ];
        for (query, field, message) in cases {
            let uri = format!("/x?{query}").parse().expect("a path");
            let rejection = Query::<Order>::try_from_uri(&uri).expect_err("refused");
            assert_eq!(fields(&rejection).first(field), Some(message), "{query}");
        }
    }
}
