/**
 * Properties are tried on the same cases every time, so that a run on unchanged code says the same twice. To look for new cases:
 * `PROPERTY_SEED=random npm test -- --project integration renewal`; what it finds is printed with its seed.
 */
import fc from 'fast-check';

const FIXED = 20_260_701;
const wanted = process.env.PROPERTY_SEED;
if (wanted !== 'random') fc.configureGlobal({ seed: wanted === undefined ? FIXED : Number(wanted) });
