use std::io::{Seek as _, Write as _};
use std::num::NonZeroUsize;

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;

fn of(algorithm: Algorithm, bytes: &[u8]) -> Result<ObjectHash, Mismatch> {
    let mut hasher = algorithm.hasher(bytes.len() as u64);
    hasher.update(bytes);
    hasher.finish()
}

#[test]
fn known_values() -> Result<(), Mismatch> {
    let hello = b"Hello, World!";
    assert_eq!(of(Algorithm::Sha256Chunked, hello)?.value(), "BCp9ZKWB7y7pg/IQWIAcw1ZjtwXmxV9i+o4PGOzHCYk=");
    assert_eq!(of(Algorithm::Crc64Nvme, hello)?.value(), "1Km+Qyat0k0=");
    assert_eq!(
        of(Algorithm::Sha256, hello)?.value(),
        "dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f"
    );
    // No chunk, so the digest of nothing is not hashed again.
    assert_eq!(of(Algorithm::Sha256Chunked, b"")?.value(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    Ok(())
}

#[test]
fn too_many_and_too_few_bytes_are_noticed() {
    let mut hasher = Algorithm::Sha256.hasher(3);
    hasher.update(b"four");
    assert_eq!(hasher.finish(), Err(Mismatch::Size { expected: 3, found: 4 }));
    assert_eq!(Algorithm::Sha256Chunked.hasher(1).finish(), Err(Mismatch::Size { expected: 1, found: 0 }));
}

#[test]
fn an_unknown_type_is_kept_and_not_checked() {
    let hash = ObjectHash::new("MD5", "00");
    assert_eq!((hash.kind(), hash.value()), ("MD5", "00"));
    assert!(hash.algorithm().expect_err("not known").to_string().contains("`MD5`"));
}

#[test]
fn chunks_double_when_there_are_too_many() {
    let most = MIN_CHUNK * 10_000;
    for (size, chunk) in [
        (0, MIN_CHUNK),
        (most, MIN_CHUNK),
        (most + 1, 2 * MIN_CHUNK),
        (2 * most, 2 * MIN_CHUNK),
        (2 * most + 1, 4 * MIN_CHUNK),
    ] {
        assert_eq!(chunk_size(size), chunk, "{size}");
    }
    assert!(u64::MAX.div_ceil(chunk_size(u64::MAX)) <= 10_000);
}

#[test]
fn digests_of_chunks_combine_to_the_hash_of_the_whole() -> Result<(), Mismatch> {
    let bytes: Vec<u8> = (0u8..=255).cycle().take(8_388_609).collect();
    let chunk = usize::try_from(MIN_CHUNK).expect("8 MiB");
    let digests: Vec<[u8; 32]> = bytes.chunks(chunk).map(|chunk| Sha256::digest(chunk).into()).collect();
    assert_eq!(digests.len(), 2);
    assert_eq!(combine(&digests), of(Algorithm::Sha256Chunked, &bytes)?);
    assert_eq!(combine([]), of(Algorithm::Sha256Chunked, b"")?);
    Ok(())
}

#[test]
fn threads_hash_a_file_as_one_does() -> Result<(), Box<dyn std::error::Error>> {
    // Of three chunks, none like another, and less.
    let bytes: Vec<u8> = (0u32..6 * 1024 * 1024).flat_map(u32::to_le_bytes).take(17 << 20).collect();
    for size in [0, 1, 8 << 20, (8 << 20) + 1, bytes.len()] {
        let mut file = tempfile::tempfile()?;
        file.write_all(&bytes[..size])?;
        // Where the file is read by others does not matter.
        file.rewind()?;
        for threads in [1, 3] {
            let threads = NonZeroUsize::new(threads).ok_or("some")?;
            let hash = file::hash(&file, threads)?;
            assert_eq!(
                hash,
                of(Algorithm::Sha256Chunked, &bytes[..size])?,
                "{size} bytes, {threads} threads"
            );
        }
    }
    Ok(())
}

#[test]
fn what_is_not_all_there_is_not_hashed() -> Result<(), Box<dyn std::error::Error>> {
    let mut file = tempfile::tempfile()?;
    file.write_all(b"four")?;
    assert!(file::hash_chunk(&file, 0..4).is_ok());
    let error = file::hash_chunk(&file, 0..5).expect_err("there are four");
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    Ok(())
}

/// The twin: digests in the order in which they are ready, which is not that of the chunks.
#[test]
fn chunks_in_another_order_are_another_object() {
    let [one, two] = [[1; 32], [2; 32]];
    assert_ne!(combine([&one, &two]), combine([&two, &one]));
}

#[test]
fn chunks_cover_an_object_without_gaps() {
    for size in [0, 1, MIN_CHUNK, MIN_CHUNK + 1, 10_000 * MIN_CHUNK + 1] {
        let mut end = 0;
        for chunk in chunks(size) {
            assert_eq!(chunk.start, end);
            assert!(chunk.end > chunk.start && chunk.end - chunk.start <= chunk_size(size));
            end = chunk.end;
        }
        assert_eq!(end, size);
    }
}

proptest! {
    #[test]
    fn how_the_bytes_are_cut_does_not_matter(
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        cut in 1usize..300,
    ) {
        for algorithm in [Algorithm::Sha256Chunked, Algorithm::Sha256, Algorithm::Crc64Nvme] {
            let mut hasher = algorithm.hasher(bytes.len() as u64);
            bytes.chunks(cut).for_each(|part| hasher.update(part));
            prop_assert_eq!(hasher.finish(), of(algorithm, &bytes));
        }
    }
}
