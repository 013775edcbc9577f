import type { EntityManager } from 'typeorm';
import pg from 'pg';
import { API_ROLE, PARTITIONS, WORKER_ROLE } from './roles.ts';
import { QUEUE_SCHEMA, queueTableRights, TABLE_RIGHTS, TableRight } from './table-rights.ts';

/** Longest the change of an owner waits for a load or a query to end. */
const LOCK_TIMEOUT = '60s';

/** A table or view there is. */
interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  /** Of a partition, or of a chunk that was staged. */
  readonly parent: string | null;
}

const RELATIONS = `
  SELECT n.nspname AS schema, c.relname AS name, c.relowner::regrole::text AS owner,
    (SELECT i.inhparent::regclass::text FROM pg_inherits AS i WHERE i.inhrelid = c.oid LIMIT 1) AS parent
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname IN ('public', '${PARTITIONS}', 'staging', '${QUEUE_SCHEMA}')`;

/**
 * Gives API and workers the rights that are stated, on the tables there are, and takes all others: in one transaction, so
 * that nobody is without theirs for a moment. Doing it again changes nothing.
 */
export async function grantRights(manager: EntityManager): Promise<void> {
  await manager.transaction(async (transaction) => {
    await transaction.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    const relations = await transaction.query<Relation[]>(RELATIONS);
    // A worker that signs in as the owner makes partitions in `public`, and must find the others.
    const [{ name }] = await transaction.query<{ name: string }[]>('SELECT current_database() AS name');
    await transaction.query(
      `ALTER ROLE CURRENT_USER IN DATABASE ${pg.escapeIdentifier(name)} SET search_path = public, ${PARTITIONS}`,
    );
    await transaction.query([...schemaStatements(relations), ...relations.flatMap(statementsOf)].join(';\n'));
  });
}

function schemaStatements(relations: readonly Relation[]): string[] {
  const statements = [
    // Who may create something where everybody's names are looked up may have others run it.
    'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
    `REVOKE ALL ON SCHEMA public, ${PARTITIONS}, staging FROM ${API_ROLE}, ${WORKER_ROLE}`,
    `GRANT USAGE ON SCHEMA public TO ${API_ROLE}, ${WORKER_ROLE}`,
    `GRANT USAGE, CREATE ON SCHEMA ${PARTITIONS}, staging TO ${WORKER_ROLE}`,
    ...['ensure_sales_partition(date)', 'ensure_stream_ids(date)', 'drop_stream_ids(date)'].flatMap((definition) => [
      `REVOKE ALL ON FUNCTION ${definition} FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION ${definition} TO ${WORKER_ROLE}`,
    ]),
  ];
  if (relations.some(({ schema }) => schema === QUEUE_SCHEMA))
    statements.push(
      `GRANT USAGE ON SCHEMA ${QUEUE_SCHEMA} TO ${API_ROLE}, ${WORKER_ROLE}`,
      `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${QUEUE_SCHEMA} TO ${API_ROLE}, ${WORKER_ROLE}`,
    );
  return statements;
}

function statementsOf(relation: Relation): string[] {
  const table = `${pg.escapeIdentifier(relation.schema)}.${pg.escapeIdentifier(relation.name)}`;
  const { api, worker } = rightsOf(relation);
  const statements = grant(table, API_ROLE, api);
  if (worker === 'owner') return [...statements, ...giveAway(table, relation)];
  return [...statements, ...grant(table, WORKER_ROLE, worker)];
}

function rightsOf({ schema, name, parent }: Relation): {
  readonly api: readonly TableRight[];
  readonly worker: readonly TableRight[] | 'owner';
} {
  if (schema === QUEUE_SCHEMA) return { api: queueTableRights(name), worker: queueTableRights(name) };
  // Partitions are reached through their parent, and what is staged is the business of imports.
  if (parent !== null || (schema === 'staging' && name.startsWith('import_') && name !== 'import_checkpoints'))
    return { api: [], worker: 'owner' };
  const known = schema === 'public' ? name : `${schema}.${name}`;
  return TABLE_RIGHTS.find(({ tables }) => tables.includes(known)) ?? { api: [], worker: [] };
}

function grant(table: string, role: string, rights: readonly TableRight[]): string[] {
  const revoke = `REVOKE ALL ON ${table} FROM ${role}`;
  return rights.length ? [revoke, `GRANT ${rights.join(', ')} ON ${table} TO ${role}`] : [revoke];
}

/** The new owner must be able to create in the schema at that moment, unless a superuser gives the table away. */
function giveAway(table: string, { schema, owner }: Relation): string[] {
  if (owner === WORKER_ROLE) return [];
  const give = `ALTER TABLE ${table} OWNER TO ${WORKER_ROLE}`;
  if (schema !== 'public') return [give];
  return [
    `GRANT CREATE ON SCHEMA public TO ${WORKER_ROLE}`,
    give,
    `REVOKE CREATE ON SCHEMA public FROM ${WORKER_ROLE}`,
  ];
}
