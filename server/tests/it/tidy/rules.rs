//! The rules. Each looks at a tree and says what breaks it, as `path:line: what`.

use super::source::{Source, Tree, closing, is_word, words};

pub type Rule = fn(&Tree) -> Vec<String>;

/// No file longer.
const FILE_LINES: usize = 400;
/// No function longer.
const FUNCTION_LINES: usize = 70;
/// No component longer, nor with more props.
const COMPONENT_LINES: usize = 60;
const COMPONENT_PROPS: usize = 6;
/// No feature's header longer.
const HEADER_LINES: usize = 10;

/// Where a float may stand, and why. Money is never near it.
const FLOATS: &[(&str, &str)] = &[
    ("app/src/ui/", "pixels and shares of a width, for drawings"),
    ("app/src/revenue/", "rates: ratios of two amounts, which are no amounts"),
    ("app/src/dashboard/", "rates, and heights in a drawing"),
    ("app/src/monitoring/", "what Prometheus reads are floats"),
    ("server/src/commands/bench", "durations and ratios of measurements"),
    ("server/tests/it/", "the tests read rates back"),
];

/// Where the database may be named besides stores, jobs, demo worlds, the server and the migrations.
const DATABASE_FILES: &[(&str, &str)] = &[
    ("app/src/kit/db.rs", "the database itself"),
    ("app/src/kit/bulk.rs", "many rows in one statement"),
    ("app/src/kit/bulk/", "many rows in one statement"),
    ("app/src/kit/day_sums.rs", "sums that the database keeps"),
    ("app/src/kit/tx.rs", "its transactions"),
    ("app/src/kit/event.rs", "audit and outbox rows"),
    ("app/src/kit/job.rs", "the job queue"),
    ("app/src/kit/job/", "the job queue"),
    ("app/src/kit/seller.rs", "the row of the seller"),
    ("app/src/kit/keyset.rs", "paging is a part of a query"),
    ("app/src/kit/keyset/", "paging is a part of a query"),
    ("app/src/api/idempotency.rs", "the rows behind Idempotency-Key"),
    ("app/src/demo/", "the demo world looks whether there is one"),
    ("app/src/kit/id.rs", "the macro that makes an id a column's value"),
    ("app/src/kit/text_enum.rs", "the macro that makes a word a column's value"),
];

fn starts_with_any(path: &str, list: &[(&str, &str)]) -> bool {
    list.iter().any(|(prefix, _)| path.starts_with(prefix))
}

fn report(source: &Source, offsets: impl Iterator<Item = usize>, what: &str) -> Vec<String> {
    offsets.map(|at| format!("{}: {what}", source.at(at))).collect()
}

/// 3. `sea_orm` only where the data is; charming only in charts; Stripe only in payments.
pub fn database_only_in_stores(tree: &Tree) -> Vec<String> {
    let allowed = |s: &Source| {
        let inside = s.inside();
        ["store.rs", "jobs.rs", "demo.rs"].contains(&inside)
            || ["store/", "jobs/", "demo/"].iter().any(|p| inside.starts_with(p))
            || starts_with_any(&s.path, DATABASE_FILES)
    };
    let mut found = Vec::new();
    for source in tree.app() {
        let code = &source.shipped;
        if !allowed(source) {
            for word in ["sea_orm", "sqlx"].into_iter().filter(|w| *w != "sqlx" || source.path != "app/src/kit/live.rs") {
                found.extend(report(source, words(code, word), "names the database outside a store"));
            }
        }
        if !source.inside().starts_with("charts") {
            found.extend(report(source, words(code, "charming"), "draws outside charts.rs"));
        }
        if source.module() != "payments" {
            found.extend(report(source, words(code, "stripe"), "names the gateway outside payments"));
        }
    }
    found
}

/// 2. Entities are private to the store that has them.
pub fn entities_are_private(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in tree.app().filter(|s| s.is_in_folder() && s.module() != "kit") {
        let inside = source.inside();
        if !(inside == "store.rs" || inside.starts_with("store/")) {
            found.extend(report(source, words(&source.shipped, "DeriveEntityModel"), "an entity outside its store"));
        }
        for at in words(&source.shipped, "DeriveEntityModel") {
            // The nearest module above must not be public.
            let above = &source.shipped[..at];
            if above.rfind("mod ").is_some_and(|m| above[..m].trim_end().ends_with("pub")) {
                found.push(format!("{}: an entity in a public module", source.at(at)));
            }
        }
    }
    found
}

/// 4. Conditions only on `mod` and `use` lines, and inside the macros `id!` and `text_enum!`.
pub fn conditions_only_on_modules(tree: &Tree) -> Vec<String> {
    let macros = ["app/src/kit/id.rs", "app/src/kit/text_enum.rs"];
    let mut found = Vec::new();
    for source in tree.0.iter().filter(|s| !macros.contains(&s.path.as_str())) {
        for pattern in ["cfg(", "cfg_attr(", "cfg!("] {
            for at in words(&source.code, pattern) {
                let condition = &source.code[at..closing(&source.code, at + pattern.len() - 1)];
                if words(condition, "feature").count() > 0 && !stands_on_a_module(&source.code, at) {
                    found.push(format!("{}: a condition on something else than a module", source.at(at)));
                }
            }
        }
    }
    found
}

/// Whether the attribute around `at` is followed by a `mod` or `use`.
fn stands_on_a_module(code: &str, at: usize) -> bool {
    let Some(open) = code[..at].rfind("#[").filter(|open| !code[*open..at].contains('\n')) else { return false };
    let mut rest = code[closing(code, open + 1)..].trim_start();
    while rest.starts_with("#[") {
        rest = rest[closing(rest, 1)..].trim_start();
    }
    let rest = rest.strip_prefix("pub").map_or(rest, |r| if r.starts_with('(') { &r[closing(r, 0)..] } else { r }).trim_start();
    ["mod ", "use ", "extern crate "].iter().any(|w| rest.starts_with(w))
}

/// A body of the API refuses fields that it does not know: a slip of the pen would be taken for a wish left out.
pub fn bodies_deny_unknown_fields(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in tree.app() {
        let code = &source.shipped;
        for (at, _) in code.match_indices("#[derive(") {
            let derive = &code[at..closing(code, at + 1)];
            let has = |word| words(derive, word).next().is_some();
            let until = code[at..].find("struct ").map_or(code.len(), |n| at + n);
            let attributes = &code[at..until];
            let of_a_body = has("Deserialize") && has("ToSchema") && !has("IntoParams") && words(attributes, "enum").next().is_none();
            if of_a_body && words(attributes, "deny_unknown_fields").next().is_none() {
                found.push(format!("{}: a body that takes fields it does not know", source.at(at)));
            }
        }
    }
    found
}

/// 5. Tables, forms and dialogs are the design system's.
pub fn markup_only_in_ui(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in tree.app().filter(|s| s.module() != "ui") {
        for tag in ["<table", "<form", "<dialog"] {
            let hits = words(&source.shipped, tag).filter(|at| !source.shipped[at + tag.len()..].starts_with("::"));
            found.extend(report(source, hits, &format!("{tag}> outside ui")));
        }
    }
    found
}

/// 5. No text as children of a textarea: the server would write it unescaped.
pub fn textareas_have_no_children(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in &tree.0 {
        for at in words(&source.shipped, "<textarea") {
            if !has_no_children(&source.shipped[at..]) {
                found.push(format!("{}: a textarea with children; use prop:value and />", source.at(at)));
            }
        }
    }
    found
}

fn has_no_children(tag: &str) -> bool {
    let (mut depth, mut before) = (0i32, ' ');
    for (i, c) in tag.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            '>' if depth == 0 && before != '=' && before != '-' => return before == '/' || tag[i + 1..].trim_start().starts_with("</"),
            _ => {}
        }
        before = c;
    }
    false
}

/// 6. No float near money.
pub fn no_floats(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in tree.0.iter().filter(|s| !starts_with_any(&s.path, FLOATS)) {
        for word in ["f32", "f64"] {
            found.extend(report(source, words(&source.shipped, word), "a float (see the list of where one may stand)"));
        }
    }
    found
}

/// 6. One clock.
pub fn one_clock(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in tree.0.iter().filter(|s| s.path != "app/src/kit/clock.rs") {
        for call in ["Utc::now", "Local::now", "SystemTime::now"] {
            found.extend(report(source, words(&source.shipped, call), "reads the clock outside kit::clock"));
        }
    }
    found
}

/// 6. Nothing that panics on a bad day.
pub fn no_unwrap(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in &tree.0 {
        for call in [".unwrap()", ".expect(", ".unwrap_err()", ".expect_err("] {
            let hits = source.shipped.match_indices(call).map(|(at, _)| at);
            found.extend(report(source, hits, "panics outside tests"));
        }
    }
    found
}

/// Nothing unfinished.
pub fn nothing_unfinished(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in &tree.0 {
        for call in ["todo!", "unimplemented!", "dbg!"] {
            found.extend(report(source, words(&source.code, call), "unfinished"));
        }
    }
    found
}

/// Files that a person can hold in mind.
pub fn short_files(tree: &Tree) -> Vec<String> {
    let long = tree.0.iter().map(|s| (s, s.raw.lines().count())).filter(|(_, n)| *n > FILE_LINES);
    long.map(|(s, n)| format!("{}: {n} lines, more than {FILE_LINES}", s.path)).collect()
}

/// Functions and components that fit a screen.
pub fn short_functions(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in tree.0.iter().filter(|s| !s.path.starts_with("frontend/bundle")) {
        for at in words(&source.code, "fn") {
            let Some(open) = body(&source.code, at) else { continue };
            let lines = source.code[at..closing(&source.code, open)].lines().count();
            let limit = if is_component(&source.code, at) { COMPONENT_LINES } else { FUNCTION_LINES };
            if lines > limit {
                found.push(format!("{}: {lines} lines, more than {limit}", source.at(at)));
            }
        }
    }
    found
}

/// Components with few props.
pub fn few_props(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in tree.app() {
        for at in words(&source.shipped, "fn").filter(|at| is_component(&source.shipped, *at)) {
            let Some(open) = source.shipped[at..].find('(').map(|i| i + at) else { continue };
            let props = parameters(&source.shipped[open + 1..closing(&source.shipped, open) - 1]);
            if props > COMPONENT_PROPS {
                found.push(format!("{}: {props} props, more than {COMPONENT_PROPS}", source.at(at)));
            }
        }
    }
    found
}

/// The opening brace of the function whose `fn` is at `at`; none for a declaration or a type.
fn body(code: &str, at: usize) -> Option<usize> {
    let (mut depth, start) = (0i32, at + 2);
    if !code[start..].trim_start().starts_with(is_word) {
        return None;
    }
    for (i, c) in code[start..].char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(start + i),
            ';' if depth == 0 => return None,
            _ if depth < 0 => return None,
            _ => {}
        }
    }
    None
}

/// Whether one of the attributes above `fn` is `#[component]` (or a lazy one).
fn is_component(code: &str, at: usize) -> bool {
    let above = &code[..at];
    let start = above.rfind(['}', ';']).map_or(0, |i| i + 1);
    above[start..].contains("#[component]") || above[start..].contains("#[component(")
}

/// Parameters in a list, attributes and generic arguments aside.
fn parameters(list: &str) -> usize {
    let (mut depth, mut count, mut something) = (0i32, 0, false);
    let mut before = ' ';
    for c in list.chars() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if before == '-' => {}
            ')' | ']' | '}' | '>' => depth -= 1,
            ',' if depth == 0 => {
                count += usize::from(something);
                something = false;
            }
            c if depth == 0 && is_word(c) => something = true,
            _ => {}
        }
        before = c;
    }
    count + usize::from(something)
}

/// Each feature says what it is, in ten lines.
pub fn features_say_what_they_are(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for feature in tree.features() {
        let path = format!("app/src/{feature}/mod.rs");
        let Some(source) = tree.0.iter().find(|s| s.path == path) else {
            found.push(format!("{path}: is missing"));
            continue;
        };
        let header = source.raw.lines().take_while(|l| l.starts_with("//!")).count();
        if header == 0 || header > HEADER_LINES {
            found.push(format!("{path}: a header of {header} lines; it wants 1 to {HEADER_LINES}"));
        }
    }
    found
}
