import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Makes the audit trail tamper-evident: each entry gets a link, whose hash covers the entry and the link before it.
 *
 * Links lie in a table of their own and are written by a deferred trigger, when the transaction commits. Written with the
 * entry, the lock that makes one chain of all writers would be held from there to the commit: a long transaction would
 * hold up everybody else's, and one that takes other locks after its entry could deadlock. So it is held for the commit
 * alone, whatever a transaction does. Nor need an entry be changed, which the trail refuses, to get its link. Places in the
 * chain are given under the lock and become visible in their order; ids, taken when an entry is written, need not.
 *
 * What it costs: transactions with entries commit one after the other, as fast as the disk takes commits, some hundreds a
 * second. Entries tell what people do; what comes by the thousand a second, such as events of sales, leaves none.
 */
export class ChainAudit1764310000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_chain (
        position bigint PRIMARY KEY CHECK (position > 0),
        audit_id bigint NOT NULL UNIQUE,
        hash bytea NOT NULL CHECK (octet_length(hash) = 32)
      )`);
    // What the verifier computes again: SHA-256 of the hash before (zeros for the first), and the fields as netstrings,
    // so that no text can pass for two fields; - is NULL. Nothing in it depends on the settings of a session.
    await runner.query(`
      CREATE FUNCTION audit_link_hash(before bytea, place bigint, entry audit_log) RETURNS bytea
      LANGUAGE sql STABLE AS $$
        SELECT sha256(before || convert_to(string_agg(
          coalesce(octet_length(convert_to(field, 'UTF8')) || ':' || field, '-'), ',' ORDER BY n), 'UTF8'))
        FROM unnest(ARRAY[
          place::text, entry.id::text, (extract(epoch FROM entry.at) * 1000000)::bigint::text, entry.actor, entry.action,
          entry.entity, entry.entity_id, entry.before::text, entry.after::text, entry.correlation_id
        ]) WITH ORDINALITY AS fields (field, n)
      $$`);
    await runner.query(`
      CREATE FUNCTION link_audit_entry(entry audit_log) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE last audit_chain;
      BEGIN
        PERFORM pg_advisory_xact_lock(7436201);
        SELECT * INTO last FROM audit_chain ORDER BY position DESC LIMIT 1;
        INSERT INTO audit_chain (position, audit_id, hash) VALUES (coalesce(last.position, 0) + 1, entry.id,
          audit_link_hash(coalesce(last.hash, decode(repeat('00', 32), 'hex')), coalesce(last.position, 0) + 1, entry));
      END $$`);
    await runner.query(`
      CREATE FUNCTION link_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM link_audit_entry(NEW);
        RETURN NULL;
      END $$`);
    // Waits for transactions that have written entries and lets no other write any until this one has committed.
    await runner.query(`LOCK TABLE audit_log IN SHARE ROW EXCLUSIVE MODE`);
    await runner.query(`
      DO $$
      DECLARE entry audit_log;
      BEGIN
        FOR entry IN SELECT * FROM audit_log ORDER BY id LOOP
          PERFORM link_audit_entry(entry);
        END LOOP;
      END $$`);
    await runner.query(`
      CREATE CONSTRAINT TRIGGER audit_log_chained AFTER INSERT ON audit_log
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION link_audit_entry()`);
    await runner.query(`
      CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
      END $$`);
    await runner.query(`
      CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER audit_log_chained ON audit_log`);
    await runner.query(`DROP FUNCTION link_audit_entry()`);
    await runner.query(`DROP FUNCTION link_audit_entry(audit_log)`);
    await runner.query(`DROP FUNCTION audit_link_hash`);
    await runner.query(`DROP TABLE audit_chain`);
    await runner.query(`
      CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'audit_log is append-only';
      END $$`);
  }
}
