//! An HTTP server of the test's own that answers what it is told, and remembers who asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Result;

/// A running server. It ends with the test's runtime.
pub struct KeyServer {
    address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    answer: Vec<u8>,
    hangs: bool,
    /// The head of each request.
    asked: Vec<String>,
}

impl KeyServer {
    /// On a free port of loopback.
    ///
    /// # Errors
    /// If there is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&shared)));
            }
        });
        Ok(Self { address, state })
    }

    /// Without a path.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Of a key set.
    pub fn url(&self) -> String {
        format!("http://{}/jwks.json", self.address)
    }

    /// From now on.
    pub fn answers(&self, status: u16, body: &str) {
        self.answers_with(&format!("{status} Told\r\ncontent-type: application/json"), body);
    }

    /// From now on, with a whole head.
    pub fn answers_with(&self, head: &str, body: &str) {
        self.lock().answer = response(head, body).into_bytes();
    }

    /// From now on it takes requests and says nothing, or no longer so.
    pub fn hangs(&self, hangs: bool) {
        self.lock().hangs = hangs;
    }

    /// The heads of all requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.lock().asked.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer after which the connection ends.
pub(crate) fn response(head: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// The head of a request that has no body, if it comes.
pub(crate) async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut some = [0; 1024];
        match stream.read(&mut some).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => head.extend_from_slice(&some[..length]),
        }
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let Some(head) = head(&mut stream).await else { return };
    let (answer, hangs) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked.push(head);
        (state.answer.clone(), state.hangs)
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    // Who hangs up does not want the answer.
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}
