//! Lists of pages, as <https://www.sitemaps.org> has them.

use serde::Deserialize;

use crate::domain::docs::{DocsPage, DocsSite};

/// The most pages that are taken from one list.
const MOST_PAGES: usize = 20_000;

/// A list of pages, or of further lists.
#[derive(Debug, Deserialize)]
pub(super) struct Sitemap {
    #[serde(default, rename = "url")]
    urls: Vec<Place>,
    #[serde(default, rename = "sitemap")]
    sitemaps: Vec<Place>,
}

#[derive(Debug, Deserialize)]
struct Place {
    loc: String,
    lastmod: Option<String>,
}

/// A page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The page.
    pub page: DocsPage,
    /// When it changed last, as the list says.
    pub last_modified: Option<String>,
}

impl Sitemap {
    /// `None`: it is no such list.
    pub(super) fn read(text: &str) -> Option<Self> {
        let sitemap: Self = quick_xml::de::from_str(text).ok()?;
        (!sitemap.urls.is_empty() || !sitemap.sitemaps.is_empty()).then_some(sitemap)
    }

    pub(super) fn pages(&self, site: &DocsSite) -> Vec<Listed> {
        let own = |place: &Place| {
            Some(Listed { page: site.page(&place.loc)?, last_modified: place.lastmod.clone() })
        };
        self.urls.iter().take(MOST_PAGES).filter_map(own).collect()
    }

    pub(super) fn sitemaps(&self, site: &DocsSite) -> impl Iterator<Item = DocsPage> {
        self.sitemaps.iter().filter_map(|place| site.page(&place.loc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_other_hosts_are_left_out() {
        let site = DocsSite::parse("https://docs.example.com").expect("a site");
        let text = "<?xml version=\"1.0\"?><urlset xmlns=\"x\">\
            <url><loc>https://docs.example.com/a&amp;b</loc><lastmod>2024-01-01</lastmod><priority>1</priority></url>\
            <url><loc><![CDATA[https://docs.example.com/c]]></loc></url>\
            <url><loc>https://169.254.169.254/latest</loc></url></urlset>";
        let pages = Sitemap::read(text).expect("a list").pages(&site);
        let urls: Vec<&str> = pages.iter().map(|listed| listed.page.url()).collect();
        assert_eq!(urls, ["https://docs.example.com/a&b", "https://docs.example.com/c"]);
        assert_eq!(pages[0].last_modified.as_deref(), Some("2024-01-01"));
    }

    #[test]
    fn lists_of_lists_are_told_from_lists_of_pages() {
        let site = DocsSite::parse("https://docs.example.com").expect("a site");
        let text = "<sitemapindex><sitemap><loc>https://docs.example.com/s.xml</loc></sitemap>\
            <sitemap><loc>https://elsewhere.example/s.xml</loc></sitemap></sitemapindex>";
        let index = Sitemap::read(text).expect("a list");
        assert_eq!((index.pages(&site).len(), index.sitemaps(&site).count()), (0, 1));
        for none in ["", "<html><body>Not found</body></html>", "<urlset/>", "{}", "<urlset><url>"] {
            assert!(Sitemap::read(none).is_none(), "{none}");
        }
    }
}
