use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;
use crate::domain::athena::QueryState;
use crate::service::athena::Wanted;

/// How many queries Athena gives at a time here.
const PAGE: usize = 3;

pub(crate) fn query(id: &str, at: u64) -> Execution {
    Execution {
        id: id.to_owned(),
        sql: String::new(),
        state: QueryState::Succeeded,
        reason: None,
        is_definition: false,
        submitted: Some(UNIX_EPOCH + Duration::from_micros(at)),
        completed: None,
        took_ms: None,
        scanned_bytes: None,
        result_location: None,
        workgroup: None,
        catalog: None,
        database: None,
    }
}

/// A workgroup with queries of these times, the newest first.
fn group(name: &str, times: impl IntoIterator<Item = u64>) -> (WorkgroupName, Vec<Execution>) {
    let queries = times.into_iter().enumerate().map(|(number, at)| query(&format!("{name}{number}"), at));
    (WorkgroupName::try_from(name.to_owned()).expect("a name"), queries.collect())
}

/// As the service looks at one, so many pages at most. Athena's tokens are positions here.
fn look(
    (name, queries): &(WorkgroupName, Vec<Execution>),
    place: &Place,
    newest: &mut Newest,
    max_pages: usize,
) -> Look {
    let mut look = Look { workgroup: name.clone(), pages: Vec::new(), rest: place.page_of(name) };
    for _ in 0..max_pages {
        let start = look.rest.as_ref().map_or(0, |token| token.parse().expect("a position"));
        let end = (start + PAGE).min(queries.len());
        let page = &queries[start..end];
        let left = page.iter().filter(|query| place.leaves(query)).cloned().collect();
        let oldest = page.iter().map(sent).min();
        look.add(left, oldest, newest);
        look.rest = (end < queries.len()).then(|| end.to_string());
        if look.rest.is_none() || look.found() > newest.most() {
            break;
        }
    }
    look
}

/// An answer from this one workgroup.
fn answer(
    group: &(WorkgroupName, Vec<Execution>),
    place: Place,
    most: usize,
) -> (Vec<Execution>, Option<Place>) {
    let mut newest = Newest::of(most);
    let look = look(group, &place, &mut newest, 20);
    merged(vec![look], newest, place)
}

fn begin() -> Place {
    let until = UNIX_EPOCH + Duration::from_secs(1);
    Place::before_all(&Wanted { workgroup: None, state: None, from: UNIX_EPOCH, until, most: 1 })
}

/// All answers, one after the other, each from the token of the one before.
fn walk(groups: &[(WorkgroupName, Vec<Execution>)], most: usize, max_pages: usize) -> Vec<Execution> {
    let (mut place, mut all) = (begin(), Vec::new());
    for _ in 0..10_000 {
        let looks = groups.iter().filter(|(name, _)| !place.is_done(name));
        let mut newest = Newest::of(most);
        let looks = looks.map(|group| look(group, &place, &mut newest, max_pages)).collect();
        let (queries, next) = merged(looks, newest, place);
        assert!(queries.len() <= most);
        all.extend(queries);
        let Some(next) = next else { return all };
        let token = next.write().expect("written").expect("short enough");
        place = Place::read(&token, None, None).expect("its own");
        assert_eq!(place, next);
    }
    panic!("it does not end");
}

#[test]
fn each_query_comes_once_and_the_newest_first() {
    let groups = [
        group("busy", (0..40).rev().map(|n| 1_000 + n * 7)),
        group("quiet", [1_200, 5]),
        group("none", []),
        group("together", [1_100; 11]),
        group("old", (0..10).rev().map(|n| 10 + n)),
    ];
    let expected: BTreeSet<String> =
        groups.iter().flat_map(|(_, queries)| queries).map(|query| query.id.clone()).collect();
    for most in [1, 2, 5, 50, 500] {
        for max_pages in [1, 2, 20] {
            let all = walk(&groups, most, max_pages);
            let ids: BTreeSet<String> = all.iter().map(|query| query.id.clone()).collect();
            assert_eq!((ids.len(), &ids), (all.len(), &expected), "{most} of {max_pages} pages");
            assert!(all.is_sorted_by_key(|query| Reverse(sent(query))), "{most} of {max_pages} pages");
        }
    }
}

/// What was sent since moves all that Athena lists by one.
#[test]
fn what_is_sent_in_between_moves_nothing() {
    let mut groups = [group("busy", (0..20).rev().map(|n| 100 + n))];
    let (mut all, next) = answer(&groups[0], begin(), 5);
    groups[0].1.insert(0, query("new", 999_999));
    let mut place = next.expect("there are more");
    for _ in 0..1_000 {
        let (queries, next) = answer(&groups[0], place, 5);
        all.extend(queries);
        if let Some(next) = next {
            place = next;
            continue;
        }
        let times: Vec<u64> = all.iter().map(sent).collect();
        assert_eq!(times, (100..120).rev().collect::<Vec<_>>());
        return;
    }
    panic!("it does not end");
}

#[test]
fn a_token_is_of_its_question() {
    let (_, next) = answer(&group("busy", [3, 2, 1]), begin(), 1);
    let token = next.and_then(|place| place.write().expect("written")).expect("there are more");
    let named = WorkgroupName::try_from("busy".to_owned()).expect("a name");
    let error = Place::read(&token, Some(&named), None).expect_err("refused");
    assert!(error.message().contains("`workgroup_name` left out"), "{error}");
    let error = Place::read(&token, None, Some(QueryState::Failed)).expect_err("refused");
    assert!(error.message().contains("`status_filter` left out"), "{error}");
    let place = Place::read(&token, None, None).expect("its own");
    let (second, third) = (UNIX_EPOCH + Duration::from_secs(1), UNIX_EPOCH + Duration::from_secs(2));
    assert_eq!(place.window(None, Some(second)).expect("as then"), (UNIX_EPOCH, second));
    assert!(place.window(None, Some(third)).is_err());
}

#[test]
fn a_token_of_times_that_nobody_can_ask_for_is_refused() {
    let token = |until: SystemTime| {
        let wanted = Wanted { workgroup: None, state: None, from: UNIX_EPOCH, until, most: 1 };
        Place::before_all(&wanted).write().expect("written").expect("short enough")
    };
    let after = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    assert!(Place::read(&token(after(253_402_300_799)), None, None).is_ok());
    assert!(Place::read(&token(after(253_402_300_800)), None, None).is_err());
}
