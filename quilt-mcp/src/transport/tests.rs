//! The transport from outside: what clients of either era see, and what the backend is asked.

mod authorization;
mod calls;
mod connections;
mod drain;
mod gate;
mod protocol;
mod sessions;
mod stdio;
mod trace;
