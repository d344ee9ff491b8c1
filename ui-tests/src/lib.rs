//! Programs that must not compile, and the message each gets: the specification of `quilt-scope`'s guarantees.
//!
//! The programs are in a folder for each guarantee; `README.md` says how to read and bless them.
