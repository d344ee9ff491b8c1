//! The site of Quilt's documentation: where it is, and which of its pages fit a search.

use std::fmt;

use url::Url;

use super::origin::origin;

/// Where the documentation is: `https://host`, or `http` on this machine. Chosen by the operator, never by a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocsSite(Url);

impl DocsSite {
    /// The site of that address. `None`: it is no plain address of a host that can be asked safely.
    pub fn parse(text: &str) -> Option<Self> {
        Url::parse(&origin(text).ok()?).ok().map(Self)
    }

    /// The list of its pages.
    pub fn sitemap(&self) -> String {
        format!("{}sitemap.xml", self.0)
    }

    /// `url`, if it is a page of this site and of no other host, port or scheme.
    pub fn page(&self, url: &str) -> Option<DocsPage> {
        let parsed = Url::parse(url.trim()).ok()?;
        let own = parsed.origin() == self.0.origin()
            && parsed.username().is_empty()
            && parsed.password().is_none()
            && parsed.query().is_none();
        own.then_some(DocsPage(parsed))
    }
}

impl fmt::Display for DocsSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// A page of the site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocsPage(Url);

/// How well a page fits a search, by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The higher, the better.
    pub score: u32,
    /// The words of the search that fit.
    pub matched: Vec<String>,
}

impl DocsPage {
    /// Its address.
    pub fn url(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is of a version that is not the current one: `/version-5.0.x/..`, `/v3/..`, `/3.1/..`.
    pub fn is_versioned(&self) -> bool {
        let first = self.0.path_segments().and_then(|mut parts| parts.next()).unwrap_or_default();
        let number = first.strip_prefix("version-").or_else(|| first.strip_prefix('v')).unwrap_or(first);
        number.starts_with(|c: char| c.is_ascii_digit())
            && number.split('.').all(|part| part == "x" || part.bytes().all(|b| b.is_ascii_digit()))
    }

    /// How well it fits: a word of the address counts 3, the beginning of a part of it 2, any place in it 1.
    pub fn fit(&self, words: &[String]) -> Option<Fit> {
        let path = self.0.path().to_lowercase();
        let of_word = |word: &&String| {
            let whole = path.split(|c: char| !c.is_alphanumeric()).any(|part| part == word.as_str());
            let begins = path.contains(&format!("/{word}"));
            3 * u32::from(whole) + 2 * u32::from(begins) + u32::from(path.contains(word.as_str()))
        };
        let fits: Vec<(u32, &String)> =
            words.iter().map(|word| (of_word(&word), word)).filter(|(score, _)| *score > 0).collect();
        let score = fits.iter().map(|(score, _)| score).sum();
        (score > 0).then(|| Fit { score, matched: fits.into_iter().map(|(_, word)| word.clone()).collect() })
    }
}

/// The words of a search in the documentation: in lower case, each once, without those that are on every page.
pub fn docs_words(query: &str) -> Vec<String> {
    const EVERYWHERE: &[&str] = &[
        "a", "an", "and", "do", "for", "how", "i", "in", "is", "of", "on", "or", "the", "to", "what", "with",
    ];
    let mut words: Vec<String> = Vec::new();
    for word in query.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
        let new = !word.is_empty() && !EVERYWHERE.contains(&word) && !words.iter().any(|known| known == word);
        if new {
            words.push(word.to_owned());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> DocsSite {
        DocsSite::parse("https://docs.example.com").expect("a site")
    }

    #[test]
    fn a_site_is_a_host_that_can_be_asked_safely() {
        for good in [
            "https://docs.quilt.bio",
            "https://docs.quilt.bio/",
            "http://127.0.0.1:8080",
            "http://localhost:1",
        ] {
            assert!(DocsSite::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "docs.quilt.bio",
            "http://docs.quilt.bio",
            "ftp://x",
            "https://a/b",
            "https://u@a",
            "https://a?b",
        ] {
            assert!(DocsSite::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_the_sites_own_pages_are_pages() {
        assert!(site().page(" https://docs.example.com/a/b ").is_some());
        for other in [
            "https://docs.example.com.evil.example/a",
            "https://docs.example.com@evil.example/a",
            "http://docs.example.com/a",
            "https://docs.example.com:8443/a",
            "https://169.254.169.254/latest",
            "https://user@docs.example.com/a",
            "https://docs.example.com/a?x",
            "file:///etc/passwd",
            "//docs.example.com/a",
            "",
        ] {
            assert!(site().page(other).is_none(), "{other}");
        }
    }

    #[test]
    fn pages_fit_by_their_address() {
        let page = |path: &str| site().page(&format!("https://docs.example.com/{path}")).expect("a page");
        let words = docs_words("How do I search the Catalog?");
        assert_eq!(words, ["search", "catalog"]);
        let fit = page("catalog/searching").fit(&words).expect("fits");
        assert_eq!((fit.score, fit.matched), (9, vec!["search".to_owned(), "catalog".to_owned()]));
        assert_eq!(page("install").fit(&words), None);
        for (path, versioned) in [
            ("version-5.0.x/a", true),
            ("v3/a", true),
            ("3.1/a", true),
            ("view/a", false),
            ("versions", false),
        ] {
            assert_eq!(page(path).is_versioned(), versioned, "{path}");
        }
    }
}
