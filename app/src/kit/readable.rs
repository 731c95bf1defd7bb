//! JSON for people: names and values, nested names joined, money as an amount.

use serde_json::Value as Json;

use super::case;
use super::money::Money;

/// The values in `json` with their names, in order: `{"price":{"before":1,"after":2}}` gives `Price, before: 1` and
/// `Price, after: 2`. Nothing for `{}` and `null`.
pub fn pairs(json: &Json) -> Vec<(String, String)> {
    let mut out = Vec::new();
    walk("", json, &mut out);
    out
}

fn walk(name: &str, json: &Json, out: &mut Vec<(String, String)>) {
    let named = || if name.is_empty() { "Value".to_owned() } else { words(name) };
    if let Ok(money) = serde_json::from_value::<Money>(json.clone()) {
        out.push((named(), money.to_string()));
        return;
    }
    match json {
        Json::Null if name.is_empty() => {}
        Json::Object(fields) => {
            for (key, value) in fields {
                let name = if name.is_empty() { key.clone() } else { format!("{name}, {key}") };
                walk(&name, value, out);
            }
        }
        Json::Array(items) if items.iter().all(|i| !i.is_object() && !i.is_array()) => {
            let items: Vec<String> = items.iter().map(scalar).collect();
            out.push((named(), if items.is_empty() { "none".into() } else { items.join(", ") }));
        }
        Json::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                walk(&format!("{name} {}", i + 1), item, out);
            }
        }
        other => out.push((named(), scalar(other))),
    }
}

fn scalar(json: &Json) -> String {
    match json {
        Json::Null => "none".to_owned(),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::String(text) if text.is_empty() => "empty".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `trial_ends_on` as `Trial ends on`, `subscription.changed` as `Subscription changed`.
pub fn words(name: &str) -> String {
    let text = name.replace(['_', '.'], " ");
    capitalized(&text)
}

/// With its first letter in upper case.
pub fn capitalized(text: &str) -> String {
    let first = text.chars().next().map_or(0, char::len_utf8);
    case::upper(&text[..first]) + &text[first..]
}

/// `1 plan`, `1,234 plans`: the noun is one that only takes an s.
pub fn count(n: u64, noun: &str) -> String {
    let n = super::money::group(&n.to_string());
    if n == "1" { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// What an identifier is of, and its page: `Invoice` and `/invoices/inv_…`. None for what is no identifier or has no page.
pub fn page_of(id: &str) -> Option<(&'static str, String)> {
    let prefix = id.split_once('_')?.0;
    let (noun, path) = match prefix {
        "cus" => ("Customer", "customers"),
        "pln" => ("Plan", "plans"),
        "sub" => ("Subscription", "subscriptions"),
        "inv" => ("Invoice", "invoices"),
        "crn" => ("Credit note", "credit-notes"),
        "pay" => ("Payment", "payments"),
        "rcp" => ("Receipt", "receipts"),
        "cpn" => ("Coupon", "coupons"),
        "mtr" => ("Meter", "meters"),
        "usu" => ("Usage file", "usage-uploads"),
        "dun" => ("Dunning case", "dunning"),
        "mal" => ("Letter", "mails"),
        "gev" => ("Webhook event", "webhook-events"),
        "imp" => ("Import", "imports"),
        "job" => ("Job", "jobs"),
        _ => return None,
    };
    super::id::decode(prefix, id).ok().map(|_| (noun, format!("/{path}/{id}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_json_reads_as_names_and_values() {
        let json = json!({
            "before": { "price": { "minor": 2985, "currency": "USD" }, "quantity": 1 },
            "reason": "too_expensive", "plans": ["Basic", "Pro"], "ended_on": null, "rows": [{ "line": 3 }],
        });
        let read: Vec<String> = pairs(&json).into_iter().map(|(k, v)| format!("{k}: {v}")).collect();
        let mut want = vec![
            "Before, price: $29.85",
            "Before, quantity: 1",
            "Reason: too_expensive",
            "Plans: Basic, Pro",
            "Ended on: none",
            "Rows 1, line: 3",
        ];
        // serde_json keeps the fields of an object in alphabetical order.
        let mut read: Vec<&str> = read.iter().map(String::as_str).collect();
        read.sort_unstable();
        want.sort_unstable();
        assert_eq!(read, want);
        assert!(pairs(&json!({})).is_empty() && pairs(&Json::Null).is_empty());
    }
}
