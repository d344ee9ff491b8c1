//! Quilt's documentation is somebody else's site: what it answers may be anything, and must lead nowhere else.

use std::time::{Duration, Instant};

use quilt_tests::Result;
use quilt_tests::client::Answer;
use quilt_tests::docs_site::{DocsSite, Page, page};
use quilt_tests::world::{ServerRights, ada_and_ben};
use serde_json::json;

use crate::stage::Stage;

/// What one document may take, and some more.
const IN_TIME: Duration = Duration::from_secs(15);

async fn over(site: &DocsSite) -> Result<Stage> {
    Stage::planned(ada_and_ben(), ServerRights::Everything, |plan| {
        plan.set("QUILT_MCP_DOCS_URL", site.origin())
    })
    .await
}

async fn search(stage: &Stage, query: &str) -> Result<Answer> {
    Ok(stage.client("ada").await?.call("search_docs_quilt_bio", json!({"query": query})).await?)
}

fn urls(answer: &Answer) -> Vec<&str> {
    answer.structured["results"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|hit| hit["url"].as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_host_is_asked_and_nothing_of_the_caller_is_sent() -> Result<()> {
    let (site, elsewhere) = (DocsSite::start()?, DocsSite::start()?);
    let stage = over(&site).await?;
    let outside = format!("{}/catalog/stolen", elsewhere.origin());
    let nested = format!("{}/nested.xml", site.origin());
    let far = format!("{}/sitemap.xml", elsewhere.origin());
    site.serves(
        "/sitemap.xml",
        Page::Text(format!(
            "<sitemapindex><sitemap><loc>{nested}</loc></sitemap><sitemap><loc>{far}</loc></sitemap></sitemapindex>"
        )),
    );
    site.serves("/nested.xml", Page::Text(site.sitemap(&["/catalog/moved", "/catalog/here", &outside])));
    site.serves("/catalog/moved", Page::Redirect(outside.clone()));
    site.serves("/catalog/here", Page::Text(page("Here", "It is here")));

    let answer = search(&stage, "my secret catalog").await?;
    let of_site = |path: &str| format!("{}{path}", site.origin());
    assert_eq!(
        urls(&answer),
        [of_site("/catalog/here"), of_site("/catalog/moved")],
        "{}",
        answer.everything()
    );
    assert_eq!(answer.structured["results"][0]["snippet"], "It is here");
    assert_eq!(answer.structured["results"][1].get("title"), None, "a redirect is not followed");
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
    let token = stage.token("ada");
    for head in site.asked() {
        let head = head.to_lowercase();
        assert!(head.starts_with("get /") && !head.contains("secret"), "{head}");
        for header in ["authorization", "cookie", "proxy-authorization"] {
            assert!(!head.contains(&format!("{header}:")), "{head}");
        }
        assert!(
            !head.contains(&token.to_lowercase()) && !head.contains(&stage.person("ada").subject),
            "{head}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_site_answers_there_is_an_answer_in_time() -> Result<()> {
    let site = DocsSite::start()?;
    let stage = over(&site).await?;
    let mark = stage.world.substrate.mark().await?;
    for (what, list) in [
        ("nothing there", Page::Status(404)),
        ("a fault", Page::Status(500)),
        ("a page instead of a list", Page::Text(page("Not found", "no"))),
        ("broken", Page::Text("<urlset><url><loc>http".into())),
        ("elsewhere", Page::Redirect("http://169.254.169.254/latest/meta-data".into())),
        ("endless", Page::Endless),
        ("silent", Page::Silent),
    ] {
        site.serves("/sitemap.xml", list);
        let begun = Instant::now();
        let answer = search(&stage, "catalog").await?;
        assert_eq!(answer.error_code(), Some("unavailable"), "{what}: {}", answer.everything());
        assert!(begun.elapsed() < IN_TIME, "{what} took {:?}", begun.elapsed());
    }
    let part = |name: &str| format!("<sitemap><loc>{}/{name}.xml</loc></sitemap>", site.origin());
    let parts: String = ["one", "two", "three"].map(part).concat();
    site.serves("/sitemap.xml", Page::Text(format!("<sitemapindex>{parts}</sitemapindex>")));
    site.serves("/one.xml", Page::Silent);
    site.serves("/two.xml", Page::Silent);
    site.serves("/three.xml", Page::Text(site.sitemap(&["/catalog/good"])));
    let begun = Instant::now();
    let answer = search(&stage, "catalog").await?;
    assert_eq!(urls(&answer).len(), 1, "a part that is silent hides no other: {}", answer.everything());
    // One after the other, the two would take longer than that.
    assert!(begun.elapsed() < IN_TIME, "it took {:?}", begun.elapsed());

    site.lists(&["/catalog/endless", "/catalog/silent", "/catalog/good"]);
    site.serves("/catalog/endless", Page::Endless);
    site.serves("/catalog/silent", Page::Silent);
    site.serves("/catalog/good", Page::Text(page("Good", "")));
    let answer = search(&stage, "catalog").await?;
    assert_eq!(
        urls(&answer).len(),
        3,
        "pages that cannot be read are found all the same: {}",
        answer.everything()
    );
    assert_eq!(answer.structured["results"][0]["title"], "Good");
    let entries = stage.world.substrate.since(mark).await?;
    assert!(!entries.iter().any(|entry| stage.world.owns(entry)), "AWS is not asked: {entries:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_can_have_nothing_asked() -> Result<()> {
    let off = |plan: quilt_tests::server::Plan| plan.set("QUILT_MCP_DOCS_URL", "off");
    let stage = Stage::planned(ada_and_ben(), ServerRights::Everything, off).await?;
    let answer = search(&stage, "catalog").await?;
    assert_eq!(answer.error_code(), Some("unsupported"), "{}", answer.everything());
    Ok(())
}
