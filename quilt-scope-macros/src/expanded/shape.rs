//! An expansion is short enough to read, and contains no logic: it builds values and calls `quilt_scope`.

use std::fs;
use std::path::Path;

use syn::Expr;
use syn::visit_mut::{VisitMut, visit_expr_mut, visit_local_mut};

use super::{OTHERS, SERVICES};

/// How many lines each may have, what the user wrote included. Who makes one longer says so here.
const LINES: [(&str, usize); 16] = [
    // Ten lines for each slot and twelve for the scope are there so that a forgotten `#[service]` is one error (ADR 0005), ten for each
    // field so that a type which the parent provides too is told in our words, and six for each slot to name a tool that comes there. Ten
    // lines of each service are there so that one which may not change threads is one error, and so are three for each that a service or a
    // tool takes, and seven if that names a lifetime.
    ("scope_child", 105),
    ("scope_request", 280),
    ("scope_root", 120),
    ("scope_with_a_mistake", 75),
    ("secrets", 20),
    ("service_async_fallible", 155),
    ("service_plain", 135),
    ("service_singleton", 80),
    ("service_transient", 80),
    ("table", 30),
    ("table_of_a_scope", 65),
    ("tool", 170),
    ("tool_accessors", 130),
    ("tool_params", 75),
    ("tool_with_a_mistake", 50),
    ("tools_module", 30),
];

/// What an expansion decides or repeats all the same, and why.
const LOGIC: [(&str, &str, &str); 1] = [(
    "scope_with_a_mistake",
    "loop",
    "what is never called has no value to return: the stand-in for a scope",
)];

fn expansion(case: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expanded").join(format!("{case}.rs"));
    fs::read_to_string(path).expect("each case has its file")
}

#[test]
fn expansions_are_short() {
    for case in SERVICES.iter().chain(&OTHERS) {
        let most = LINES.iter().find(|(name, _)| name == case).map_or(0, |(_, most)| *most);
        let lines = expansion(case).lines().count();
        assert!(lines <= most, "`{case}` has {lines} lines, and may have {most}");
        assert!(lines + 12 > most, "`{case}` has only {lines} lines: lower its bound of {most}");
    }
}

/// The words with which a program decides or repeats something.
#[derive(Default)]
struct Logic(Vec<&'static str>);

impl VisitMut for Logic {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        self.0.extend(match expression {
            Expr::If(_) => Some("if"),
            Expr::Match(_) => Some("match"),
            Expr::While(_) => Some("while"),
            Expr::ForLoop(_) => Some("for"),
            Expr::Loop(_) => Some("loop"),
            Expr::Binary(_) => Some("an operator"),
            _ => None,
        });
        visit_expr_mut(self, expression);
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        self.0.extend(local.init.as_ref().and_then(|init| init.diverge.as_ref()).map(|_| "let else"));
        visit_local_mut(self, local);
    }
}

fn logic(source: &str) -> Vec<&'static str> {
    let mut found = Logic::default();
    found.visit_file_mut(&mut syn::parse_file(source).expect("an expansion is Rust"));
    found.0
}

#[test]
fn expansions_contain_no_logic() {
    for case in SERVICES.iter().chain(&OTHERS) {
        let mut found = logic(&expansion(case));
        found.dedup();
        let known: Vec<&str> =
            LOGIC.iter().filter(|(name, ..)| name == case).map(|(_, word, _)| *word).collect();
        assert_eq!(found, known, "`{case}` decides something; let `quilt_scope` do it");
    }
}

#[test]
fn logic_is_found_wherever_it_stands() {
    let of =
        |body: &str| logic(&format!("const _: () = {{ impl A {{ fn f() {{ g(|| {{ {body} }}); }} }} }};"));
    assert_eq!(of("let a = b(c)?; a.d().await"), Vec::<&str>::new());
    assert_eq!(of("if a { b() }"), ["if"]);
    assert_eq!(of("match a { _ => loop {} }"), ["match", "loop"]);
    assert_eq!(of("for a in b { while c {} }"), ["for", "while"]);
    assert_eq!(of("let Some(a) = b else { return };"), ["let else"]);
    assert_eq!(of("a + b"), ["an operator"]);
}
