import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './support/source.js';
import { typecheck } from './support/typecheck.js';

describe('types', () => {
  const path = join(root, 'test/house/types.assertions.ts');

  test('what must compile does, and what must not does not', () => {
    expect(typecheck([path]).get(path)).toEqual([]);
    const refused = readFileSync(path, 'utf8').match(/@ts-expect-error/g) ?? [];
    expect(refused.length).toBeGreaterThan(30); // counted, so that a file that lost its lines is noticed
  });
});
