/** How long a location waits for a SKU, and how far that spreads. Pure. Days. */
import type { LocationKind } from '../contract/words.ts';
import { assumptions } from './sourcing.ts';

export type LeadTime = { leadDays: number; leadSd: number };

/** Where nothing was measured: a supplier is late or early by a quarter of the time, our own lorry by half a day. */
const SUPPLIER_SPREAD = 0.25;
const LORRY_SPREAD = 0.5;

/**
 * A warehouse waits for the supplier, and so does a store whose supplier sends to stores; other stores wait for the lorry.
 *
 * @param supplierDays as the catalog says; null: unknown
 * @param measured of the supplier's last arrivals, where there were enough: it counts more than the catalog
 */
export function leadTimeOf(
  kind: LocationKind,
  { supplierDays, direct }: { supplierDays: number | null; direct: boolean },
  measured: { days: number; sd: number } | undefined,
): LeadTime {
  const fromSupplier = kind === 'hq_warehouse' || direct;
  if (!fromSupplier) return { leadDays: assumptions.lorryDays + 1, leadSd: LORRY_SPREAD };
  if (measured) return { leadDays: measured.days, leadSd: measured.sd };
  const days = supplierDays ?? assumptions.supplierDays;
  return { leadDays: days, leadSd: days * SUPPLIER_SPREAD };
}
