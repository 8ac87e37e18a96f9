"""Where one statement ends and the next begins, and which statements a procedural text runs."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import pytest

from riverhead_emitter.model import Dataset
from riverhead_sql import lineage_of
from sql_answers import deciding, doubts, movements, names, pairs, told


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", []),
        (" ;;\n; ", []),
        ("DELETE FROM a; DELETE FROM b", ["a <-", "b <-"]),
        ("INSERT INTO a SELECT ';' AS s, x FROM t -- ; no end\n; /* ; */ DELETE FROM b;", ["a <- t", "b <-"]),
        ('INSERT INTO "a;b" SELECT x FROM t; DELETE FROM c', ["a;b <- t", "c <-"]),
        ("INSERT INTO a SELECT $$ ; $$ AS s, x FROM t; DELETE FROM b", ["a <- t", "b <-"]),
        ("BEGIN; DELETE FROM a; COMMIT; START TRANSACTION; DELETE FROM b; END", ["a <-", "b <-"]),
        ("\ufeffDELETE FROM a", ["a <-"]),
    ],
)
def test_a_semicolon_ends_a_statement_unless_it_is_in_a_text_or_a_comment(sql: str, expected: list[str]) -> None:
    answer = told(sql)

    assert movements(answer) == expected
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("INSERT INTO a SELECT x FROM t INSERT INTO b SELECT y FROM u", ["a <- t", "b <- u"]),
        ("TRUNCATE TABLE a INSERT INTO a (x) SELECT x FROM t", ["a <-", "a <- t"]),
        ("WITH c AS (SELECT x FROM t) INSERT INTO a SELECT x FROM c UPDATE b SET y = 1", ["a <- t", "b <-"]),
        ("WITH c AS (SELECT x FROM t) SELECT x FROM c WITH d AS (SELECT y FROM u) SELECT y FROM d", ["<- t", "<- u"]),
        ("SELECT x FROM t UNION ALL SELECT y FROM u SELECT z FROM v", ["<- t, u", "<- v"]),
        ("SELECT x FROM t EXCEPT SELECT y FROM u DELETE FROM b", ["<- t, u", "b <-"]),
        ("INSERT INTO a (x) VALUES (1) INSERT INTO b (y) VALUES (2)", ["a <-", "b <-"]),
        ("DECLARE @n INT SET @n = 1 INSERT INTO a SELECT x FROM t WHERE y = @n", ["a <- t"]),
        ("SELECT x FROM t ORDER BY x OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY DELETE FROM b", ["<- t", "b <-"]),
        ("SELECT x FROM t WITH (NOLOCK) DELETE FROM b", ["<- t", "b <-"]),
        ("INSERT INTO a WITH (TABLOCK) SELECT x FROM t DELETE FROM b", ["a <- t", "b <-"]),
        ("INSERT INTO a WITH (TABLOCK) (x) SELECT y FROM t DELETE FROM b", ["a <- t", "b <-"]),
        ("INSERT INTO a SELECT x FROM t OPTION (RECOMPILE) DELETE FROM b", ["a <- t", "b <-"]),
        ("SELECT CASE WHEN x = 1 THEN 2 ELSE 3 END AS e FROM t DELETE FROM b", ["<- t", "b <-"]),
        ("CREATE TABLE a (x INT) INSERT INTO a SELECT x FROM t", ["a <-", "a <- t"]),
        ("DROP TABLE IF EXISTS a SELECT x INTO a FROM t", ["a <-", "a <- t"]),
        ("CREATE VIEW a AS SELECT x FROM t", ["a <- t"]),
        ("CREATE VIEW a AS WITH c AS (SELECT x FROM t) SELECT x FROM c", ["a <- t"]),
        ("GRANT SELECT, INSERT, UPDATE ON t TO someone", []),
        ("ALTER TABLE a DROP COLUMN x DELETE FROM b", ["a <-", "b <-"]),
        ("UPDATE a SET x = 1 UPDATE b SET y = (SELECT MAX(z) FROM t)", ["a <-", "b <- t"]),
        ("PRINT 'SELECT' USE d DELETE FROM s.b", ["d.s.b <-"]),
        (
            (
                "MERGE INTO a USING t ON a.i = t.i WHEN MATCHED THEN UPDATE SET x = t.x "
                "WHEN NOT MATCHED THEN INSERT (i, x) VALUES (t.i, t.x) WHEN NOT MATCHED BY SOURCE THEN DELETE; "
                "DELETE FROM b"
            ),
            ["a <- t", "b <-"],
        ),
    ],
)
def test_t_sql_needs_no_semicolons(sql: str, expected: list[str]) -> None:
    answer = told(sql, "tsql")

    assert movements(answer) == expected
    assert doubts(answer) == []


@pytest.mark.parametrize("end", ["\nGO\n", "\ngo\n", "\nGO 5\n", ";\nGO\n"])
def test_go_ends_a_batch(end: str) -> None:
    answer = told(f"INSERT INTO a SELECT x FROM t{end}INSERT INTO b SELECT y FROM u{end}", "tsql")

    assert movements(answer) == ["a <- t", "b <- u"]
    assert doubts(answer) == []


def test_each_of_several_statements_in_a_row_keeps_its_own_columns() -> None:
    answer = told("INSERT INTO a (p) SELECT x FROM t INSERT INTO b (q) SELECT y FROM u", "tsql")

    assert [pairs(each) for each in answer.statements] == [{"a.p <- t.x"}, {"b.q <- u.y"}]


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        (
            "tsql", "IF EXISTS (SELECT 1 FROM t) INSERT INTO a SELECT x FROM u ELSE DELETE FROM b",
            ["<- t", "a <- u", "b <-"],
        ),
        ("tsql", "IF @n > 1 BEGIN DELETE FROM a DELETE FROM b END ELSE BEGIN DELETE FROM c END",
         ["a <-", "b <-", "c <-"]),
        (
            "tsql",
            ("BEGIN TRY INSERT INTO a SELECT x FROM t END TRY BEGIN CATCH INSERT INTO b SELECT y FROM u; THROW END "
            "CATCH"),
            ["a <- t", "b <- u"],
        ),
        (
            "tsql", "WHILE EXISTS (SELECT 1 FROM t) BEGIN DELETE FROM b WHERE x = 1 INSERT INTO a SELECT y FROM u END",
            ["<- t", "b <-", "a <- u"],
        ),
        ("tsql", "BEGIN TRANSACTION DELETE FROM b INSERT INTO b SELECT x FROM t COMMIT TRANSACTION", ["b <-",
         "b <- t"]),
        (
            "tsql",
            ("DECLARE c CURSOR FOR SELECT x FROM t OPEN c FETCH NEXT FROM c INTO @x WHILE @@FETCH_STATUS = 0 "
            "BEGIN INSERT INTO a SELECT y FROM u FETCH NEXT FROM c INTO @x END CLOSE c DEALLOCATE c"),
            ["<- t", "a <- u"],
        ),
        (
            "bigquery",
            "BEGIN INSERT INTO a SELECT x FROM t; EXCEPTION WHEN ERROR THEN INSERT INTO b SELECT y FROM u; END",
            ["a <- t", "b <- u"],
        ),
        ("bigquery", "FOR r IN (SELECT x FROM t) DO INSERT INTO a SELECT y FROM u; END FOR; DELETE FROM b WHERE TRUE",
         ["<- t", "a <- u", "b <-"]),
        ("bigquery", "LOOP DELETE FROM a WHERE TRUE; IF n > 1 THEN LEAVE; END IF; END LOOP", ["a <-"]),
        ("bigquery", ("DECLARE n INT64 DEFAULT (SELECT MAX(x) FROM t); SET n = (SELECT MAX(y) FROM u); DELETE FROM a "
         "WHERE z = n"),
         ["<- t", "<- u", "a <-"]),
        ("bigquery", ("IF (SELECT COUNT(*) FROM t) > 0 THEN DELETE FROM a WHERE TRUE; ELSEIF n = 2 THEN DELETE FROM b "
         "WHERE TRUE; "
         "ELSE DELETE FROM c WHERE TRUE; END IF"), ["<- t", "a <-", "b <-", "c <-"]),
        ("bigquery", "REPEAT DELETE FROM a WHERE TRUE; UNTIL n > 3 END REPEAT; DELETE FROM b WHERE TRUE", ["a <-",
         "b <-"]),
        ("snowflake", "BEGIN LET n := (SELECT MAX(y) FROM u); INSERT INTO a SELECT x FROM t; RETURN n; END",
         ["<- U", "A <- T"]),
        ("oracle", ("DECLARE n NUMBER; BEGIN FOR r IN (SELECT x FROM t) LOOP INSERT INTO a (x) VALUES (r.x); END "
         "LOOP; END;"),
         ["<- T", "A <- T"]),
        ("oracle", ("BEGIN IF n = 1 THEN DELETE FROM a; ELSIF n = 2 THEN DELETE FROM b; ELSE NULL; END IF; "
         "END;\n/\nDELETE FROM c"),
         ["A <-", "B <-", "C <-"]),
        ("oracle", "BEGIN OPEN c FOR SELECT x FROM t; INSERT INTO a SELECT y FROM u; END;", ["<- T", "A <- U"]),
        ("mysql", "CREATE PROCEDURE p() BEGIN again: LOOP DELETE FROM a; LEAVE again; END LOOP again; END", ["a <-"]),
        ("bigquery", ("CASE WHEN n = 1 THEN DELETE FROM a WHERE TRUE; WHEN n = 2 THEN DELETE FROM b WHERE TRUE; "
         "ELSE DELETE FROM c WHERE TRUE; END CASE"), ["a <-", "b <-", "c <-"]),
        ("oracle", "BEGIN <<again>> WHILE n < 3 LOOP DELETE FROM a; n := n + 1; END LOOP again; END;", ["A <-"]),
    ],
)  # fmt: skip
def test_blocks_conditions_and_loops_are_peeled_off_what_they_run(dialect: str, sql: str, expected: list[str]) -> None:
    answer = told(sql, dialect)

    assert movements(answer) == expected
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("tsql", "IF EXISTS (SELECT 1 FROM t) DELETE FROM b"),
        ("tsql", "DECLARE @n INT = (SELECT MAX(x) FROM t)"),
        ("tsql", "DECLARE c CURSOR FOR SELECT x FROM t"),
        ("bigquery", "DECLARE n INT64 DEFAULT (SELECT MAX(x) FROM t)"),
        ("bigquery", "SET n = (SELECT MAX(x) FROM t)"),
        ("bigquery", "FOR r IN (SELECT x FROM t) DO DELETE FROM b WHERE TRUE; END FOR"),
        ("snowflake", "DECLARE n INT DEFAULT (SELECT MAX(x) FROM t); BEGIN DELETE FROM b; END"),
        ("snowflake", "EXECUTE IMMEDIATE $$ DECLARE c CURSOR FOR SELECT x FROM t; BEGIN DELETE FROM b; END $$"),
        ("oracle", "DECLARE CURSOR c IS SELECT x FROM t; BEGIN DELETE FROM b; END;"),
        ("oracle", "BEGIN SELECT x INTO n FROM t; END;"),
        ("postgres", "DO $$ DECLARE n int := (SELECT max(x) FROM t); BEGIN DELETE FROM b; END $$"),
        ("postgres", "DO $$ BEGIN PERFORM f(x) FROM t; END $$"),
        ("mysql", "SELECT x INTO @n FROM t"),
    ],
)
def test_a_query_that_only_a_variable_or_a_condition_asks_is_not_the_result(dialect: str, sql: str) -> None:
    result = Dataset("client", "result")

    answer = lineage_of(sql, dialect=dialect, result=result)

    assert [name.lower() for name in names(answer.merged.inputs)] == ["t"]
    assert "result" not in names(answer.merged.outputs)


def test_a_bare_query_is_the_result() -> None:
    answer = lineage_of("DELETE FROM b; SELECT x FROM t", dialect="tsql", result=Dataset("client", "result"))

    assert movements(answer) == ["b <-", "result <- t"]
    assert pairs(answer.merged) == {"result.x <- t.x"}


_DELIMITED = """
DELIMITER //
CREATE PROCEDURE fill(IN day DATE)
BEGIN
    DECLARE n INT DEFAULT 0;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION ROLLBACK;
    SELECT COUNT(*) INTO n FROM v;
    IF n > 0 THEN
        INSERT INTO a SELECT x FROM t WHERE d = day;
    END IF;
END //
DELIMITER ;
DELETE FROM b;
"""
_PLSQL = """
CREATE OR REPLACE PROCEDURE fill (p IN NUMBER) IS
    n NUMBER := 0;
    CURSOR c IS SELECT y FROM u;
BEGIN
    INSERT INTO a SELECT x FROM t WHERE k = p;
    SELECT COUNT(*) INTO n FROM v;
    COMMIT;
EXCEPTION
    WHEN NO_DATA_FOUND THEN DELETE FROM b;
    WHEN OTHERS THEN RAISE;
END fill;
/
"""
_PLPGSQL = """
CREATE OR REPLACE FUNCTION fill(day date) RETURNS void AS $body$
DECLARE
    n int := 0;
BEGIN
    INSERT INTO a SELECT x FROM t WHERE d = day;
    IF n > 0 THEN
        DELETE FROM b;
    ELSE
        UPDATE b SET y = 1;
    END IF;
    PERFORM count(*) FROM v;
    RETURN;
END;
$body$ LANGUAGE plpgsql;
DELETE FROM c;
"""


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("tsql", ("CREATE PROCEDURE dbo.fill @day DATE AS BEGIN SET NOCOUNT ON; INSERT INTO a SELECT x FROM t "
         "WHERE d = @day; DELETE FROM b END"), ["a <- t", "b <-"]),
        ("tsql", ("CREATE OR ALTER PROC fill @n INT = 1, @m INT OUTPUT AS INSERT INTO a SELECT x FROM t UPDATE b SET "
         "y = 1"),
         ["a <- t", "b <-"]),
        ("tsql", "ALTER PROCEDURE fill WITH RECOMPILE AS BEGIN DELETE FROM a END\nGO\nDELETE FROM b", ["a <-", "b <-"]),
        ("oracle", _PLSQL, ["<- U", "A <- T", "<- V", "B <-"]),
        ("postgres", _PLPGSQL, ["a <- t", "b <-", "b <-", "<- v", "c <-"]),
        ("postgres", "DO $$ DECLARE r record; BEGIN FOR r IN SELECT x FROM t LOOP DELETE FROM b; END LOOP; END $$",
         ["<- t", "b <-"]),
        ("postgres", ("CREATE FUNCTION f() RETURNS SETOF int AS $$ BEGIN RETURN QUERY SELECT x FROM t; END $$ "
         "LANGUAGE plpgsql"),
         ["<- t"]),
        ("postgres", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'INSERT INTO a SELECT x FROM t; SELECT 1'", [
         "a <- t"]),
        ("postgres", "CREATE PROCEDURE p() LANGUAGE SQL BEGIN ATOMIC INSERT INTO a SELECT x FROM t; DELETE FROM b; END",
         ["a <- t", "b <-"]),
        ("redshift", ("CREATE PROCEDURE p() AS $$ BEGIN DELETE FROM a; INSERT INTO a SELECT x FROM t; END; $$ "
         "LANGUAGE plpgsql"),
         ["a <-", "a <- t"]),
        ("mysql", _DELIMITED, ["<- v", "a <- t", "b <-"]),
        ("mysql", "CREATE PROCEDURE p() INSERT INTO a SELECT x FROM t", ["a <- t"]),
        ("snowflake", ("CREATE OR REPLACE PROCEDURE p() RETURNS STRING LANGUAGE SQL AS $$ BEGIN INSERT INTO a SELECT "
         "x FROM t; "
         "RETURN 'done'; END; $$; DELETE FROM b"), ["A <- T", "B <-"]),
        ("snowflake", ("CREATE PROCEDURE p() RETURNS STRING LANGUAGE SQL AS BEGIN DELETE FROM a; RETURN 'x'; END; "
         "DELETE FROM b"),
         ["A <-", "B <-"]),
        ("bigquery", ("CREATE OR REPLACE PROCEDURE d.p(day DATE) BEGIN DECLARE n INT64; INSERT INTO d.a SELECT x FROM "
         "d.t; END; "
         "DELETE FROM d.b WHERE TRUE"), ["d.a <- d.t", "d.b <-"]),
    ],
)  # fmt: skip
def test_a_procedures_body_is_read_as_the_statements_that_it_runs(dialect: str, sql: str, expected: list[str]) -> None:
    assert movements(told(sql, dialect)) == expected


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("snowflake", "EXECUTE IMMEDIATE 'INSERT INTO a SELECT x FROM t'"),
        ("snowflake", "EXECUTE IMMEDIATE $$ BEGIN INSERT INTO a SELECT x FROM t; END $$"),
        ("oracle", "BEGIN EXECUTE IMMEDIATE 'INSERT INTO a SELECT x FROM t WHERE d = :1' USING day; END;"),
        ("bigquery", "EXECUTE IMMEDIATE 'INSERT INTO a SELECT x FROM t'"),
        ("tsql", "EXEC ('INSERT INTO a SELECT x FROM t')"),
        ("tsql", "EXEC sp_executesql N'INSERT INTO a SELECT x FROM t WHERE d = @d', N'@d DATE', @d = '2026-01-01'"),
        ("postgres", "DO $$ BEGIN EXECUTE 'INSERT INTO a SELECT x FROM t WHERE y = ''z'''; END $$"),
    ],
)
def test_a_text_that_a_script_runs_is_read_where_it_is_written_out(dialect: str, sql: str) -> None:
    answer = told(sql, dialect)

    assert [line.lower() for line in movements(answer)] == ["a <- t"]
    assert {pair.lower() for pair in pairs(answer.merged)} == {"a.x <- t.x"}
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("snowflake", "EXECUTE IMMEDIATE 'INSERT INTO ' || :name || ' SELECT x FROM t'"),
        ("snowflake", "EXECUTE IMMEDIATE :statement"),
        ("oracle", "BEGIN EXECUTE IMMEDIATE 'TRUNCATE TABLE ' || name; END;"),
        ("tsql", "EXEC (@statement)"),
        ("tsql", "EXEC ('INSERT INTO a SELECT x FROM ' + @name)"),
        ("tsql", "EXEC sp_executesql @statement"),
        ("bigquery", "EXECUTE IMMEDIATE FORMAT('DELETE FROM %s WHERE TRUE', name)"),
    ],
)
def test_a_text_that_is_put_together_when_it_runs_is_named_and_never_guessed(dialect: str, sql: str) -> None:
    answer = told(sql, dialect)

    assert movements(answer) == []
    (doubt,) = doubts(answer)
    assert doubt.startswith("EXEC")
    assert doubt.endswith("it runs a text that is only known when it runs")


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("mysql", ("CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW BEGIN INSERT INTO b SELECT y FROM u; DELETE FROM "
         "c; END;")),
        ("sqlite", ("CREATE TRIGGER g AFTER UPDATE ON t BEGIN INSERT INTO b SELECT CASE WHEN y THEN 1 END FROM u; "
         "DELETE FROM c; END;")),
        ("oracle", ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN IF n = 1 THEN DELETE FROM b; END IF; "
         "DELETE FROM c; END;\n/\n")),
        ("postgres", "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();"),
        ("tsql", ("CREATE TRIGGER g ON t AFTER INSERT AS BEGIN INSERT INTO b SELECT y FROM inserted; DELETE FROM c "
         "END\nGO\n")),
    ],
)  # fmt: skip
def test_a_triggers_body_is_not_run_by_the_script_that_makes_it(dialect: str, sql: str) -> None:
    answer = told(f"{sql} INSERT INTO a SELECT x FROM t", dialect)

    assert [line.lower() for line in movements(answer) if not line.lower().startswith("<- t")] == ["a <- t"]


@pytest.mark.parametrize("language", ["JAVASCRIPT", "PYTHON"])
def test_a_body_in_another_language_is_named_and_not_read(language: str) -> None:
    body = "snowflake.execute({sqlText: 'DELETE FROM b'}); DELETE FROM d;"

    answer = told(
        f"CREATE PROCEDURE p() RETURNS STRING LANGUAGE {language} AS $$ {body} $$; DELETE FROM c", "snowflake"
    )

    assert movements(answer) == ["C <-"]
    (doubt,) = doubts(answer)
    assert language in doubt.upper().rpartition(":")[2]


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("mysql", "SELECT x, y INTO @a, @b FROM t"),
        ("mysql", "CREATE PROCEDURE p() BEGIN SELECT x INTO n FROM t; END"),
        ("postgres", "DO $$ BEGIN SELECT x INTO n FROM t; END $$"),
        ("postgres", "DO $$ BEGIN SELECT x INTO STRICT n FROM t; END $$"),
        ("oracle", "BEGIN SELECT x INTO n FROM t; END;"),
        ("oracle", "BEGIN SELECT x BULK COLLECT INTO l FROM t; END;"),
        ("snowflake", "BEGIN SELECT x INTO :n FROM t; END"),
        ("tsql", "SELECT @n = x FROM t"),
    ],
)
def test_a_select_into_variables_makes_no_table(dialect: str, sql: str) -> None:
    answer = told(sql, dialect)

    assert [line.lower() for line in movements(answer)] == ["<- t"]
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("oracle", "DECLARE n NUMBER(10, 2); m NUMBER; BEGIN INSERT INTO a SELECT x, n AS y FROM t WHERE k = m; END;"),
        ("oracle", ("CREATE PROCEDURE p (d IN DATE, e NUMBER) IS BEGIN INSERT INTO a SELECT x FROM t WHERE k = d + e; "
         "END;")),
        ("oracle", "BEGIN FOR r IN 1..3 LOOP INSERT INTO a SELECT x FROM t WHERE k = r; END LOOP; END;"),
        ("bigquery", "DECLARE d, e DATE; INSERT INTO a SELECT x FROM t WHERE k BETWEEN d AND e"),
        ("mysql", ("CREATE PROCEDURE p(IN d DATE, OUT n DECIMAL(9, 2), INOUT e INT) INSERT INTO a SELECT x FROM t "
         "WHERE k = d + e")),
        ("snowflake", "BEGIN LET n := 1; INSERT INTO a SELECT x FROM t WHERE k = :n; END"),
        ("postgres", "DO $$ DECLARE n int := 1; BEGIN INSERT INTO a SELECT x FROM t WHERE k = n; END $$"),
        ("postgres", ("CREATE FUNCTION f(d date, e numeric(9, 2), g int) RETURNS void AS $$ BEGIN "
         "INSERT INTO a SELECT x FROM t WHERE k = d AND k > e AND k < g; END $$ LANGUAGE plpgsql")),
        ("tsql", "CREATE PROC p @d DATE AS INSERT INTO a SELECT x FROM t WHERE k = @d"),
    ],
)  # fmt: skip
def test_a_variable_or_a_parameter_is_no_column(dialect: str, sql: str) -> None:
    answer = told(sql, dialect)

    assert {pair.lower() for pair in pairs(answer.merged)} == {"a.x <- t.x"}
    assert {edge.lower() for edge in deciding(answer.merged)} == {"t.k filter"}
    assert doubts(answer) == []


def test_a_column_that_is_called_like_a_variable_of_nobody_is_a_column() -> None:
    answer = told("INSERT INTO a SELECT x FROM t WHERE k = n; DO $$ DECLARE n int; BEGIN DELETE FROM b; END $$")

    assert deciding(answer.merged) == {"t.k FILTER", "t.n FILTER"}


def test_a_query_before_an_insert_in_a_body_fills_no_variables() -> None:
    answer = told("DO $$ BEGIN WITH c AS (SELECT x FROM t) INSERT INTO a SELECT x FROM c; END $$")

    assert movements(answer) == ["a <- t"]


@pytest.mark.parametrize("dialect", ["postgres", "redshift", "tsql"])
def test_a_select_into_outside_a_procedure_makes_a_table(dialect: str) -> None:
    assert movements(told("SELECT x INTO a FROM t", dialect)) == ["a <- t"]


def test_what_cannot_be_read_inside_a_body_costs_only_itself() -> None:
    answer = told("DO $$ BEGIN INSERT INTO a SELECT x FROM t; BLAH BLAH BLAH; DELETE FROM b; END $$")

    assert movements(answer) == ["a <- t", "b <-"]
    assert [doubt.partition(":")[0] for doubt in doubts(answer)] == ["BLAH BLAH BLAH"]


def test_no_literal_of_a_statement_gets_into_the_doubt_about_it() -> None:
    answer = told("CALL fill('hunter2', 5); BLAH 'hunter2' BLAH; EXECUTE IMMEDIATE 'hunter2' || x", "snowflake")

    assert len(doubts(answer)) == 3
    assert "hunter2" not in str(answer)


def test_a_text_in_a_text_without_end_is_given_up() -> None:
    sql = "DELETE FROM a"
    for _ in range(7):
        sql = "EXECUTE IMMEDIATE '" + sql.replace("'", "''") + "'"

    answer = told(sql, "snowflake")

    assert movements(answer) == []
    assert [doubt.rpartition(": ")[2] for doubt in doubts(answer)] == ["it is nested too deeply"]


def test_a_call_of_what_is_not_written_here_is_named() -> None:
    answer = told("EXEC dbo.fill @day = '2026-01-01' DELETE FROM b", "tsql")

    assert movements(answer) == ["b <-"]
    assert ["dbo.fill" in doubt for doubt in doubts(answer)] == [True]
