//! Filling the account with what Athena can be asked about.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use super::Substrate;
use crate::Result;

impl Substrate {
    /// Puts workgroups and databases in place: `strict/athena.py` and `strict/lake.py` say what they are made of.
    ///
    /// # Errors
    /// If the endpoint refuses.
    pub async fn define_at_athena(&self, wanted: &Value) -> Result<()> {
        let request = reqwest::Client::new().post(self.control_url("athena")).json(wanted);
        self.control(request).await.map(drop)
    }

    /// Takes away what has `part` in its name. Does not need a runtime, and does not mind if the endpoint is gone.
    pub(crate) fn forget_at_athena(&self, part: &str) {
        let address = self.endpoint().trim_start_matches("http://");
        let request = format!(
            "DELETE /quilt-test/athena?world={part} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        );
        if let Ok(mut connection) = TcpStream::connect(address)
            && connection.write_all(request.as_bytes()).is_ok()
        {
            let _ = connection.read_to_end(&mut Vec::new());
        }
    }
}
