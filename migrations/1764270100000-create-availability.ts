import { MigrationInterface, QueryRunner } from 'typeorm';

/** Days on which sales did not tell the demand. Ordinary days have no row. */
export class CreateAvailability1764270100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Product 0 stands for everything sold at the place.
    await runner.query(`
      CREATE TABLE availability_days (
        date date NOT NULL,
        product integer NOT NULL,
        location integer NOT NULL,
        state text NOT NULL CHECK (state IN ('out_of_stock', 'closed', 'unknown')),
        sold real,
        demand real,
        price double precision,
        PRIMARY KEY (product, location, date),
        CHECK (demand >= sold)
      )`);
    await runner.query(`CREATE INDEX availability_days_date ON availability_days (date)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE availability_days`);
  }
}
