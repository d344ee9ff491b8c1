//! Each example is run, as `cargo run --example` does, and says what it is to say.
#![expect(unreachable_pub, reason = "an example is a program of its own, and here a module")]

use std::error::Error;

#[path = "../examples/axum_handler.rs"]
mod axum_handler;
#[path = "../examples/nested_scope.rs"]
mod nested_scope;
#[path = "../examples/no_runtime.rs"]
mod no_runtime;
#[path = "../examples/smallest.rs"]
mod smallest;
#[path = "../examples/testing_a_tool.rs"]
mod testing_a_tool;

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::test]
async fn a_route_and_a_tool_answer_from_one_container() -> Outcome {
    let mut out = Vec::new();
    axum_handler::show(&mut out).await?;
    assert_eq!(String::from_utf8(out)?, "ada-data is yours; as a tool: true\n");
    Ok(())
}

#[test]
fn a_tool_is_called_without_a_runtime() -> Outcome {
    let mut out = Vec::new();
    no_runtime::show(&mut out)?;
    assert_eq!(String::from_utf8(out)?, "\"Hello, ADA\"\n");
    Ok(())
}

#[tokio::test]
async fn the_smallest_keeps_two_callers_apart() -> Outcome {
    let mut out = Vec::new();
    smallest::show(&mut out).await?;
    let text = String::from_utf8(out)?;
    assert!(
        text.starts_with("\"It belongs to Ada\"\n\"It belongs to Grace\"\n\nApp\nRequestScope\n"),
        "{text}"
    );
    Ok(())
}

#[tokio::test]
async fn a_nested_scope_acts_for_somebody_else() -> Outcome {
    let mut out = Vec::new();
    nested_scope::show(&mut out).await?;
    let text = String::from_utf8(out)?;
    assert!(text.ends_with("the request still acts for Ada\n"), "{text}");
    assert_eq!(text.lines().count(), 3, "{text}");
    Ok(())
}

#[tokio::test]
async fn the_three_ways_to_test_agree() -> Outcome {
    let mut out = Vec::new();
    testing_a_tool::show(&mut out).await.map_err(|error| error.to_string())?;
    assert_eq!(String::from_utf8(out)?, "all three agree\n");
    Ok(())
}

/// `main` itself, which only adds where to write.
#[test]
fn each_main_comes_to_its_end() -> Outcome {
    axum_handler::main()?;
    no_runtime::main()?;
    smallest::main()?;
    nested_scope::main()?;
    testing_a_tool::main().map_err(|error| error.to_string())?;
    Ok(())
}
