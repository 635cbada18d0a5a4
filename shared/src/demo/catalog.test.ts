import { describe, expect, it } from 'vitest';
import { makeCatalog } from './catalog.ts';
import { demoLocations, demoRegions, demoStores } from './places.ts';

describe('the catalog of company R', () => {
  const catalog = makeCatalog('test');

  it('has 30,000 SKUs of 40 categories from 24 suppliers', () => {
    expect(catalog.skus).toHaveLength(30_000);
    expect(catalog.categories).toHaveLength(40);
    expect(catalog.suppliers).toHaveLength(24);
    const suppliers = new Set(catalog.skus.map((sku) => sku.supplier));
    expect(suppliers.size).toBe(24);
  });

  it('names every SKU once, in Chinese and English', () => {
    for (const key of ['code', 'nameZh', 'nameEn'] as const)
      expect(new Set(catalog.skus.map((sku) => sku[key])).size).toBe(30_000);
    for (const sku of catalog.skus) {
      expect(sku.nameZh).toMatch(/\p{Script=Han}/u);
      expect(sku.nameEn).not.toMatch(/\p{Script=Han}/u);
    }
  });

  it('sells nothing below its cost', () => {
    for (const sku of catalog.skus) {
      expect(sku.cost).toBeGreaterThan(0);
      expect(sku.cost).toBeLessThan(sku.listPrice);
      expect(Number.isInteger(sku.listPrice)).toBe(true);
      expect(sku.packSize).toBeGreaterThan(0);
    }
  });

  it('is the same for the same seed and another for another', () => {
    expect(makeCatalog('test', 500)).toEqual(makeCatalog('test', 500));
    expect(makeCatalog('test', 500).skus).not.toEqual(makeCatalog('other', 500).skus);
  });

  it('says so when the words do not suffice', () => {
    expect(() => makeCatalog('test', 1_000_000)).toThrow(/word lists/);
  });
});

describe('the places of company R', () => {
  it('are 50 stores in 8 cities and 3 warehouses, each in a region', () => {
    expect(demoLocations).toHaveLength(53);
    expect(new Set(demoLocations.map((each) => each.code)).size).toBe(53);
    expect(demoStores).toHaveLength(50);
    expect(new Set(demoStores.map((each) => each.city)).size).toBe(8);
    const regions = new Set(demoRegions.map((region) => region.code));
    for (const each of demoLocations) expect(regions).toContain(each.region);
  });

  it('lie where their city lies', () => {
    for (const each of demoLocations) {
      expect(each.latitude).toBeGreaterThan(22);
      expect(each.latitude).toBeLessThan(41);
      expect(each.longitude).toBeGreaterThan(103);
      expect(each.longitude).toBeLessThan(122);
    }
  });
});
