//! A manifest of any length is read, hashed and written with the same memory.

use std::io::{self, BufReader, Read, Write};

use quilt_package::TopHasher;
use quilt_package::manifest::{Reader, Record, Writer};

/// A manifest of so many entries that is never all there.
struct Generated {
    entries: u64,
    next: u64,
    line: Vec<u8>,
}

impl Generated {
    fn new(entries: u64) -> Self {
        Self { entries, next: 0, line: b"{\"version\": \"v0\", \"message\": null}\n".to_vec() }
    }
}

impl Read for Generated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.line.is_empty() && self.next < self.entries {
            let at = self.next;
            self.next += 1;
            self.line.extend_from_slice(
                format!(
                    "{{\"logical_key\": \"run/{at:09}.csv\", \"physical_keys\": [\"s3://data/run/{at}.csv?versionId={at}\"], \
                     \"size\": {at}, \"hash\": {{\"type\": \"sha2-256-chunked\", \
                     \"value\": \"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"}}, \
                     \"meta\": {{\"user_meta\": {{\"sample\": {at}}}}}}}\n"
                )
                .as_bytes(),
            );
        }
        let read = self.line.len().min(buffer.len());
        buffer[..read].copy_from_slice(&self.line[..read]);
        self.line.drain(..read);
        Ok(read)
    }
}

/// Takes everything and keeps only how much it was.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The most bytes that were held at once, and how many were written.
fn copied(entries: u64) -> (u64, u64) {
    let mut written = 0;
    let held = allocation_counter::measure(|| {
        let mut records = Reader::new(BufReader::new(Generated::new(entries)));
        let Some(Ok(Record::Header(header))) = records.next() else { panic!("a header comes first") };
        let mut hasher = TopHasher::new(&header);
        let mut writer = Writer::new(Counted(0), &header).expect("a short header");
        for record in records {
            let Ok(Record::Entry(entry)) = record else { panic!("then entries") };
            hasher.push(&entry).expect("in order");
            writer.entry(&entry).expect("nothing local or long");
        }
        let (counted, top_hash) = writer.finish();
        assert_eq!(top_hash, hasher.finish());
        written = counted.0;
    });
    (held.bytes_max, written)
}

const MANY_ENTRIES: u64 = 1_000_000;

#[test]
fn memory_does_not_grow_with_the_number_of_entries() {
    let (few, _) = copied(100);
    let (many, written) = copied(MANY_ENTRIES);
    assert!(written > 200 * MANY_ENTRIES, "{written} bytes were written");
    assert!(many < few + 1024, "{few} bytes for 100 entries, {many} for {MANY_ENTRIES}");
    assert!(many < 128 * 1024, "{many} bytes");
}
