//! What the pages of a Parquet file say of their sizes, before anything makes room for them.
//!
//! The reader makes as much room for a page as the page's own header asks for, up to 2 GiB, before it looks whether the
//! content is that long. So the headers are walked first. They are written in Thrift's compact protocol, of which they use
//! numbers, flags, bytes and structs.

/// The sizes of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageSize {
    /// In bytes, as it stands in the file, without its header.
    pub(super) packed: u64,
    /// In bytes, when it is unpacked.
    pub(super) unpacked: u64,
}

/// The sizes of the pages in a column chunk, one after the other; `None`, and nothing more, where there is no page.
pub(super) fn sizes(mut chunk: &[u8]) -> impl Iterator<Item = Option<PageSize>> {
    std::iter::from_fn(move || {
        (!chunk.is_empty()).then(|| {
            let page = page(&mut chunk);
            if page.is_none() {
                chunk = &[];
            }
            page
        })
    })
}

fn page(bytes: &mut &[u8]) -> Option<PageSize> {
    let page = header(bytes)?;
    take(bytes, usize::try_from(page.packed).ok()?)?;
    Some(page)
}

const UNPACKED_SIZE: i64 = 2;
const PACKED_SIZE: i64 = 3;

fn header(bytes: &mut &[u8]) -> Option<PageSize> {
    let (mut packed, mut unpacked) = (None, None);
    let mut id = 0;
    while let Some((next, kind)) = field(bytes, id)? {
        id = next;
        match (id, kind) {
            // Said twice, the larger counts: it is not known which one the reader takes.
            (PACKED_SIZE, 5) => packed = packed.max(Some(u64::try_from(number(bytes)?).ok()?)),
            (UNPACKED_SIZE, 5) => unpacked = unpacked.max(Some(u64::try_from(number(bytes)?).ok()?)),
            _ => skip(bytes, kind, 0)?,
        }
    }
    Some(PageSize { packed: packed?, unpacked: unpacked? })
}

/// The next field's number and kind, or nothing at the end of the struct.
fn field(bytes: &mut &[u8], before: i64) -> Option<Option<(i64, u8)>> {
    let byte = take(bytes, 1)?[0];
    let (delta, kind) = (byte >> 4, byte & 0x0f);
    Some(match (delta, kind) {
        (_, 0) => None,
        (0, kind) => Some((number(bytes)?, kind)),
        (delta, kind) => Some((before.checked_add(i64::from(delta))?, kind)),
    })
}

fn skip(bytes: &mut &[u8], kind: u8, depth: u8) -> Option<()> {
    match kind {
        // Flags are part of the field's first byte.
        1 | 2 => {}
        3 => drop(take(bytes, 1)?),
        4..=6 => drop(number(bytes)?),
        7 => drop(take(bytes, 8)?),
        8 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            take(bytes, length)?;
        }
        12 if depth < 8 => {
            let mut id = 0;
            while let Some((next, kind)) = field(bytes, id)? {
                id = next;
                skip(bytes, kind, depth + 1)?;
            }
        }
        _ => return None,
    }
    Some(())
}

/// A signed number: 0, -1, 1, -2, 2 are written 0, 1, 2, 3, 4.
fn number(bytes: &mut &[u8]) -> Option<i64> {
    let raw = varint(bytes)?;
    Some((raw >> 1) as i64 ^ -((raw & 1) as i64))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_the_rest_is_skipped() {
        // type 0, unpacked 300, packed 2, a struct of a number and a text, and two bytes of content; and once more.
        let page = [0x15, 0, 0x15, 0xd8, 0x04, 0x15, 4, 0x2c, 0x15, 8, 0x18, 1, b'x', 0, 0, 7, 7];
        let size = PageSize { packed: 2, unpacked: 300 };
        let all = |chunk: &[u8]| sizes(chunk).collect::<Vec<_>>();
        assert_eq!(all(&[page, page].concat()), [Some(size), Some(size)]);
        assert_eq!(all(&[&page[..], &[0x25]].concat()), [Some(size), None]);
        assert_eq!(all(&page[..page.len() - 1]), [None], "the content is not all there");
        assert_eq!(all(&[0x25, 2, 0]), [None], "a size is missing");
        assert_eq!(all(&[0x25, 1, 0x15, 1, 0]), [None], "a size is negative");
        assert_eq!(all(&[]), []);
    }
}
