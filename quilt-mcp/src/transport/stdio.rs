//! One person on the other end of a pipe. What is written to it is JSON-RPC and nothing else.

mod lines;
mod message;

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use rmcp::RoleServer;
use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, JsonRpcMessage, RequestId, ServerJsonRpcMessage,
};
use rmcp::service::{ServerInitializeError, serve_server_with_ct};
use rmcp::transport::Transport;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use self::lines::Lines;
use self::message::{Meaning, read};
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
    let pipe = AnsweringPipe::new(input, output, shutdown.clone(), ended.clone());
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

/// A pipe that answers every line, also one that is no message; and that, once its input has ended or the server was
/// asked to stop, stays open until every request has its answer. rmcp's own drops lines that are not JSON without a
/// word, and gives running calls five seconds.
struct AnsweringPipe<R, W> {
    input: Lines<R>,
    output: Output<W>,
    unanswered: HashSet<RequestId>,
    /// The answer to a line that is no message, on its way.
    refusing: Option<BoxFuture<'static, io::Result<()>>>,
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
        self.output.clone().write(message)
    }

    /// rmcp drops this future whenever it has something to send, and calls again: all state is in `self`.
    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            if let Some(refusing) = &mut self.refusing {
                let written = refusing.await;
                self.refusing = None;
                if let Err(error) = written {
                    tracing::debug!(%error, "nobody reads the output any more");
                    self.ended.cancel();
                }
            }
            if self.ended.is_cancelled() {
                break;
            }
            match self.next().await.map(read) {
                Some(Meaning::Message(message)) => {
                    self.note(&message);
                    return Some(*message);
                }
                Some(Meaning::Wrong(answer)) => {
                    self.refusing = Some(self.output.clone().write(answer).boxed());
                }
                Some(Meaning::Nothing) => {}
                None => self.ended.cancel(),
            }
        }
        if !self.unanswered.is_empty() {
            std::future::pending::<()>().await;
        }
        None
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.output.0.lock().await.take();
        Ok(())
    }
}

impl<R: AsyncRead + Unpin, W> AnsweringPipe<R, W> {
    fn new(input: R, output: W, shutdown: CancellationToken, ended: CancellationToken) -> Self {
        Self {
            input: Lines::of(input),
            output: Output(Arc::new(Mutex::new(Some(output)))),
            unanswered: HashSet::new(),
            refusing: None,
            shutdown,
            ended,
        }
    }

    /// The next line, or `None` if there is no more or the server was asked to stop.
    async fn next(&mut self) -> Option<lines::Line> {
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => None,
            line = self.input.next() => line.unwrap_or_else(|error| {
                tracing::error!(%error, "cannot read the input");
                None
            }),
        }
    }

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

/// The other end, until it is closed: whole messages, one at a time.
struct Output<W>(Arc<Mutex<Option<W>>>);

impl<W> Clone for Output<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: AsyncWrite + Unpin> Output<W> {
    async fn write(self, message: impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(&message)?;
        line.push(b'\n');
        let mut output = self.0.lock().await;
        let output = output.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        output.write_all(&line).await?;
        output.flush().await
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
        AnsweringPipe::new(input_end, tokio::io::sink(), CancellationToken::new(), CancellationToken::new())
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
