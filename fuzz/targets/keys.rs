#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use quilt_tests::doors::KeysDoor;

static DOOR: LazyLock<KeysDoor> = LazyLock::new(|| KeysDoor::open().expect("the door opens"));

fuzz_target!(|bytes: &[u8]| DOOR.knock(bytes));
