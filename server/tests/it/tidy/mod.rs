//! Holds the architecture's invariants by reading the sources. Each rule is also shown a source that breaks it, so that
//! a rule that can no longer fail is found out.

mod layers;
mod rules;
pub mod source;

use rules::Rule;
use source::Tree;

/// The rule holds here.
fn holds(rule: Rule) {
    let found = rule(&Tree::read());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// The rule finds one fault in each of `bad`, and none in `good`.
fn can_fail(rule: Rule, bad: &[&[(&str, &str)]], good: &[(&str, &str)]) {
    for files in bad {
        let found = rule(&Tree::of(files));
        assert_eq!(found.len(), 1, "{files:?}: {found:?}");
    }
    assert_eq!(rule(&Tree::of(good)), Vec::<String>::new());
}

/// Sixty lines, and ninety, of nothing.
macro_rules! sixty {
    () => {
        "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
    };
}
macro_rules! lines {
    () => {
        concat!(sixty!(), "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n")
    };
}

macro_rules! rules {
    ($($name:ident in $module:ident { bad $([$(($path:expr, $text:expr)),+ $(,)?]),+ ; good [$(($good:expr, $good_text:expr)),* $(,)?] })+) => {
        $(mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[test]
            fn holds() {
                super::holds(super::$module::$name);
            }
            #[test]
            fn can_fail() {
                super::can_fail(super::$module::$name, &[$(&[$(($path, $text)),+]),+], &[$(($good, $good_text)),*]);
            }
        })+
    };
}

const STORE: &str = "app/src/plans/store.rs";
const PAGE: &str = "app/src/plans/page.rs";

rules! {
    layers_look_down in layers {
        bad [("app/src/kit/money.rs", "use crate::plans::PlanId;"), ("app/src/plans/mod.rs", "")],
            [("app/src/kit/money.rs", "use super::super::plans::PlanId;"), ("app/src/plans/mod.rs", "")],
            [("app/src/kit/money.rs", "use crate::{kit::{id, form}, ui::Button};"), ("app/src/ui/mod.rs", "")],
            [("app/src/ui/menu.rs", "fn f() { crate::plans::all() }"), ("app/src/plans/mod.rs", "")],
            [(PAGE, "use crate::routes;"), ("app/src/routes.rs", "")],
            [(PAGE, "use crate::shell::{Console};"), ("app/src/shell.rs", "")],
            [("app/src/audit/store.rs", "use crate::plans::PlanId;"), ("app/src/plans/mod.rs", "")],
            [("app/src/revenue/store.rs", "use crate::dashboard::Card;"), ("app/src/dashboard/mod.rs", "")];
        good [
            (PAGE, "use crate::kit::money::Money;\nuse crate::shell::use_viewer; use crate::{text_enum, ui::Table};\npub(crate) mod x {}"),
            ("app/src/ui/menu.rs", "use crate::kit::{id, money}; // crate::plans is for a page"),
            ("app/src/shell.rs", "use crate::plans::page;"),
            ("app/src/kit/tx.rs", "#[cfg(test)]\nmod tests { use crate::plans::PlanId; }\nmacro_rules! m { () => { $crate::kit::tx::Tx } }"),
        ]
    }
    features_have_no_cycle in layers {
        bad [("app/src/plans/store.rs", "fn f() { crate::customers::b() }"),
             ("app/src/customers/store.rs", "use crate::{invoices::c, kit::id};"),
             ("app/src/invoices/mod.rs", "use super::plans::PlanId;")];
        good [("app/src/plans/store.rs", "use crate::customers::b;"), ("app/src/customers/store.rs", "use super::a; use super::store::b;")]
    }
    database_only_in_stores in rules {
        bad [(PAGE, "use sea_orm::Value;")], [("app/src/kit/money.rs", "use sea_orm::Value;")], [(PAGE, "use sqlx::Row;")],
            [(STORE, "use charming::Chart;")], [(STORE, "use stripe::Client;")];
        good [(STORE, "use sea_orm::Value;"), ("app/src/plans/store/bulk.rs", "use sea_orm::Value;"), ("app/src/plans/jobs.rs", "use sea_orm::Value;"),
              ("app/src/plans/charts.rs", "use charming::Chart;"), (PAGE, "// sea_orm is in the store\nconst A: &str = \"sea_orm\";")]
    }
    entities_are_private in rules {
        bad [(PAGE, "mod plan { #[derive(DeriveEntityModel)] struct Model; }")], [(STORE, "pub mod plan { #[derive(DeriveEntityModel)] struct Model; }")];
        good [(STORE, "pub fn f() {}\nmod plan { #[derive(DeriveEntityModel)] pub struct Model; }")]
    }
    conditions_only_on_modules in rules {
        bad [(PAGE, "#[cfg(feature = \"ssr\")]\nfn f() {}")], [(PAGE, "fn f() { if cfg!(feature = \"ssr\") {} }")],
            [(PAGE, "#[cfg_attr(feature = \"ssr\", derive(Debug))]\npub struct A;")], [(PAGE, "#[cfg(not(feature = \"ssr\"))]\n#[allow(x)]\nfn f() {}")];
        good [("app/src/plans/mod.rs", "#[cfg(feature = \"ssr\")]\npub mod store;\n#[cfg(feature = \"ssr\")]\n#[path = \"x.rs\"]\npub(crate) use layer::{a};"),
              ("app/src/kit/id.rs", "macro_rules! id { () => { #[cfg(feature = \"ssr\")] fn f() {} } }")]
    }
    bodies_deny_unknown_fields in rules {
        bad [("app/src/plans/rest.rs", "#[derive(Debug, Deserialize, utoipa::ToSchema)]\n#[serde(default)]\npub struct A { a: i64 }")];
        good [("app/src/plans/rest.rs", "#[derive(Deserialize, utoipa::ToSchema)]\n#[serde(default, deny_unknown_fields)]\npub struct A { a: i64 }"),
              ("app/src/plans/model.rs", "#[derive(Deserialize)]\nstruct A;\n#[derive(Serialize, utoipa::ToSchema)]\nstruct B;\n#[derive(Deserialize, utoipa::ToSchema)]\nenum C {}\nstruct D;")]
    }
    markup_only_in_ui in rules {
        bad [(PAGE, "view! { <table class=\"x\"> }")], [(PAGE, "view! { <form> }")], [(PAGE, "view! {\n<dialog\nopen> }")];
        good [("app/src/ui/table.rs", "view! { <table> }"), (PAGE, "view! { <Table/> <formality/> \"<table>\" } type A = Vec<form::Check>;")]
    }
    textareas_have_no_children in rules {
        bad [("app/src/ui/field.rs", "view! { <textarea name=\"a\" on:input=move |e| set(e)>{text}</textarea> }")];
        good [("app/src/ui/field.rs", "view! { <textarea name=\"a\" on:input=move |e| { if a > b {} } prop:value=text/> <textarea>\n</textarea> }")]
    }
    no_floats in rules {
        bad [("app/src/kit/money.rs", "fn f(a: f64) {}")], [(PAGE, "let a = 1 as f32;")];
        good [("app/src/kit/money.rs", "/// not f64\nfn f() {}\n#[cfg(test)]\nmod tests { fn f(a: f64) {} }"), (PAGE, "let buf64 = 1;")]
    }
    one_clock in rules {
        bad [(STORE, "let now = chrono::Utc::now();")], [("server/src/main.rs", "SystemTime::now()")];
        good [("app/src/kit/clock.rs", "Utc::now()"), (STORE, "clock::now(); #[cfg(test)] mod tests { fn f() { Utc::now() } }")]
    }
    no_unwrap in rules {
        bad [(STORE, "a.unwrap();")], [("server/src/main.rs", "a\n.expect(\"b\");")];
        good [(STORE, "a.unwrap_or(1); expect_context::<A>(); // .unwrap()\n#[cfg(test)]\nmod tests;"), ("app/src/plans/store/tests.rs", "a.unwrap()"),
              ("app/src/kit/mod.rs", "#[cfg(all(test, feature = \"ssr\"))]\npub mod testing;\n#[cfg(test)]\n#[path = \"x_tests.rs\"]\nmod tests;"),
              ("app/src/kit/testing.rs", "a.unwrap()"), ("app/src/kit/x_tests.rs", "a.unwrap()"),
              ("server/tests/it/main.rs", "a.unwrap()")]
    }
    nothing_unfinished in rules {
        bad [(STORE, "todo!()")], [("server/tests/it/main.rs", "dbg!(a)")];
        good [(STORE, "let todo = \"todo!\";")]
    }
    short_files in rules {
        bad [(STORE, LONG)];
        good [(STORE, "fn f() {}")]
    }
    short_functions in rules {
        bad [(STORE, LONG_FUNCTION)], [(PAGE, LONG_COMPONENT)];
        good [(STORE, LONG_COMPONENT_BODY), (PAGE, "type A = fn(i32) -> i32;")]
    }
    few_props in rules {
        bad [(PAGE, "#[component]\npub fn A(a: B<C, D>, #[prop(optional, into)] b: (E, F), c: G, d: H, e: I, f: J, g: K) -> impl IntoView {}")];
        good [(PAGE, "#[component]\nfn A(a: B<C, D>, b: impl Fn(E, F) -> G, c: G, d: H, e: I, f: J,) -> impl IntoView {}\nfn b(a: A, b: A, c: A, d: A, e: A, f: A, g: A) {}")]
    }
    features_say_what_they_are in rules {
        bad [("app/src/plans/mod.rs", "mod model;")], [(STORE, "//! A store.")], [("app/src/plans/mod.rs", LONG_HEADER)];
        good [("app/src/plans/mod.rs", "//! Plans.\nmod model;"), ("app/src/kit/mod.rs", "mod model;")]
    }
}

const LONG: &str = concat!(lines!(), lines!(), lines!(), lines!(), lines!());
const LONG_FUNCTION: &str = concat!("fn f() {", lines!(), "}");
const LONG_COMPONENT: &str = concat!("#[component]\npub fn A() -> impl IntoView {", sixty!(), "}");
const LONG_COMPONENT_BODY: &str = concat!("#[server]\npub fn a() {", sixty!(), "}");
const LONG_HEADER: &str = "//! 1\n//! 2\n//! 3\n//! 4\n//! 5\n//! 6\n//! 7\n//! 8\n//! 9\n//! 10\n//! 11\n";

#[test]
fn the_sources_are_all_read() {
    let tree = Tree::read();
    for path in ["app/src/kit/money.rs", "migration/src/lib.rs", "server/src/main.rs", "server/tests/it/tidy/mod.rs", "frontend/src/lib.rs"]
    {
        assert!(tree.0.iter().any(|s| s.path == path), "{path}");
    }
}

#[test]
fn comments_and_literals_are_not_code() {
    let text = "let a = \"x // y\"; // unwrap()\n/* a /* b */ c */ let b = 'c'; let c: &'static str = r#\"d\"e\"#; b\"f\"; let d = '\\'' ;";
    let code = source::blank(text);
    assert_eq!(code.len(), text.len());
    assert!(["x", "unwrap", " c ", "\"e", "f"].iter().all(|gone| !code.contains(gone)), "{code}");
    assert!(["let a = \"", "let b = ' ';", "&'static str", "let d = '"].iter().all(|kept| code.contains(kept)), "{code}");
}
