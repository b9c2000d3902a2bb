import { describe, expect, it, test } from 'vitest';
import { cleanedProviders } from '../../src/client/cleaning-input.ts';
import { type Cleaning, hasMarkerForm } from '../../src/providers/cleaning.ts';
import { type ProviderName, providerNames } from '../../src/providers/registry.ts';
import { slngCleaning } from '../../src/providers/slng/slng-cleaning.ts';
import { markerIn, markName } from '../../src/providers/soket/marked-name.ts';
import { soketCleaning } from '../../src/providers/soket/soket-cleaning.ts';
import { twelvelabsCleaning } from '../../src/providers/twelvelabs/twelvelabs-cleaning.ts';

const marker = '0123456789abcdef';

describe('what can be cleaned', () => {
  const cleanings: Partial<Record<ProviderName, Cleaning>> = {
    soket: soketCleaning,
    twelvelabs: twelvelabsCleaning,
    slng: slngCleaning,
  };

  it('is said by a provider where there are functions for it, and nowhere else', () => {
    expect(cleanedProviders('sweep')).toEqual(providerNames.filter((name) => cleanings[name]?.leftovers !== undefined));
    expect(cleanedProviders('retention')).toEqual(
      providerNames.filter((name) => cleanings[name]?.stored !== undefined),
    );
  });
});

test.each(['talk.wav', 'talk', '.hidden', 'a.b.c.mp3', 'grüße.wav', `${'x'.repeat(300)}.wav`, `other.${marker}.wav`])(
  'the marker is found again in the marked name of %s',
  (name) => {
    expect(markerIn(markName(name, marker))).toBe(marker);
  },
);

test.each([
  'talk.wav',
  `talk.${marker}0.wav`,
  `talk.${marker.toUpperCase()}.wav`,
  `talk.${marker}.wav.wav`,
  `${marker}.wav`,
  `talk-${marker}.wav`,
  null,
  undefined,
])('no marker is found in %s', (name) => {
  expect(markerIn(name)).toBeNull();
});

test.each([marker.slice(1), `${marker}0`, marker.toUpperCase(), ` ${marker}`, 1234567890123456, null])(
  '%s has not the form of a marker',
  (given) => {
    expect(hasMarkerForm(given)).toBe(false);
  },
);
