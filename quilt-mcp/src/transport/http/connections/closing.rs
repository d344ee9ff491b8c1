//! A listener that is about to be closed.

use std::io;

use tokio::net::{TcpListener, TcpStream};

/// Lets nobody begin a connection any more; who has begun one may finish.
///
/// A packet filter drops what a connection begins with, SYN without ACK. Whoever sent it tries again after a second, and is
/// refused then, or comes to the server that has the address by then. Without it, a connection could always be made between
/// the last look and the end of the listener, and would be reset.
#[cfg(target_os = "linux")]
pub(super) fn turn_newcomers_away(listener: &TcpListener) {
    use socket2::{SockFilter, SockRef};

    // Of BPF: the packet begins with TCP's header, whose fourteenth byte are the flags.
    const PROGRAM: [SockFilter; 5] = [
        SockFilter::new(LOAD_BYTE, 0, 0, 13),
        SockFilter::new(AND, 0, 0, SYN | ACK),
        SockFilter::new(JUMP_IF_EQUAL, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ];
    const LOAD_BYTE: u16 = 0x30;
    const AND: u16 = 0x54;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;

    if let Err(error) = SockRef::from(listener).attach_filter(&PROGRAM) {
        tracing::debug!(%error, "who connects at the very end is reset");
    }
}

/// There is no such filter.
#[cfg(not(target_os = "linux"))]
pub(super) fn turn_newcomers_away(_: &TcpListener) {}

/// The connections that the kernel has made and nobody has accepted. The listener is closed with it.
pub(super) struct Queue(std::net::TcpListener);

/// The queue of `listener`, asked of the kernel itself: tokio knows only what its last poll has found.
pub(super) fn queue_of(listener: TcpListener) -> io::Result<Queue> {
    Ok(Queue(listener.into_std()?))
}

impl Queue {
    /// The next one. `None`: there are no more.
    pub(super) fn next(&mut self) -> Option<TcpStream> {
        loop {
            let taken = self.0.accept().and_then(|(stream, _)| {
                stream.set_nonblocking(true)?;
                TcpStream::from_std(stream)
            });
            match taken {
                Ok(stream) => return Some(stream),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                // It was over before it was accepted. There may be others behind it.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, "connections that were not accepted yet are reset");
                    return None;
                }
            }
        }
    }
}
