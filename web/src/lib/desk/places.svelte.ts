import { maySee, type Who } from '@zhanggui/shared/access/permissions.ts';
import { api } from '#lib/api/api.ts';

export type PlaceKind = 'region' | 'store';
export type Place = { kind: PlaceKind; code: string; nameZh: string; nameEn: string; region: string | null };

type Named = { code: string; nameZh: string; nameEn: string };
type Location = Named & { kind: string; region: string | null; city: string | null };

const FOUND_AT_MOST = 30;

/** The company's regions and locations, to choose from and to call by name. */
export class Places {
  #all = $state.raw<Place[]>([]);
  #state = $state<'loading' | 'ready' | 'failed'>('loading');

  get state(): 'loading' | 'ready' | 'failed' {
    return this.#state;
  }

  async load(): Promise<void> {
    this.#state = 'loading';
    try {
      const [regions, locations] = await Promise.all([
        api.all<Named>('/api/v1/catalog/regions'),
        api.all<Location>('/api/v1/catalog/locations'),
      ]);
      this.#all = [
        ...regions.map((row): Place => ({ kind: 'region', region: row.code, ...namesOf(row) })),
        ...locations.map((row): Place => ({ kind: 'store', region: row.region, ...namesOf(row) })),
      ];
      this.#state = 'ready';
    } catch {
      this.#state = 'failed';
    }
  }

  find(kind: PlaceKind, code: string): Place {
    return (
      this.#all.find((place) => place.kind === kind && place.code === code) ?? {
        kind,
        code,
        nameZh: code,
        nameEn: code,
        region: null,
      }
    );
  }

  /** Every location that `who` sees. */
  locationsOf(who: Who): Place[] {
    return this.#all.filter((place) => place.kind === 'store' && maySee(who, place));
  }

  /** Those whose name or code holds the text; regions first. */
  search(text: string, without: (place: Place) => boolean): Place[] {
    const wanted = text.trim().toLowerCase();
    return this.#all
      .filter(({ code, nameZh, nameEn }) =>
        [code, nameZh, nameEn].some((name) => name.toLowerCase().includes(wanted)),
      )
      .filter((place) => !without(place))
      .slice(0, FOUND_AT_MOST);
  }
}

function namesOf({ code, nameZh, nameEn }: Named): Named {
  return { code, nameZh, nameEn };
}
