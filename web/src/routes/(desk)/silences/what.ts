import type { Places } from '#lib/desk/places.svelte.ts';
import type { Format } from '#lib/format/format.svelte.ts';
import { alertWords } from '#lib/i18n/alerts.ts';
import type { I18n } from '#lib/i18n/i18n.svelte.ts';
import { rulesWords } from '#lib/i18n/rules.ts';
import type { Names } from '../catalog/names.svelte.ts';
import type { Silence } from './silence.ts';

type What = Pick<Silence, 'kind' | 'sku' | 'skuNameZh' | 'skuNameEn' | 'category' | 'location' | 'region'>;

/** What a silence keeps quiet, as a sentence names it: `南京路店 饮料的“售罄”预警`. Empty when it names nothing. */
export function whatOf(i18n: I18n, format: Format, what: What, places: Places, categories: Names): string {
  const m = rulesWords(i18n).silences;
  const named = (kind: 'region' | 'store', code: string | null) =>
    code === null ? '' : format.name(places.find(kind, code));
  const category = categories.find(what.category);
  const place = [named('region', what.region), named('store', what.location)].filter(Boolean).join(' ');
  const sku = format.name({ nameZh: what.skuNameZh, nameEn: what.skuNameEn }) || what.sku;
  const goods = [category ? format.name(category) : '', sku ?? ''].filter(Boolean).join(' ');
  const where = m.at(place, goods);
  const kind = what.kind === null ? '' : alertWords(i18n).kinds[what.kind];
  if (kind === '') return where && m.allOf(where);
  return where ? m.kindOf(where, kind) : m.kindEverywhere(kind);
}
