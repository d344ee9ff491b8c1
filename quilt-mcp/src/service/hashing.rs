//! Hashing away from the threads that serve requests.
//!
//! Objects are hashed as they arrive, a large one in several chunks side by side; files of this machine too. A thread is given
//! little at a time, so that nobody waits for the whole of somebody else's object.

mod local;
mod pipeline;
mod remote;

pub(super) use pipeline::Pipeline;

#[cfg(test)]
mod tests;
