//! Runs the programs. Failing and passing ones in two tests: one passing program in a run would make trybuild build
//! instead of check, and everything refused here must show in `cargo check`.

/// Each program in `*/fail` is refused with the message in the `.stderr` beside it.
#[test]
fn refused() {
    trybuild::TestCases::new().compile_fail("*/fail/*.rs");
}
