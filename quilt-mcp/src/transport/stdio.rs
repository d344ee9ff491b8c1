//! One person on the other end of a pipe. What is written to it is JSON-RPC and nothing else.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, JsonRpcMessage, RequestId, ServerJsonRpcMessage,
};
use rmcp::service::{ServerInitializeError, serve_server_with_ct};
use rmcp::transport::Transport;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::drain::{Drained, TIDYING, drain};
use super::handler::{Caller, Handler};
use super::{Authenticated, Server};

/// Serves `identity` over this process's standard input and output, until input ends or `shutdown` fires.
///
/// Reading standard input may keep a thread of the runtime busy after this has returned: leave the process by
/// `std::process::exit` or `Runtime::shutdown_background`, not by dropping the runtime.
///
/// # Errors
///
/// If the first message is not one that can open a conversation.
pub async fn serve(
    server: &Server,
    identity: Authenticated,
    shutdown: CancellationToken,
) -> io::Result<Drained> {
    let (input, output) = rmcp::transport::stdio_pipes();
    serve_pipe(server, identity, input, output, shutdown).await
}

/// Serves `identity` over any pair of pipes: [`serve`] with the ends given.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_pipe<R, W>(
    server: &Server,
    identity: Authenticated,
    input: R,
    output: W,
    shutdown: CancellationToken,
) -> io::Result<Drained>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let handler = Handler::new(server.clone(), Caller::OfThisProcess(Arc::new(identity)));
    let ended = CancellationToken::new();
    let pipe = AnsweringPipe {
        inner: AsyncRwTransport::new_server(input, output),
        unanswered: HashSet::new(),
        shutdown: shutdown.clone(),
        ended: ended.clone(),
    };
    let stop = CancellationToken::new();
    let conversation = async {
        match serve_server_with_ct(handler, pipe, stop.clone()).await {
            Ok(running) => running.waiting().await.map(|_| ()).map_err(io::Error::other),
            Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => Ok(()),
            Err(error) => Err(io::Error::other(error)),
        }
    };
    let mut conversation = std::pin::pin!(conversation);
    let early = tokio::select! {
        result = &mut conversation => Some(result),
        () = shutdown.cancelled() => None,
        () = ended.cancelled() => None,
    };
    let (running, deadline) = (server.calls.running(), server.calls.limits().drain_deadline);
    let ending = match early {
        Some(result) => Ok(result),
        None => tokio::time::timeout(deadline, &mut conversation).await,
    };
    match ending {
        // Calls that the client cancelled may still be tidying up.
        Ok(result) => Ok(drain(running, TIDYING).await).and_then(|drained| result.map(|()| drained)),
        Err(_) => {
            let drained = drain(running, Duration::ZERO).await;
            // All have their answers; what is left is to write them.
            if let Ok(result) = tokio::time::timeout(TIDYING, &mut conversation).await {
                return result.map(|()| drained);
            }
            stop.cancel();
            conversation.await.map(|()| drained)
        }
    }
}

/// A pipe that, once its input has ended or the server was asked to stop, stays open until every request has its answer.
/// Without it rmcp gives running calls five seconds.
struct AnsweringPipe<R: AsyncRead, W: AsyncWrite> {
    inner: AsyncRwTransport<RoleServer, R, W>,
    unanswered: HashSet<RequestId>,
    shutdown: CancellationToken,
    /// Fires when no more input is taken.
    ended: CancellationToken,
}

impl<R, W> Transport<RoleServer> for AnsweringPipe<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        match &message {
            JsonRpcMessage::Response(response) => self.unanswered.remove(&response.id),
            JsonRpcMessage::Error(error) => error.id.as_ref().is_some_and(|id| self.unanswered.remove(id)),
            JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => false,
        };
        self.inner.send(message)
    }

    /// rmcp drops this future whenever it has something to send, and calls again: all state is in `self`.
    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        if !self.ended.is_cancelled() {
            let message = tokio::select! {
                biased;
                () = self.shutdown.cancelled() => None,
                message = self.inner.receive() => message,
            };
            match message {
                Some(message) => {
                    self.note(&message);
                    return Some(message);
                }
                None => self.ended.cancel(),
            }
        }
        if !self.unanswered.is_empty() {
            std::future::pending::<()>().await;
        }
        None
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}

impl<R: AsyncRead, W: AsyncWrite> AnsweringPipe<R, W> {
    fn note(&mut self, message: &ClientJsonRpcMessage) {
        match message {
            JsonRpcMessage::Request(request) => {
                self.unanswered.insert(request.id.clone());
            }
            // A cancelled request gets no answer.
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) = &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.unanswered.remove(id);
                }
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use rmcp::model::{EmptyResult, ServerResult};
    use tokio::io::{AsyncWriteExt, DuplexStream};

    use super::*;

    async fn pipe_with(input: &str) -> AnsweringPipe<DuplexStream, tokio::io::Sink> {
        let (mut client, input_end) = tokio::io::duplex(10_000);
        client.write_all(input.as_bytes()).await.expect("room for it");
        AnsweringPipe {
            inner: AsyncRwTransport::new_server(input_end, tokio::io::sink()),
            unanswered: HashSet::new(),
            shutdown: CancellationToken::new(),
            ended: CancellationToken::new(),
        }
    }

    const REQUEST: &str = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
    const CANCEL: &str =
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n";

    #[tokio::test]
    async fn it_stays_open_until_what_was_asked_is_answered() {
        let mut pipe = pipe_with(REQUEST).await;
        assert!(pipe.receive().await.is_some());
        assert!(pipe.receive().now_or_never().is_none(), "the request has no answer yet");
        assert!(pipe.ended.is_cancelled());
        let answer =
            ServerJsonRpcMessage::response(ServerResult::EmptyResult(EmptyResult {}), RequestId::Number(1));
        pipe.send(answer).await.expect("a sink takes all");
        assert!(pipe.receive().await.is_none());
    }

    #[tokio::test]
    async fn what_was_cancelled_is_not_waited_for() {
        let mut pipe = pipe_with(&format!("{REQUEST}{CANCEL}")).await;
        assert!(pipe.receive().await.is_some());
        assert!(pipe.receive().await.is_some());
        assert!(pipe.receive().await.is_none());
    }

    #[tokio::test]
    async fn asked_to_stop_it_takes_no_more() {
        let mut pipe = pipe_with(REQUEST).await;
        pipe.shutdown.cancel();
        assert!(pipe.receive().await.is_none());
    }
}
