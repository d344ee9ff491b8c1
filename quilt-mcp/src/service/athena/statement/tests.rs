use proptest::prelude::*;

use super::*;

fn effect_of(sql: &str) -> Effect {
    Statement::read(sql).unwrap_or_else(|error| panic!("{sql}: {error}")).effect().clone()
}

#[test]
fn queries_read() {
    let queries = [
        "SELECT created_at, updated_at, drop_count FROM notes",
        "select 1",
        "SELECT 'DROP TABLE x; DELETE' AS \"insert into\" FROM notes -- drop table notes",
        "/* DROP TABLE x */ SELECT * FROM \"my-bucket\".\"packages-view\" LIMIT 10;",
        "WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT * FROM b UNION ALL SELECT 2",
        "SELECT count(*) FILTER (WHERE x > 1) FROM t GROUP BY GROUPING SETS ((a), (b))",
        "SELECT x, row_number() OVER (PARTITION BY y ORDER BY z) FROM a JOIN b USING (id)",
        "SELECT * FROM t CROSS JOIN UNNEST(items) WITH ORDINALITY AS u (item, n)",
        "SELECT transform(items, x -> x + 1), date '2024-01-01' - interval '7' day FROM t",
        "SELECT json_extract_scalar(meta, '$.a'), TRY_CAST(x AS double), x AT TIME ZONE 'UTC' FROM t",
        "SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (id, name)",
        "SELECT approx_percentile(x, 0.5), CAST(y AS decimal(10, 2)), \"$path\" FROM t TABLESAMPLE BERNOULLI (10)",
        "SELECT * FROM TABLE(sequence(1, 10))",
        "SELECT '\\' AS backslash, 'it''s'",
        "(SELECT 1) UNION (SELECT 2)",
        "EXPLAIN SELECT 1",
        "EXPLAIN (TYPE DISTRIBUTED) SELECT 1",
        "EXPLAIN ANALYZE SELECT * FROM t",
        "SHOW TABLES IN db 'note*'",
        "SHOW PARTITIONS db.t",
        "SHOW CREATE TABLE `db`.`t`",
        "DESCRIBE EXTENDED db.t",
        "desc t;",
    ];
    let refused: Vec<_> = queries
        .iter()
        .map(|sql| (sql, effect_of(sql)))
        .filter(|(_, effect)| *effect != Effect::Reads)
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn what_changes_something_is_known() {
    for sql in [
        "DROP TABLE notes",
        "/* SELECT */ drop table notes",
        "-- SELECT\nDELETE FROM notes",
        "INSERT INTO a SELECT * FROM b",
        "CREATE TABLE a AS SELECT 1",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "UNLOAD (SELECT 1) TO 's3://b/k' WITH (format = 'PARQUET')",
        "MSCK REPAIR TABLE t",
        "ALTER TABLE t ADD PARTITION (d = '1')",
        "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE",
        "EXECUTE p",
        "USING EXTERNAL FUNCTION f(x varchar) RETURNS varchar LAMBDA 'l' SELECT f('a')",
        "EXPLAIN ANALYZE INSERT INTO a SELECT 1",
        "EXPLAIN DELETE FROM a",
        "WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a",
        "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a",
        "SELECT * INTO copied FROM t",
        "SELECT * FROM TABLE(postgres.system.query(query => 'DELETE FROM t'))",
    ] {
        let effect = effect_of(sql);
        assert!(matches!(effect, Effect::Writes(_)), "{sql}: {effect:?}");
        assert!(Statement::read(sql).expect("a statement").must_read().is_err());
    }
}

#[test]
fn what_is_not_understood_is_not_taken_for_a_query() {
    for sql in [
        "FLY ME TO THE MOON",
        "SELECT FROM WHERE",
        "SELECT * FROM `notes`",
        "WITH a AS (TRUNCATE t) SELECT 1",
    ] {
        let effect = effect_of(sql);
        assert!(matches!(effect, Effect::Unknown(_)), "{sql}: {effect:?}");
    }
}

#[test]
fn a_comment_does_not_end_where_only_one_of_two_readers_thinks_so() {
    // Athena takes the second line of the first for a statement, and the parser here for the rest of a comment.
    for sql in ["--\rINSERT INTO t\nSELECT 1", "SELECT 1 --\r, 2"] {
        assert!(matches!(effect_of(sql), Effect::Unknown(_)), "{sql:?}");
    }
    assert_eq!(effect_of("SELECT 1 -- one\r\n, 2"), Effect::Reads);
    // Comments do not nest there, so this one has ended.
    assert!(!matches!(
        Statement::read("/* /* */ DROP TABLE t -- */ SELECT 1").map(|s| s.effect),
        Ok(Effect::Reads)
    ));
}

#[test]
fn a_call_is_one_statement() {
    for sql in ["SELECT 1; DROP TABLE t", "SELECT 1; SELECT 2", ";SELECT 1"] {
        assert_eq!(
            Statement::read(sql).map(|_| ()).map_err(|e| e.code()),
            Err(ErrorCode::InvalidInput),
            "{sql}"
        );
    }
    assert_eq!(effect_of("SELECT ';' ;; -- the end"), Effect::Reads);
    for sql in ["", "  ", "-- nothing", "'", "/* no end"] {
        assert!(Statement::read(sql).is_err(), "{sql}");
    }
}

#[test]
fn a_backtick_is_answered_with_how_to_write_it() {
    let statement = Statement::read("SELECT `a` FROM `my-db`.t WHERE x = '`'").expect("a statement");
    assert_eq!(statement.corrected(), Some("SELECT \"a\" FROM \"my-db\".t WHERE x = '`'"));
    let error = statement.must_read().expect_err("refused");
    assert!(error.hint().is_some_and(|hint| hint.contains("\"my-db\"")), "{error:?}");
}

#[test]
fn the_longest_chain_does_not_exhaust_the_stack() {
    for link in ["1 + ", "- ", "NOT ", "a AND ", "(", "x || ", "CASE WHEN ", "a, (SELECT "] {
        let words = link.split(' ').filter(|word| !word.is_empty()).count();
        for times in [MAX_WORDS / words - 4, MAX_WORDS * 2] {
            assert!(Statement::read(&format!("SELECT {}a", link.repeat(times))).is_ok(), "{link}");
        }
    }
    for link in [" IS NULL", "[1]", "::int", " UNION SELECT 1", ".a", " COLLATE a"] {
        let sql = format!("SELECT a{}", link.repeat(MAX_WORDS / 2 - 2));
        assert!(Statement::read(&sql).is_ok(), "{link}");
    }
}

#[test]
fn a_long_list_of_values_is_no_long_statement() {
    let sql = format!("SELECT * FROM t WHERE id IN ({})", vec!["'0123456789'"; 15_000].join(", "));
    assert_eq!(effect_of(&sql), Effect::Reads);
    let too_long = format!("SELECT '{}'", "x".repeat(MAX_BYTES));
    assert_eq!(Statement::read(&too_long).map(|_| ()).map_err(|e| e.code()), Err(ErrorCode::LimitExceeded));
}

const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WITH",
    "a",
    "AS",
    "(",
    ")",
    "DELETE",
    "INSERT INTO",
    "DROP",
    ";",
    "--",
    "/*",
    "*/",
    "'",
    "\"",
    "`",
    "\\",
    "\r",
    "\n",
    "EXPLAIN",
    "ANALYZE",
    "TABLE",
    "VALUES",
    "UNION",
    ",",
    "1",
    ".",
    "*",
    "->",
    "=>",
    "$$",
    "U&'",
    "E'",
    "X'",
    "CASE",
    "INTERVAL",
    "JOIN",
    "ON",
    "OVER",
    "[",
    "]",
    "{",
    "}",
    ":",
    "::",
    "?",
    "@",
    "#",
    "é",
    "\u{0}",
    "ROW",
    "MAP",
];

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = Statement::read(&text);
    }

    #[test]
    fn no_row_of_words_makes_it_panic(words in prop::collection::vec(prop::sample::select(WORDS), 0..60)) {
        let _ = Statement::read(&words.join(" "));
    }

    /// Whatever stands in a literal, a quoted name or a comment changes nothing.
    #[test]
    fn what_is_quoted_is_not_read(inside in "[^'\"*/\r\n\\\\]*") {
        let sql = format!("SELECT '{inside}' AS \"a{inside}\" /* {inside} */ FROM t -- {inside}");
        prop_assert_eq!(effect_of(&sql), Effect::Reads, "{}", sql);
    }
}
