//! What the check of the counts must catch: the framework with one allocation for each scope.

use std::hint::black_box;

use crate::contenders::{App, framework};

pub(crate) fn three(app: &App) -> usize {
    let opened = black_box(Box::new([0_u8; 64]));
    framework::three(app) + usize::from(opened[0])
}
