import { MigrationInterface, QueryRunner } from 'typeorm';

/** Stock as stated by the customer, per product and location. */
export class CreateInventory1763690600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE stock (
        product integer NOT NULL REFERENCES products (id),
        location integer NOT NULL REFERENCES locations (id),
        on_hand double precision NOT NULL CHECK (on_hand >= 0),
        on_order double precision NOT NULL DEFAULT 0 CHECK (on_order >= 0),
        lots jsonb NOT NULL DEFAULT '[]',
        as_of date NOT NULL,
        version integer NOT NULL DEFAULT 1,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (product, location)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE stock`);
  }
}
