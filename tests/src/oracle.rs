//! Who acted for whom, judged at the wire.
//!
//! A population of people sends requests through a server whose AWS is [`endpoint`]: S3, STS and IAM in this process,
//! over real sockets and real signatures. Each request is part of a trace whose id says who sent it ([`trace`]), and
//! every key that the endpoint issues says for whom. So each request at the endpoint, each answer, each line of the log
//! and the metrics are judged ([`judge`]) as they come, by themselves, however many there are.
//!
//! What people have is marked ([`population`]): a mark that turns up where it does not belong is a finding. Requests
//! ([`moves`]) are drawn from a seed: request `n` of a seed is always the same, though what meets what is up to the
//! scheduler.

pub mod door;
pub mod drive;
pub mod endpoint;
pub mod judge;
pub mod moves;
pub mod population;
pub mod random;
mod reading;
pub mod trace;
