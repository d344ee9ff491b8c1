//! Tokens that are not signed, or not written, as a token is.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD as BASE64_URL};
use quilt_tests::Result;
use serde_json::{Value, json};

use super::{Forged, Forger};

impl Forger<'_> {
    pub(super) fn unsigned(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let good = self.good(algorithm)?;
        let signature = good.rsplit('.').next().unwrap_or_default();
        for none in ["none", "None", "NONE", "nOnE", "noNe", "", "null"] {
            let mut header = self.header(algorithm);
            header["alg"] = json!(none);
            let message = format!(
                "{}.{}",
                BASE64_URL.encode(header.to_string()),
                BASE64_URL.encode(Value::Object(self.claims(algorithm)).to_string())
            );
            for signature in ["", "AA", "bnVsbA", signature] {
                all.push((
                    "alg none, and null signatures (CVE-2020-28042)",
                    format!("{message}.{signature}"),
                ));
            }
        }
        let (message, _) = good.rsplit_once('.').ok_or("a token has dots")?;
        for signature in ["", "AA", "AAAA", &"A".repeat(342), &"A".repeat(86)] {
            all.push(("a signature of nothing (CVE-2022-21449)", format!("{message}.{signature}")));
        }
        Ok(())
    }

    pub(super) fn shapes(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let good = self.good(algorithm)?;
        let parts: Vec<&str> = good.split('.').collect();
        let [header, claims, signature] = parts[..] else { return Err("a token has three parts".into()) };
        let bytes = BASE64_URL.decode(signature)?;
        for shape in [
            format!("{header}.{claims}"),
            format!("{header}.{claims}."),
            format!(".{claims}.{signature}"),
            format!("{header}..{signature}"),
            format!("{good}."),
            format!(".{good}"),
            format!("{good}.{signature}"),
            format!("{header}.{claims}.{}", BASE64_URL_SAFE.encode(&bytes) + "="),
            format!("{header}.{claims}.{}", BASE64_STANDARD.encode(&bytes) + "="),
            format!("{header}=.{claims}.{signature}"),
            format!("{header}.{claims}.{signature}AA"),
            format!("{header}.{claims}.{signature}%3D"),
            format!("{header}.{claims} .{signature}"),
            format!("{good},{good}"),
            format!("{good} {good}"),
            format!("\"{good}\""),
            format!("{header}.{claims}.{}", &signature[..signature.len() / 2]),
            format!("{claims}.{header}.{signature}"),
            format!("\u{feff}{good}"),
        ] {
            all.push(("another shape", shape));
        }
        Ok(())
    }

    pub(super) fn flipped(&self, algorithm: &str, all: &mut Forged) -> Result<()> {
        let good = self.good(algorithm)?;
        for step in 1..16 {
            let at = good.len() * step / 16;
            let mut flipped = good.clone().into_bytes();
            flipped[at] = match flipped[at] {
                b'.' => b'_',
                b'A' => b'B',
                _ => b'A',
            };
            if flipped != good.as_bytes() {
                all.push(("a character is another", String::from_utf8(flipped)?));
            }
        }
        Ok(())
    }
}
