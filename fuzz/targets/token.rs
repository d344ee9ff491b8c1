#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use quilt_tests::doors::TokenDoor;

static DOOR: LazyLock<TokenDoor> = LazyLock::new(|| TokenDoor::open().expect("the door opens"));

fuzz_target!(|bytes: &[u8]| DOOR.knock(bytes));
