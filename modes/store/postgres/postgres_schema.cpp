#include "modes/store/postgres/postgres_schema.h"

#include <array>
#include <string_view>

#include "modes/store/log_identity.h"

namespace netchat::store {

namespace {

constexpr int64_t kAnswerMs = 10'000;
constexpr int64_t kVersion = 1;

// Any number that nobody else takes: one migration at a time.
constexpr std::string_view kLock = "SELECT pg_advisory_xact_lock(7306085996)";

constexpr std::string_view kTables = R"sql(
CREATE SCHEMA IF NOT EXISTS netchat;
CREATE TABLE netchat.cluster (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  version bigint NOT NULL, oldest bigint NOT NULL, fingerprint bytea NOT NULL DEFAULT '');
CREATE TABLE netchat.writer (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  epoch bigint NOT NULL, batch bigint NOT NULL, users bigint NOT NULL) WITH (fillfactor = 10);
CREATE TABLE netchat.node (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  epoch bigint NOT NULL, id bytea NOT NULL, name bytea NOT NULL, beat bigint NOT NULL)
  WITH (fillfactor = 10);
CREATE TABLE netchat.room (
  number bigint PRIMARY KEY, name bytea NOT NULL UNIQUE, first bigint NOT NULL DEFAULT 1,
  last bigint NOT NULL DEFAULT 0, bytes bigint NOT NULL DEFAULT 0) WITH (fillfactor = 40);
CREATE TABLE netchat.entry (
  room bigint NOT NULL, seq bigint NOT NULL, kind bigint NOT NULL, time bigint NOT NULL,
  usr bigint NOT NULL, id bytea, sender bytea, txt bytea, sha256 bytea,
  size bigint NOT NULL, PRIMARY KEY (room, seq));
ALTER TABLE netchat.entry ALTER COLUMN txt SET STORAGE EXTERNAL;
CREATE INDEX entry_file ON netchat.entry (sha256) WHERE sha256 IS NOT NULL;
CREATE TABLE netchat.said (
  usr bigint NOT NULL, id bytea NOT NULL, room bigint NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (usr, id));
CREATE TABLE netchat.usr (number bigint PRIMARY KEY, nick bytea NOT NULL, proof bytea NOT NULL);
CREATE TABLE netchat.prepared (first bigint PRIMARY KEY, proofs bytea NOT NULL);
CREATE TABLE netchat.nick (nick bytea PRIMARY KEY, usr bigint NOT NULL, used bigint NOT NULL);
CREATE TABLE netchat.sanction (
  kind bigint NOT NULL, target bytea NOT NULL, usr bigint NOT NULL, proof bytea, since bigint NOT NULL,
  until bigint NOT NULL, txt bytea, by bytea, PRIMARY KEY (kind, target));
CREATE TABLE netchat.file (
  sha256 bytea PRIMARY KEY, size bigint NOT NULL, added timestamptz NOT NULL DEFAULT now());
CREATE TABLE netchat.blob (
  sha256 bytea NOT NULL, n bigint NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (sha256, n));
ALTER TABLE netchat.blob ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE TABLE netchat.identity (number bigint PRIMARY KEY, identity bytea NOT NULL UNIQUE);
CREATE TABLE netchat.identity_end (
  room bigint NOT NULL, number bigint NOT NULL, last bigint NOT NULL, PRIMARY KEY (room, number));
INSERT INTO netchat.cluster (version, oldest) VALUES (1, 1);
INSERT INTO netchat.writer (epoch, batch, users) VALUES (0, 0, 0);
INSERT INTO netchat.node (epoch, id, name, beat) VALUES (0, '', '', -1);
)sql";

// The node that may write, or none (any longer).
constexpr std::string_view kFence = R"sql(
CREATE OR REPLACE FUNCTION netchat.fence_1(p_epoch bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM netchat.writer WHERE epoch = p_epoch FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another node has taken the log over' USING ERRCODE = 'NC001';
  END IF;
END $$;
CREATE OR REPLACE FUNCTION netchat.take_1(p_epoch bigint, p_id bytea, p_name bytea)
RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  UPDATE netchat.writer SET epoch = p_epoch + 1, batch = 0 WHERE epoch = p_epoch;
  IF NOT FOUND THEN RETURN 0; END IF;
  UPDATE netchat.node SET epoch = p_epoch + 1, id = p_id, name = p_name, beat = 0;
  RETURN p_epoch + 1;
END $$;
)sql";

// One transaction. `p_was`: the writer's latest batch before this one. No rows: this batch was
// appended by an earlier try; the row of the writer is written all the same, so that this answer,
// too, has waited for the standby. One row with seq 0: all drafts have the seqs that they came
// with, which follow their rooms' last; else a row for each. The ids of one batch differ.
constexpr std::string_view kAppend = R"sql(
CREATE OR REPLACE FUNCTION netchat.append_1(p_epoch bigint, p_was bigint, p_batch bigint,
  new_numbers bigint[], new_names bytea[],
  grown bigint[], grown_last bigint[], grown_bytes bigint[],
  rooms bigint[], seqs bigint[], times bigint[], users bigint[], ids bytea[], kinds bigint[],
  senders bytea[], texts bytea[], hashes bytea[], sizes bigint[])
RETURNS TABLE(o_seq bigint, o_room bigint, o_dup boolean) LANGUAGE plpgsql AS $$
BEGIN
  UPDATE netchat.writer SET batch = p_batch WHERE epoch = p_epoch AND batch = p_was;
  IF NOT FOUND THEN
    PERFORM netchat.fence_1(p_epoch);
    UPDATE netchat.writer SET batch = p_batch WHERE batch = p_batch;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the database is not where this server left it: was a backup restored?'
        USING ERRCODE = 'NC001';
    END IF;
    RETURN;
  END IF;
  IF cardinality(new_numbers) > 0 THEN
    INSERT INTO netchat.room (number, name) SELECT * FROM unnest(new_numbers, new_names);
  END IF;
  BEGIN
    INSERT INTO netchat.said
      SELECT t.usr, t.id, t.room, t.seq FROM unnest(users, ids, rooms, seqs) AS t(usr, id, room, seq)
        WHERE t.id IS NOT NULL;
    INSERT INTO netchat.entry (room, seq, kind, time, usr, id, sender, txt, sha256, size)
      SELECT * FROM unnest(rooms, seqs, kinds, times, users, ids, senders, texts, hashes, sizes);
    UPDATE netchat.room r SET last = g.last, bytes = r.bytes + g.bytes
      FROM unnest(grown, grown_last, grown_bytes) AS g(number, last, bytes)
      WHERE r.number = g.number;
    o_seq := 0; o_room := 0; o_dup := false;
    RETURN NEXT;
    RETURN;
  EXCEPTION WHEN unique_violation THEN
    -- Some of them were said before.
  END;
  RETURN QUERY
  WITH d AS MATERIALIZED (
    SELECT * FROM unnest(rooms, times, users, ids, kinds, senders, texts, hashes, sizes)
      WITH ORDINALITY AS t(room, tm, usr, id, kind, sender, txt, hash, size, n)),
  o AS MATERIALIZED (
    SELECT d.n, s.seq, s.room FROM d JOIN netchat.said s ON s.usr = d.usr AND s.id = d.id),
  f AS MATERIALIZED (
    SELECT d.*, row_number() OVER (PARTITION BY d.room ORDER BY d.n) AS k FROM d
      WHERE d.n NOT IN (SELECT o.n FROM o)),
  g AS (
    UPDATE netchat.room r SET last = r.last + q.c, bytes = r.bytes + q.b
      FROM (SELECT f.room, count(*) AS c,
                   sum(coalesce(octet_length(f.id), 0) + coalesce(octet_length(f.sender), 0)
                     + coalesce(octet_length(f.txt), 0) + coalesce(octet_length(f.hash), 0)) AS b
              FROM f GROUP BY f.room) q
      WHERE r.number = q.room RETURNING r.number, r.last - q.c AS base),
  w AS MATERIALIZED (SELECT f.*, g.base + f.k AS seq FROM f JOIN g ON g.number = f.room),
  e AS (
    INSERT INTO netchat.entry (room, seq, kind, time, usr, id, sender, txt, sha256, size)
      SELECT w.room, w.seq, w.kind, w.tm, w.usr, w.id, w.sender, w.txt, w.hash, w.size FROM w),
  s AS (
    INSERT INTO netchat.said SELECT w.usr, w.id, w.room, w.seq FROM w WHERE w.id IS NOT NULL)
  SELECT coalesce(o.seq, w.seq), coalesce(o.room, w.room), o.seq IS NOT NULL
    FROM d LEFT JOIN o USING (n) LEFT JOIN w USING (n) ORDER BY d.n;
END $$;
CREATE OR REPLACE FUNCTION netchat.said_1(users bigint[], ids bytea[])
RETURNS TABLE(o_seq bigint, o_room bigint) LANGUAGE sql STABLE AS $$
  SELECT coalesce(s.seq, 0), coalesce(s.room, 0)
    FROM unnest(users, ids) WITH ORDINALITY AS d(usr, id, n)
    LEFT JOIN netchat.said s ON s.usr = d.usr AND s.id = d.id ORDER BY d.n
$$;
)sql";

constexpr std::string_view kKeep = R"sql(
CREATE OR REPLACE FUNCTION netchat.keep_1(p_epoch bigint, p_users bigint,
  numbers bigint[], nicks bytea[], proofs bytea[],
  names bytea[], owners bigint[], used bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM netchat.fence_1(p_epoch);
  UPDATE netchat.writer SET users = greatest(users, p_users);
  INSERT INTO netchat.usr (number, nick, proof) SELECT * FROM unnest(numbers, nicks, proofs)
    ON CONFLICT (number) DO UPDATE SET nick = excluded.nick, proof = excluded.proof;
  DELETE FROM netchat.nick n WHERE n.nick = ANY(names);
  INSERT INTO netchat.nick (nick, usr, used)
    SELECT DISTINCT ON (t.nick) t.nick, t.usr, t.used
      FROM unnest(names, owners, used) WITH ORDINALITY AS t(nick, usr, used, n)
      ORDER BY t.nick, t.n DESC;
  DELETE FROM netchat.nick n WHERE n.nick = ANY(names) AND n.usr = 0;
END $$;
CREATE OR REPLACE FUNCTION netchat.prepare_1(p_epoch bigint, p_first bigint, p_proofs bytea)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM netchat.fence_1(p_epoch);
  INSERT INTO netchat.prepared VALUES (p_first, p_proofs) ON CONFLICT DO NOTHING;
  DELETE FROM netchat.prepared p WHERE p.first NOT IN
    (SELECT k.first FROM netchat.prepared k ORDER BY k.first DESC LIMIT 4);
END $$;
CREATE OR REPLACE FUNCTION netchat.rule_1(p_epoch bigint, p_kind bigint, p_target bytea,
  p_user bigint, p_proof bytea, p_since bigint, p_until bigint, p_text bytea, p_by bytea)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM netchat.fence_1(p_epoch);
  DELETE FROM netchat.sanction WHERE kind = p_kind AND target = p_target;
  IF p_since >= 0 THEN
    INSERT INTO netchat.sanction
      VALUES (p_kind, p_target, p_user, p_proof, p_since, p_until, p_text, p_by);
  END IF;
END $$;
)sql";

// What retention forgets at the front of a room, and what an operator takes out of it: behind the
// front a row stays with its number (kind 2). The rows name what no kept entry announces any more.
constexpr std::string_view kForget = R"sql(
CREATE OR REPLACE FUNCTION netchat.unannounced_1(hashes bytea[])
RETURNS TABLE(o_hash bytea) LANGUAGE sql STABLE AS $$
  SELECT DISTINCT h FROM unnest(hashes) AS h
    WHERE NOT EXISTS (SELECT 1 FROM netchat.entry e WHERE e.sha256 = h)
$$;
CREATE OR REPLACE FUNCTION netchat.forget_1(p_epoch bigint, p_room bigint, p_before bigint,
  p_bytes bigint, p_most bigint)
RETURNS TABLE(o_first bigint, o_bytes bigint, o_oldest bigint, o_file bytea)
LANGUAGE plpgsql AS $$
DECLARE r record; v_end bigint; v_kept bigint; v_oldest bigint := -1; v_files bytea[] := '{}';
BEGIN
  PERFORM netchat.fence_1(p_epoch);
  SELECT first, bytes INTO v_end, v_kept FROM netchat.room WHERE number = p_room;
  FOR r IN SELECT e.seq, e.time, e.sha256, coalesce(octet_length(e.id), 0)
               + coalesce(octet_length(e.sender), 0) + coalesce(octet_length(e.txt), 0)
               + coalesce(octet_length(e.sha256), 0) AS size
             FROM netchat.entry e WHERE e.room = p_room AND e.seq >= v_end
             ORDER BY e.seq LIMIT p_most LOOP
    IF NOT (p_bytes > 0 AND v_kept > p_bytes) AND NOT (r.time < p_before) THEN
      v_oldest := r.time;
      EXIT;
    END IF;
    v_end := r.seq + 1;
    v_kept := v_kept - r.size;
    IF r.sha256 IS NOT NULL THEN v_files := v_files || r.sha256; END IF;
  END LOOP;
  DELETE FROM netchat.entry WHERE room = p_room AND seq < v_end;
  UPDATE netchat.room SET first = v_end, bytes = v_kept WHERE number = p_room;
  o_first := v_end; o_bytes := v_kept; o_oldest := v_oldest; o_file := NULL;
  RETURN NEXT;
  RETURN QUERY SELECT v_end, v_kept, v_oldest, u.o_hash FROM netchat.unannounced_1(v_files) u;
END $$;
CREATE OR REPLACE FUNCTION netchat.purge_1(p_epoch bigint, p_room bigint, p_at bigint, p_end bigint,
  p_user bigint, p_sender bytea, p_before bigint, p_most bigint)
RETURNS TABLE(o_next bigint, o_first bigint, o_bytes bigint, o_entries bigint, o_user bigint,
  o_file bytea)
LANGUAGE plpgsql AS $$
DECLARE r record; v_goes boolean; v_files bytea[] := '{}'; v_users bigint[] := '{}';
        v_looked bigint := 0;
BEGIN
  PERFORM netchat.fence_1(p_epoch);
  SELECT first, bytes INTO o_first, o_bytes FROM netchat.room WHERE number = p_room;
  o_next := 0; o_entries := 0; o_user := 0; o_file := NULL;
  FOR r IN SELECT e.seq, e.kind, e.time, e.usr, e.sender, e.sha256, coalesce(octet_length(e.id), 0)
               + coalesce(octet_length(e.sender), 0) + coalesce(octet_length(e.txt), 0)
               + coalesce(octet_length(e.sha256), 0) AS size
             FROM netchat.entry e
             WHERE e.room = p_room AND e.seq >= greatest(p_at, o_first) AND e.seq < p_end
             ORDER BY e.seq LIMIT p_most LOOP
    v_looked := v_looked + 1;
    o_next := r.seq + 1;
    v_goes := r.kind <> 2 AND (p_user = 0 OR r.usr = p_user)
              AND (p_sender IS NULL OR r.sender = p_sender)
              AND (p_before = 0 OR r.time < p_before);
    IF v_goes THEN
      o_bytes := greatest(o_bytes - r.size, 0);
      o_entries := o_entries + 1;
      v_users := v_users || r.usr;
      IF r.sha256 IS NOT NULL THEN v_files := v_files || r.sha256; END IF;
    END IF;
    IF (v_goes OR r.kind = 2) AND r.seq = o_first THEN
      o_first := o_first + 1;
    ELSIF v_goes THEN
      UPDATE netchat.entry SET kind = 2, usr = 0, id = NULL, sender = NULL, txt = NULL,
          sha256 = NULL, size = 0 WHERE room = p_room AND seq = r.seq;
    END IF;
  END LOOP;
  IF v_looked < p_most OR o_next >= p_end THEN o_next := 0; END IF;
  DELETE FROM netchat.entry WHERE room = p_room AND seq < o_first;
  UPDATE netchat.room SET first = o_first, bytes = o_bytes WHERE number = p_room;
  RETURN NEXT;
  RETURN QUERY SELECT DISTINCT o_next, o_first, o_bytes, o_entries, u, NULL::bytea
    FROM unnest(v_users) AS u;
  RETURN QUERY SELECT o_next, o_first, o_bytes, o_entries, 0::bigint, u.o_hash
    FROM netchat.unannounced_1(v_files) u;
END $$;
)sql";

// Bounded by the texts, of which the newest or the oldest come.
constexpr std::string_view kRead = R"sql(
CREATE OR REPLACE FUNCTION netchat.read_1(p_room bigint, p_from bigint, p_end bigint,
  p_most bigint, p_bytes bigint, p_newest bigint)
RETURNS TABLE(o_seq bigint, o_kind bigint, o_time bigint, o_user bigint, o_id bytea, o_sender bytea,
  o_text bytea, o_hash bytea, o_size bigint) LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF (SELECT r.last FROM netchat.room r WHERE r.number = p_room) < p_end - 1 THEN
    RAISE EXCEPTION 'this server is not the primary any longer: it lacks what was said'
      USING ERRCODE = '25006';
  END IF;
  IF p_newest > 0 THEN
    RETURN QUERY
    SELECT x.seq, x.kind, x.time, x.usr, x.id, x.sender, x.txt, x.sha256, x.size FROM (
      SELECT e.*, sum(coalesce(octet_length(e.txt), 0)) OVER (ORDER BY e.seq DESC)
                  - coalesce(octet_length(e.txt), 0) AS cum
        FROM (SELECT * FROM netchat.entry n WHERE n.room = p_room AND n.seq >= p_from
                AND n.seq < p_end ORDER BY n.seq DESC LIMIT p_most) e) x
      WHERE x.cum < p_bytes ORDER BY x.seq;
  ELSE
    RETURN QUERY
    SELECT x.seq, x.kind, x.time, x.usr, x.id, x.sender, x.txt, x.sha256, x.size FROM (
      SELECT e.*, sum(coalesce(octet_length(e.txt), 0)) OVER (ORDER BY e.seq)
                  - coalesce(octet_length(e.txt), 0) AS cum
        FROM (SELECT * FROM netchat.entry n WHERE n.room = p_room AND n.seq >= p_from
                AND n.seq < p_end ORDER BY n.seq LIMIT p_most) e) x
      WHERE x.cum < p_bytes ORDER BY x.seq;
  END IF;
END $$;
)sql";

Status failed(const SqlAnswer& answer) {
    if (answer.isGood()) return Ok{};
    return Error{ErrorCode::BadState, answer.text()};
}

// Zero: there is no log so far.
Result<int64_t> versionOf(PostgresConnection& connection) {
    const auto there =
        connection.ask("SELECT to_regclass('netchat.cluster') IS NOT NULL", {}, kAnswerMs);
    if (!there.isGood()) return Error{ErrorCode::BadState, there.text()};
    if (!there.flag(0, 0)) return 0;
    const auto version =
        connection.ask("SELECT version, oldest FROM netchat.cluster", {}, kAnswerMs);
    if (!version.isGood()) return Error{ErrorCode::BadState, version.text()};
    if (version.rows() == 0) {
        return Error{ErrorCode::BadState, "the schema netchat is there without a log in it"};
    }
    if (version.number(0, 1) > kVersion) {
        return Error{ErrorCode::BadState,
                     "this log was made by a newer netchat; start that version"};
    }
    return version.number(0, 0);
}

Status makeTables(PostgresConnection& connection) {
    std::string sql(kTables);
    sql +=
        "INSERT INTO netchat.identity (number, identity) VALUES (1, '" + newLogIdentity() + "');\n";
    for (const std::string_view functions : {kFence, kAppend, kKeep, kForget, kRead}) {
        sql += functions;
    }
    return failed(connection.run(sql, kAnswerMs));
}

}  // namespace

bool mayPass(std::string_view state) {
    for (const char* const group : {"53", "55", "57", "40"}) {
        if (state.starts_with(group)) return true;
    }
    return false;
}

Status migratePostgres(PostgresConnection& connection) {
    auto begun = failed(connection.run("BEGIN; " + std::string(kLock), kAnswerMs));
    if (!begun) return begun;
    const auto version = versionOf(connection);
    Status made = Ok{};
    if (!version) made = version.error();
    if (version && *version == 0) made = makeTables(connection);
    const auto ended = failed(connection.run(made ? "COMMIT" : "ROLLBACK"));
    return made ? ended : made;
}

Status checkPostgresReplicates(PostgresConnection& connection) {
    const auto answer = connection.ask(
        "SELECT current_setting('synchronous_standby_names'), current_setting('fsync'),"
        " current_setting('full_page_writes')",
        {}, kAnswerMs);
    if (!answer.isGood()) return Error{ErrorCode::BadState, answer.text()};
    std::string missing;
    const auto demand = [&missing](bool is, std::string_view what) {
        if (!is) missing += (missing.empty() ? "" : " and ") + std::string(what);
    };
    demand(!answer.bytes(0, 0).empty(), "synchronous_standby_names = 'ANY 1 (…)'");
    demand(answer.bytes(0, 1) == "on", "fsync = on");
    demand(answer.bytes(0, 2) == "on", "full_page_writes = on");
    if (missing.empty()) return Ok{};
    return Error{ErrorCode::BadState,
                 "what is said would not survive the loss of this machine: set " + missing +
                     " in its postgresql.conf, or accept that with --log-unreplicated"};
}

}  // namespace netchat::store
