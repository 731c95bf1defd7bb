//! Rule 1: `kit` ← `ui` ← features ← what puts them together; the features' graph has no cycle.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, Tree, closing, is_word, words};

/// What a feature may use of the frame, and why.
const FRAME: &[(&str, &str)] = &[
    ("shell::use_viewer", "who looks is known to the frame, which provides it to its pages"),
    ("registry::rest", "the API is put together of all features' routes, by the feature that describes it"),
    ("registry", "a sandbox runs all jobs and tells all sinks, by its own clock"),
    ("registry::jobs", "the schedules to show are those that run"),
];
/// Features that only take in what others announce.
const SINKS: &[&str] = &["audit", "notifications"];
/// Features that read everyone and are read by nobody.
const TOPS: &[&str] = &["dashboard"];

/// Modules of the crate that a file names, with where: `crate::x`, `crate::{x, y}`, and `super::…` that reaches as far.
pub fn named(source: &Source) -> Vec<(String, usize)> {
    let code = &source.shipped;
    let mut found = Vec::new();
    for at in words(code, "crate") {
        if code[..at].ends_with('$') || code[..at].ends_with("pub(") || code[..at].ends_with("in ") {
            continue;
        }
        let Some(rest) = code[at + 5..].strip_prefix("::") else { continue };
        found.extend(heads(rest).into_iter().map(|name| (name, at)));
    }
    let depth = source.path.trim_start_matches("app/src/").trim_end_matches("/mod.rs").trim_end_matches(".rs").split('/').count();
    let chain = "super::".repeat(depth);
    for (at, _) in code.match_indices(chain.as_str()) {
        let whole = !code[..at].ends_with("super::") && !code[..at].ends_with(is_word);
        if whole && !code[at + chain.len()..].starts_with("super") {
            found.extend(heads(&code[at + chain.len()..]).into_iter().map(|name| (name, at)));
        }
    }
    found
}

/// The first two segments of a path, or of each path in a group.
fn heads(rest: &str) -> Vec<String> {
    if let Some(group) = rest.strip_prefix('{') {
        let end = closing(rest, 0).saturating_sub(2).min(group.len());
        return split(&group[..end]).into_iter().filter(|p| !p.is_empty()).flat_map(heads).collect();
    }
    let segment = |text: &str| text.chars().take_while(|c| is_word(*c)).collect::<String>();
    let first = segment(rest);
    let second = rest[first.len()..].strip_prefix("::").map(segment).unwrap_or_default();
    if second.is_empty() { vec![first] } else { vec![format!("{first}::{second}")] }
}

fn split(group: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(group[from..i].trim());
                from = i + 1;
            }
            _ => {}
        }
    }
    parts.push(group[from..].trim());
    parts
}

/// Who names whom, feature by feature, with one place for each.
pub fn graph(tree: &Tree) -> BTreeMap<String, BTreeMap<String, String>> {
    let features: BTreeSet<&str> = tree.features().into_iter().collect();
    let mut graph: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for source in tree.app().filter(|s| s.is_in_folder() && features.contains(s.module())) {
        for (name, at) in named(source) {
            let head = name.split("::").next().unwrap_or_default();
            if features.contains(head) && head != source.module() {
                let edges = graph.entry(source.module().to_owned()).or_default();
                edges.entry(head.to_owned()).or_insert_with(|| source.at(at));
            }
        }
    }
    graph
}

pub fn layers_look_down(tree: &Tree) -> Vec<String> {
    let features: BTreeSet<&str> = tree.features().into_iter().collect();
    let frame: BTreeSet<&str> = tree.app().filter(|s| !s.is_in_folder() && s.module() != "lib").map(Source::module).collect();
    let mut found = Vec::new();
    for source in tree.app().filter(|s| s.is_in_folder()) {
        for (name, at) in named(source) {
            let head = name.split("::").next().unwrap_or_default();
            let wrong = match source.module() {
                "kit" => head == "ui" || features.contains(head) || frame.contains(head),
                "ui" => features.contains(head) || frame.contains(head),
                _ => frame.contains(head) && !FRAME.iter().any(|(allowed, _)| *allowed == name),
            };
            if wrong {
                found.push(format!("{}: {} names {name}, which stands above it", source.at(at), source.module()));
            }
        }
    }
    for (feature, edges) in graph(tree) {
        for (other, place) in edges {
            if SINKS.contains(&feature.as_str()) {
                found.push(format!("{place}: {feature} takes in what others announce, and names {other}"));
            }
            if TOPS.contains(&other.as_str()) {
                found.push(format!("{place}: {feature} names {other}, which nobody may"));
            }
        }
    }
    found
}

pub fn features_have_no_cycle(tree: &Tree) -> Vec<String> {
    let mut graph = graph(tree);
    // Take away, again and again, whoever names nobody that is left. What stays is a cycle or leads into one.
    loop {
        let left: BTreeSet<String> = graph.keys().cloned().collect();
        for edges in graph.values_mut() {
            edges.retain(|to, _| left.contains(to));
        }
        let before = graph.len();
        graph.retain(|_, edges| !edges.is_empty());
        if graph.len() == before {
            break;
        }
    }
    let edges = graph.iter().flat_map(|(from, edges)| edges.iter().map(move |(to, place)| format!("{place}: {from} names {to}")));
    let edges: Vec<String> = edges.collect();
    if edges.is_empty() { Vec::new() } else { vec![format!("a cycle of features:\n{}", edges.join("\n"))] }
}
