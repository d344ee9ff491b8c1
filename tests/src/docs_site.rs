//! A site of documentation on loopback: it lists its pages, serves them, and remembers what it was asked.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use crate::Result;

/// A running site. It ends with this process.
pub struct DocsSite {
    origin: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    pages: BTreeMap<String, Page>,
    /// The head of each request.
    asked: Vec<String>,
}

/// What is at a path.
#[derive(Clone)]
pub enum Page {
    /// This text.
    Text(String),
    /// Somewhere else.
    Redirect(String),
    /// An answer that never ends: nothing but letters.
    Endless,
    /// Nothing is said.
    Silent,
    /// A status without a text.
    Status(u16),
}

impl DocsSite {
    /// The one that most servers under test search: three pages of the current version, one of an older.
    ///
    /// # Errors
    /// If there is no port for it.
    pub fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<DocsSite> = OnceLock::new();
        if let Some(site) = SHARED.get() {
            return Ok(site);
        }
        let site = Self::start()?;
        site.lists(&[
            "/catalog/searching",
            "/catalog/preview",
            "/walkthrough/install",
            "/version-5.0.x/catalog",
        ]);
        site.serves("/catalog/searching", Page::Text(page("Searching", "How to find things in the catalog")));
        // Two tests may have started one; the one that is not kept serves nobody.
        Ok(SHARED.get_or_init(|| site))
    }

    /// One of its own, without pages.
    ///
    /// # Errors
    /// If there is no port for it.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let origin = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // Who hangs up does not want the answer.
                thread::spawn(move || answer(&stream, &state).ok());
            }
        });
        Ok(Self { origin, state })
    }

    /// What the server is configured with.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// From now on this is at `path`.
    pub fn serves(&self, path: &str, page: Page) {
        self.lock().pages.insert(path.to_owned(), page);
    }

    /// From now on the site lists these: paths of its own, or whole URLs.
    pub fn lists(&self, pages: &[&str]) {
        self.serves("/sitemap.xml", Page::Text(self.sitemap(pages)));
    }

    /// A list of pages.
    pub fn sitemap(&self, pages: &[&str]) -> String {
        let whole = |page: &&str| {
            if page.starts_with('/') { format!("{}{page}", self.origin) } else { (*page).into() }
        };
        let urls: String =
            pages.iter().map(|page| format!("<url><loc>{}</loc></url>", whole(page))).collect();
        format!("<urlset>{urls}</urlset>")
    }

    /// The heads of all requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.lock().asked.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A page with a title and a description.
pub fn page(title: &str, description: &str) -> String {
    format!(
        "<!doctype html><head><title>{title}</title><meta name=\"description\" content=\"{description}\"></head>\
         <body>{title}</body>"
    )
}

fn answer(mut stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let page = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked.push(head);
        state.pages.get(&path).cloned().unwrap_or(Page::Status(404))
    };
    match page {
        Page::Text(text) => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
                text.len()
            )
        }
        Page::Redirect(to) => {
            write!(
                stream,
                "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
        }
        Page::Status(status) => {
            write!(stream, "HTTP/1.1 {status} Told\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        }
        Page::Endless => {
            write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
            // Until nobody reads any more.
            loop {
                stream.write_all(&[b'x'; 64 * 1024])?;
            }
        }
        // Until the other side goes away.
        Page::Silent => reader.read_to_end(&mut Vec::new()).map(|_| ()),
    }
}
