// Tests share a process unless they change what others see: such files are listed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { alone, withGradients } from '../../vitest.config.js';
import { root } from './support/source.js';

const bringsGradients =
  /(from|import) '@tensorflow\/(tfjs-layers|tfjs-core\/dist\/register_all_gradients)'|registerWasmTraining\(/;
const changesOthers = /(un)?register(Kernel|Gradient)\(|vi\.(resetModules|mock|doMock)\(/;

const isIn = (patterns: readonly string[], path: string): boolean =>
  patterns.some((pattern) =>
    pattern.endsWith('/**') ? path.startsWith(pattern.slice(0, -2)) : path === pattern,
  );

const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .map((path) => `test/${path}`)
  .filter(
    (path) => path.endsWith('.test.ts') && !/^test\/(apps|bench|browser|house|programs|webgpu)\//.test(path),
  );

const filesThat = (says: RegExp): string[] =>
  files.filter((path) => says.test(readFileSync(join(root, path), 'utf8')));

test('a file that takes kernels away, or loads modules anew, has a process of its own', () => {
  const changing = filesThat(changesOthers);
  expect(changing.length).toBeGreaterThan(6);
  expect(changing.filter((path) => !isIn(alone, path))).toEqual([]);
});

test('one that brings gradients shares its process with such as do', () => {
  const bringing = filesThat(bringsGradients);
  expect(bringing.length).toBeGreaterThan(8);
  expect(bringing.filter((path) => !isIn([...withGradients, ...alone], path))).toEqual([]);
});

test('what is listed is there', () => {
  for (const pattern of [...withGradients, ...alone]) {
    expect(
      files.filter((path) => path.startsWith(pattern.replace('**', ''))),
      pattern,
    ).not.toEqual([]);
  }
});
