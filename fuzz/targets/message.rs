#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use quilt_tests::doors::MessageDoor;

static DOOR: LazyLock<MessageDoor> = LazyLock::new(|| MessageDoor::open().expect("the door opens"));

fuzz_target!(|bytes: &[u8]| DOOR.knock(bytes));
