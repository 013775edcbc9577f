import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Attributes } from '../catalogue.types.ts';

/** Something that is sold. Facts refer to `id`, clients to `productId`. */
@Entity({ name: 'products' })
export class Product {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'ALWAYS' }) id: number;
  @Column('uuid', { name: 'product_id' }) productId: string;
  @Column('text') sku: string;
  @Column('text') name: string;
  @Column('text') category: string;
  @Column('numeric', { name: 'current_price', nullable: true }) currentPrice: number | null;
  @Column('numeric', { name: 'unit_cost', nullable: true }) unitCost: number | null;
  @Column('int', { name: 'lead_time_days' }) leadTimeDays: number;
  @Column('numeric', { name: 'lead_time_std_days' }) leadTimeStdDays: number;
  @Column('int', { name: 'pack_size' }) packSize: number;
  @Column('int', { name: 'min_order_quantity' }) minOrderQuantity: number;
  @Column('int', { name: 'shelf_life_days', nullable: true }) shelfLifeDays: number | null;
  @Column('numeric', { name: 'service_level' }) serviceLevel: number;
  @Column('date', { name: 'listed_from', nullable: true }) listedFrom: string | null;
  @Column('date', { name: 'listed_until', nullable: true }) listedUntil: string | null;
  @Column('jsonb') attributes: Attributes;
  @Column('int') version: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
  @Column('timestamptz', { name: 'deleted_at', nullable: true }) deletedAt: Date | null;
}
