import { MigrationInterface, QueryRunner } from 'typeorm';

/** Days on which a product is on sale: before and after them, no sale is no lack of demand. */
export class ListProducts1764270000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE products
        ADD COLUMN listed_from date,
        ADD COLUMN listed_until date,
        ADD CONSTRAINT products_listed CHECK (listed_from <= listed_until)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE products DROP COLUMN listed_from, DROP COLUMN listed_until`);
  }
}
